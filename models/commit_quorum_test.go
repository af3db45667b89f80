package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestCommitQuorum(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{
		{"what the log does not hold", func(t *tape) {
			commitA(t)
			t.do(3, in(1), commits(1))
		}, "n3 calls 1 committed and its log ends at 0", 6},
		{"another entry", func(t *tape) {
			commitA(t)
			t.do(3, in(1), appends(2, "x"), commits(1))
		}, "n3 calls t2i1 committed where t1i1 was before", 6},
		{"another content", func(t *tape) {
			commitA(t)
			t.do(3, in(1), appends(1, "x"), commits(1))
		}, "n3 calls another t1i1 committed than was before", 6},
		{"another entry below what is newly committed", func(t *tape) {
			commitA(t)
			t.saves(3, appends(2, "x", "y"))
			t.do(3, commits(2))
		}, "n3 calls t2i1 committed where t1i1 was before", 8},
		{"a committed entry replaced", func(t *tape) {
			commitA(t)
			t.do(1, in(2), cuts(0), appends(2, "x"))
		}, "n1 calls t2i1 committed where t1i1 was before", 6},
		{"a committed entry cut", func(t *tape) {
			commitA(t)
			t.do(1, in(2), cuts(0))
		}, "n1 calls 1 committed and its log ends at 0", 6},
		{"on one disk of three", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(1))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 4},
		{"with another entry on the other disks", func(t *tape) {
			t.saves(1, leads(1, 2), appends(2, "a"))
			t.saves(2, in(1), appends(1, "a"))
			t.do(1, commits(1))
		}, "n1 calls t2i1 committed and 1 of 3 disks hold it", 5},
		{"on a disk that lost it", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(1))
			t.crash(2, 0)
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 5},
		{"a leader that commits an entry of an earlier term", func(t *tape) {
			t.saves(1, stands(1, 2), appends(1, "a"))
			t.saves(2, in(2), appends(1, "a"))
			t.do(1, role(raft.Leader), appends(2, "b"))
			t.do(1, commits(1))
		}, "n1 leads term 2 and commits up to t1i1", 6},
		{"... in the step of its election", func(t *tape) {
			t.saves(1, stands(1, 2), appends(1, "a"))
			t.saves(2, in(2), appends(1, "a"))
			t.do(1, role(raft.Leader), appends(2, "b"), commits(1))
		}, "n1 leads term 2 and commits up to t1i1", 5},
		{"... in the step in which it stops leading", func(t *tape) {
			t.saves(1, leads(1, 2), appends(1, "a"))
			t.saves(2, in(2), appends(1, "a"))
			t.do(1, role(raft.Follower), commits(1))
		}, "n1 leads term 2 and commits up to t1i1", 5},
		{"the second of two is on too few disks", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.saves(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, commits(2))
		}, "n1 calls t1i2 committed and 1 of 3 disks hold it", 5},
	})
}

func TestCommitQuorum_held(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{
		{"a leader that learns in its election what another one committed", func(t *tape) {
			commitA(t)
			t.do(2, stands(2, 2))
			t.do(2, role(raft.Leader), commits(1))
		}, "", 0},
		{"on a majority, without the leader's own disk", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), writes(1))
			t.saves(2, in(1), appends(1, "a"))
			t.saves(3, in(1), appends(1, "a"))
			t.do(1, commits(1))
			t.do(2, commits(1))
		}, "", 0},
		{"a follower that learns of an entry of an earlier term", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.saves(2, in(1), appends(1, "a"))
			t.do(1, in(2), commits(1))
		}, "", 0},
		{"on the disk of a node that is down", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.saves(2, in(1), appends(1, "a"))
			t.crash(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"by the first of a step's two writes", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(2))
			t.persist(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"by the first of a step's two writes, before a crash", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(2))
			t.do(2, appends(1, "b"), writes(1))
			t.persist(2, 1)
			t.crash(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"at a boot, by what was durable", func(t *tape) {
			commitA(t)
			t.crash(1, 1)
			t.boot(1, in(1), keeps(1), commits(1))
		}, "", 0},
		{"an uncommitted entry is replaced", func(t *tape) {
			commitA(t)
			t.do(1, appends(1, "b"))
			t.do(1, in(2), cuts(1), appends(2, "x"))
		}, "", 0},
	})
}

