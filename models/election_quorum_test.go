package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// voted makes n1 a candidate in term 1. Its own vote and the votes of ids are on disk.
func voted(t *tape, ids ...raft.NodeID) {
	t.saves(1, stands(1, 1))
	for _, id := range ids {
		t.saves(id, in(1), votesFor(1))
	}
}

// wins makes a candidate the leader of its term.
func wins(t *tape, id raft.NodeID) { t.do(id, role(raft.Leader), follows(id)) }

func TestElectionQuorum(t *testing.T) {
	testChecker(t, new(ElectionQuorum), []traceCase{
		{"by its own vote", func(t *tape) {
			voted(t)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 3},
		{"by a vote that is not on disk", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(1))
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 4},
		{"by its own vote that is not on disk", func(t *tape) {
			t.do(1, stands(1, 1), writes(1))
			t.saves(2, in(1), votesFor(1))
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {2} hold votes for it, no quorum of {1 2 3}", 4},
		{"by a vote that a crash took", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(1))
			t.crash(2, 0)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 5},
		{"by a vote that was torn", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(1))
			t.tear(2, 0)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 5},
		{"by a vote that a boot forgot", func(t *tape) {
			voted(t, 2)
			t.crash(2, 1)
			t.boot(2, in(1))
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 7},
		{"by a vote for another", func(t *tape) {
			voted(t)
			t.saves(2, in(1), votesFor(3))
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 5},
		{"by a vote of an earlier term", func(t *tape) {
			voted(t, 2)
			t.saves(1, stands(1, 2))
			wins(t, 1)
		}, "n1 leads term 2 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 7},
		{"straight from one term to another", func(t *tape) {
			voted(t, 2, 3)
			wins(t, 1)
			t.saves(1, leads(1, 2))
		}, "n1 leads term 2 and the disks of {} hold votes for it, no quorum of {1 2 3}", 8},
		{"at a boot", func(t *tape) {
			t.saves(1, stands(1, 1))
			t.crash(1, 1)
			t.boot(1, leads(1, 1))
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 4},
	})
}

func TestElectionQuorum_held(t *testing.T) {
	testChecker(t, new(ElectionQuorum), []traceCase{
		{"by a majority", func(t *tape) {
			voted(t, 2)
			wins(t, 1)
		}, "", 0},
		{"by a majority without itself", func(t *tape) {
			t.do(1, stands(1, 1), writes(1))
			t.saves(2, in(1), votesFor(1))
			t.saves(3, in(1), votesFor(1))
			wins(t, 1)
		}, "", 0},
		{"in the step in which its own vote is durable", func(t *tape) {
			t.do(1, stands(1, 1), writes(1))
			t.saves(2, in(1), votesFor(1))
			t.persist(1, 1, role(raft.Leader))
		}, "", 0},
		{"late, by a vote that a later term superseded", func(t *tape) {
			voted(t, 2)
			t.saves(2, in(3), votesFor(3))
			wins(t, 1)
		}, "", 0},
		{"by a vote that became durable together with a later term", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(1))
			t.do(2, in(2), writes(1))
			t.persist(2, 2)
			wins(t, 1)
		}, "", 0},
		{"by a node that is down", func(t *tape) {
			voted(t, 2)
			t.crash(2, 1)
			wins(t, 1)
		}, "", 0},
		{"by a node whose next write was torn", func(t *tape) {
			voted(t, 2)
			t.do(2, in(2), writes(1))
			t.tear(2, 1)
			wins(t, 1)
		}, "", 0},
		{"by a node whose disk failed since", func(t *tape) {
			voted(t, 2)
			t.do(2, in(2), writes(1))
			t.fail(2)
			wins(t, 1)
		}, "", 0},
		{"by the first of a step's two writes", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(2))
			t.persist(2, 1)
			wins(t, 1)
		}, "", 0},
		{"by the first of a step's two writes, before a crash", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(2))
			t.persist(2, 1)
			t.crash(2, 1)
			wins(t, 1)
		}, "", 0},
		{"again after a crash, in the same term", func(t *tape) {
			voted(t, 2)
			wins(t, 1)
			t.crash(1, 1)
			t.boot(1, in(1), votesFor(1))
			wins(t, 1)
		}, "", 0},
	})
}

