package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ExactlyOnce judges that the state machines execute each operation of a client at one
// index only, however often the log holds it. All nodes must have the same result for
// every entry. A node may take an operation for repeated only if it was executed at a
// lower index, or a later one of its client (Raft paper, section 8; thesis, section 6.3).
type ExactlyOnce struct {
	ran     []execution // the first result for each command, by index
	clients []ledger
}

// execution is the result of the first node that reached the index of a command.
type execution struct {
	trace.Execution
	by raft.NodeID
}

// ledger has the executed operations of one client, by sequence number.
type ledger struct {
	client uint32
	done   []executed
}

// executed is an operation, and the index at which a node first executed it.
type executed struct {
	seq uint32
	at  raft.Index
	by  raft.NodeID
}

// Property returns the name, rule and source.
func (c *ExactlyOnce) Property() Property {
	return Property{
		Name:   "ExactlyOnce",
		Rule:   "A command is executed at one index only, and with one answer, however often it is retried.",
		Source: "Raft paper, section 8; thesis, section 6.3",
		Kind:   KindOutcome,
		Needs:  ClassSteps,
	}
}

// Reset forgets the run.
func (c *ExactlyOnce) Reset() { c.ran, c.clients = c.ran[:0], c.clients[:0] }

// Copy takes over the results of the commands.
func (c *ExactlyOnce) Copy(from Checker) {
	f := from.(*ExactlyOnce)
	c.ran, c.clients = append(c.ran[:0], f.ran...), c.clients[:0]
	for i := range f.clients {
		l := c.add(f.clients[i].client)
		l.done = append(l.done, f.clients[i].done...)
	}
}

// AppendMemory appends the first result of each command. The ledgers follow from these.
func (c *ExactlyOnce) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.ran))
	for i := range c.ran {
		x := &c.ran[i]
		e.Numbers(uint64(x.Index), uint64(x.Op.Client), uint64(x.Op.Seq), uint64(x.Did))
		e.Hash(x.Result)
	}
	return e.Buf
}

// Observe compares the results of a node's commands with those of the first node that
// reached their indexes.
func (c *ExactlyOnce) Observe(_ *trace.View, r *trace.Record) string {
	for i := range r.Executed {
		if r.Executed[i].Op.Client == 0 {
			continue
		}
		if text := c.judgeExecution(r.Node, &r.Executed[i]); text != "" {
			return text
		}
	}
	return ""
}

// judgeExecution judges the result of a command.
func (c *ExactlyOnce) judgeExecution(node raft.NodeID, e *trace.Execution) string {
	at, found := slices.BinarySearchFunc(c.ran, e.Index, func(x execution, i raft.Index) int {
		return cmp.Compare(x.Index, i)
	})
	if !found {
		c.ran = slices.Insert(c.ran, at, execution{Execution: *e, by: node})
		return c.judgeFirst(node, e)
	}
	switch first := &c.ran[at]; {
	case first.Op != e.Op:
		return fmt.Sprintf("%s took %s from index %d where %s took %s",
			node, trace.OpText(e.Op), e.Index, first.by, trace.OpText(first.Op))
	case first.Did != e.Did:
		return fmt.Sprintf("%s %s %s at index %d, which %s %s",
			node, e.Did, trace.OpText(e.Op), e.Index, first.by, first.Did)
	case first.Result != e.Result:
		return fmt.Sprintf("%s and %s have different answers to %s at index %d",
			first.by, node, trace.OpText(e.Op), e.Index)
	}
	return ""
}

// judgeFirst judges the result of the first node that reached the index of a command.
func (c *ExactlyOnce) judgeFirst(node raft.NodeID, e *trace.Execution) string {
	l := c.ledger(e.Op.Client)
	at, found := slices.BinarySearchFunc(l.done, e.Op.Seq, func(x executed, seq uint32) int {
		return cmp.Compare(x.seq, seq)
	})
	switch {
	case e.Did == trace.Executed && found:
		was := &l.done[at]
		return fmt.Sprintf("%s executed %s at index %d, which %s executed at index %d",
			node, trace.OpText(e.Op), e.Index, was.by, was.at)
	case e.Did == trace.Executed:
		l.done = slices.Insert(l.done, at, executed{seq: e.Op.Seq, at: e.Index, by: node})
	case e.Did == trace.Repeated && !l.repeats(at, e):
		return fmt.Sprintf("%s took %s at index %d for repeated, and nobody executed it before",
			node, trace.OpText(e.Op), e.Index)
	}
	return ""
}

// repeats reports whether a machine may take an operation for repeated: at a lower index it
// executed that one, or a later one of the client. A node may pass a proposal on to the leader,
// and if that takes long the client has gone on. The operations from at on are not before it.
func (l *ledger) repeats(at int, e *trace.Execution) bool {
	return slices.ContainsFunc(l.done[at:], func(x executed) bool { return x.at < e.Index })
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

// add adds an empty ledger. It reuses memory of an earlier run, if there is any.
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

// Finish reports that the property held, if a state machine handled a command.
func (c *ExactlyOnce) Finish(*trace.View) (Outcome, string) {
	if len(c.ran) == 0 {
		return NotChecked, ""
	}
	return Held, ""
}
