package models

import (
	"fmt"

	"raftcheck/raft"
)

// CommitQuorum judges that an entry is called committed only when a majority
// of the voters has stored it (Raft paper, section 5.3), for good and in one
// version: every node that calls an index committed holds the same entry there.
type CommitQuorum struct{}

// Property names the promise.
func (c *CommitQuorum) Property() Property {
	return Property{Name: "CommitQuorum", Source: "Raft paper, sections 5.3 and 5.4.2", Inspects: true}
}

// Reset has nothing to forget.
func (c *CommitQuorum) Reset() {}

// Observe looks at a node that calls more committed than before, or that
// changes what it called committed.
func (c *CommitQuorum) Observe(v *View, r *Record) string {
	if !r.shows() {
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
	known := commit
	if v.NewCommits != 0 {
		known = v.NewCommits - 1
	}
	if known > 0 && !n.Holds(known, &v.Committed[known-1]) {
		return c.differs(v, r.Node)
	}
	if v.NewCommits == 0 || !v.inspected() {
		return ""
	}
	return c.quorum(v, r.Node, commit)
}

// quorum counts the disks that hold what was newly called committed.
func (c *CommitQuorum) quorum(v *View, id raft.NodeID, commit raft.Index) string {
	e := &v.Committed[commit-1]
	stored := 0
	for voter := range v.Voters.All() {
		if v.Nodes[voter].MayStore(commit, e) {
			stored++
		}
	}
	if stored > v.Voters.Len()/2 {
		return ""
	}
	return fmt.Sprintf("%s calls %s committed and %d of %d disks hold it",
		id, raft.EntryID{Term: e.Term, Index: commit}, stored, v.Voters.Len())
}

// differs names the first entry that is not what was called committed first.
func (c *CommitQuorum) differs(v *View, id raft.NodeID) string {
	n := &v.Nodes[id]
	i := raft.Index(1)
	for n.Holds(i, &v.Committed[i-1]) {
		i++
	}
	own, first := raft.EntryID{Term: n.Log[i-1].Term, Index: i}, raft.EntryID{Term: v.Committed[i-1].Term, Index: i}
	if own == first {
		return fmt.Sprintf("%s calls another %s committed than was before", id, own)
	}
	return fmt.Sprintf("%s calls %s committed where %s was before", id, own, first)
}

// Finish says that the property held.
func (c *CommitQuorum) Finish(*View) (Outcome, string) { return Held, "" }
