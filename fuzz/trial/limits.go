package trial

import "raftcheck/raft"

// needs has the abilities of a system without which runs do not reach some goals.
var needs = []struct {
	ability raft.Abilities
	goals   []Goal
}{
	{raft.Snapshots, []Goal{LogCompacted, SnapshotBooted, SnapshotInstalled, SnapshotReplacedEntries}},
	{raft.Chunks, []Goal{ChunkResent}},
	{raft.Membership, []Goal{ChangeRolledBack, ChangeRefused, LeaderRemoved}},
	{raft.Joint, []Goal{ChangeBegun, ChangeFinished}},
	{raft.Learners, []Goal{LearnerPromoted}},
	{raft.Transfers, []Goal{TransferRefused, TransferTaken}},
	{raft.Reads, []Goal{ReadServed, ReadRejected}},
	{raft.FollowerReads, []Goal{ReadByFollower}},
	{raft.LeaseReads, []Goal{ReadFromLease}},
	{raft.PreVotes, []Goal{CanvassFailed}},
	{raft.QuorumChecks, []Goal{LeaderLostQuorum}},
}

// Within is the set without the goals that are beyond the limits of a system.
func (s GoalSet) Within(l raft.Limits) GoalSet {
	for _, n := range needs {
		if !l.Lacks.Has(n.ability) {
			continue
		}
		for _, g := range n.goals {
			s &^= 1 << g
		}
	}
	return s
}
