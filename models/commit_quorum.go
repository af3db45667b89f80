package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// CommitQuorum judges that an entry is called committed only when a quorum of
// the configuration has stored it (Raft paper, sections 5.3 and 6), for good
// and in one version: every node that calls an index committed holds the same
// entry there.
//
// The configuration is that of the node which first calls the entry committed,
// as it is after the step or as it was before: the step may have changed it.
type CommitQuorum struct{ forgetful }

// Property names the promise.
func (c *CommitQuorum) Property() Property {
	return Property{Name: "CommitQuorum", Source: "Raft paper, sections 5.3, 5.4.2 and 6", Inspects: true}
}

// Observe looks at a node that calls more committed than before, or that
// changes what it called committed.
func (c *CommitQuorum) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	n := &v.Nodes[r.Node]
	commit := n.Status.Commit
	if commit == n.Before.Commit && r.Kept >= commit {
		return ""
	}
	if int(commit) > len(n.Log) {
		return fmt.Sprintf("%s calls %d committed and its log ends at %d", r.Node, commit, len(n.Log))
	}
	known := min(commit, raft.Index(len(v.Committed)))
	if v.NewCommits != 0 {
		known = v.NewCommits - 1
	}
	if known > 0 && !n.Holds(known, &v.Committed[known-1]) {
		return c.differs(v, r.Node, known)
	}
	if v.NewCommits == 0 || !v.AllInspected() {
		return ""
	}
	return c.quorum(v, r.Node, raft.Index(len(v.Committed)))
}

// quorum looks at the disks that hold what was newly called committed, of
// which i is the last.
func (c *CommitQuorum) quorum(v *trace.View, id raft.NodeID, i raft.Index) string {
	e := &v.Committed[i-1]
	var disks raft.NodeSet
	for node := range v.All.All() {
		if v.Nodes[node].MayStore(i, e) {
			disks = disks.With(node)
		}
	}
	config := v.Config(id)
	if trace.HasQuorum(config, disks) || trace.HasQuorum(v.Nodes[id].Before.Config, disks) {
		return ""
	}
	what := raft.EntryID{Term: e.Term, Index: i}
	if config.Joint() {
		return fmt.Sprintf("%s calls %s committed and the disks of %s hold it, no quorum of %s",
			id, what, disks&config.Electors(), config)
	}
	return fmt.Sprintf("%s calls %s committed and %d of %d disks hold it",
		id, what, (disks & config.Voters).Len(), config.Voters.Len())
}

// differs names the first entry, at known or before, that is not what was called committed first.
func (c *CommitQuorum) differs(v *trace.View, id raft.NodeID, known raft.Index) string {
	n := &v.Nodes[id]
	i := raft.Index(1)
	for i < known && n.Holds(i, &v.Committed[i-1]) {
		i++
	}
	own, first := raft.EntryID{Term: n.Log[i-1].Term, Index: i}, raft.EntryID{Term: v.Committed[i-1].Term, Index: i}
	if own == first {
		return fmt.Sprintf("%s calls another %s committed than was before", id, own)
	}
	return fmt.Sprintf("%s calls %s committed where %s was before", id, own, first)
}

// Finish says that the property held.
func (c *CommitQuorum) Finish(*trace.View) (Outcome, string) { return Held, "" }
