package models

import (
	"testing"

	"raftcheck/raft"
)

// leading makes n1 the leader of term 1 of {1 2 3}, with a committed entry of its own.
func leading(t *tape) { t.do(1, leads(1, 1), appends(1, "a"), commits(1)) }

// joint returns the joint configuration of a change from some voters to others.
func joint(outgoing, voters raft.NodeSet) raft.Configuration {
	return raft.Configuration{Voters: voters, Outgoing: outgoing}
}

func fiveNodes() *tape { return newTapeOf(5, 3) }

func TestConfiguration_ofLeaders(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"a change before the last is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.do(1, appends(1, "-2"), acts(3, votersOf(1)))
		}, "n1 appends the configuration at 3 before that at 2 is committed", 3},
		{"the same configuration again before the last is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.do(1, appends(1, "-3"), acts(3, votersOf(1, 2)))
		}, "n1 appends the configuration at 3 before that at 2 is committed", 3},
		{"two quorums without a common node", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, votersOf(1, 4, 5)))
		}, "n1 changes from {1 2 3} to {1 4 5}: {1 2} has a quorum of the one and {3 4 5} one of the other", 2},
		{"two voters at once", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, votersOf(1, 2, 3, 4, 5)))
		}, "n1 changes from {1 2 3} to {1 2 3 4 5}: {1 2} has a quorum of the one and {3 4 5} one of the other", 2},
		{"a joint configuration left for a third", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, appends(1, "+-"), commits(2), acts(3, votersOf(3)))
		}, "n1 changes from {1 2}&{1 2 3} to {3}: {1 2} has a quorum of the one and {3} one of the other", 3},
		{"no entry of its term is committed", func(t *tape) {
			leading(t)
			t.do(1, leads(1, 2))
			t.do(1, appends(2, "+4"), acts(2, votersOf(1, 2, 3, 4)))
		}, "n1 appends the configuration at 2 before an entry of its term 2 is committed", 3},
		{"nothing is committed", func(t *tape) {
			t.do(1, leads(1, 1))
			t.do(1, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
		}, "n1 appends the configuration at 1 before an entry of its term 1 is committed", 2},
		{"a joint configuration left in the step of the election", func(t *tape) {
			t.do(1, stands(1, 2), appends(1, "+-"), acts(1, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, role(raft.Leader), appends(2, "b", "-3"), acts(3, votersOf(1, 2)))
		}, "n1 appends the configuration at 3 before that at 1 is committed", 2},
		{"a term that begins with another configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "-3"), acts(1, votersOf(1, 2)))
			t.do(1, leads(1, 2), appends(2, "-2"), acts(2, votersOf(1, 3)))
		}, "n1 appends the configuration at 2 before that at 1 is committed", 2},
		{"a change in the step of the election", func(t *tape) {
			t.do(1, in(1), appends(1, "a"), commits(1))
			t.do(1, leads(1, 2), appends(2, "-3"), acts(2, votersOf(1, 2)))
		}, "n1 appends the configuration at 2 before an entry of its term 2 is committed", 2},
		{"a change of the leader before, in the step of the election", func(t *tape) {
			t.do(1, in(1), appends(1, "a"), commits(1))
			t.do(1, leads(1, 2), appends(1, "-3"), acts(2, votersOf(1, 2)))
		}, "", 0},
		{"a change in the step in which it steps down", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.do(1, appends(1, "-2"), acts(3, votersOf(1)), role(raft.Follower))
		}, "n1 appends the configuration at 3 before that at 2 is committed", 3},
		{"back to the first configuration", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+4"), acts(2, raft.Configuration{Voters: 14, Learners: 16}))
			t.do(1, cuts(1), acts(0, votersOf(1, 2, 3)))
		}, "", 0}, // LeaderAppendOnly judges it
		{"a node that boots as the leader of a change", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.crash(1, 0)
			t.boot(1, keeps(2), leads(1, 1), acts(2, votersOf(1, 2)))
		}, "", 0}, // Voting judges it
		{"a node that never had a vote is elected", func(t *tape) {
			t.do(4, leads(4, 1))
		}, "n4 leads and has no vote in {1 2 3}, which is committed", 1},
		{"a learner is elected before that is committed", func(t *tape) {
			t.do(4, in(1), appends(1, "+4"), acts(1, raft.Configuration{Voters: 14, Learners: 16}))
			t.do(4, leads(4, 2))
		}, "n4 leads and has no vote in {1 2 3}+{4}, which is committed", 2},
		{"a removed node is elected", func(t *tape) {
			t.do(3, in(1), appends(1, "-3"), commits(1), applies(1), acts(1, votersOf(1, 2)))
			t.do(3, stands(3, 2))
			t.do(3, role(raft.Leader))
		}, "n3 leads and has no vote in {1 2}, which is committed", 3},
		{"a leader that was removed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, votersOf(2, 3)))
			t.do(1, commits(2), applies(2))
			t.do(1, appends(1, "b"))
		}, "n1 leads and has no vote in {2 3}, which is committed", 4},
		{"a leader that became a learner", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"),
				acts(2, raft.Configuration{Voters: raft.NodeSetOf(2, 3), Learners: raft.NodeSetOf(1)}))
			t.do(1, commits(2), applies(2))
			t.do(1, appends(1, "b"))
		}, "n1 leads and has no vote in {2 3}+{1}, which is committed", 4},
	})
}

