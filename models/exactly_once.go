package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ExactlyOnce judges that the state machines carry out each operation of a
// client at one place of the log only, however often it is in there, and that
// they all make the same of every entry: an operation is called repeated only
// if it was carried out before (Raft paper, section 8; thesis, section 6.3).
type ExactlyOnce struct {
	ran     []execution // what was first made of each command, in the order of the log
	clients []ledger
}

// execution is what the first node that came to an index made of its command.
type execution struct {
	trace.Execution
	by raft.NodeID
}

// ledger has the operations of one client that were carried out, in their order.
type ledger struct {
	client uint32
	done   []carried
}

// carried is an operation that was carried out at an index.
type carried struct {
	seq uint32
	at  raft.Index
	by  raft.NodeID
}

// Property names the promise.
func (c *ExactlyOnce) Property() Property {
	return Property{Name: "ExactlyOnce", Source: "Raft paper, section 8; thesis, section 6.3"}
}

// Reset forgets the run.
func (c *ExactlyOnce) Reset() { c.ran, c.clients = c.ran[:0], c.clients[:0] }

// Copy copies what was made of the commands.
func (c *ExactlyOnce) Copy(from Checker) {
	f := from.(*ExactlyOnce)
	c.ran, c.clients = append(c.ran[:0], f.ran...), c.clients[:0]
	for i := range f.clients {
		l := c.add(f.clients[i].client)
		l.done = append(l.done, f.clients[i].done...)
	}
}

// AppendMemory appends what was first made of each command. The ledgers follow
// from it: they have what was executed.
func (c *ExactlyOnce) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(c.ran))
	for i := range c.ran {
		x := &c.ran[i]
		e.Numbers(uint64(x.Index), uint64(x.Op.Client), uint64(x.Op.Seq), uint64(x.Did))
		e.Hash(x.Result)
	}
	return e.B
}

// Observe compares what a node made of its commands with what the first node
// at their indexes did.
func (c *ExactlyOnce) Observe(_ *trace.View, r *trace.Record) string {
	for i := range r.Executed {
		if r.Executed[i].Op.Client == 0 {
			continue
		}
		if text := c.executed(r.Node, &r.Executed[i]); text != "" {
			return text
		}
	}
	return ""
}

func (c *ExactlyOnce) executed(node raft.NodeID, e *trace.Execution) string {
	at, found := slices.BinarySearchFunc(c.ran, e.Index, func(x execution, i raft.Index) int {
		return cmp.Compare(x.Index, i)
	})
	if !found {
		c.ran = slices.Insert(c.ran, at, execution{Execution: *e, by: node})
		return c.first(node, e)
	}
	switch first := &c.ran[at]; {
	case first.Op != e.Op:
		return fmt.Sprintf("%s took %s from index %d where %s took %s", node, trace.OpText(e.Op), e.Index, first.by, trace.OpText(first.Op))
	case first.Did != e.Did:
		return fmt.Sprintf("%s %s %s at index %d, which %s %s", node, e.Did, trace.OpText(e.Op), e.Index, first.by, first.Did)
	case first.Result != e.Result:
		return fmt.Sprintf("%s and %s have different answers to %s at index %d", first.by, node, trace.OpText(e.Op), e.Index)
	}
	return ""
}

// first judges what the first node to come to an index made of its command.
func (c *ExactlyOnce) first(node raft.NodeID, e *trace.Execution) string {
	l := c.ledger(e.Op.Client)
	at, found := slices.BinarySearchFunc(l.done, e.Op.Seq, func(x carried, seq uint32) int {
		return cmp.Compare(x.seq, seq)
	})
	switch {
	case e.Did == trace.Executed && found:
		was := &l.done[at]
		return fmt.Sprintf("%s executed %s at index %d, which %s executed at index %d", node, trace.OpText(e.Op), e.Index, was.by, was.at)
	case e.Did == trace.Executed:
		l.done = slices.Insert(l.done, at, carried{seq: e.Op.Seq, at: e.Index, by: node})
	case e.Did == trace.Repeated && (!found || l.done[at].at >= e.Index):
		return fmt.Sprintf("%s took %s at index %d for repeated, and nobody executed it before", node, trace.OpText(e.Op), e.Index)
	}
	return ""
}

// ledger returns the ledger of a client.
func (c *ExactlyOnce) ledger(client uint32) *ledger {
	for i := range c.clients {
		if c.clients[i].client == client {
			return &c.clients[i]
		}
	}
	return c.add(client)
}

// add adds an empty ledger, in memory of an earlier run if there is some.
func (c *ExactlyOnce) add(client uint32) *ledger {
	n := len(c.clients)
	if n < cap(c.clients) {
		c.clients = c.clients[:n+1]
	} else {
		c.clients = append(c.clients, ledger{})
	}
	l := &c.clients[n]
	l.client, l.done = client, l.done[:0]
	return l
}

// Finish says that the property held, if a command was executed.
func (c *ExactlyOnce) Finish(*trace.View) (Outcome, string) {
	if len(c.ran) == 0 {
		return NotChecked, ""
	}
	return Held, ""
}
