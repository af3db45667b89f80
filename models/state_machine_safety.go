package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// StateMachineSafety judges that no two nodes apply different entries at one index (Raft
// paper, figure 3, State Machine Safety). After each boot a node applies the entries of its
// log in order, each once, and none beyond its commit index (section 5.3). The applied
// index that it shows must be the index of the last entry that it applied.
//
// A snapshot replaces the entries up to its own (section 7). That entry must be committed,
// and beyond the node's applied index. The state must be the one that every node has after
// that entry.
type StateMachineSafety struct {
	first  []applied    // the first entry applied at each index, from 1
	states []handed     // the first state that was handed over after each index, from 1
	last   []raft.Index // the last index that each node applied since it booted, by NodeID; 0 while it is down
}

// applied is an entry that a node applied.
type applied struct {
	trace.Digest
	by raft.NodeID
}

// handed is the hash of a state machine's state; by is None if no node handed one over.
type handed struct {
	hash uint64
	by   raft.NodeID
}

// Property returns the name, rule and source.
func (c *StateMachineSafety) Property() Property {
	return Property{
		Name: "StateMachineSafety",
		Rule: "No two nodes apply different entries at one index, and each node applies its log in order and " +
			"once, or goes on from a snapshot of that very state.",
		Source: "Raft paper, figure 3, State Machine Safety, and sections 5.3 and 7",
		Kind:   KindOutcome,
		Needs:  ClassSteps | ClassTurn,
	}
}

// Reset forgets the run.
func (c *StateMachineSafety) Reset() {
	*c = StateMachineSafety{first: c.first[:0], states: c.states[:0], last: c.last[:0]}
}

// Copy takes over the applied entries and the states.
func (c *StateMachineSafety) Copy(from Checker) {
	f := from.(*StateMachineSafety)
	c.first, c.states = append(c.first[:0], f.first...), append(c.states[:0], f.states...)
	c.last = append(c.last[:0], f.last...)
}

// AppendMemory appends the applied entries and the states. It leaves out the nodes that
// were first, which only appear in the texts of verdicts.
func (c *StateMachineSafety) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
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
	var some raft.NodeSet // the nodes that applied an entry
	for id, last := range c.last {
		if last > 0 {
			some = some.With(as.Name(raft.NodeID(id)))
		}
	}
	e.Numbers(uint64(some))
	for name := range some.All() {
		e.Numbers(uint64(c.last[as.Named(name)]))
	}
	return e.Buf
}

// lastOf returns the place of the last index that a node applied since it booted.
func (c *StateMachineSafety) lastOf(id raft.NodeID) *raft.Index {
	for int(id) >= len(c.last) {
		c.last = append(c.last, 0)
	}
	return &c.last[id]
}

// Observe compares each applied entry with the first one at its index, and each state
// that is handed over or restored with the first one after its index.
func (c *StateMachineSafety) Observe(v *trace.View, r *trace.Record) string {
	switch r.Kind {
	case trace.Booted, trace.Crashed, trace.Panicked, trace.Wiped:
		*c.lastOf(r.Node) = 0
	}
	if text := c.judgeBase(v, r); text != "" || r.Kind != trace.Stepped {
		return text
	}
	if in, ok := r.Input.(*raft.Compact); ok {
		if text := c.judgeHandedOver(r, in.Index); text != "" {
			return text
		}
	}
	if r.Out.Restore.ID.Index != 0 {
		if text := c.judgeRestore(v, r); text != "" {
			return text
		}
	}
	for i := range r.Applied {
		if text := c.judgeApplied(v.Nodes[r.Node].Log, r, &r.Applied[i]); text != "" {
			return text
		}
	}
	if last := *c.lastOf(r.Node); r.Inspected && r.Status.Applied != last {
		return fmt.Sprintf("%s says that it applied up to %d, and applied up to %d", r.Node, r.Status.Applied, last)
	}
	return ""
}

// judgeBase judges a new base of a node's log: the last entry that its snapshot replaces
// must be committed.
func (c *StateMachineSafety) judgeBase(v *trace.View, r *trace.Record) string {
	base := r.Status.Base
	if !r.Shows() || base == v.Nodes[r.Node].Before.Base || !v.AllInspected() {
		return ""
	}
	switch term := v.CommittedTerm(base.Index); {
	case term == 0 && base.Index != 0:
		return fmt.Sprintf("%s begins its log after %s, which nobody committed", r.Node, base)
	case term != base.Term:
		return fmt.Sprintf("%s begins its log after %s where %s was committed",
			r.Node, base, raft.EntryID{Term: term, Index: base.Index})
	}
	return ""
}

// judgeHandedOver judges the state of a node's state machine after an index.
func (c *StateMachineSafety) judgeHandedOver(r *trace.Record, at raft.Index) string {
	if at == 0 || at > *c.lastOf(r.Node) {
		return "" // the world hands over a state only after an entry that was applied
	}
	for raft.Index(len(c.states)) < at {
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

// judgeRestore judges a snapshot that replaces the state of a node's state machine.
func (c *StateMachineSafety) judgeRestore(v *trace.View, r *trace.Record) string {
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
			return fmt.Sprintf("%s restores its state as of %s where %s was committed",
				r.Node, id, raft.EntryID{Term: term, Index: id.Index})
		}
	}
	if id.Index > raft.Index(len(c.states)) || c.states[id.Index-1].by == raft.None {
		return fmt.Sprintf("%s restores its state as of %s, at which nobody handed over a state", r.Node, id)
	}
	if first := &c.states[id.Index-1]; first.hash != r.Restored {
		return fmt.Sprintf("%s restores another state after index %d than %s handed over",
			r.Node, id.Index, first.by)
	}
	*last = id.Index
	return ""
}

// judgeApplied judges the next entry that a node applies.
func (c *StateMachineSafety) judgeApplied(log []trace.Logged, r *trace.Record, d *trace.Digest) string {
	last := c.lastOf(r.Node)
	*last++
	at := *last
	if d.ID.Index != at {
		return fmt.Sprintf("%s applied %s where index %d is next", r.Node, d.ID, at)
	}
	if r.Inspected && at > r.Status.Commit {
		return fmt.Sprintf("%s applied %s and calls only %d committed", r.Node, d.ID, r.Status.Commit)
	}
	if r.Inspected && (at > raft.Index(len(log)) || log[at-1].Term != d.ID.Term || log[at-1].Hash != d.Hash) {
		return fmt.Sprintf("%s applied %s, which is not what its log has there", r.Node, d.ID)
	}
	if at > raft.Index(len(c.first)) {
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

// Finish reports that the property held.
func (c *StateMachineSafety) Finish(*trace.View) (Outcome, string) { return Held, "" }
