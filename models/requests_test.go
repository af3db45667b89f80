package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// firstRequest is the identifier of the operator's first request.
var firstRequest = raft.OpID{Seq: 1}

// change adds the operator's first request, a change to {1 2}, to n1.
func change(t *tape, moves ...move) {
	t.add(trace.Record{Kind: trace.Asked, Node: 1, Op: firstRequest})
	t.step(1, &raft.Reconfigure{Op: firstRequest, Voters: raft.NodeSetOf(1, 2)}, moves...)
}

// handOver adds the operator's first request, a transfer to n2, to n1.
func handOver(t *tape, moves ...move) {
	t.add(trace.Record{Kind: trace.Asked, Node: 1, Op: firstRequest})
	t.step(1, &raft.Transfer{Op: firstRequest, To: 2}, moves...)
}

// tells adds the answer of n1 to the operator's first request.
func tells(t *tape, o raft.Outcome) {
	t.add(trace.Record{Kind: trace.Answered, Node: 1, Op: firstRequest, Outcome: o})
}

// asksAgain adds the operator's second request, the same change, to n1.
func asksAgain(t *tape, moves ...move) {
	t.step(1, &raft.Reconfigure{Op: raft.OpID{Seq: 2}, Voters: raft.NodeSetOf(1, 2)}, moves...)
}

// tellsAgain adds the answer of n1 to the operator's second request.
func tellsAgain(t *tape, o raft.Outcome) {
	t.add(trace.Record{Kind: trace.Answered, Node: 1, Op: raft.OpID{Seq: 2}, Outcome: o})
}

// lagging makes nodes act by applied configurations, and lets n1 lead.
func lagging(t *tape) {
	for id := range t.all.All() {
		t.nodes[id].status.ConfigApplied = true
	}
	leading(t)
	t.do(1, commits(1), applies(1))
}

// removing3 appends the change to {1 2}, by which the node acts.
func removing3() move { return all(appends(1, "-3"), acts(2, votersOf(1, 2))) }

// sendsTimeoutNow sends TimeoutNow to n2.
func sendsTimeoutNow(_ *player, r *trace.Record) {
	r.Out.Sends = append(r.Out.Sends, raft.Message{From: 1, To: 2, Kind: "TimeoutNow"})
}

