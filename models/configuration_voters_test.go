package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// teaching makes n1 the leader of term 1 of {1 2 3}, with the learners n4 and n5. Both
// learners have stored the two committed entries.
func teaching(t *tape, ids ...raft.NodeID) {
	c := taught()
	t.do(1, leads(1, 1), appends(1, "a", "+4 +5"), commits(2), acts(2, c))
	for _, id := range ids {
		t.saves(id, in(1), appends(1, "a", "+4 +5"), acts(2, c))
	}
}

// taught returns the configuration of teaching.
func taught() raft.Configuration {
	return raft.Configuration{Voters: raft.FirstNodes(3), Learners: raft.NodeSetOf(4, 5)}
}

// fourAnd5 has n4 as a voter, and n5 still as a learner.
var fourAnd5 = raft.Configuration{Voters: raft.FirstNodes(4), Learners: raft.NodeSetOf(5)}

// promotes4 makes n4 a voter, by an entry of n1.
func promotes4(t *tape) {
	t.do(1, appends(1, "+4"), acts(3, fourAnd5))
}

func TestConfiguration_ofNewVoters(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"no learner", func(t *tape) {
			leading(t)
			t.saves(4, in(1), appends(1, "a"))
			t.do(1, appends(1, "+4"), acts(2, votersOf(1, 2, 3, 4)))
		}, "n1 makes n4 a voter, which was no learner in {1 2 3}", 4},
		{"no learner, as the system lacks them", func(t *tape) {
			t.limits.Lacks = raft.Learners
			leading(t)
			t.do(1, appends(1, "+4"), acts(2, votersOf(1, 2, 3, 4)))
		}, "", 0},
		{"a voter that was removed", func(t *tape) {
			leading(t)
			t.saves(3, in(1), appends(1, "a", "-3"), acts(2, votersOf(1, 2)))
			t.do(1, appends(1, "-3"), acts(2, votersOf(1, 2)))
			t.do(1, appends(1, "+3"), commits(2), acts(3, votersOf(1, 2, 3)))
		}, "n1 makes n3 a voter, which was no learner in {1 2}", 5},
		{"a learner that stored nothing", func(t *tape) {
			teaching(t)
			promotes4(t)
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 2},
		{"one of two learners that stored nothing", func(t *tape) {
			teaching(t, 4)
			t.do(1, appends(1, "+-"), acts(3, joint(raft.FirstNodes(3), raft.FirstNodes(5))))
		}, "n1 makes n5 a voter, whose disk lacks t1i2, which n1 called committed", 4},
		{"a learner that stored a part", func(t *tape) {
			teaching(t)
			t.saves(4, in(1), appends(1, "a"))
			promotes4(t)
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 4},
		{"a learner that stored something else", func(t *tape) {
			teaching(t)
			t.saves(4, in(1), appends(1, "x", "+4 +5"), acts(2, taught()))
			promotes4(t)
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 4},
		{"a learner that has it in memory", func(t *tape) {
			teaching(t)
			t.do(4, in(1), appends(1, "a", "+4 +5"), acts(2, taught()), writes(1))
			promotes4(t)
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 3},
		{"a learner that was wiped before", func(t *tape) {
			teaching(t)
			t.do(4, in(1), appends(1, "a", "+4 +5"), acts(2, taught()), writes(1))
			t.add(trace.Record{Kind: trace.Wiped, Node: 4})
			promotes4(t)
		}, "n1 makes n4 a voter, whose disk lacks t1i2, which n1 called committed", 4},
	})
}

func TestConfiguration_ofNewVoters_held(t *testing.T) {
	testCheckerOf(t, fiveNodes, new(Configuration), []traceCase{
		{"learners that caught up, one after the other", func(t *tape) {
			teaching(t, 4, 5)
			promotes4(t)
			t.saves(5, appends(1, "+4"), acts(3, t.nodes[1].status.Config))
			t.do(1, commits(3), appends(1, "+5"), acts(4, votersOf(1, 2, 3, 4, 5)))
		}, "", 0},
		{"learners that caught up, over a joint configuration", func(t *tape) {
			teaching(t, 4, 5)
			t.do(1, appends(1, "+-"), acts(3, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))))
			t.do(1, appends(1, "+-"), commits(3), acts(4, votersOf(1, 4, 5)))
		}, "", 0},
		{"a learner that is down", func(t *tape) {
			teaching(t, 4)
			t.crash(4, 1)
			promotes4(t)
		}, "", 0},
		{"a learner that was wiped since", func(t *tape) {
			teaching(t, 4)
			t.add(trace.Record{Kind: trace.Wiped, Node: 4})
			promotes4(t)
		}, "", 0},
		{"a learner with the first of a step's two writes", func(t *tape) {
			teaching(t)
			t.do(4, in(1), appends(1, "a", "+4 +5"), acts(2, taught()), writes(2))
			t.persist(4, 1)
			promotes4(t)
		}, "", 0},
		{"a learner that lacks what the leader does not know to be committed", func(t *tape) {
			teaching(t, 4)
			t.do(1, appends(1, "b"))
			t.do(2, in(1), appends(1, "a", "+4 +5", "b"), commits(3), acts(2, taught()))
			t.do(1, appends(1, "+4"), acts(4, fourAnd5))
		}, "", 0},
		{"a learner that lacks what is committed in the same step", func(t *tape) {
			teaching(t, 4)
			t.do(1, appends(1, "b"))
			t.do(1, commits(3), appends(1, "+4"), acts(4, fourAnd5))
		}, "", 0},
		{"a learner that stored nothing, when nothing was known to be committed", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "+4 +5"), acts(2, taught()))
			t.do(1, leads(1, 2), appends(2, "b", "+4"), commits(3), acts(4, fourAnd5))
		}, "", 0},
		{"a learner of another leader", func(t *tape) {
			teaching(t, 2, 4)
			t.do(2, leads(2, 2), appends(2, "b"), commits(2))
			t.saves(4, in(2), appends(2, "b"))
			t.do(2, commits(3))
			t.do(2, appends(2, "+4"), acts(4, fourAnd5))
		}, "", 0},
		{"a voter that was demoted", func(t *tape) {
			leading(t)
			without := raft.Configuration{Voters: raft.NodeSetOf(1, 2), Learners: raft.NodeSetOf(3)}
			over := raft.Configuration{Voters: without.Voters, Outgoing: raft.FirstNodes(3),
				Learners: without.Learners}
			t.do(1, appends(1, "+-"), acts(2, over))
			t.do(1, appends(1, "+-"), commits(2), acts(3, without))
			t.saves(3, in(1), appends(1, "a", "+-", "+-"), acts(3, without))
			t.do(1, commits(3))
			t.do(1, appends(1, "+-"), acts(4, joint(without.Voters, raft.FirstNodes(3))))
		}, "", 0},
		{"an outgoing voter that stays after all", func(t *tape) {
			leading(t)
			t.do(1, appends(1, "+-"), acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			t.do(1, appends(1, "+-"), commits(2), acts(3, votersOf(1, 2, 3)))
		}, "", 0},
	})
}