// TestCommitQuorum_halves: half of four voters commit if the system states so, and less or
// half of two do not.
func TestCommitQuorum_halves(t *testing.T) {
	of := func(nodes int, halves bool) func() *tape {
		return func() *tape {
			t := newTape(nodes)
			t.limits.Halves = halves
			return t
		}
	}
	two := func(t *tape) {
		stored(t, 2)
		t.do(1, commits(1))
	}
	one := func(t *tape) {
		stored(t)
		t.do(1, commits(1))
	}
	testCheckerOf(t, of(4, true), new(CommitQuorum), []traceCase{
		{"two of four", two, "", 0},
		{"one of four", one, "n1 calls t1i1 committed and 1 of 4 disks hold it", 3},
		{"two of four while the configuration is joint", func(t *tape) {
			stored(t, 2)
			t.do(1, acts(1, joint(t.first, t.first)))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and the disks of {1 2} hold it, no quorum of {1 2 3 4}&{1 2 3 4}", 6},
	})
	testCheckerOf(t, of(2, true), new(CommitQuorum), []traceCase{
		{"one of two", one, "n1 calls t1i1 committed and 1 of 2 disks hold it", 3},
	})
	testCheckerOf(t, of(4, false), new(CommitQuorum), []traceCase{
		{"two of four, unstated", two, "n1 calls t1i1 committed and 2 of 4 disks hold it", 5},
	})
}

// stored makes n1 the leader of term 1, and puts its first entry on its disk and on these.
func stored(t *tape, ids ...raft.NodeID) {
	t.saves(1, leads(1, 1), appends(1, "a"))
	for _, id := range ids {
		t.saves(id, in(1), appends(1, "a"))
	}
}

// TestCommitQuorum_ofConfigurations: n1 leads five nodes, of which three are the first
// voters.
func TestCommitQuorum_ofConfigurations(t *testing.T) {
	over := joint(raft.FirstNodes(3), raft.NodeSetOf(1, 4, 5))
	testCheckerOf(t, fiveNodes, new(CommitQuorum), []traceCase{
		{"on disks of nodes that are no voters", func(t *tape) {
			stored(t, 4, 5)
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 7},
		{"on disks of learners", func(t *tape) {
			stored(t, 4, 5)
			t.do(1, acts(1, raft.Configuration{Voters: t.first, Learners: raft.NodeSetOf(4, 5)}))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 8},
		{"on a majority of the voters and not of the outgoing ones", func(t *tape) {
			stored(t, 4, 5)
			t.do(1, acts(1, over))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and the disks of {1 4 5} hold it, no quorum of {1 4 5}&{1 2 3}", 8},
		{"on a majority of the outgoing voters and not of the others", func(t *tape) {
			stored(t, 2, 3)
			t.do(1, acts(1, over))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and the disks of {1 2 3} hold it, no quorum of {1 4 5}&{1 2 3}", 8},
		{"on no disk of no voters", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), acts(1, raft.Configuration{Learners: t.first}))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 0 of 0 disks hold it", 2},
		{"by a node that does not show what it acts by", func(t *tape) {
			stored(t, 4, 5)
			t.do(1, acts(0, raft.Configuration{}))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 8},
		{"by a node that does not show what it acts by, well", func(t *tape) {
			stored(t, 2)
			t.do(1, acts(0, raft.Configuration{}))
			t.do(1, commits(1))
		}, "", 0},
		{"on a majority of both", func(t *tape) {
			stored(t, 2, 4)
			t.do(1, acts(1, over))
			t.do(1, commits(1))
		}, "", 0},
		{"in the step that leaves the configuration", func(t *tape) {
			stored(t, 2, 4)
			t.do(1, acts(1, over))
			t.do(1, commits(1), appends(1, "c"), acts(2, votersOf(2, 3, 5)))
		}, "", 0},
	})
}

func TestCommitQuorum_wipedDisks(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{
		{"on a disk that was wiped since", func(t *tape) {
			stored(t, 2)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.do(1, commits(1))
		}, "", 0},
		{"on a disk that was wiped after a crash", func(t *tape) {
			stored(t, 2)
			t.crash(2, 1)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.do(1, commits(1))
		}, "", 0},
		{"not on a disk that was wiped before", func(t *tape) {
			stored(t)
			t.do(2, in(1), appends(1, "a"), writes(1))
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 5},
	})
}

// TestCommitQuorum_workedExample runs the example in the documentation of CommitQuorum.
func TestCommitQuorum_workedExample(t *testing.T) {
	tape := newTape(3)
	w := watch(tape, sameNames, []Checker{new(CommitQuorum)})
	show := func() {
		for w.shown < len(tape.records) {
			w.next()
		}
	}
	disks := func(i raft.Index, c *trace.Commitment) (set raft.NodeSet) {
		for id := range tape.all.All() {
			if w.View.Nodes[id].MayStore(i, c) {
				set = set.With(id)
			}
		}
		return set
	}
	tape.saves(1, leads(1, 1), appends(1, "a")) // step 1
	show()
	first := &trace.Commitment{Logged: w.View.Nodes[1].Log[0], In: 1}
	if got := disks(1, first); got != raft.NodeSetOf(1) {
		t.Errorf("after step 1, %v hold the entry", got)
	}
	tape.do(2, in(1), appends(1, "a"), writes(2)) // step 2
	tape.persist(2, 1)
	show()
	if got := disks(1, first); got != raft.NodeSetOf(1, 2) {
		t.Errorf("after step 2, %v may hold the entry", got)
	}
	tape.do(1, commits(1)) // step 3
	show()
	if w.View.NewCommits != 1 || len(w.View.Committed) != 1 || w.View.Committed[0] != *first {
		t.Errorf("after step 3, %d new in %v", w.View.NewCommits, w.View.Committed)
	}
	if got := w.Finish()[0].String(); got != "held CommitQuorum" {
		t.Errorf("after step 3, %s", got)
	}
	tape.saves(3, in(2), appends(2, "x")) // step 4
	tape.do(3, commits(1))
	show()
	if w.View.NewCommits != 0 {
		t.Errorf("after step 4, index %d is new", w.View.NewCommits)
	}
	want := "violated CommitQuorum after event 8: n3 calls t2i1 committed where t1i1 was before"
	if got := w.Finish()[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCommitQuorum_workedExampleWithoutTheWrite(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{{"on one disk of three", func(t *tape) {
		t.saves(1, leads(1, 1), appends(1, "a"))
		t.do(2, in(1), appends(1, "a"), writes(2))
		t.do(1, commits(1))
	}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 4}})
}
