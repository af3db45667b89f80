package bubble

import (
	"bytes"
	"fmt"
	"time"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Peer is an implementation in a bubble, behind the seam by way of [Boot]. Its methods are
// called at the bubble's root while every goroutine of the bubble is blocked.
type Peer interface {
	// Timeout makes the election timer fire, and uses up the one that runs: a second timer
	// next to it would never end. It waits with [Core.Await] until it has.
	Timeout()
	// Propose hands over a proposal, whose data is the peer's own. It calls [Core.Reply], or
	// [Core.Proposed] once it knows the entry.
	Propose(op raft.OpID, data []byte)
	// Status and EntryAt show the state as in [raft.Inspector]. They take no lock: one that
	// a goroutine holds while it waits for its disk would stop the root.
	Status() raft.Status
	EntryAt(raft.Index) (raft.Entry, bool)
	// Stop ends the implementation. It may block.
	Stop()
}

// FullPeer is a [Peer] that has snapshots, reads, membership changes or transfers. A peer
// that lacks any states so in the Limits of its system ([raft.Limited], [raft.Readless]).
type FullPeer interface {
	Peer
	// Request hands over a [*raft.Compact], [*raft.Read], [*raft.Reconfigure] or
	// [*raft.Transfer], which is the peer's own. It returns false, and has done nothing, for
	// one that the implementation lacks: the node rejects it, and drops a Compact. Otherwise
	// it answers the operation, as Propose does. It may not block; Core.Go starts a call that may.
	Request(in raft.Input) bool
}

// Node is a node with a [Peer].
type Node struct {
	core   *Core
	peer   Peer
	tick   time.Duration
	failed bool // its disk has
	status raft.Status
	kept   []raft.Entry // the log of a node whose disk has failed
}

var (
	_ raft.Stopper   = (*Node)(nil)
	_ raft.Inspector = (*Node)(nil)
)

// Boot starts a node, whose tick takes so much of its bubble's time; the comment of the
// package says how to choose it. The function start
// runs in the bubble: it reads the disk and starts the implementation, whose way out is c.
// It calls c.Handle.
func Boot(config raft.NodeConfig, tick time.Duration, start func(c *Core) (Peer, error)) (raft.Node, error) {
	n, booted := &Node{core: NewCore(&config), tick: tick}, false
	defer func() {
		if !booted {
			n.Stop()
		}
	}()
	var err error
	n.core.Do(func() { n.peer, err = start(n.core) }, n.look)
	booted = err == nil
	return n, err
}

// look notes the state of the node after a step. It starts no goroutine.
func (n *Node) look() bool {
	if n.peer != nil {
		n.status = n.peer.Status()
	}
	return false
}

// Step gives the node one input. It rejects a request that its Peer does not take. A Compact
// has no answer: without a [FullPeer] it is dropped, and Limits must state Lacks of Snapshots.
func (n *Node) Step(in raft.Input) raft.Output {
	if n.failed {
		return raft.Output{}
	}
	if _, n.failed = in.(*raft.PersistFailed); n.failed {
		n.keep()
		n.Stop()
		return raft.Output{}
	}
	inputs := n.core.Inputs(in)
	if len(inputs) == 0 {
		return raft.Output{}
	}
	n.core.Do(func() {
		for _, in := range inputs {
			n.take(in)
		}
	}, n.look)
	return n.core.Take()
}

// keep keeps the log. It stays as it was, like the status, while goroutines end that waited
// for the disk, and change the peer's own.
func (n *Node) keep() {
	for i := n.status.Base.Index + 1; i <= n.status.Last.Index; i++ {
		e, ok := n.peer.EntryAt(i)
		if !ok {
			return
		}
		n.kept = append(n.kept, e)
	}
}

func (n *Node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		time.Sleep(n.tick)
	case *raft.Timeout:
		n.peer.Timeout()
	case *raft.Receive:
		n.core.Receive(&in.Msg)
	case *raft.Persisted:
		n.core.Persisted(in.ID)
	case *raft.Propose:
		n.peer.Propose(in.Op, bytes.Clone(in.Data))
	case *raft.Compact:
		n.request(&raft.Compact{Index: in.Index, Keep: in.Keep, State: bytes.Clone(in.State)})
	case *raft.Read:
		n.ask(in.Op, new(*in))
	case *raft.Reconfigure:
		n.ask(in.Op, new(*in))
	case *raft.Transfer:
		n.ask(in.Op, new(*in))
	}
}

// request hands a request to the peer, and reports whether the peer takes it.
func (n *Node) request(in raft.Input) bool {
	p, ok := n.peer.(FullPeer)
	return ok && p.Request(in)
}

// ask hands over a request that has an answer.
func (n *Node) ask(op raft.OpID, in raft.Input) {
	if !n.request(in) {
		n.core.Reply(op, raft.Rejected)
	}
}

// Status returns the status after the last step.
func (n *Node) Status() raft.Status { return n.status }

// EntryAt returns an entry of the log.
func (n *Node) EntryAt(i raft.Index) (raft.Entry, bool) {
	if i <= n.status.Base.Index || i > n.status.Last.Index {
		return raft.Entry{}, false
	}
	if at := int(i - n.status.Base.Index - 1); n.failed {
		if at >= len(n.kept) {
			return raft.Entry{}, false
		}
		return n.kept[at], true
	}
	return n.peer.EntryAt(i)
}

// Stop ends the node.
func (n *Node) Stop() {
	n.core.Stop(func() {
		if n.peer != nil {
			n.peer.Stop()
		}
	})
}

// Go starts a goroutine whose panic is one of the node: without it, a panic in a goroutine
// ends the process.
func (c *Core) Go(f func()) {
	go func() {
		if p := try(f); p != nil {
			c.Doom(trace.PanicText(p))
		}
	}()
}

// Proposed notes that an operation is the entry at a place of the log. Its answer is Done
// once that entry is applied, and Rejected once another one is applied at its index.
func (c *Core) Proposed(op raft.OpID, at raft.EntryID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proposed = append(c.proposed, proposal{op, at})
}

// proposal is an operation that waits for its entry to be applied.
type proposal struct {
	op raft.OpID
	at raft.EntryID
}

// answerProposed answers the operations that wait for the index of an applied entry.
func (c *Core) answerProposed(e raft.EntryID) {
	kept := c.proposed[:0]
	for _, p := range c.proposed {
		switch {
		case p.at.Index != e.Index:
			kept = append(kept, p)
		case p.at == e:
			c.out.Replies = append(c.out.Replies, raft.Reply{Op: p.op, Outcome: raft.Done})
		default:
			c.out.Replies = append(c.out.Replies, raft.Reply{Op: p.op, Outcome: raft.Rejected})
		}
	}
	c.proposed = kept
}

// Handler handles a request of another node. It returns the kind and the body of the answer,
// and the promise on which the receiver relies.
type Handler func(from raft.NodeID, body []byte) (kind string, answer []byte, p raft.Promise)

// Handle makes c.Serve of handlers by the kind of a request. Each call runs in a goroutine
// of its own, and may block.
func (c *Core) Handle(kinds map[string]Handler) {
	c.Serve = func(r *Request) {
		handle := kinds[r.Kind]
		if handle == nil {
			panic(fmt.Sprintf("a request %s, which the node does not handle", r.Kind))
		}
		c.Go(func() {
			kind, answer, p := handle(r.From, r.Body)
			r.Answer(kind, answer, p, nil)
		})
	}
}
