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
	{raft.Rejoins, nil},
	{raft.NoOps, nil},
	{raft.Unknowns, []Goal{OutcomeUnknown}},
}

// elections has the goals about terms with several candidates, which are Raft's.
var elections = []Goal{CandidateYielded, SplitVote}

// lengths has the goals that a log of one entry does not reach.
var lengths = []Goal{ThreeTermsInLog, CaughtUp, CommandRepeated}

// Within is the set without the goals that are beyond the limits of a system.
func (s GoalSet) Within(l raft.Limits) GoalSet {
	for _, n := range needs {
		if !l.Lacks.Has(n.ability) {
			continue
		}
		s = s.without(n.goals)
	}
	if l.Algorithm != "" {
		s = s.without(elections)
	}
	if l.Entries == 1 {
		s = s.without(lengths) & (1<<goals - 1) // those of services take several commands
	}
	return s
}

func (s GoalSet) without(list []Goal) GoalSet {
	for _, g := range list {
		s &^= 1 << g
	}
	return s
}
