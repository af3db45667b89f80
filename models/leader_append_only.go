package models

import (
	"fmt"

	"raftcheck/models/trace"
)

// LeaderAppendOnly judges that a node only appends to its log while it leads a term. It
// neither overwrites nor deletes an entry (Raft paper, figure 3, Leader Append-Only). The
// steps that begin and end its leadership in that term count, unless the node was in an
// earlier term before the step: it may have cut its log there.
type LeaderAppendOnly struct{ stateless }

// Property returns the name, rule and source.
func (c *LeaderAppendOnly) Property() Property {
	return Property{
		Name:     "LeaderAppendOnly",
		Rule:     "A leader never cuts or overwrites its log.",
		Source:   "Raft paper, figure 3, Leader Append-Only",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Observe judges a step of a leader: it must keep the log up to the last entry before it.
func (c *LeaderAppendOnly) Observe(v *trace.View, r *trace.Record) string {
	n := &v.Nodes[r.Node]
	if r.Kind != trace.Stepped || !r.Shows() || r.Kept >= n.Before.Last.Index ||
		n.Before.Term != n.Status.Term || !n.Leads() {
		return ""
	}
	return fmt.Sprintf("%s leads term %d and cut its log, which ended at %s, back to %d",
		r.Node, n.Status.Term, n.Before.Last, r.Kept)
}

// Finish reports that the property held.
func (c *LeaderAppendOnly) Finish(*trace.View) (Outcome, string) { return Held, "" }
