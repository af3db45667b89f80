package bubble

import (
	"bytes"

	"raftcheck/raft"
)

// Inputs returns the inputs that the node takes now, in their order. In the middle of a batch
// there are none: an implementation with goroutines takes a batch at one moment, with its last
// input. What it sets in motion may then be under way at once, as handlers of two calls are
// that arrive together. A tick lets the inputs before it come to rest.
func (c *Core) Inputs(in raft.Input) []raft.Input {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch in := in.(type) {
	case *raft.Batch:
		c.batch = in.Inputs
		return nil
	case *raft.Lag:
		c.lag = in.Inputs
		return nil
	}
	c.batch, c.lag = max(c.batch-1, 0), max(c.lag-1, 0)
	if c.batch == 0 && len(c.together) == 0 {
		c.together = append(c.together, in)
	} else {
		c.together = append(c.together, copied(in))
	}
	if c.batch > 0 {
		return nil
	}
	now := c.together
	c.together = c.together[:0]
	return now
}

// copied returns a copy of an input that can be in a batch.
func copied(in raft.Input) raft.Input {
	switch in := in.(type) {
	case *raft.Receive:
		c := *in
		c.Msg.Payload = bytes.Clone(in.Msg.Payload)
		return &c
	case *raft.Propose:
		return &raft.Propose{Op: in.Op, Data: bytes.Clone(in.Data)}
	case *raft.Read:
		return new(*in)
	case *raft.Persisted:
		return new(*in)
	}
	return in // a tick or a timeout, which has no content
}

// AwaitMachine waits until the state machine can take the next entry. That is at once, but for
// a [raft.Lag]: then it is busy with earlier ones, and the goroutine waits as in a call to it.
// A peer whose system is [raft.Batching] calls it before [Core.Apply], [Core.Restore] and the
// answer to a read, and never at the bubble's root.
func (c *Core) AwaitMachine() {
	c.mu.Lock()
	if c.lag == 0 {
		c.mu.Unlock()
		return
	}
	if c.busy == nil {
		c.busy = make(chan struct{})
	}
	busy := c.busy
	c.mu.Unlock()
	select {
	case <-busy:
	case <-c.over:
	}
}

// catchUp ends the wait for the state machine if there is no lag any more.
func (c *Core) catchUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lag == 0 && c.busy != nil {
		close(c.busy)
		c.busy = nil
	}
}
