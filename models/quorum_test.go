package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

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
		if got := trace.HasQuorum(tc.config, tc.set); got != tc.want {
			t.Errorf("%s in %s: got %v", tc.set, tc.config, got)
		}
	}
}

// TestDisjointQuorums compares with known facts: adding or removing one voter is safe
// (thesis, section 4.1), and adding two voters to an odd number of them is not.
func TestDisjointQuorums(t *testing.T) {
	for n := 1; n <= 7; n++ {
		c := raft.Configuration{Voters: raft.FirstNodes(n)}
		one := raft.Configuration{Voters: raft.FirstNodes(n + 1)}
		two := raft.Configuration{Voters: raft.FirstNodes(n + 2)}
		if a, b, found := trace.DisjointQuorums(c, one); found {
			t.Errorf("%s and %s: %s and %s", c, one, a, b)
		}
		a, b, found := trace.DisjointQuorums(two, c)
		if found != (n%2 == 1) || found && (a&b != 0 || !trace.HasQuorum(two, a) || !trace.HasQuorum(c, b)) {
			t.Errorf("%s and %s: %s and %s, %v", two, c, a, b, found)
		}
		if a, b, found := trace.DisjointQuorums(c, joint(c.Voters, two.Voters)); found {
			t.Errorf("%s and joint: %s and %s", c, a, b)
		}
	}
}
