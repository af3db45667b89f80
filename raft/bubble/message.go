package bubble

import (
	"fmt"

	"raftcheck/raft"
)

// Send sends a message that gets no answer, and returns at once. It leaves the node at the end
// of the step, and arrives once, twice, late or never, at a [Listener] of its kind.
func (c *Core) Send(to raft.NodeID, kind string, body []byte, p raft.Promise) {
	c.post(outgoing{to: to, kind: kind, promise: p, letter: letter{Kind: kind, Body: body}})
}

// Listener handles a message that another node sent by [Core.Send].
type Listener func(from raft.NodeID, body []byte)

// Listen sets the listeners of messages by their kinds. Each message is handled in a goroutine
// of its own, which may block. An implementation that has one goroutine for all of them gives
// it the messages by a channel.
func (c *Core) Listen(kinds map[string]Listener) { c.hears = kinds }

// hear handles a message that is no call and no answer.
func (c *Core) hear(from raft.NodeID, l *letter) {
	listener := c.hears[l.Kind]
	if listener == nil {
		panic(fmt.Sprintf("a message %s, which the node does not handle", l.Kind))
	}
	c.Go(func() { listener(from, l.Body) })
}
