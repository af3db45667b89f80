package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// CommitQuorum judges that a node reports an entry as committed only if a quorum of the
// configuration has stored it (Raft paper, sections 5.3, 5.4.2 and 6). Every node that
// reports the index as committed must hold that same entry there.
//
// A leader advances its commit index only to an entry of its own term. Entries of earlier
// terms are committed together with that one (section 5.4.2, figure 8). If the step began
// in an earlier term, the node may have learned the index there. If another node reported the
// index before, the leader may have learned it from an answer.
//
// The configuration is that of the first node to report the entry as committed. The step
// may have changed it, so a quorum of the configuration before the step suffices too.
//
// A worked example with three voters, which TestCommitQuorum_workedExample runs:
//
//  1. n1 leads term 1 and stores t1i1. Its disk is the only one that holds the entry.
//  2. n2 appends t1i1 in a step of two writes, of which the first becomes durable. The
//     step is partly durable. Only n2 knows whether that write holds the entry, so its
//     disk may hold it, and counts: {n1 n2}.
//  3. n1 reports commit index 1. No node did so before: View.NewCommits is 1, and
//     View.Committed gets t1i1 as its first entry. No lower entry is left to compare, and
//     two of three disks are a quorum: held.
//  4. n3 stores t2i1 instead, in term 2, and reports commit index 1. Index 1 is committed
//     already: View.NewCommits is 0. The log of n3 is not the one that led to t1i1, so
//     the verdict is "n3 calls t2i1 committed where t1i1 was before".
//
// If no write of n2 is durable in step 2, the verdict of step 3 is "n1 calls t1i1
// committed and 1 of 3 disks hold it".
type CommitQuorum struct{ stateless }

// Property returns the name, rule and source.
func (c *CommitQuorum) Property() Property {
	return Property{
		Name: "CommitQuorum",
		Rule: "An entry that a node reports as committed is on the disks of a quorum (of both majorities " +
			"while the configuration is joint), it is the only entry ever committed at its index, and leaders " +
			"commit up to entries of their own term.",
		Source:   "Raft paper, sections 5.3, 5.4.2 and 6",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Observe judges a node whose commit index changed, or whose log changed at or below it.
func (c *CommitQuorum) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	n := &v.Nodes[r.Node]
	commit := n.Status.Commit
	if commit == n.Before.Commit && r.Kept >= commit {
		return ""
	}
	if commit > raft.Index(len(n.Log)) {
		return fmt.Sprintf("%s calls %d committed and its log ends at %d", r.Node, commit, len(n.Log))
	}
	if v.NewCommits != 0 && n.Before.Term == n.Status.Term && n.Leads() {
		last := raft.EntryID{Term: n.Log[commit-1].Term, Index: commit}
		if last.Term != n.Status.Term && last.Term != 0 {
			return fmt.Sprintf("%s leads term %d and commits up to %s", r.Node, n.Status.Term, last)
		}
	}
	known := min(commit, raft.Index(len(v.Committed)))
	if v.NewCommits != 0 {
		known = v.NewCommits - 1
	}
	if known > 0 && !n.Holds(known, &v.Committed[known-1]) {
		return c.difference(v, r.Node, known)
	}
	if v.NewCommits == 0 || !v.AllInspected() {
		return ""
	}
	return c.judgeQuorum(v, r.Node, raft.Index(len(v.Committed)))
}

// judgeQuorum judges the newly committed entries, of which index i has the last. The disks
// that may hold it, as part of the same log, must be a quorum.
func (c *CommitQuorum) judgeQuorum(v *trace.View, id raft.NodeID, i raft.Index) string {
	e := &v.Committed[i-1]
	var disks raft.NodeSet
	for node := range v.All.All() {
		if v.Nodes[node].MayStore(i, e) {
			disks = disks.With(node)
		}
	}
	config := v.Config(id)
	if suffices(v, config, disks) || suffices(v, v.Nodes[id].Before.Config, disks) {
		return ""
	}
	entry := raft.EntryID{Term: e.Term, Index: i}
	if config.Joint() {
		return fmt.Sprintf("%s calls %s committed and the disks of %s hold it, no quorum of %s",
			id, entry, disks&config.Electors(), config)
	}
	return fmt.Sprintf("%s calls %s committed and %d of %d disks hold it",
		id, entry, (disks & config.Voters).Len(), config.Voters.Len())
}

// suffices reports whether the disks of a set may commit an entry: a quorum, or half of four
// voters or more if the system states so (raft.Limits).
func suffices(v *trace.View, c raft.Configuration, disks raft.NodeSet) bool {
	voters := c.Voters.Len()
	half := v.Limits.Halves && !c.Joint() && voters >= 4 && voters%2 == 0 && (c.Voters&disks).Len() == voters/2
	return half || trace.HasQuorum(c, disks)
}

// difference describes the first entry, up to index known, that differs from the entry
// that was committed there before.
func (c *CommitQuorum) difference(v *trace.View, id raft.NodeID, known raft.Index) string {
	n := &v.Nodes[id]
	i := raft.Index(1)
	for i < known && n.Holds(i, &v.Committed[i-1]) {
		i++
	}
	own := raft.EntryID{Term: n.Log[i-1].Term, Index: i}
	first := raft.EntryID{Term: v.Committed[i-1].Term, Index: i}
	if own == first {
		return fmt.Sprintf("%s calls another %s committed than was before", id, own)
	}
	return fmt.Sprintf("%s calls %s committed where %s was before", id, own, first)
}

// Finish reports that the property held.
func (c *CommitQuorum) Finish(*trace.View) (Outcome, string) { return Held, "" }
