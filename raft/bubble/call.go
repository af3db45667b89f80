package bubble

import (
	"errors"
	"time"

	"raftcheck/raft"
)

// letter is the payload of a message.
type letter struct {
	Call   uint64 // which call it is, or answers; 0 of a message that is neither
	Answer bool
	Kind   string
	Body   []byte
	Data   []byte // a snapshot that goes with it
	Err    string // of an answer: the call failed
}

// Request is a call of another node, which waits for its answer.
type Request struct {
	From raft.NodeID
	Kind string
	Body []byte
	Data []byte
	core *Core
	call uint64
}

// Call sends a request to another node and waits for its answer, for as long as
// limit. It leaves the node at the end of the step.
func (c *Core) Call(
	to raft.NodeID, kind string, body, data []byte, p raft.Promise, limit time.Duration,
) ([]byte, error) {
	answer := make(chan *letter, 1)
	c.post(outgoing{to, kind, p, letter{Kind: kind, Body: body, Data: data}, answer})
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case l := <-answer:
		if l.Err != "" {
			return nil, errors.New(l.Err)
		}
		return l.Body, nil
	case <-timer.C:
		c.mu.Lock()
		defer c.mu.Unlock()
		for call, waits := range c.calls {
			if waits == answer {
				delete(c.calls, call)
			}
		}
		return nil, ErrTimeout
	case <-c.over:
		return nil, ErrOver
	}
}

// Answer answers a request; err is reported to its sender.
func (r *Request) Answer(kind string, body []byte, p raft.Promise, err error) {
	l := letter{Call: r.call, Answer: true, Kind: kind, Body: body}
	if err != nil {
		l.Body, l.Err = nil, err.Error()
	}
	r.core.post(outgoing{r.From, kind, p, l, nil})
}

func (c *Core) post(o outgoing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isOver {
		c.outbox = append(c.outbox, o)
		c.stir()
	}
}

// stamp makes the message of a letter; a call gets its number.
func (c *Core) stamp(o *outgoing) raft.Message {
	if o.answer != nil {
		c.number++
		o.letter.Call = c.number
		c.calls[c.number] = o.answer
	}
	return raft.Message{From: c.ID, To: o.to, Kind: o.kind, Payload: encode(&o.letter), Promise: o.promise}
}

// Receive handles a message. A call is carried out once, however often it arrives, and an
// answer for which no call waits any more is ignored: so it is with connections. But
// messages may be late, and overtake each other. One of [Core.Send] is handled each time.
func (c *Core) Receive(m *raft.Message) {
	l := &letter{}
	if err := decode(m.Payload, l); err != nil {
		panic("a message that nobody sent: " + err.Error())
	}
	if l.Call == 0 {
		c.hear(m.From, l)
		return
	}
	c.mu.Lock()
	waits := c.calls[l.Call]
	if l.Answer {
		delete(c.calls, l.Call)
	}
	from := origin{m.From, l.Call}
	again := c.seen[from]
	c.seen[from] = again || !l.Answer
	c.mu.Unlock()
	switch {
	case l.Answer && waits != nil:
		waits <- l
	case !l.Answer && !again:
		c.Serve(&Request{From: m.From, Kind: l.Kind, Body: l.Body, Data: l.Data, core: c, call: l.Call})
	}
}

// Open reads the payload of a message: the kind of call or answer, and its body.
func Open(payload []byte) (kind string, body []byte, err error) {
	l := letter{}
	if err := decode(payload, &l); err != nil {
		return "", nil, err
	}
	if l.Err != "" {
		return l.Kind + " failed: " + l.Err, nil, nil
	}
	return l.Kind, l.Body, nil
}