func TestConfiguration_ofNodes(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"an entry beyond the log", func(t *tape) {
			t.do(2, appends(1, "a"), acts(2, votersOf(1, 2, 3)))
		}, "n2 acts by the configuration at 2 and its log ends at 1", 1},
		{"an entry that was cut", func(t *tape) {
			t.do(2, appends(1, "a", "+4"), acts(2, votersOf(1, 2, 3, 4)))
			t.do(2, cuts(1))
		}, "n2 acts by the configuration at 2 and its log ends at 1", 2},
		{"two nodes, one entry", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(3, appends(1, "+4"), acts(1, votersOf(1, 2, 4)))
		}, "n3 takes t1i1 for {1 2 4}, and n2 took it for {1 2 3 4}", 2},
		{"another entry in its place", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(3, appends(2, "+5"), acts(1, votersOf(1, 2, 3, 5)))
			t.do(2, cuts(0), appends(2, "+5"))
		}, "n2 takes t2i1 for {1 2 3 4}, and n3 took it for {1 2 3 5}", 3},
		{"another entry shown", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(3, appends(1, "+4", "+5"), acts(2, votersOf(1, 2, 3, 5)))
			t.do(2, appends(1, "+5"), acts(2, votersOf(1, 2, 3, 4)))
		}, "n2 takes t1i2 for {1 2 3 4}, and n3 took it for {1 2 3 5}", 3},
		{"an entry that is no configuration", func(t *tape) {
			t.do(2, appends(1, "+4", "a"), acts(2, votersOf(1, 2, 3, 4)))
		}, "n2 acts by {1 2 3 4} as the configuration of t1i2, which has none", 1},
		{"an entry that is no configuration in its place", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, cuts(0), appends(2, "a"))
		}, "n2 acts by {1 2 3 4} as the configuration of t2i1, which has none", 2},
		{"an entry before a snapshot's last one", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "b"), commits(2))
			t.do(2, in(1), t.installs(1, raft.EntryID{Term: 1, Index: 2}), acts(1, votersOf(1, 2)))
		}, "n2 acts by {1 2} as the configuration of t1i1, which has none", 2},
		{"a snapshot without a configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "b"), commits(2))
			t.do(2, in(1), t.installs(1, raft.EntryID{Term: 1, Index: 2}), acts(2, votersOf(1, 2)))
		}, "n2 acts by {1 2} as the first configuration, which is {1 2 3}", 2},
		{"a snapshot with another configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "+4", "b"), commits(2), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, in(1), t.installs(1, raft.EntryID{Term: 1, Index: 2}), acts(2, votersOf(1, 2)))
		}, "n2 takes t1i1 for {1 2}, and n1 took it for {1 2 3 4}", 2},
		{"at a boot", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.crash(2, 0)
			t.boot(2, keeps(1), acts(1, votersOf(1, 2)))
		}, "n2 takes t1i1 for {1 2}, and n2 took it for {1 2 3 4}", 3},
		{"amid a step", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, appends(1, "a"), acts(1, votersOf(1, 2)))
		}, "n2 takes t1i1 for {1 2}, and n2 took it for {1 2 3 4}", 2},
		{"no voters", func(t *tape) {
			t.do(2, appends(1, "x"), acts(1, raft.Configuration{}))
		}, "n2 acts by a configuration without voters", 1},
		{"learners only", func(t *tape) {
			t.crash(2, 0)
			t.boot(2, acts(0, raft.Configuration{Learners: 2}))
		}, "n2 acts by a configuration without voters", 2},
		{"another first configuration", func(t *tape) {
			t.crash(4, 0)
			t.boot(4, acts(0, votersOf(4)))
		}, "n4 acts by {4} as the first configuration, which is {1 2 3}", 2},
		{"nodes that there are not", func(t *tape) {
			t.do(2, appends(1, "+6"), acts(1, votersOf(1, 2, 3, 6, 7)))
		}, "n2 acts by {1 2 3 6 7}, of which {6 7} are not nodes", 1},
	})
}

