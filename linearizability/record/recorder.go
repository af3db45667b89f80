package record

import (
	"fmt"
	"sync"

	"raftcheck/linearizability"
)

// Recorder writes down a history. The zero value is ready. It is safe for
// concurrent use.
type Recorder struct {
	mu      sync.Mutex
	time    int64 // of the last call or return
	clients int
	calls   []*Call // in the order in which they were called
	misuse  error   // the first
}

// Client is one client of a recorder. It calls one operation at a time.
type Client struct {
	recorder *Recorder
	number   int
	open     *Call // nil while it waits for nothing
}

// Call is an operation that a client called. Exactly one of its methods ends it; one
// that none ends is unknown.
type Call struct {
	client *Client
	op     linearizability.Operation
	failed bool
}

// Client returns a new client. They count from 1.
func (r *Recorder) Client() *Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients++
	return &Client{recorder: r, number: r.clients}
}

// Number is the client's number in the history.
func (c *Client) Number() int { return c.number }

// Call records that the client calls an operation on a key, in the words of the
// specification. Record it before the request leaves.
func (c *Client) Call(key, input string) *Call {
	r := c.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.open != nil {
		r.wrong("c%d calls %s %s while it waits for %s %s", c.number, key, input, c.open.op.Key, c.open.op.Input)
	}
	r.time++
	call := &Call{client: c, op: linearizability.Operation{
		Client: c.number, Key: key, Input: input, Call: r.time, Return: linearizability.Pending,
	}}
	c.open = call
	r.calls = append(r.calls, call)
	return call
}

// Return records the answer. Record it after the response arrived.
func (c *Call) Return(output string) {
	c.end(func(time int64) { c.op.Output, c.op.Return = output, time })
}

// Unknown records that the client heard no answer, and goes on: the operation may
// take effect at any time, or never. A timeout and a lost connection mean that.
func (c *Call) Unknown() { c.end(func(int64) {}) }

// Failed records that the operation certainly had no effect, and never will.
func (c *Call) Failed() { c.end(func(int64) { c.failed = true }) }

// end ends a call that is open.
func (c *Call) end(how func(time int64)) {
	r := c.client.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.client.open != c {
		r.wrong("c%d ends %s %s a second time, or after its next call", c.op.Client, c.op.Key, c.op.Input)
		return
	}
	c.client.open = nil
	r.time++
	how(r.time)
}

func (r *Recorder) wrong(format string, args ...any) {
	if r.misuse == nil {
		r.misuse = fmt.Errorf(format, args...)
	}
}

// History returns the operations so far. Those that still wait are unknown. The
// error says that clients were used wrongly, so that the history means nothing.
func (r *Recorder) History() (linearizability.History, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := make(linearizability.History, 0, len(r.calls))
	for _, c := range r.calls {
		if !c.failed {
			h = append(h, c.op)
		}
	}
	return h, r.misuse
}
