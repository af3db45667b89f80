package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LeaderAppendOnly judges that a node, for as long as it leads a term, only
// adds to its log and neither overwrites nor deletes an entry (Raft paper, figure 3).
type LeaderAppendOnly struct{ forgetful }

// Property names the promise.
func (c *LeaderAppendOnly) Property() Property {
	return Property{Name: "LeaderAppendOnly", Source: "Raft paper, figure 3, Leader Append-Only", Inspects: true}
}

// Observe compares how much of its log a leader kept with what it had.
func (c *LeaderAppendOnly) Observe(v *trace.View, r *trace.Record) string {
	if r.Kind != trace.Stepped || !r.Shows() || r.Status.Role != raft.Leader {
		return ""
	}
	before := &v.Nodes[r.Node].Before
	if before.Role != raft.Leader || before.Term != r.Status.Term || r.Kept >= before.Last.Index {
		return ""
	}
	return fmt.Sprintf("%s leads term %d and cut its log, which ended at %s, back to %d",
		r.Node, before.Term, before.Last, r.Kept)
}

// Finish says that the property held.
func (c *LeaderAppendOnly) Finish(*trace.View) (Outcome, string) { return Held, "" }
