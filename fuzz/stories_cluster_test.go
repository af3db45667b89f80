package fuzz

import "raftcheck/fuzz/trial"

// clusterStories by the scenario's name: who may lead and how leaderships end,
// who belongs to the cluster, and how a leader keeps its followers supplied.
var clusterStories = map[string]story{
	"lease-loyalty": {
		shows: []string{
			"n2 tick -> pre-candidate t1", "n3 receives from n2: PreVoteReply t1 granted -> candidate t2, vote n3",
			"n3->n2 RequestVote t2", "n3->n2 PreVoteReply t2 refused",
			"n2 receives from n1: AppendEntries t1", "-> follower t1, leader is n1",
			"n1 receives from n2: AppendReply t1 matches up to 2",
			"n2 receives from n3: PreVoteReply t2 refused -> follower t2",
			"n2 receives from n3: RequestVote t2 last=t1i2\n",
			"c2 operation 1 declined by n3: rejected",
			"n1 is asked to read c3 operation 1 from its lease", "c3 operation 1 done: 1",
		},
		goals:    []trial.Goal{trial.ReadFromLease},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms},
	},
	"change-joint": {
		shows: []string{
			"n1 is asked to reconfigure to {1 2 3}+{4 5} -> log 1..3, config {1 2 3}+{4 5}",
			"request 1: done", "n1->n4 AppendEntries t1 prev=t0i0 entries=1..4",
			"n1 is asked to reconfigure to {1 4 5} -> log 1..5, config {1 4 5}&{1 2 3}\n", "c2 calls put x three on n1",
			"n1 receives from n4: AppendReply t1 matches up to 6\n", "n1 receives from n5: AppendReply t1 matches up to 6\n",
			"n1 receives from n2: AppendReply t1 matches up to 5 -> log 1..7, config {1 4 5}, commit 6", "c2 operation 1 done: ok",
			"n1 receives from n4: AppendReply t1 matches up to 7 -> commit 7", "request 2: done", "c1 operation 3 done: ok",
		},
		moments: []moment{
			{remark: "# The joint configuration", logs: alike(5, "1 1 1 1"), committed: 4},
			{
				remark:    "# All of the new majority",
				logs:      []string{"1 1 1 1 1 1", "1 1 1 1", "1 1 1 1", "1 1 1 1 1 1", "1 1 1 1 1 1"},
				committed: 4,
			},
			{
				remark:    "# n1 has left the joint",
				logs:      []string{"1 1 1 1 1 1 1", "1 1 1 1 1", "1 1 1 1", "1 1 1 1 1 1", "1 1 1 1 1 1"},
				committed: 6,
			},
			{
				logs:      []string{"1 1 1 1 1 1 1 1", "1 1 1 1 1", "1 1 1 1", "1 1 1 1 1 1 1 1", "1 1 1 1 1 1 1 1"},
				committed: 8,
			},
		},
		goals:    []trial.Goal{trial.ChangeBegun, trial.ChangeFinished, trial.LearnerPromoted, trial.CaughtUp},
		notGoals: []trial.Goal{trial.ChangeRefused, trial.ChangeRolledBack, trial.ProposalRejected, trial.OutcomeUnknown, trial.LeaderDeposedUncommitted},
	},
	"change-refused": {
		shows: []string{
			"n1 is asked to reconfigure to {1 2 3 4 5}\n", "request 1: rejected", "request 2: done",
			"n1 is asked to reconfigure to {1 2 3 4 5}\n", "request 3: rejected",
			"n1 receives from n5: AppendReply t1 matches up to 2",
			"n1 is asked to reconfigure to {1 2 3 4 5} -> log 1..3, config {1 2 3 4 5}&{1 2 3 4}",
			"n1 is asked to reconfigure to {2 3 4}\n", "request 5: rejected",
			"n2 receives from n4: VoteReply t2 granted -> leader t2, log 1..3",
			"n2 is asked to reconfigure to {2 3 4}\n", "request 6: rejected",
			"n2 receives from n4: AppendReply t2 matches up to 3 -> commit 3",
			"n2 is asked to reconfigure to {2 3 4} -> log 1..4, config {2 3 4}&{1 2 3 4}", "request 7: done",
			"n1 boots -> follower t1, vote n1, log 1..3, config {1 2 3 4 5}&{1 2 3 4}",
			"n4->n1 VoteReply t3 refused", "n5->n1 VoteReply t3 granted",
		},
		moments: []moment{
			{
				remark:    "# Another one has to wait.",
				logs:      []string{"1 1 1", "1 1", "1 1", "1 1", "1 1 1"},
				committed: 2,
			},
			{
				remark:    "# It has now",
				logs:      []string{"1 1 1", "1 1 2", "1 1", "1 1", "1 1 1"},
				committed: 2,
			},
			{
				remark:    "# n1 and n5 are back.",
				logs:      []string{"1 1 1", "1 1 2 2 2", "1 1 2 2 2", "1 1 2 2 2", "1 1 1"},
				committed: 5,
			},
			{
				logs:      []string{"1 1 1", "1 1 2 2 2 4", "1 1 2 2 2 4", "1 1 2 2 2 4", "1 1 1"},
				committed: 6,
			},
		},
		goals:    []trial.Goal{trial.ChangeRefused, trial.ChangeBegun, trial.ChangeFinished},
		notGoals: []trial.Goal{trial.ChangeRolledBack, trial.EntryOverwritten},
	},
	"change-rolled-back": {
		shows: []string{
			"n1 is asked to reconfigure to {1 2} -> log 1..2, config {1 2}&{1 2 3}",
			"n2 receives from n3: VoteReply t2 granted -> leader t2, log 1..2",
			"n1 receives from n2: RequestVote t2", "-> follower t2", "request 1: unknown",
			"n1 receives from n2: AppendEntries t2", "log cut back to 1, log 1..2, config {1 2 3}\n",
			"the disk of n2 is gone", "n1 timeout -> candidate t3",
			"n1 receives from n3: VoteReply t3 granted -> leader t3, log 1..3",
			"n1 receives from n3: AppendReply t3 matches up to 3 -> commit 3",
		},
		moments: []moment{
			{remark: "# n2 is elected.", logs: []string{"1 1", "1", "1"}, committed: 1},
			{remark: "# The network heals.", logs: []string{"1 1", "1 2", "1 2"}, committed: 2},
			{remark: "# n2 is gone for good.", logs: alike(3, "1 2"), committed: 2},
			{logs: []string{"1 2 3", "", "1 2 3"}, committed: 3},
		},
		goals:    []trial.Goal{trial.ChangeBegun, trial.ChangeRolledBack, trial.EntryOverwritten, trial.LeaderDeposedUncommitted, trial.NodeWiped},
		notGoals: []trial.Goal{trial.ChangeFinished, trial.ChangeRefused},
	},
	"leader-removed": {
		shows: []string{
			"n1 is asked to reconfigure to {2 3} -> log 1..3, config {2 3}&{1 2 3}",
			"n1 receives from n2: AppendReply t1 matches up to 3\n",
			"n1 receives from n3: AppendReply t1 matches up to 3 -> log 1..4, config {2 3}, commit 3",
			"n1 receives from n2: AppendReply t1 matches up to 4\n",
			"n1 receives from n3: AppendReply t1 matches up to 4 -> follower t1, leader is none, commit 4",
			"n1->n2 AppendEntries t1 prev=t1i4 commit=4", "n1->n3 AppendEntries t1 prev=t1i4 commit=4", "request 1: done",
			"n1 timeout\n", "n2 timeout -> candidate t2", "n2 receives from n3: VoteReply t2 granted -> leader t2, log 1..5",
			"c1 operation 2 done: ok",
		},
		moments: []moment{
			{remark: "# It is left.", logs: []string{"1 1 1 1", "1 1 1", "1 1 1"}, committed: 3},
			{remark: "# That commits nothing.", logs: []string{"1 1 1 1", "1 1 1 1", "1 1 1"}, committed: 3},
			{remark: "# n1 does not stand", logs: alike(3, "1 1 1 1"), committed: 4},
			{logs: []string{"1 1 1 1", "1 1 1 1 2 2", "1 1 1 1 2 2"}, committed: 6},
		},
		goals:    []trial.Goal{trial.LeaderRemoved, trial.ChangeBegun, trial.ChangeFinished},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.LeaderLostQuorum, trial.SplitVote, trial.OutcomeUnknown},
	},
	"lost-quorum": {
		shows: []string{
			"c1 calls append x once on n1", "n1 tick -> follower t1, leader is none", "c1 operation 1 declined by n1: unknown",
			"n2->n3 PreVoteReply t1 granted", "n3 receives from n2: VoteReply t2 granted -> leader t2",
			"n3 is proposed c1 operation 1", "c1 operation 1 done: ok", "n1 follower t1 log 2",
			"c2 operation 1 done: once", "mend", "log cut back to 1",
		},
		moments: []moment{
			{remark: "# It does not lead any more.", logs: []string{"1 1", "1", "1"}, committed: 1},
			{remark: "# n1 is still alone", logs: []string{"1 1", "1 2 2", "1 2 2"}, committed: 3},
			{logs: alike(3, "1 2 2 2"), committed: 4},
		},
		goals:    []trial.Goal{trial.LeaderLostQuorum, trial.LeaderDeposedUncommitted, trial.OutcomeUnknown, trial.EntryOverwritten},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.CommandRepeated, trial.SplitVote},
	},
	"node-replaced": {
		shows: []string{
			"the disk of n3 is gone", "n1 is asked to reconfigure to {1 2 3}+{4} -> log 1..3, config {1 2 3}+{4}",
			"request 1: done", "n1->n4 AppendEntries t1 prev=t0i0 entries=1..3", "n1 receives from n4: AppendReply t1 matches up to 3",
			"n1 is asked to reconfigure to {1 2 4} -> log 1..4, config {1 2 4}&{1 2 3}",
			"n1 receives from n2: AppendReply t1 matches up to 4 -> log 1..5, config {1 2 4}, commit 4", "request 2: done",
			"n2 crashed", "n1 receives from n4: AppendReply t1 matches up to 6 -> commit 6", "c1 operation 2 done: ok",
		},
		moments: []moment{
			{remark: "# n4 has the log.", logs: []string{"1 1 1", "1 1 1", "", "1 1 1"}, committed: 3},
			{remark: "# n2 is down", logs: []string{"1 1 1 1 1", "1 1 1 1 1", "", "1 1 1 1 1"}, committed: 5},
			{logs: []string{"1 1 1 1 1 1", "1 1 1 1 1 1", "", "1 1 1 1 1 1"}, committed: 6},
		},
		goals:    []trial.Goal{trial.NodeWiped, trial.LearnerPromoted, trial.ChangeBegun, trial.ChangeFinished, trial.CaughtUp},
		notGoals: []trial.Goal{trial.ChangeRefused, trial.LeaderDeposedUncommitted},
	},
	"prevote-deadlock": {
		shows: []string{
			"n2->n3 PreVoteReply t1 granted", "-> candidate t2, vote n3", "c1 operation 1 done: ok", "the disk of n1 is gone",
			"n3 timeout -> pre-candidate t2", "n2 receives from n3: PreVote t2 last=t1i1\n        n2->n3 PreVoteReply t1 refused",
			"n2 timeout -> pre-candidate t1", "n3 receives from n2: PreVote t1 last=t1i2\n        n3->n2 PreVoteReply t2 refused",
			"n2 receives from n3: PreVoteReply t2 refused -> follower t2",
			"n2 timeout -> pre-candidate t2", "n3->n2 PreVoteReply t2 granted",
			"n2 receives from n3: VoteReply t3 granted -> leader t3, log 1..3",
		},
		moments: []moment{
			{remark: "# n3 asks first.", logs: []string{"", "1 1", "1"}, committed: 2},
			{logs: []string{"", "1 1 3", "1 1 3"}, committed: 3},
		},
		goals:    []trial.Goal{trial.CanvassFailed, trial.NodeWiped},
		notGoals: []trial.Goal{trial.EntryOverwritten, trial.LeadersOfTwoTerms, trial.SplitVote},
	},
	"removed-node-disrupts-nobody": {
		shows: []string{
			"n3 crashed", "n1 is asked to reconfigure to {1 2} -> log 1..2, config {1 2}&{1 2 3}", "n1->n3 loses a message",
			"request 1: done", "n3 boots -> follower t1", "n3 tick -> pre-candidate t1",
			"n1->n3 PreVoteReply t1 refused", "n2->n3 PreVoteReply t1 refused",
			"n3->n1 PreVote t1", "n1->n3 PreVoteReply t1 refused", "n2->n3 PreVoteReply t1 refused",
			"c1 operation 1 done: ok", "n1 leader t1 log 4 commit 4", "n3 pre-candidate t1 log 1 commit 0",
		},
		moments: []moment{{logs: []string{"1 1 1 1", "1 1 1 1", "1"}, committed: 4}},
		goals:   []trial.Goal{trial.ChangeBegun, trial.ChangeFinished},
		notGoals: []trial.Goal{
			trial.LeaderDeposedUncommitted, trial.LeadersOfTwoTerms, trial.LeaderLostQuorum, trial.SplitVote, trial.ProposalRejected, trial.OutcomeUnknown,
		},
	},
	"removed-node-needed": {
		shows: []string{
			"n1 is asked to reconfigure to {2} -> log 1..2, config {2}&{1 2}",
			"n1 receives from n2: AppendReply t1 matches up to 2 -> log 1..3, config {2}, commit 2",
			"n1 receives from n2: RequestVote t2 last=t1i2 -> follower t2", "request 1: unknown", "n1->n2 VoteReply t2 refused",
			"n1 timeout -> candidate t3, vote n1", "n1 receives from n2: VoteReply t3 granted -> leader t3, log 1..4",
			"n1 receives from n2: AppendReply t3 matches up to 3\n",
			"n1 receives from n2: AppendReply t3 matches up to 4 -> follower t3, leader is none, commit 4",
			"leader t4, log 1..5", "c1 operation 1 done: ok", "n1 follower t3 log 4 commit 4 | n2 leader t4",
		},
		moments: []moment{
			{remark: "# n2 campaigns.", logs: []string{"1 1 1", "1 1"}, committed: 2},
			{remark: "# n1 stands for election", logs: []string{"1 1 1", "1 1"}, committed: 2},
			{remark: "# n2 is alone", logs: alike(2, "1 1 1 3"), committed: 4},
			{logs: []string{"1 1 1 3", "1 1 1 3 4 4"}, committed: 6},
		},
		goals:    []trial.Goal{trial.LeaderRemoved, trial.LeaderDeposedUncommitted, trial.OlderTermCommitted, trial.ChangeBegun, trial.ChangeFinished},
		notGoals: []trial.Goal{trial.EntryOverwritten, trial.ChangeRolledBack},
	},
	"returning-node": {
		shows: []string{
			"cut 1 2 | 3", "n3 tick -> pre-candidate t1", "n1 leader t1", "n3 pre-candidate t1", "mend",
			"n3 receives from n1: AppendEntries t1", "-> follower t1, leader is n1",
			"n1->n3 PreVoteReply t1 refused", "n2->n3 PreVoteReply t1 refused", "c1 operation 1 done: ok",
			"n1 leader t1 log 2 commit 2 | n2 follower t1 log 2 commit 2 | n3 follower t1 log 2 commit 2",
		},
		moments: []moment{
			{remark: "# n3 comes back.", logs: alike(3, "1"), committed: 1},
			{logs: alike(3, "1 1"), committed: 2},
		},
		goals:    []trial.Goal{trial.CanvassFailed},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.LeaderLostQuorum, trial.ProposalRejected, trial.OutcomeUnknown, trial.SplitVote},
	},
	"returning-node-disrupts": {
		shows: []string{
			"cut 1 2 | 3", "n3 tick -> candidate t2", "n3 tick -> candidate t3", "n1 leader t1", "n3 candidate t3", "mend",
			"n1 receives from n3: RequestVote t2", "-> follower t2", "n1 receives from n3: RequestVote t3", "-> follower t3",
			"n3 receives from n1: VoteReply t3 granted -> leader t3", "c1 operation 1 declined by n1: rejected",
		},
		moments: []moment{
			{remark: "# n3 comes back.", logs: alike(3, "1"), committed: 1},
			{logs: alike(3, "1 3 3"), committed: 3},
		},
		goals:    []trial.Goal{trial.ProposalRejected},
		notGoals: []trial.Goal{trial.CanvassFailed, trial.LeaderDeposedUncommitted, trial.LeadersOfTwoTerms},
	},
	"transfer": {
		shows: []string{
			"n1->n3 loses a message", "n1 is asked to hand over to n3\n", "c2 operation 1 declined by n1: rejected",
			"refused at 2: log ends at 1", "n1 receives from n3: AppendReply t1 matches up to 2\n        n1->n3 TimeoutNow t1",
			"n3 receives from n1: TimeoutNow t1 -> candidate t2", "RequestVote t2 last=t1i2, by the leader's wish -> follower t2, vote n3",
			"request 1: unknown", "n3 receives from n1: VoteReply t2 granted -> leader t2, log 1..3", "n3 is proposed c2 operation 1",
			"c2 operation 1 done: ok",
		},
		moments: []moment{
			{remark: "# n1 is to hand over", logs: []string{"1 1", "1 1", "1"}, committed: 2},
			{remark: "# It leads", logs: alike(3, "1 1 2"), committed: 3},
			{logs: alike(3, "1 1 2 2"), committed: 4},
		},
		goals:    []trial.Goal{trial.TransferTaken, trial.ProposalRejected, trial.MessageLost},
		notGoals: []trial.Goal{trial.TransferRefused, trial.LeaderDeposedUncommitted, trial.LeadersOfTwoTerms, trial.OutcomeUnknown},
	},
	"transfer-abandoned": {
		shows: []string{
			"n1 is asked to hand over to n3\n", "c2 operation 1 declined by n1: rejected", "10. run k=9", "n1 leader t1", "11. run k=1",
			"answers the operator's request 1: rejected", "n1 leader t1", "n1 is proposed c2 operation 2 -> log 1..3",
			"c2 operation 2 done: ok", "n1 leader t1 log 3 commit 3",
		},
		moments: []moment{
			{remark: "# n1 is to hand over", logs: []string{"1 1", "1 1", "1"}, committed: 2},
			{remark: "# A tick later", logs: []string{"1 1", "1 1", "1"}, committed: 2},
			{logs: alike(3, "1 1 1"), committed: 3},
		},
		goals:    []trial.Goal{trial.TransferRefused, trial.ProposalRejected},
		notGoals: []trial.Goal{trial.TransferTaken, trial.LeaderLostQuorum, trial.LeadersOfTwoTerms, trial.OutcomeUnknown},
	},
	"transfer-refused": {
		shows: []string{
			"n1 is asked to hand over to n4\n        answers the operator's request 2: rejected",
			"n1 is asked to hand over to n3\n        answers the operator's request 3: rejected",
			"n2 is asked to hand over to n1\n        answers the operator's request 4: rejected",
			"n1 is asked to hand over to n2\n", "n1 is asked to hand over to n2\n        answers the operator's request 6: rejected",
			"n1->n2 TimeoutNow t1", "c1 operation 1 done: ok", "request 5: unknown", "n2 receives from n1: VoteReply t2 granted -> leader t2",
		},
		moments: []moment{
			{remark: "# To a learner.", logs: []string{"1 1 1", "1 1 1", "1 1", "1 1 1"}, committed: 3},
			{remark: "# The first one goes on.", logs: []string{"1 1 1 1", "1 1 1", "1 1", "1 1 1"}, committed: 3},
			{logs: []string{"1 1 1 1 2", "1 1 1 1 2", "1 1", "1 1 1 1 2"}, committed: 5},
		},
		goals:    []trial.Goal{trial.TransferRefused, trial.TransferTaken},
		notGoals: []trial.Goal{trial.ChangeRefused, trial.ProposalRejected, trial.LeaderDeposedUncommitted},
	},
	"lease-after-restart": {
		shows: []string{
			"cut 1 2 | 3", "n3 tick -> pre-candidate t1", "n1 receives from n2: AppendReply", "n2 crashed", "n2 boots", "cut 1 | 2 3",
			"n2 receives from n3: PreVote t1 last=t1i2\n        n2->n3 PreVoteReply t1 refused",
			"c2 operation 1 declined by n3: rejected",
			"n1 is asked to read c3 operation 1 from its lease\n        answers c3 operation 1: done", "c3 operation 1 done: old",
		},
		moments:  []moment{{remark: "# n3 does not lead", logs: alike(3, "1 1"), committed: 2}},
		goals:    []trial.Goal{trial.ReadFromLease, trial.CanvassFailed},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.CrashLostWrites},
	},
	"prevote-from-behind": {
		shows: []string{
			"cut 4 | 1 2 3", "n1 is asked to reconfigure to {1 2 3 4} -> log 1..3, config {1 2 3 4}&{1 2 3}", "request 2: done",
			"n3 receives from n2: RequestVote t2", "-> leader t2", "n4 follower t1 log 2", "the disk of n3 is gone",
			"n2 tick -> pre-candidate t2",
			"n4 receives from n2: PreVote t2 last=t2i5\n        n4->n2 PreVoteReply t1 granted",
			"n2 receives from n4: PreVoteReply t1 granted -> candidate t3, vote n2",
			"n2 receives from n4: VoteReply t3 granted -> leader t3",
		},
		moments: []moment{
			{remark: "# n3 is gone", logs: []string{"1 1 1 1 2", "1 1 1 1 2", "1 1 1 1 2", "1 1"}, committed: 5},
			{logs: []string{"1 1 1 1 2 3", "1 1 1 1 2 3", "", "1 1 1 1 2 3"}, committed: 6},
		},
		goals:    []trial.Goal{trial.TransferTaken, trial.ChangeFinished, trial.LearnerPromoted, trial.NodeWiped},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.EntryOverwritten},
	},
	"snapshot-of-a-change": {
		shows: []string{
			"n3 is asked to reconfigure to {1 3} -> log 1..2, config {1 3}&{1 2 3}", "log 1..3, config {1 3}, commit 2, applied 2\n",
			"n1 compacts up to 2, keeping 0 -> log starts after 2", "-> leader t2, log 1..4",
			"n1 is asked to reconfigure to {1 3}+{2} -> log 1..5, config {1 3}+{2}", "n2 boots",
			"n2 receives from n1: InstallSnapshot t2 t1i2 bytes 0..2 of 2 -> log 1..2, log starts after 2, config {1 3}&{1 2 3}, commit 2, applied 2",
			"prev=t1i3 entries=4..5 commit=5 -> log 1..5, config {1 3}+{2}, commit 5, applied 5",
		},
		moments: []moment{
			{remark: "# n1 is elected", logs: []string{"1 1 1", "", "1 1 1"}, committed: 3},
			{logs: alike(3, "1 1 1 2 2"), committed: 5},
		},
		goals:    []trial.Goal{trial.ChangeBegun, trial.ChangeFinished, trial.SnapshotInstalled},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.EntryOverwritten, trial.ChangeRefused},
	},
	"vote-for-a-stranger": {
		shows: []string{
			"n1 receives from n4: AppendReply t1 matches up to 3 -> log 1..4, config {1 2 3 4}, commit 3",
			"n4 receives from n1: AppendEntries t1 prev=t1i3 entries=4..4 commit=3 -> log 1..4, config {1 2 3 4}, commit 3",
			"the disk of n1 is gone", "n4 timeout -> candidate t2",
			"n3 receives from n4: RequestVote t2 last=t1i4 -> follower t2, vote n4", "n3->n4 VoteReply t2 granted",
			"n4 receives from n3: VoteReply t2 granted\n", "n4 receives from n2: VoteReply t2 granted -> leader t2, log 1..5",
			"n3->n4 AppendReply t2 refused at 4: log ends at 2",
			"n3 receives from n4: AppendEntries t2 prev=t1i2 entries=3..4 commit=3 -> log 1..4, config {1 2 3 4}",
		},
		moments: []moment{
			{remark: "# Only n4 hears", logs: []string{"1 1 1 1", "1 1 1", "1 1", "1 1 1"}, committed: 3},
			{remark: "# n4 stands", logs: []string{"", "1 1 1", "1 1", "1 1 1 1"}, committed: 3},
			{logs: []string{"", "1 1 1 1 2", "1 1 1 1 2", "1 1 1 1 2"}, committed: 5},
		},
		goals:    []trial.Goal{trial.ChangeBegun, trial.ChangeFinished, trial.LearnerPromoted, trial.NodeWiped, trial.MessageLost},
		notGoals: []trial.Goal{trial.LeadersOfTwoTerms, trial.EntryOverwritten, trial.SplitVote},
	},
	"vote-in-one-write": {
		shows: []string{
			"n2 receives from n1: RequestVote t1 last=t0i0 -> follower t1, vote n1", "n2->n1 loses a message",
			"n3 receives from n5: VoteReply t1 granted -> leader t1, log 1..1",
			"n3 receives from n4: AppendReply t1 matches up to 1 -> commit 1",
			"n2 receives from n4: RequestVote t2 last=t1i1 -> follower t2, vote n4\n        write 3: term 2 vote n4\n31. crash 2 k=1\n    n2 crashed; down: n2\n",
			"n2 boots -> follower t2, vote n4, log 1..1", "n2->n1 VoteReply t2 refused",
			"n1 receives from n2: VoteReply t2 refused", "n1 receives from n5: VoteReply t2 granted\n",
		},
		moments: []moment{
			{remark: "# n2 votes for n4", logs: []string{"", "1", "1", "1", ""}, committed: 1},
			{remark: "# n1 asks in term 2", logs: []string{"", "1", "1", "1", ""}, committed: 1},
			{logs: alike(5, "1 3"), committed: 2},
		},
		goals:    []trial.Goal{trial.SplitVote, trial.MessageLost, trial.LogRecovered},
		notGoals: []trial.Goal{trial.CrashLostWrites, trial.LeadersOfTwoTerms, trial.EntryOverwritten},
	},
	"window": {
		shows: []string{
			"n1->n2 AppendEntries t1 prev=t1i1 entries=2..2", "n1->n2 AppendEntries t1 prev=t1i2 entries=3..3",
			"n1->n2 AppendEntries t1 prev=t1i3 entries=4..4", "n2 receives from n1", "c3 operation 1 done: ok",
			"n1->n2 AppendEntries t1 prev=t1i5 entries=6..6", "n1->n2 loses a message",
			"n1 tick\n        n1->n2 AppendEntries t1 prev=t1i6 commit=5",
			"n1 receives from n2: AppendReply t1 refused at 6: log ends at 5\n        n1->n2 AppendEntries t1 prev=t1i5 entries=6..6",
			"n1 is proposed c3 operation 2 -> log 1..7\n        write 8: entries 7..7\n1", // and nothing is sent
			"n1 receives from n2: AppendReply t1 matches up to 6 -> commit 6, applied 6\n        n1->n2 AppendEntries t1 prev=t1i6 entries=7..7",
			"c2 operation 2 done: ok", "c3 operation 2 done: ok",
		},
		moments: []moment{
			{remark: "# Three entries are", logs: alike(2, "1"), committed: 1},
			{remark: "# The heartbeat tells.", logs: []string{"1 1 1 1 1 1", "1 1 1 1 1"}, committed: 5},
			{remark: "# It has the answer", logs: []string{"1 1 1 1 1 1 1", "1 1 1 1 1 1"}, committed: 6},
			{logs: alike(2, "1 1 1 1 1 1 1"), committed: 7},
		},
		goals:    []trial.Goal{trial.MessageLost},
		notGoals: []trial.Goal{trial.CaughtUp, trial.EntryOverwritten, trial.ProposalRejected},
	},
}
