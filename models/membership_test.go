package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// demands adds a change that the operator asks n1 for.
func demands(t *tape, seq uint32, c raft.Configuration) {
	t.step(1, &raft.Reconfigure{Op: raft.OpID{Seq: seq}, Voters: c.Voters, Learners: c.Learners})
}

// replies adds the answer to it.
func replies(t *tape, seq uint32, o raft.Outcome) {
	t.add(trace.Record{Kind: trace.Answered, Node: 1, Op: raft.OpID{Seq: seq}, Outcome: o})
}

// changes adds a change and its answer.
func changes(t *tape, seq uint32, c raft.Configuration, o raft.Outcome) {
	demands(t, seq, c)
	replies(t, seq, o)
}

// healsWith adds a heal, after which n2 leads with a configuration.
func healsWith(t *tape, c raft.Configuration) {
	t.do(2, leads(2, 2), acts(1, c))
	t.add(trace.Record{Kind: trace.Healed, Ticks: 3, Bound: 300})
}

func TestMembership(t *testing.T) {
	one, two, all := votersOf(1), votersOf(1, 2), votersOf(1, 2, 3)
	testChecker(t, new(Membership), []traceCase{
		{"a change that was done is lost", func(t *tape) {
			changes(t, 1, two, raft.Done)
			healsWith(t, all)
		}, "n2 leads with {1 2 3}, and the operator was told that the latest change is {1 2}", 4},
		{"a rejected change took place", func(t *tape) {
			changes(t, 1, two, raft.Rejected)
			healsWith(t, two)
		}, "n2 leads with {1 2}, and the operator was told that the latest change is {1 2 3}", 4},
		{"nobody asked for the change", func(t *tape) {
			changes(t, 1, two, raft.Unknown)
			healsWith(t, one)
		}, "n2 leads with {1}, and the operator was told that the latest change is {1 2 3} or {1 2}", 4},
		{"an earlier change is back", func(t *tape) {
			changes(t, 1, two, raft.Done)
			changes(t, 2, one, raft.Done)
			healsWith(t, two)
		}, "n2 leads with {1 2}, and the operator was told that the latest change is {1}", 6},
		{"a learner is a voter", func(t *tape) {
			changes(t, 1, raft.Configuration{Voters: two.Voters, Learners: raft.NodeSetOf(3)}, raft.Done)
			healsWith(t, all)
		}, "n2 leads with {1 2 3}, and the operator was told that the latest change is {1 2}+{3}", 4},
		{"the second heal shows it", func(t *tape) {
			changes(t, 1, two, raft.Done)
			healsWith(t, two)
			healsWith(t, all)
		}, "n2 leads with {1 2 3}, and the operator was told that the latest change is {1 2}", 6},
		{"done", func(t *tape) {
			changes(t, 1, two, raft.Done)
			healsWith(t, two)
		}, "", 0},
		{"rejected", func(t *tape) {
			changes(t, 1, two, raft.Rejected)
			healsWith(t, all)
		}, "", 0},
		{"unknown, and it was made", func(t *tape) {
			changes(t, 1, two, raft.Unknown)
			healsWith(t, two)
		}, "", 0},
		{"unknown, and it was made after one that is done", func(t *tape) {
			changes(t, 1, two, raft.Unknown)
			changes(t, 2, one, raft.Done)
			healsWith(t, two)
		}, "", 0},
		{"without an answer, and it was not made", func(t *tape) {
			demands(t, 1, two)
			healsWith(t, all)
		}, "", 0},
		{"two at once, and either may be the later one", func(t *tape) {
			demands(t, 1, two)
			demands(t, 2, one)
			replies(t, 2, raft.Done)
			replies(t, 1, raft.Done)
			healsWith(t, one)
		}, "", 0},
		{"a heal that fails says nothing", func(t *tape) {
			changes(t, 1, two, raft.Done)
			t.do(2, leads(2, 2), acts(1, all))
			t.add(trace.Record{Kind: trace.Healed, Bound: 300, Stuck: trace.ManyLeaders})
			healsWith(t, two)
		}, "", 0},
	})
}

// TestMembership_inSteps: without joint configurations a change of several nodes may be half done.
func TestMembership_inSteps(t *testing.T) {
	cluster := func() *tape {
		tape := newTape(3)
		tape.limits.Lacks = raft.Joint
		return tape
	}
	testCheckerOf(t, cluster, new(Membership), []traceCase{
		{"unknown", func(t *tape) {
			changes(t, 1, votersOf(1), raft.Unknown)
			healsWith(t, votersOf(1, 2))
		}, "", 0},
		{"done", func(t *tape) {
			changes(t, 1, votersOf(1), raft.Done)
			healsWith(t, votersOf(1, 2))
		}, "n2 leads with {1 2}, and the operator was told that the latest change is {1}", 4},
	})
}

func TestMembership_notAsked(t *testing.T) {
	tape := newTape(3)
	healsWith(tape, votersOf(1))
	if got := judge(tape, new(Membership)); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