func TestConfiguration_held(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"one voter at a time", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.do(1, commits(2))
			t.do(1, appends(1, "-2"), acts(3, votersOf(1)))
		}, "", 0},
		{"over a joint configuration", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1))))
			t.do(1, appends(1, "+-"), commits(2), acts(3, votersOf(1)))
		}, "", 0},
		{"a removed leader steps down when that is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, votersOf(2, 3)))
			t.do(1, appends(1, "b"))
			t.do(1, commits(3))
			t.do(1, role(raft.Follower))
			t.do(1, follows(2))
		}, "", 0},
		{"a removed leader steps down when it applies that", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, votersOf(2, 3)))
			t.do(1, commits(2))
			t.do(1, applies(1))
			t.do(1, applies(2))
			t.do(1, role(raft.Follower))
		}, "", 0},
		{"a joint configuration before an entry of the term is committed", func(t *tape) {
			t.do(1, in(1), appends(1, "a"), commits(1))
			t.do(1, leads(1, 2), appends(2, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
		}, "", 0},
		{"a joint configuration is left before an entry of the term is committed", func(t *tape) {
			t.do(1, in(1), appends(1, "+-"), commits(1), acts(1, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, leads(1, 2))
			t.do(1, appends(2, "-3"), acts(2, votersOf(1, 2)))
		}, "", 0},
		{"a leader that begins its term with the configuration that it has", func(t *tape) {
			t.do(1, in(1), appends(1, "-3"), acts(1, votersOf(1, 2)))
			t.do(1, leads(1, 2), appends(2, "-3"), acts(2, votersOf(1, 2)))
		}, "", 0},
		{"... which it stores first", func(t *tape) {
			t.do(1, in(1), appends(1, "-3"), acts(1, votersOf(1, 2)))
			t.do(1, leads(1, 2), appends(2, "-3"), writes(1))
			t.persist(1, 1, acts(2, votersOf(1, 2)))
		}, "", 0},
		{"a node is elected whose removal may be lost", func(t *tape) {
			t.do(3, in(1), appends(1, "-3"), acts(1, votersOf(1, 2)))
			t.do(3, leads(3, 2), appends(2, "b"))
			t.do(3, appends(2, "c"))
		}, "", 0},
		{"a removed leader is elected in ignorance", func(t *tape) {
			t.do(1, leads(1, 2))
			t.do(1, in(3), appends(1, "a", "-1"), commits(2), acts(2, votersOf(2, 3)))
		}, "", 0},
		{"a leader that finds a change under way", func(t *tape) {
			t.do(2, in(1), appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, leads(2, 2), appends(2, "b"))
			t.do(2, commits(2))
			t.do(2, appends(2, "-4"), acts(3, votersOf(1, 2, 3)))
		}, "", 0},
		{"a follower gets two changes at once", func(t *tape) {
			t.do(2, appends(1, "+4", "+5"), acts(2, votersOf(1, 2, 3, 4, 5)))
			t.do(2, cuts(0), acts(0, votersOf(1, 2, 3)))
		}, "", 0},
		{"the same entry on two nodes, and again after a boot", func(t *tape) {
			for id := raft.NodeID(1); id <= 2; id++ {
				t.do(id, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			}
			t.crash(2, 0)
			t.boot(2, keeps(1), acts(1, votersOf(1, 2, 3, 4)))
		}, "", 0},
	})
}

func TestConfiguration_latest(t *testing.T) {
	four := votersOf(1, 2, 3, 4)
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"a follower that does not act by its log", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, four))
			t.saves(3, in(1)) // nothing waits for its disk
			t.do(3, appends(1, "+4"))
		}, "n3 acts by the configuration at 0 and its log holds that of t1i1", 4},
		{"a leader that waits for a commit", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), writes(1))
			t.do(2, appends(1, "a", "-3"), acts(2, votersOf(1, 2)))
			t.persist(1, 1, sends(1, 0, raft.Promise{}))
		}, "n1 acts by the configuration at 0 and its log holds that of t1i2", 4},
		{"a boot that does not read the log", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, four))
			t.crash(2, 0)
			t.boot(2, keeps(1))
		}, "n2 acts by the configuration at 0 and its log holds that of t1i1", 3},
		{"a cut that goes back too far", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, four))
			t.do(2, appends(1, "-4"), acts(2, votersOf(1, 2, 3)))
			t.do(2, appends(1, "+5"), acts(3, votersOf(1, 2, 3, 5)))
			t.do(2, cuts(2), acts(1, four))
		}, "n2 acts by the configuration at 1 and its log holds that of t1i2", 4},
		{"a snapshot without its configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "+4"), commits(2), acts(2, four))
			t.do(3, in(1), t.installs(1, raft.EntryID{Term: 1, Index: 2}))
		}, "n3 acts by the configuration at 0 and its log holds that of t1i2", 2},
		{"what a snapshot stood for first and a log held then", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "+4"), commits(2), acts(2, four))
			t.do(3, in(1), t.installs(2, raft.EntryID{Term: 1, Index: 2}), acts(2, four))
			t.do(1, in(1), appends(1, "a", "+4"))
		}, "n1 acts by the configuration at 0 and its log holds that of t1i2", 3},
		{"a leader that has not stored it", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), writes(1))
			t.persist(1, 1, acts(2, votersOf(1, 2)))
		}, "", 0},
		{"a leader that does not act by what it stored", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-3"), writes(1))
			t.persist(1, 1, sends(1, 0, raft.Promise{}))
		}, "n1 acts by the configuration at 0 and its log holds that of t1i2", 3},
		{"a follower that has not stored it", func(t *tape) {
			t.do(2, in(1), appends(1, "+4"), writes(1))
			t.persist(2, 1, acts(1, four))
		}, "", 0},
		{"a follower that does not act by what it stored", func(t *tape) {
			t.saves(2, in(1), appends(1, "+4"))
			t.do(2, appends(1, "a"), writes(1))
		}, "n2 acts by the configuration at 0 and its log holds that of t1i1", 3},
		{"a follower that has not stored the cut", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "+4"), acts(2, four))
			t.do(2, in(2), cuts(1), writes(1))
			t.persist(2, 2, acts(0, votersOf(1, 2, 3)))
		}, "", 0},
		{"a follower that has not stored another entry", func(t *tape) {
			t.saves(2, in(1), appends(1, "+4"), acts(1, four))
			t.do(2, in(2), cuts(0), appends(2, "a"), writes(1))
			t.do(2)
			t.persist(2, 2, acts(0, votersOf(1, 2, 3)))
		}, "", 0},
		{"a follower that acts by what it cut from its disk", func(t *tape) {
			t.saves(2, in(1), appends(1, "+4"), acts(1, four))
			t.do(2, in(2), cuts(0), appends(2, "a"), writes(1))
			t.persist(2, 2, sends(2, 0, raft.Promise{}))
		}, "n2 acts by {1 2 3 4} as the configuration of t2i1, which has none", 4},
		{"a log that does not reach as far", func(t *tape) {
			t.do(2, appends(1, "a", "+4"), acts(2, four))
			t.do(3, appends(1, "a"))
		}, "", 0},
		{"another entry in its place", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, four))
			t.do(3, appends(2, "a"))
		}, "", 0},
		{"a cut that goes back to the one before", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, four))
			t.do(2, appends(1, "-4"), acts(2, votersOf(1, 2, 3)))
			t.do(2, cuts(1), acts(1, four))
			t.do(2, appends(2, "b"))
		}, "", 0},
		{"a snapshot that is named for its configuration, and the log begins earlier", func(t *tape) {
			t.do(1, in(1), appends(1, "+4", "a"), acts(1, four), commits(2), applies(2))
			t.compact(1, 2, 7)
			t.crash(1, 0)
			t.boot(1, in(1), keeps(2), commits(2), acts(2, four))
		}, "", 0},
		{"a snapshot that is named for another configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "+4", "a"), acts(1, four), commits(2), applies(2))
			t.compact(1, 2, 7)
			t.crash(1, 0)
			t.boot(1, in(1), keeps(2), commits(2), acts(2, votersOf(1, 2, 3)))
		}, "n1 takes t1i1 for {1 2 3}, and n1 took it for {1 2 3 4}", 4},
		{"a snapshot that is named for its configuration", func(t *tape) {
			t.do(1, in(1), appends(1, "+4", "a"), commits(2), acts(1, four))
			t.do(2, appends(1, "+4", "a"), appends(2, "-4"), acts(3, votersOf(1, 2, 3)))
			t.do(3, in(1), t.installs(1, raft.EntryID{Term: 1, Index: 2}), acts(2, four))
			t.do(1, appends(1, "b"))
		}, "", 0},
	})
}