func TestContract_changes(t *testing.T) {
	testChecker(t, new(Contract), []traceCase{
		{"done when appended", func(t *tape) {
			leading(t)
			change(t, removing3())
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and {1 2} is not committed", 4},
		{"done when joint", func(t *tape) {
			leading(t)
			change(t, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, commits(2))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and it acts by {1 2}&{1 2 3} instead of {1 2}", 5},
		{"done of a change that was lost", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, in(2), cuts(1), appends(2, "-2"), acts(2, votersOf(1, 3)), commits(2))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and it acts by {1 3} instead of {1 2}", 5},
		{"done of a change in whose place another entry is committed", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(2, leads(2, 2), appends(1, "a"), appends(2, "b"), commits(2))
			t.do(1, writes(1))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and {1 2} is not committed", 6},
		{"done of a change to no members, while a node is down", func(t *tape) {
			leading(t)
			t.crash(2, 0)
			t.add(trace.Record{Kind: trace.Asked, Node: 1, Op: firstRequest})
			t.step(1, &raft.Reconfigure{Op: firstRequest})
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and it acts by {1 2 3} instead of {}", 5},
		{"rejected when asked again after a crash, which took the first request", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.crash(1, 0)
			t.boot(1)
			asksAgain(t)
			tellsAgain(t, raft.Rejected)
		}, "", 0},
		{"a change that is called committed beyond the end of the log", func(t *tape) {
			leading(t)
			change(t)
			t.do(1, acts(9, votersOf(1, 2)), commits(9))
			tells(t, raft.Unknown)
		}, "", 0}, // other properties judge it
		{"rejected by a deposed leader", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, in(2))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 may yet be committed", 5},
		{"rejected after a cut", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, in(2), cuts(1), acts(0, votersOf(1, 2, 3)))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 may yet be committed", 5},
		{"rejected after its joint configuration was begun", func(t *tape) {
			leading(t)
			change(t, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 may yet be committed", 4},
		{"rejected when committed", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, commits(2))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 is committed", 5},
		{"rejected after it was begun in a later step", func(t *tape) {
			leading(t)
			change(t)
			t.do(1, removing3())
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 may yet be committed", 5},
		{"done, by way of a joint configuration", func(t *tape) {
			leading(t)
			change(t, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, commits(2), appends(1, "-3"), acts(3, votersOf(1, 2)))
			t.do(1, commits(3))
			tells(t, raft.Done)
		}, "", 0},
		{"rejected at once", func(t *tape) {
			leading(t)
			change(t)
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected because another one is under way", func(t *tape) {
			leading(t)
			t.do(1, removing3())
			change(t)
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected once another entry is committed", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, in(2), cuts(1), appends(2, "b"), acts(0, votersOf(1, 2, 3)), commits(2))
			tells(t, raft.Rejected)
		}, "", 0},
		{"unknown", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, in(2))
			tells(t, raft.Unknown)
		}, "", 0},
		{"an equal one under way is rejected", func(t *tape) {
			lagging(t)
			change(t, appends(1, "-3"))
			asksAgain(t)
			t.do(1, commits(2), applies(2), acts(2, votersOf(1, 2)))
			tellsAgain(t, raft.Rejected)
		}, "", 0},
		{"two equal ones that wait, of which one is rejected", func(t *tape) {
			leading(t)
			change(t)
			asksAgain(t)
			t.do(1, removing3())
			tellsAgain(t, raft.Rejected)
		}, "", 0},
		{"two equal ones that wait, of which both are rejected", func(t *tape) {
			leading(t)
			change(t)
			asksAgain(t)
			t.do(1, removing3())
			tells(t, raft.Rejected)
			tellsAgain(t, raft.Rejected)
		}, "n1 answers request 2 of the operator with rejected, and its entry t1i2 may yet be committed", 7},
		{"two equal ones that were begun, of which one is rejected", func(t *tape) {
			leading(t)
			change(t, removing3())
			asksAgain(t, commits(2), appends(1, "-3"), acts(3, votersOf(1, 2)))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i3 may yet be committed", 5},
		{"two equal ones that were begun, of which the second is cut away and rejected", func(t *tape) {
			leading(t)
			change(t, removing3())
			asksAgain(t, commits(2), appends(1, "-3"), acts(3, votersOf(1, 2)))
			t.do(1, in(2), cuts(2), appends(2, "b"), acts(2, votersOf(1, 2)), commits(3))
			tellsAgain(t, raft.Rejected)
			tells(t, raft.Done)
		}, "", 0},
		{"an equal one is rejected, and then begun", func(t *tape) {
			lagging(t)
			change(t, appends(1, "-3"))
			tells(t, raft.Unknown)
			t.do(1, commits(2), applies(2), acts(2, votersOf(1, 2)))
			asksAgain(t, appends(1, "-3"))
			tellsAgain(t, raft.Rejected)
		}, "n1 answers request 2 of the operator with rejected, and its entry t1i3 may yet be committed", 8},
		{"refused by all when it is applied", func(t *tape) {
			lagging(t)
			change(t, appends(1, "-3"))
			t.do(1, commits(2), applies(2))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected before it is applied", func(t *tape) {
			lagging(t)
			change(t, appends(1, "-3"))
			t.do(1, commits(2))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 is committed", 6},
		{"rejected and carried out", func(t *tape) {
			lagging(t)
			change(t, appends(1, "-3"))
			t.do(1, commits(2), applies(2), acts(2, votersOf(1, 2)))
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and its entry t1i2 is committed", 6},
		{"an answer of another node", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.add(trace.Record{Kind: trace.Answered, Node: 2, Op: firstRequest, Outcome: raft.Done})
		}, "n2 answers request 1 of the operator with done, and owed no answer", 4},
		{"an answer after a crash", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.crash(1, 0)
			t.boot(1)
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and owed no answer", 6},
	})
}

// TestContract_otherChanges: entries of other changes than the requested one, in the same steps.
func TestContract_otherChanges(t *testing.T) {
	over := joint(raft.FirstNodes(3), raft.NodeSetOf(1, 3))
	testChecker(t, new(Contract), []traceCase{
		{"done after the next one was begun", func(t *tape) {
			leading(t)
			change(t, removing3())
			t.do(1, commits(2), appends(1, "-2"), acts(3, votersOf(1)))
			t.do(1, commits(3))
			tells(t, raft.Done)
		}, "", 0},
		{"done of one that was replaced before the request", func(t *tape) {
			leading(t)
			t.do(1, removing3())
			t.do(1, commits(2), appends(1, "-2"), acts(3, votersOf(1)))
			t.do(1, commits(3))
			change(t)
			t.do(2, in(1), appends(1, "a", "-3"), acts(2, votersOf(1, 2)), commits(2))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and it acts by {1} instead of {1 2}", 8},
		{"done of one that was replaced, which the node has not heard", func(t *tape) {
			leading(t)
			t.do(1, removing3())
			t.do(1, commits(2))
			t.do(2, in(1), appends(1, "a", "-3"), acts(2, votersOf(1, 2)), commits(2))
			t.do(2, leads(2, 2), appends(2, "+3"), acts(3, votersOf(1, 2, 3)), commits(3))
			change(t)
			tells(t, raft.Done)
		}, "", 0},
		{"rejected as a joint configuration is left", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, over))
			change(t, commits(2), appends(1, "-2"), acts(3, votersOf(1, 3)))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected as a joint configuration is applied and left", func(t *tape) {
			lagging(t)
			t.do(1, appends(1, "+-"), commits(2))
			change(t, applies(2), acts(2, over), appends(1, "-2"))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected in the step that begins another one", func(t *tape) {
			leading(t)
			change(t, appends(1, "-2"), acts(2, votersOf(1, 3)))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected, and another one is begun before it is applied", func(t *tape) {
			lagging(t)
			change(t)
			t.step(1, &raft.Reconfigure{Op: raft.OpID{Seq: 2}, Voters: raft.NodeSetOf(1, 3)}, appends(1, "-2"))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected, and another one with the same voters is begun", func(t *tape) {
			leading(t)
			change(t)
			t.do(1, appends(1, "-3"), acts(2, raft.Configuration{Voters: 6, Learners: 8}))
			tells(t, raft.Rejected)
		}, "", 0},
		{"rejected, and an equal one of another node is begun", func(t *tape) {
			leading(t)
			change(t)
			t.step(2, &raft.Reconfigure{Op: raft.OpID{Seq: 2}, Voters: raft.NodeSetOf(1, 2)})
			t.do(1, removing3())
			tells(t, raft.Rejected)
		}, "", 0},
	})
}

func TestContract_transfers(t *testing.T) {
	testChecker(t, new(Contract), []traceCase{
		{"done at once", func(t *tape) {
			leading(t)
			handOver(t)
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and n2 was not elected", 4},
		{"done, and the target follows", func(t *tape) {
			leading(t)
			t.do(2, in(1), follows(1))
			handOver(t)
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and n2 was not elected", 5},
		{"done, and another node was elected", func(t *tape) {
			leading(t)
			handOver(t)
			t.do(3, leads(3, 2))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and n2 was not elected", 5},
		{"rejected after it was begun", func(t *tape) {
			leading(t)
			handOver(t)
			t.do(1, sendsTimeoutNow)
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and n2 may yet be elected, " +
			"as n1 sent it TimeoutNow", 5},
		{"an equal one under way is rejected", func(t *tape) {
			leading(t)
			handOver(t)
			t.step(1, &raft.Transfer{Op: raft.OpID{Seq: 2}, To: 2})
			t.do(1, sendsTimeoutNow)
			tellsAgain(t, raft.Rejected)
		}, "", 0},
		{"two equal ones that wait, of which both are rejected", func(t *tape) {
			leading(t)
			handOver(t)
			t.step(1, &raft.Transfer{Op: raft.OpID{Seq: 2}, To: 2})
			t.do(1, sendsTimeoutNow)
			tells(t, raft.Rejected)
			tellsAgain(t, raft.Rejected)
		}, "n1 answers request 2 of the operator with rejected, and n2 may yet be elected, " +
			"as n1 sent it TimeoutNow", 7},
		{"two equal ones that wait, of which the second is rejected after an unknown", func(t *tape) {
			leading(t)
			handOver(t)
			t.step(1, &raft.Transfer{Op: raft.OpID{Seq: 2}, To: 2})
			t.do(1, sendsTimeoutNow)
			tells(t, raft.Unknown)
			tellsAgain(t, raft.Rejected)
		}, "", 0},
		{"rejected after it was begun, and an equal one as well", func(t *tape) {
			leading(t)
			handOver(t, sendsTimeoutNow)
			t.step(1, &raft.Transfer{Op: raft.OpID{Seq: 2}, To: 2})
			tellsAgain(t, raft.Rejected)
			tells(t, raft.Rejected)
		}, "n1 answers request 1 of the operator with rejected, and n2 may yet be elected, " +
			"as n1 sent it TimeoutNow", 6},
		{"rejected at once", func(t *tape) {
			leading(t)
			t.do(1, sendsTimeoutNow)
			handOver(t)
			tells(t, raft.Rejected)
		}, "", 0},
		{"done", func(t *tape) {
			leading(t)
			handOver(t, sendsTimeoutNow)
			t.do(2, leads(2, 2))
			t.do(2, in(3))
			tells(t, raft.Done)
		}, "", 0},
		{"done, as the target leads already", func(t *tape) {
			t.do(2, leads(2, 1))
			handOver(t)
			tells(t, raft.Done)
		}, "", 0},
		{"done, as the node learns of an earlier election", func(t *tape) {
			leading(t)
			t.do(2, leads(2, 2))
			t.do(2, in(3))
			handOver(t)
			t.do(1, in(2), role(raft.Follower), follows(2))
			tells(t, raft.Done)
		}, "", 0},
		{"done, as the node learns of the election of another", func(t *tape) {
			leading(t)
			t.do(3, leads(3, 2))
			handOver(t)
			t.do(1, in(2), role(raft.Follower), follows(3))
			tells(t, raft.Done)
		}, "n1 answers request 1 of the operator with done, and n2 was not elected", 6},
		{"unknown", func(t *tape) {
			leading(t)
			handOver(t, sendsTimeoutNow)
			tells(t, raft.Unknown)
		}, "", 0},
	})
}