func TestElectionQuorum_wipedDisks(t *testing.T) {
	testChecker(t, new(ElectionQuorum), []traceCase{
		{"on a disk that was wiped since", func(t *tape) {
			voted(t, 2)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			wins(t, 1)
		}, "", 0},
		{"on a disk that was wiped after a later term", func(t *tape) {
			voted(t, 2)
			t.saves(2, in(2))
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			wins(t, 1)
		}, "", 0},
		{"by the first of a step's two writes, wiped after a crash", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(2))
			t.persist(2, 1)
			t.crash(2, 1)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			wins(t, 1)
		}, "", 0},
		{"not on a disk that was wiped before", func(t *tape) {
			voted(t)
			t.do(2, in(1), votesFor(1), writes(1))
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 5},
	})
}

// TestElectionQuorum_ofConfigurations: n1 is a candidate among five nodes, of which three
// are the first voters.
func TestElectionQuorum_ofConfigurations(t *testing.T) {
	over := joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))
	knows := func(t *tape, c raft.Configuration) { t.do(1, appends(1, "c"), acts(1, c)) }
	testCheckerOf(t, fiveNodes, new(ElectionQuorum), []traceCase{
		{"by nodes that are no voters", func(t *tape) {
			voted(t, 4, 5)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}", 7},
		{"by learners", func(t *tape) {
			knows(t, raft.Configuration{Voters: t.first, Learners: raft.NodeSetOf(4, 5)})
			voted(t, 4, 5)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 2 3}+{4 5}", 8},
		{"by half of the voters", func(t *tape) {
			knows(t, votersOf(1, 2, 3, 4))
			voted(t, 2)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1 2} hold votes for it, no quorum of {1 2 3 4}", 6},
		{"by the voters before the last change", func(t *tape) {
			knows(t, votersOf(1, 4, 5))
			voted(t, 2, 3)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1} hold votes for it, no quorum of {1 4 5}", 8},
		{"by a majority of the voters and not of the outgoing ones", func(t *tape) {
			knows(t, over)
			voted(t, 4, 5)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1 4 5} hold votes for it, no quorum of {1 4 5}&{1 2 3}", 8},
		{"by a majority of the outgoing voters and not of the others", func(t *tape) {
			knows(t, over)
			voted(t, 2, 3)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {1 2 3} hold votes for it, no quorum of {1 4 5}&{1 2 3}", 8},
		{"by itself where it was removed", func(t *tape) {
			knows(t, votersOf(2, 3))
			voted(t, 2)
			wins(t, 1)
		}, "n1 leads term 1 and the disks of {2} hold votes for it, no quorum of {2 3}", 6},
		{"by a majority of both", func(t *tape) {
			knows(t, over)
			voted(t, 2, 4)
			wins(t, 1)
		}, "", 0},
		{"by others where it was removed", func(t *tape) {
			knows(t, votersOf(2, 3))
			voted(t, 2, 3)
			wins(t, 1)
		}, "", 0},
		{"in the step that brings another configuration", func(t *tape) {
			voted(t, 2)
			t.do(1, role(raft.Leader), follows(1), appends(1, "c"), acts(1, over))
		}, "", 0},
		{"before another configuration", func(t *tape) {
			voted(t, 2)
			wins(t, 1)
			knows(t, over)
			t.do(1, appends(1, "a"))
		}, "", 0},
	})
}

func TestElectionQuorum_notShown(t *testing.T) {
	for _, tc := range []struct {
		name  string
		trace func(*tape)
		why   string
	}{
		{"the leader hides its configuration", func(t *tape) {
			t.do(1, stands(1, 1), acts(0, raft.Configuration{}))
			wins(t, 1)
		}, "a node does not show its configuration"},
		{"a voter hides its vote", func(t *tape) {
			t.nodes[2].hidden = true
			t.boot(2)
			voted(t, 2)
			wins(t, 1)
		}, "a node does not show its state"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tape := newTape(3)
			tc.trace(tape)
			got := judge(tape, new(ElectionQuorum))
			want := Verdict{Property: "ElectionQuorum", Text: tc.why}
			if len(got) != 1 || got[0] != want {
				t.Fatalf("got %v, want %v", got, want)
			}
		})
	}
}
