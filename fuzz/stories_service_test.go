package fuzz

import "raftcheck/fuzz/trial"

// serviceStories is the stories of snapshots, reads, sessions and workers: what
// clients rely on beyond the log.
var serviceStories = map[string]story{
	"double-writer": {
		violates: []string{"Fencing"},
		shows: []string{
			"done: token-1-until-20-at-0-for-c1", "c1 sends a write with token 1", "run k=20",
			"done: token-2-until-40-at-20-for-c2", "c2 sends a write with token 2", "c2 writes with token 2: taken",
			"c1 writes with token 1: taken, though 2 was here",
		},
		goals:    []trial.Goal{goal("write-taken")},
		notGoals: []trial.Goal{goal("write-fenced"), trial.MessageLost, trial.LeadersOfTwoTerms},
	},
	"double-writer-fenced": {
		shows: []string{
			"done: token-1-until-20-at-0-for-c1", "c1 sends a write with token 1", "run k=20",
			"done: token-2-until-40-at-20-for-c2", "c2 sends a write with token 2", "c2 writes with token 2: taken",
			"c1 writes with token 1: refused, 2 was here",
		},
		goals:    []trial.Goal{goal("write-taken"), goal("write-fenced")},
		notGoals: []trial.Goal{trial.MessageLost, trial.LeadersOfTwoTerms},
	},
	"learner-confirms-nothing": {
		shows: []string{
			"config {1 2 3}+{4}", "cut 1 4 | 2 3", "n2 receives from n3: VoteReply t2 granted -> leader t2",
			"c1 operation 2 done: ok",
			"n1 is asked to read c2 operation 1\n", "n1 receives from n4: AppendReply t1 matches up to 3\n  =",
			"mend",
			"n1 receives from n2: RequestVote t2", "c2 operation 1 declined by n1: rejected",
			"n2 is asked to read c2 operation 1",
			"c2 operation 1 done: new",
		},
		goals:    []trial.Goal{trial.LeadersOfTwoTerms, trial.ReadRejected, trial.ReadServed},
		notGoals: []trial.Goal{trial.ReadFromLease, trial.ReadByFollower, trial.LeaderDeposedUncommitted},
	},
	"lease-beyond-bound": {
		violates: []string{"Leases", "Loyalty", trial.Linearizability.Name},
		shows: []string{
			"skew 1 k=20", "n1 receives from n2: AppendReply", "cut 1 | 2 3",
			"c2 operation 1 done: old", "c2 operation 2 done: old", "c2 operation 3 done: old",
			"-> leader t2", "c1 operation 2 done: ok",
			"n1 is asked to read c3 operation 1 from its lease\n        answers c3 operation 1: done",
			"c3 operation 1 done: old",
		},
		goals: []trial.Goal{trial.ReadFromLease, trial.LeadersOfTwoTerms},
	},
	"lease-void-after-transfer": {
		shows: []string{
			"c2 operation 1 done: old", "n1->n2 TimeoutNow t1", "n1 answers the operator's request 1: unknown",
			"c1 operation 2 done: ok",
			"n1 is asked to read c2 operation 2 from its lease\n        n1->n2 AppendEntries",
			"c2 operation 2 done: old",
			"n2 receives from n1: TimeoutNow t1 -> candidate t2", "n3 receives from n2: RequestVote t2", "vote n2",
			"-> leader t2", "c1 operation 3 done: ok",
			"n1 is asked to read c3 operation 1 from its lease\n        n1->n2 AppendEntries",
			"c3 operation 1 declined by n1: rejected", "c3 operation 1 done: new",
		},
		goals: []trial.Goal{trial.ReadFromLease, trial.ReadServed, trial.ReadRejected, trial.TransferTaken,
			trial.LeadersOfTwoTerms},
		notGoals: []trial.Goal{trial.LeaderLostQuorum, trial.CanvassFailed, trial.TransferRefused},
	},
	"lease-within-bound": {
		shows: []string{
			"skew 1 k=80", "n1 receives from n2: AppendReply", "cut 1 | 2 3",
			"c2 operation 1 done: old", "c2 operation 2 done: old",
			"n1 is asked to read c2 operation 3 from its lease\n        n1->n2 AppendEntries",
			"-> leader t2", "c1 operation 2 done: ok",
			"n1 is asked to read c3 operation 1 from its lease\n        n1->n2 AppendEntries",
			"c2 operation 3 declined by n1: rejected", "c3 operation 1 declined by n1: rejected", "done: new",
			"done: new",
		},
		goals:    []trial.Goal{trial.ReadFromLease, trial.ReadRejected, trial.LeadersOfTwoTerms},
		notGoals: []trial.Goal{trial.LeaderLostQuorum, trial.CanvassFailed},
	},
	"read-before-own-commit": {
		shows: []string{
			"c1 operation 1 done: ok", "n1 crashed", "-> leader t2, log 1..3", "n2 is asked to read c2 operation 1",
			"n3->n2 AppendReply t2 refused at 2: log ends at 1", "n3->n2 AppendReply t2 refused at 2: log ends at 1",
			"23. deliver", "n2 receives from n3: AppendReply t2 refused at 2: log ends at 1\n", "settle",
			"n2 receives from n3: AppendReply t2 matches up to 3 -> commit 3, applied 3\n        answers c2 " +
				"operation 1: done",
			"c2 operation 1 done: new",
		},
		goals: []trial.Goal{trial.ReadServed},
		notGoals: []trial.Goal{trial.ReadRejected, trial.ReadFromLease, trial.ReadByFollower,
			trial.LeadersOfTwoTerms},
	},
	"read-index": {
		shows: []string{
			"n1 is asked to read c2 operation 1\n        n1->n2 AppendEntries", "n1 receives from n2: AppendReply",
			"c2 operation 1 done: old",
			"n3->n1 ReadRequest", "n1 receives from n2: AppendReply", "n1->n3 ReadReply",
			"n3 receives from n1: ReadReply",
			"c2 operation 2 done: old",
			"cut 1 | 2 3", "-> leader t2", "c1 operation 2 done: ok",
			"n1 is asked to read c2 operation 3\n        n1->n2 AppendEntries",
			"n1 receives from n2: RequestVote t2", "c2 operation 3 declined by n1: rejected",
			"n2 is asked to read c2 operation 3", "c2 operation 3 done: new",
		},
		goals:    []trial.Goal{trial.ReadServed, trial.ReadByFollower, trial.ReadRejected, trial.LeadersOfTwoTerms},
		notGoals: []trial.Goal{trial.ReadFromLease, trial.MessageLost},
	},
	"read-reply-late": {
		shows: []string{
			"n1->n2 ReadReply t1", "after 2\n", "n2 crashed", "n2 boots", "c2 operation 1 abandoned",
			"c1 operation 2 done: ok",
			"n2 is asked to read c3 operation 1", "29. deliver 1->2\n    n2 receives from n1: ReadReply t1",
			"after 2\n30. settle",
			"n2 receives from n1: AppendEntries t1 prev=t1i2 entries=3..3", "n2 receives from n1: ReadReply t1",
			"after 3\n        answers c3 operation 1: done\n    c3 operation 1 done: new",
		},
		goals:    []trial.Goal{trial.ReadByFollower, trial.OperationAbandoned},
		notGoals: []trial.Goal{trial.ReadRejected, trial.MessageLost, trial.LeadersOfTwoTerms},
	},
	"session-expired": {
		shows: []string{
			"n1 crashed, loses its last 1 of 4 writes", "leader t2, log 1..3", "commit 3, applied 3", "compact 1",
			"log starts after 3", "restores its state machine", "tick 1 k=100", "c1 operation 1 expired",
			"c2 operation 1 expired",
			"c3 operation 1 done: kept\n",
		},
		goals:    []trial.Goal{trial.SessionExpired, trial.SnapshotBooted, trial.CrashLostWrites},
		notGoals: []trial.Goal{trial.CommandRepeated},
	},
	"session-retried": {
		shows: []string{
			"n2->n1 loses a message", "answers c1 operation 1: unknown", "leader t2, log 1..3", "log starts after 3",
			"n3 receives from n2: InstallSnapshot", "restores its state machine as of t2i3",
			"n3 receives from n2: TimeoutNow", "leader t3, log 1..4",
			"n3 is proposed c1 operation 1 -> log 1..5", "c1 operation 1 done: ok", "c2 operation 1 done: a\n",
		},
		goals: []trial.Goal{trial.CommandRepeated, trial.OutcomeUnknown, trial.SnapshotInstalled,
			trial.TransferTaken, goal("cas-succeeded")},
		notGoals: []trial.Goal{trial.SessionExpired, trial.EntryOverwritten, trial.SnapshotReplacedEntries},
	},
	"snapshot-boot": {
		shows: []string{
			"n3 compacts up to 3, keeping 0 -> log starts after 3", "the first of them torn",
			"n3 boots -> follower t1, vote n1, log 1..3\n", "n3 persisted 1", "write 2: entries 4..4",
			"n3 boots -> follower t1, vote n1, log 1..4, log starts after 3, commit 3", "applied 4",
			"restores its state machine as of t1i3", "c2 operation 1 done: a.b.c",
		},
		goals: []trial.Goal{trial.LogCompacted, trial.WriteTorn, trial.TornWriteRecovered, trial.SnapshotBooted,
			trial.ReadByFollower},
		notGoals: []trial.Goal{trial.SnapshotInstalled, trial.DiskRefused, trial.DiskFailed},
	},
	"snapshot-catch-up": {
		shows: []string{
			"log starts after 4", "n3 boots", "n3->n1 AppendReply t1 refused at 5: log ends at 1",
			"n1->n3 InstallSnapshot t1 t1i4 bytes 0..64 of 202", "has 64 bytes",
			"n1->n3 InstallSnapshot t1 t1i4 bytes 64..128 of 202", "n1->n3 loses a message", "n1 tick",
			"n1->n3 InstallSnapshot t1 t1i4 bytes 64..128 of 202", "n1->n3 doubles a message", "has 128 bytes",
			"n3 receives from n1: InstallSnapshot t1 t1i4 bytes 128..192 of 202", "has 192 bytes",
			"n3 receives from n1: InstallSnapshot t1 t1i4 bytes 64..128 of 202", "has 192 bytes",
			"n3 receives from n1: InstallSnapshot t1 t1i4 bytes 192..202 of 202 -> log 1..4, log starts after 4, " +
				"commit 4, applied 4",
			"restores its state machine as of t1i4", "n1->n3 AppendEntries t1 prev=t1i4 entries=5..5",
			"n3->n1 AppendReply t1 matches up to 5",
		},
		goals: []trial.Goal{trial.LogCompacted, trial.SnapshotInstalled, trial.MessageLost,
			trial.MessageDoubled},
		notGoals: []trial.Goal{trial.SnapshotReplacedEntries, trial.EntryOverwritten, trial.LeadersOfTwoTerms},
	},
	"snapshot-config": {
		shows: []string{
			"n1 crashed", "leader t2, log 1..3", "config {1 2 3}+{4}", "n2 answers the operator's request 1: done",
			"log starts after 4",
			"n4 receives from n2: InstallSnapshot t2 t2i4",
			"log starts after 4, config {1 2 3}+{4}, commit 4, applied 4",
			"restores its state machine as of t2i4",
			"config {2 3 4}&{1 2 3}", "config {2 3 4}", "n2 answers the operator's request 2: done",
			"n4 receives from n2: TimeoutNow", "leader t3, log 1..7", "n4 is proposed c1 operation 1 -> log 1..8",
			"c1 operation 1 done: ok", "c2 operation 1 done: a\n",
		},
		goals: []trial.Goal{
			trial.SnapshotInstalled, trial.ChangeBegun, trial.ChangeFinished, trial.LearnerPromoted,
			trial.TransferTaken, trial.CommandRepeated,
		},
		notGoals: []trial.Goal{trial.SessionExpired, trial.ChangeRefused, trial.ChangeRolledBack,
			trial.LeaderRemoved, trial.LeadersOfTwoTerms},
	},
	"snapshot-conflict": {
		shows: []string{
			"n2 compacts up to 2, keeping 0 -> log starts after 2", "answers c1 operation 1: unknown",
			"n2->n1 InstallSnapshot t2 t2i2", "n2->n1 doubles a message",
			"n1 receives from n2: InstallSnapshot t2 t2i2",
			"-> leader is n2, log cut back to 1, log 1..2, log starts after 2, commit 2, applied 2",
			"n1 receives from n2: AppendEntries t2 prev=t2i2 entries=3..3 commit=2 -> log 1..3",
			"n1 receives from n2: InstallSnapshot t2 t2i2 bytes 0..2 of 2\n", "n1->n2 AppendReply t2 matches up to 2",
			"c1 operation 1 done: ok", "c2 operation 1 done: ok", "c3 operation 1 done: one.two",
		},
		goals: []trial.Goal{trial.SnapshotInstalled, trial.SnapshotReplacedEntries,
			trial.LeaderDeposedUncommitted, trial.OutcomeUnknown},
		notGoals: []trial.Goal{trial.CommandRepeated},
	},
	"snapshot-new-leader": {
		shows: []string{
			"n2 compacts up to 3, keeping 0 -> log starts after 3",
			"n1 compacts up to 4, keeping 0 -> log starts after 4",
			"n3 receives from n1: InstallSnapshot t1 t1i4 bytes 0..64 of 177",
			"n1->n3 InstallSnapshot t1 t1i4 bytes 64..128 of 177",
			"n1 crashed", "leader t2, log 1..5",
			"n3 receives from n1: InstallSnapshot t1 t1i4 bytes 64..128 of 177\n        n3->n1 AppendReply t2 " +
				"refused: old term",
			"n3 receives from n2: InstallSnapshot t2 t1i3 bytes 0..64 of 124",
			"n3 receives from n2: InstallSnapshot t2 t1i3 bytes 64..124 of 124 -> log 1..3, log starts after 3, " +
				"commit 3, applied 3",
			"n3 receives from n2: AppendEntries t2 prev=t1i3 entries=4..4", "log 1..4",
		},
		goals:    []trial.Goal{trial.SnapshotInstalled, trial.LogCompacted},
		notGoals: []trial.Goal{trial.SnapshotReplacedEntries, trial.EntryOverwritten, trial.LeadersOfTwoTerms},
	},
	"snapshot-overtaken": {
		shows: []string{
			"refused at 2: log ends at 1", "log starts after 3", "n1->n3 InstallSnapshot t1 t1i3",
			"n3 receives from n1: AppendEntries t1 prev=t1i1 entries=2..2", "-> log 1..4\n",
			"n3->n1 AppendReply t1 matches up to 4",
			"n1 receives from n3: AppendReply t1 matches up to 4 -> commit 4", "c2 operation 1 done: ok",
			"n3 receives from n1: InstallSnapshot t1 t1i3 bytes 0..19 of 19 -> commit 3, applied 3\n        " +
				"n3->n1 AppendReply t1 matches up to 3\n",
			"n1 crashed", "n3 receives from n2: RequestVote t2 last=t1i3 -> follower t2\n",
			"n3->n2 VoteReply t2 refused",
		},
		goals:    []trial.Goal{trial.LogCompacted, trial.MessageDoubled, trial.MessageLost, trial.LogRecovered},
		notGoals: []trial.Goal{trial.SnapshotInstalled, trial.EntryOverwritten, trial.LeadersOfTwoTerms},
	},
	"snapshot-restart": {
		shows: []string{
			"n3 receives from n1: InstallSnapshot t1 t1i3 bytes 0..64 of 124", "has 64 bytes", "n3 crashed",
			"n3 boots",
			"n3 receives from n1: InstallSnapshot t1 t1i3 bytes 64..124 of 124",
			"n3->n1 InstallReply t1 t1i3 has 0 bytes",
			"n1 receives from n3: InstallReply t1 t1i3 has 0 bytes\n", "n1 tick",
			"n1->n3 InstallSnapshot t1 t1i3 bytes 0..64 of 124",
			"n3 receives from n1: InstallSnapshot t1 t1i3 bytes 64..124 of 124 -> log 1..3, log starts after 3, " +
				"commit 3, applied 3",
		},
		goals:    []trial.Goal{trial.SnapshotInstalled, trial.LogCompacted, trial.LogRecovered},
		notGoals: []trial.Goal{trial.CrashLostWrites, trial.SnapshotReplacedEntries, trial.LeadersOfTwoTerms},
	},
	"work-queue": {
		shows: []string{
			"c1 operation 4 done: ok", "n1 crashed", "-> leader t2, log 1..7",
			"n2 is proposed c2 operation 1 -> log 1..8",
			"c2 operation 1 done: a", "n2 compacts up to 8", "n3 compacts up to 7", "n2 boots", "n3 boots",
			"restores its state machine as of t2i7", "restores its state machine as of t2i8",
			"c2 operation 2 done: b", "c3 operation 1 done: c", "c3 operation 2 done: d",
		},
		goals: []trial.Goal{trial.CommandRepeated, trial.SnapshotBooted, trial.SnapshotInstalled,
			goal("value-dequeued")},
		notGoals: []trial.Goal{goal("queue-empty"), trial.SessionExpired, trial.EntryOverwritten},
	},
	"work-queue-stale-peek": {
		violates: []string{"Leases", "Loyalty", trial.Linearizability.Name},
		shows: []string{
			"c1 operation 2 done: ok", "cut 1 | 2 3", "-> leader t2", "c2 operation 1 done: a",
			"n1 leader t1",
			"n1 is asked to read c3 operation 1 from its lease\n        answers c3 operation 1: done",
			"c3 operation 1 done: a",
		},
		goals:    []trial.Goal{trial.ReadFromLease, trial.LeadersOfTwoTerms, goal("value-dequeued")},
		notGoals: []trial.Goal{goal("queue-empty"), trial.CommandRepeated},
	},
	"worker-election": {
		shows: []string{
			"done: token-1-until-20-at-0-for-c1", "c1 writes with token 1: taken", "n1 crashed", "leader t2",
			"done: ok-until-30-at-10-for-c1", "c1 writes with token 1: taken",
			"done: held-by-c1-until-30-at-10-for-c2",
			"n2 crashed", "c2 calls campaign db 20 on n3", "leader t3", "n3 is proposed c2 operation 2 -> log 1..7",
			"done: token-2-until-53-at-33-for-c2", "c2 writes with token 2: taken",
		},
		goals:    []trial.Goal{goal("leadership-taken-over"), goal("write-taken"), trial.ProposalRejected},
		notGoals: []trial.Goal{goal("write-fenced"), trial.SessionExpired, trial.CommandRepeated},
	},
}
