package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LeaderCompleteness judges that an entry committed in a term is in the logs of the
// leaders of all later terms (Raft paper, figure 3, Leader Completeness).
//
// The entry counts as committed in the term of the node that first reported it as
// committed. A candidate of an old term may be elected late, by votes that were long on
// their way. It needs no entry that was committed in its own term or a later one.
type LeaderCompleteness struct{ stateless }

// Property returns the name, rule and source.
func (c *LeaderCompleteness) Property() Property {
	return Property{
		Name:     "LeaderCompleteness",
		Rule:     "A committed entry is in the log of the leader of every later term.",
		Source:   "Raft paper, figure 3, Leader Completeness",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Observe judges a new leader, and all leaders once an entry is newly committed.
func (c *LeaderCompleteness) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	if v.NewCommits != 0 {
		for id := range v.All.All() {
			if text := c.judge(v, id); text != "" {
				return text
			}
		}
	}
	if v.Nodes[r.Node].Elected() {
		return c.judge(v, r.Node)
	}
	return ""
}

// judge looks for the last committed entry that the leader must hold. The prefix hash
// settles all entries before it.
func (c *LeaderCompleteness) judge(v *trace.View, id raft.NodeID) string {
	n := &v.Nodes[id]
	if n.Status.Role != raft.Leader {
		return ""
	}
	for i := raft.Index(len(v.Committed)); i > 0; i-- {
		if e := &v.Committed[i-1]; e.In < n.Status.Term {
			if n.Holds(i, e) {
				return ""
			}
			return c.missing(v, id)
		}
	}
	return ""
}

// missing describes the first committed entry that the leader does not hold.
func (c *LeaderCompleteness) missing(v *trace.View, id raft.NodeID) string {
	n := &v.Nodes[id]
	i := raft.Index(1)
	for n.Holds(i, &v.Committed[i-1]) {
		i++
	}
	e := &v.Committed[i-1]
	return fmt.Sprintf("%s leads term %d without %s, committed in term %d",
		id, n.Status.Term, raft.EntryID{Term: e.Term, Index: i}, e.In)
}

// Finish reports that the property held.
func (c *LeaderCompleteness) Finish(*trace.View) (Outcome, string) { return Held, "" }
