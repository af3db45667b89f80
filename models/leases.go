package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Leases judges reads that a leader answers at once, because it trusts its lease: no leader
// of a later term has committed an entry then (thesis, section 6.4.1). The rule holds as
// long as the clocks keep the bound that the leases trust. Generated schedules that read
// from leases keep it.
//
// The only voter of a configuration needs no lease, and is its own quorum.
type Leases struct {
	asked bool // a leader answered a read at once
}

// Property returns the name, rule and source.
func (c *Leases) Property() Property {
	return Property{
		Name: "Leases",
		Rule: "While a leader answers reads from its lease, no leader of a later term has committed an entry, if " +
			"clocks keep their bound.",
		Source:   "thesis, section 6.4.1",
		Inspects: true,
		Needs:    ClassSteps,
	}
}

// Observe judges an answer in the step in which its read came.
func (c *Leases) Observe(v *trace.View, r *trace.Record) string {
	in, ok := r.Input.(*raft.Read)
	if !ok || !in.Lease || !r.Shows() || !isDone(r, in.Op) {
		return ""
	}
	c.asked = true
	is := &r.Status
	for i := len(v.Committed) - 1; i >= 0; i-- {
		if e := &v.Committed[i]; e.In > is.Term {
			return fmt.Sprintf("%s answers from its lease in term %d, and %s was committed in term %d",
				r.Node, is.Term, raft.EntryID{Term: e.Term, Index: raft.Index(i + 1)}, e.In)
		}
	}
	return ""
}

// isDone reports whether a step answers an operation with Done.
func isDone(r *trace.Record, op raft.OpID) bool {
	for _, reply := range r.Out.Replies {
		if reply.Op == op && reply.Outcome == raft.Done {
			return true
		}
	}
	return false
}

// Copy takes over the state of another checker.
func (c *Leases) Copy(from Checker) { *c = *from.(*Leases) }

// AppendMemory appends nothing: a violation depends on one answer and the committed entries.
func (c *Leases) AppendMemory(b []byte, _ *raft.Renaming) []byte { return b }

// Finish reports that the property held, if a leader answered a read at once.
func (c *Leases) Finish(*trace.View) (Outcome, string) {
	if !c.asked {
		return NotChecked, ""
	}
	return Held, ""
}
