package models

import (
	"testing"

	"raftcheck/raft"
)

// leading has n1 lead term 1 of {1 2 3} with a committed entry of its own.
func leading(t *tape) { t.do(1, leads(1, 1), appends(1, "a"), commits(1)) }

// joint is a configuration on the way from some voters to others.
func joint(outgoing, voters raft.NodeSet) raft.Configuration {
	return raft.Configuration{Voters: voters, Outgoing: outgoing}
}

func fiveNodes() *tape { return newTapeOf(5, 3) }

func TestConfiguration_ofLeaders(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"a change before the last is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+4"), acts(2, votersOf(1, 2, 3, 4)))
			t.do(1, appends(1, "+5"), acts(3, votersOf(1, 2, 3, 4, 5)))
		}, "n1 appends the configuration at 3 before that at 2 is committed", 3},
		{"the same configuration again before the last is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+4"), acts(2, votersOf(1, 2, 3, 4)))
			t.do(1, appends(1, "+4"), acts(3, votersOf(1, 2, 3, 4)))
		}, "n1 appends the configuration at 3 before that at 2 is committed", 3},
		{"two quorums without a common node", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "c"), acts(2, votersOf(1, 4, 5)))
		}, "n1 changes from {1 2 3} to {1 4 5}: {1 2} has a quorum of the one and {3 4 5} one of the other", 2},
		{"two voters at once", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "c"), acts(2, votersOf(1, 2, 3, 4, 5)))
		}, "n1 changes from {1 2 3} to {1 2 3 4 5}: {1 2} has a quorum of the one and {3 4 5} one of the other", 2},
		{"a joint configuration left for a third", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "c"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))))
			t.do(1, appends(1, "c"), commits(2), acts(3, votersOf(4)))
		}, "n1 changes from {1 4 5}&{1 2 3} to {4}: {1 2 5} has a quorum of the one and {3 4} one of the other", 3},
		{"no entry of its term is committed", func(t *tape) {
			leading(t)
			t.do(1, leads(1, 2))
			t.do(1, appends(2, "+4"), acts(2, votersOf(1, 2, 3, 4)))
		}, "n1 appends the configuration at 2 before an entry of its term 2 is committed", 3},
		{"nothing is committed", func(t *tape) {
			t.do(1, leads(1, 1))
			t.do(1, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
		}, "n1 appends the configuration at 1 before an entry of its term 1 is committed", 2},
		{"a leader that was removed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, votersOf(2, 3)))
			t.do(1, commits(2))
			t.do(1, appends(1, "b"))
		}, "n1 leads though it was removed: {2 3} is committed", 4},
		{"a leader that became a learner", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, raft.Configuration{Voters: raft.NodeSetOf(2, 3), Learners: raft.NodeSetOf(1)}))
			t.do(1, commits(2))
			t.do(1, appends(1, "b"))
		}, "n1 leads though it was removed: {2 3}+{1} is committed", 4},
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
			t.do(3, appends(1, "a", "+5"), acts(2, votersOf(1, 2, 3, 5)))
			t.do(2, appends(1, "a", "+5"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, acts(2, votersOf(1, 2, 3, 4)))
		}, "n2 takes t1i2 for {1 2 3 4}, and n3 took it for {1 2 3 5}", 3},
		{"at a boot", func(t *tape) {
			t.do(2, appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.crash(2, 0)
			t.boot(2, keeps(1), acts(1, votersOf(1, 2)))
		}, "n2 takes t1i1 for {1 2}, and n2 took it for {1 2 3 4}", 3},
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
			t.do(1, appends(1, "+4"), acts(2, votersOf(1, 2, 3, 4)))
			t.do(1, commits(2))
			t.do(1, appends(1, "+5"), acts(3, votersOf(1, 2, 3, 4, 5)))
		}, "", 0},
		{"over a joint configuration", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "c"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))))
			t.do(1, appends(1, "c"), commits(2), acts(3, votersOf(1, 4, 5)))
		}, "", 0},
		{"a removed leader steps down when that is committed", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "-1"), acts(2, votersOf(2, 3)))
			t.do(1, appends(1, "b"))
			t.do(1, commits(3))
			t.do(1, role(raft.Follower))
			t.do(1, follows(2))
		}, "", 0},
		{"a removed leader is elected in ignorance", func(t *tape) {
			t.do(1, leads(1, 2))
			t.do(1, in(3), appends(1, "a", "-1"), commits(2), acts(2, votersOf(2, 3)))
		}, "", 0},
		{"a leader that finds a change under way", func(t *tape) {
			t.do(2, in(1), appends(1, "+4"), acts(1, votersOf(1, 2, 3, 4)))
			t.do(2, leads(2, 2), appends(2, "b"))
			t.do(2, commits(2))
			t.do(2, appends(2, "+5"), acts(3, votersOf(1, 2, 3, 4, 5)))
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

func TestHasQuorum(t *testing.T) {
	three := raft.FirstNodes(3)
	for _, tc := range []struct {
		config raft.Configuration
		set    raft.NodeSet
		want   bool
	}{
		{raft.Configuration{}, 0, false},
		{raft.Configuration{}, three, false},
		{raft.Configuration{Learners: three}, three, false},
		{raft.Configuration{Outgoing: three}, three, false},
		{votersOf(1), raft.NodeSetOf(1), true},
		{votersOf(1, 2), raft.NodeSetOf(1), false},
		{votersOf(1, 2, 3), raft.NodeSetOf(1, 3), true},
		{votersOf(1, 2, 3), raft.NodeSetOf(1, 4, 5), false},
		{votersOf(1, 2, 3, 4), raft.NodeSetOf(1, 2), false},
		{joint(three, raft.NodeSetOf(3, 4, 5)), raft.NodeSetOf(3, 4, 1), true},
		{joint(three, raft.NodeSetOf(3, 4, 5)), raft.NodeSetOf(3, 4, 5), false},
		{joint(three, raft.NodeSetOf(3, 4, 5)), three, false},
	} {
		if got := hasQuorum(tc.config, tc.set); got != tc.want {
			t.Errorf("%s in %s: got %v", tc.set, tc.config, got)
		}
	}
}

// TestDisjointQuorums compares with what is known: configurations that differ
// by one voter are safe to change between (thesis, section 4.1), and adding two
// is not if their number is odd.
func TestDisjointQuorums(t *testing.T) {
	for n := 1; n <= 7; n++ {
		c := raft.Configuration{Voters: raft.FirstNodes(n)}
		one := raft.Configuration{Voters: raft.FirstNodes(n + 1)}
		two := raft.Configuration{Voters: raft.FirstNodes(n + 2)}
		if a, b, found := disjointQuorums(c, one); found {
			t.Errorf("%s and %s: %s and %s", c, one, a, b)
		}
		a, b, found := disjointQuorums(two, c)
		if found != (n%2 == 1) || found && (a&b != 0 || !hasQuorum(two, a) || !hasQuorum(c, b)) {
			t.Errorf("%s and %s: %s and %s, %v", two, c, a, b, found)
		}
		if a, b, found := disjointQuorums(c, joint(c.Voters, two.Voters)); found {
			t.Errorf("%s and joint: %s and %s", c, a, b)
		}
	}
}