// TestConfiguration_ofHiddenLearner: the disk of a node that hides its state is unknown.
func TestConfiguration_ofHiddenLearner(t *testing.T) {
	tape := fiveNodes()
	tape.nodes[4].hidden = true
	tape.boot(4)
	teaching(tape, 4)
	promotes4(tape)
	got := judge(tape, new(Configuration))
	want := Verdict{Property: "Configuration", Text: "a node does not show its state"}
	if len(got) != 1 || got[0] != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestConfiguration_notShown(t *testing.T) {
	tape := newTape(2)
	tape.crash(2, 0)
	tape.boot(2, acts(0, raft.Configuration{}))
	tape.do(2, leads(2, 1))
	tape.do(2, appends(1, "a"))
	got := judge(tape, new(Configuration))
	want := Verdict{Property: "Configuration", Text: "a node does not show its configuration"}
	if len(got) != 1 || got[0] != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// asked is the operator's request to n1 that n4 become a voter.
func asked() raft.Input { return &raft.Reconfigure{Voters: raft.FirstNodes(4)} }

// byApplied makes every node act by the configurations that it applied.
func byApplied() *tape {
	t := fiveNodes()
	for id := range t.all.All() {
		t.nodes[id].status.ConfigApplied = true
	}
	return t
}

// TestConfiguration_applied: a node that acts by applied configurations must act by the
// latest of these, and its new voters are judged when the operator asks for the change.
func TestConfiguration_applied(t *testing.T) {
	four := votersOf(1, 2, 3, 4)
	testCheckerOf(t, byApplied, new(Configuration), []traceCase{
		{"a node that does not act by what it applied", func(t *tape) {
			t.do(2, appends(1, "+4"), commits(1), applies(1), acts(1, four))
			t.do(3, in(1), appends(1, "+4"), commits(1), applies(1))
		}, "n3 acts by the configuration at 0 and its log holds that of t1i1", 2},
		{"a node that has not applied it yet", func(t *tape) {
			t.do(2, appends(1, "+4"), commits(1), applies(1), acts(1, four))
			t.do(3, in(1), appends(1, "+4"), commits(1))
		}, "", 0},
		{"a learner that stored nothing", func(t *tape) {
			teaching(t)
			t.step(1, asked(), appends(1, "+4"))
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 2},
		{"no learner", func(t *tape) {
			leading(t)
			t.step(1, asked(), appends(1, "+4"))
		}, "n1 makes n4 a voter, which was no learner in {1 2 3}", 2},
		{"a learner that had caught up then", func(t *tape) {
			teaching(t, 4)
			t.step(1, asked(), appends(1, "+4"))
			t.do(1, appends(1, "b"), commits(4), acts(3, fourAnd5))
		}, "", 0},
		{"asked and refused", func(t *tape) {
			leading(t)
			t.step(1, asked())
		}, "", 0},
		{"asked and refused, as it appends a command", func(t *tape) {
			leading(t)
			t.step(1, asked(), appends(1, "b"))
		}, "", 0},
		{"asked and refused, as it leaves a joint configuration", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), commits(2))
			t.step(1, asked(), applies(2), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))), appends(1, "+-"))
		}, "", 0},
		{"refused by all when it is applied", func(t *tape) {
			t.do(2, in(1), appends(1, "+4"), commits(1), applies(1))
			t.do(3, in(1), appends(1, "+4"), commits(1), applies(1))
			t.do(2, in(2))
		}, "", 0},
		{"refused by one when it is applied", func(t *tape) {
			t.do(2, in(1), appends(1, "+4"), commits(1), applies(1))
			t.do(3, in(1), appends(1, "+4"), commits(1), applies(1), acts(1, four))
		}, "n3 takes t1i1 for {1 2 3 4}, and n2 took it for {1 2 3}", 2},
	})
}
