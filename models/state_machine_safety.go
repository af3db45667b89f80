package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// StateMachineSafety judges that no two nodes ever apply different entries at
// one index (Raft paper, figure 3), and that each applies every index once a
// boot and in order (section 5.3), as its log has it, and none that it does not
// call committed; and that it knows how far it has applied.
//
// A snapshot takes the place of the entries before it (section 7): it is of an
// entry that is committed, ahead of what the node applied, and its state is the
// one that every node has after that entry.
type StateMachineSafety struct {
	first  []applied    // the first that was applied at each index, from 1
	states []handed     // the first state that was handed over after each index, from 1
	last   []raft.Index // what each node applied last since it booted, by NodeID; 0 while it is down
}

// applied is an entry that a node applied.
type applied struct {
	trace.Digest
	by raft.NodeID
}

// handed is the hash of a state that a node's state machine was in; by is none if nobody said.
type handed struct {
	hash uint64
	by   raft.NodeID
}

// Property names the promise.
func (c *StateMachineSafety) Property() Property {
	return Property{Name: "StateMachineSafety", Source: "Raft paper, figure 3, State Machine Safety, and sections 5.3 and 7"}
}

// Reset forgets the run.
func (c *StateMachineSafety) Reset() {
	*c = StateMachineSafety{first: c.first[:0], states: c.states[:0], last: c.last[:0]}
}

// Copy copies what was applied and handed over.
func (c *StateMachineSafety) Copy(from Checker) {
	f := from.(*StateMachineSafety)
	c.first, c.states = append(c.first[:0], f.first...), append(c.states[:0], f.states...)
	c.last = append(c.last[:0], f.last...)
}

// AppendMemory appends what was applied and handed over; by whom first is only named.
func (c *StateMachineSafety) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(c.first))
	for i := range c.first {
		e.Numbers(uint64(c.first[i].ID.Term))
		e.Hash(c.first[i].Hash)
	}
	e.Length(len(c.states))
	for _, s := range c.states {
		if e.Flags(s.by != raft.None); s.by != raft.None {
			e.Hash(s.hash)
		}
	}
	var some raft.NodeSet // that applied something
	for id, last := range c.last {
		if last > 0 {
			some = some.With(as.Name(raft.NodeID(id)))
		}
	}
	e.Numbers(uint64(some))
	for name := range some.All() {
		e.Numbers(uint64(c.last[as.Named(name)]))
	}
	return e.B
}

// lastOf is what a node applied last since it booted.
func (c *StateMachineSafety) lastOf(id raft.NodeID) *raft.Index {
	for int(id) >= len(c.last) {
		c.last = append(c.last, 0)
	}
	return &c.last[id]
}

// Observe compares every entry that a node applies with the first applied at
// its index, and likewise the states that are handed over.
func (c *StateMachineSafety) Observe(v *trace.View, r *trace.Record) string {
	switch r.Kind {
	case trace.Booted, trace.Crashed, trace.Panicked, trace.Wiped:
		*c.lastOf(r.Node) = 0
	}
	if text := c.begins(v, r); text != "" || r.Kind != trace.Stepped {
		return text
	}
	if in, ok := r.Input.(*raft.Compact); ok {
		if text := c.hands(r, in.Index); text != "" {
			return text
		}
	}
	if r.Out.Restore.ID.Index != 0 {
		if text := c.restores(v, r); text != "" {
			return text
		}
	}
	for i := range r.Applied {
		if text := c.applied(v.Nodes[r.Node].Log, r, &r.Applied[i]); text != "" {
			return text
		}
	}
	if last := *c.lastOf(r.Node); r.Inspected && r.Status.Applied != last {
		return fmt.Sprintf("%s says that it applied up to %d, and applied up to %d", r.Node, r.Status.Applied, last)
	}
	return ""
}

// begins judges where the log of a node newly begins: what a snapshot stands
// for was committed.
func (c *StateMachineSafety) begins(v *trace.View, r *trace.Record) string {
	base := r.Status.Base
	if !r.Shows() || base == v.Nodes[r.Node].Before.Base || !v.AllInspected() {
		return ""
	}
	switch term := v.CommittedTerm(base.Index); {
	case term == 0 && base.Index != 0:
		return fmt.Sprintf("%s begins its log after %s, which nobody committed", r.Node, base)
	case term != base.Term:
		return fmt.Sprintf("%s begins its log after %s where %s was committed", r.Node, base, raft.EntryID{Term: term, Index: base.Index})
	}
	return ""
}

// hands judges the state that a node's state machine is in after an index.
func (c *StateMachineSafety) hands(r *trace.Record, at raft.Index) string {
	if at == 0 || at > *c.lastOf(r.Node) {
		return "" // the world hands over only what was applied
	}
	for len(c.states) < int(at) {
		c.states = append(c.states, handed{})
	}
	first := &c.states[at-1]
	if first.by == raft.None {
		*first = handed{hash: r.Compact, by: r.Node}
	}
	if first.hash != r.Compact {
		return fmt.Sprintf("%s and %s differ in their state after index %d", first.by, r.Node, at)
	}
	return ""
}

// restores judges a snapshot that a node's state machine becomes.
func (c *StateMachineSafety) restores(v *trace.View, r *trace.Record) string {
	id := r.Out.Restore.ID
	last := c.lastOf(r.Node)
	if id.Index <= *last {
		return fmt.Sprintf("%s restores its state as of %s and had applied up to %d", r.Node, id, *last)
	}
	if v.AllInspected() {
		switch term := v.CommittedTerm(id.Index); term {
		case id.Term:
		case 0:
			return fmt.Sprintf("%s restores its state as of %s, which nobody committed", r.Node, id)
		default:
			return fmt.Sprintf("%s restores its state as of %s where %s was committed", r.Node, id, raft.EntryID{Term: term, Index: id.Index})
		}
	}
	if id.Index > raft.Index(len(c.states)) || c.states[id.Index-1].by == raft.None {
		return fmt.Sprintf("%s restores its state as of %s, at which nobody handed over a state", r.Node, id)
	}
	if first := &c.states[id.Index-1]; first.hash != r.Restored {
		return fmt.Sprintf("%s restores another state after index %d than %s handed over", r.Node, id.Index, first.by)
	}
	*last = id.Index
	return ""
}

func (c *StateMachineSafety) applied(log []trace.Logged, r *trace.Record, d *trace.Digest) string {
	last := c.lastOf(r.Node)
	*last++
	at := *last
	if d.ID.Index != at {
		return fmt.Sprintf("%s applied %s where index %d is next", r.Node, d.ID, at)
	}
	if r.Inspected && at > r.Status.Commit {
		return fmt.Sprintf("%s applied %s and calls only %d committed", r.Node, d.ID, r.Status.Commit)
	}
	if r.Inspected && (int(at) > len(log) || log[at-1].Term != d.ID.Term || log[at-1].Hash != d.Hash) {
		return fmt.Sprintf("%s applied %s, which is not what its log has there", r.Node, d.ID)
	}
	if int(at) > len(c.first) {
		c.first = append(c.first, applied{Digest: *d, by: r.Node})
		return ""
	}
	switch first := &c.first[at-1]; {
	case first.ID != d.ID:
		return fmt.Sprintf("%s applied %s where %s applied %s", r.Node, d.ID, first.by, first.ID)
	case first.Hash != d.Hash:
		return fmt.Sprintf("%s applied %s with other contents than %s did", r.Node, d.ID, first.by)
	}
	return ""
}

// Finish says that the property held.
func (c *StateMachineSafety) Finish(*trace.View) (Outcome, string) { return Held, "" }
