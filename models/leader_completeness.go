package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LeaderCompleteness judges that what was committed in a term is in the log of
// the leader of every later term (Raft paper, figure 3).
//
// The term in which an entry was committed is that of the node which first
// called it committed. A candidate of an old term may be elected late, by
// votes that were long under way, and owes nothing to terms after its own.
type LeaderCompleteness struct{ forgetful }

// Property names the promise.
func (c *LeaderCompleteness) Property() Property {
	return Property{Name: "LeaderCompleteness", Source: "Raft paper, figure 3, Leader Completeness", Inspects: true}
}

// Observe looks at a new leader, and at every leader when something is newly committed.
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

// judge looks for the last entry that the node must have as a leader: equal
// prefixes settle all entries before it.
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

// missing names the first entry that the leader lacks.
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

// Finish says that the property held.
func (c *LeaderCompleteness) Finish(*trace.View) (Outcome, string) { return Held, "" }
