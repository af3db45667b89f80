package models

import (
	"slices"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The promises of the tests below: a term, a vote for n1 in a term, an entry.
func toTerm(term raft.Term) raft.Promise { return raft.Promise{Term: term} }
func toVote(term raft.Term) raft.Promise { return raft.Promise{Term: term, Vote: 1} }
func toHold(term raft.Term, last string) raft.Promise {
	return raft.Promise{Term: term, Last: raft.EntryID{Term: raft.Term(last[1] - '0'),
		Index: raft.Index(last[3] - '0')}}
}

func TestDurability_broken(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"a term that is not written", func(t *tape) {
			t.do(2, in(1), sends(2, 0, toTerm(1)))
		}, "n2 sent Reply to n1 before term 1 was durable", 1},
		{"a term that is written and not durable", func(t *tape) {
			t.do(2, in(1), writes(1), sends(2, 0, toTerm(1)))
		}, "n2 sent Reply to n1 before term 1 was durable", 1},
		{"a vote that is not durable", func(t *tape) {
			t.saves(2, in(1))
			t.do(2, votesFor(1), writes(1), sends(2, 1, toVote(1)))
		}, "n2 sent Reply to n1 before its vote for n1 in term 1 was durable", 3},
		{"another vote", func(t *tape) {
			t.saves(2, in(1), votesFor(3))
			t.do(2, sends(2, 1, toVote(1)))
		}, "n2 sent Reply to n1 before its vote for n1 in term 1 was durable", 3},
		{"a vote in a term that is not durable", func(t *tape) {
			t.do(2, in(1), votesFor(1), writes(1), sends(2, 0, toVote(1)))
		}, "n2 sent Reply to n1 before term 1 was durable", 1},
		{"an entry that is not durable", func(t *tape) {
			t.saves(2, in(1))
			t.do(2, appends(1, "a"), writes(1), sends(2, 1, toHold(1, "t1i1")))
		}, "n2 sent Reply to n1 before t1i1 was durable", 3},
		{"an entry that it has only of another term", func(t *tape) {
			t.saves(2, in(3), appends(1, "a"))
			t.do(2, sends(2, 1, toHold(3, "t2i1")))
		}, "n2 sent Reply to n1 before t2i1 was durable", 3},
		{"an entry that it cut long ago", func(t *tape) {
			t.saves(2, in(3), appends(1, "a"))
			t.saves(2, cuts(0))
			t.do(2, sends(2, 1, toHold(3, "t1i1")))
		}, "n2 sent Reply to n1 before t1i1 was durable", 5},
		{"an entry held back for a write too early", func(t *tape) {
			t.saves(2, in(1))
			t.do(2, appends(1, "a"), writes(1))
			t.do(2, appends(1, "b"), writes(1), sends(2, 2, toHold(1, "t1i2")))
			t.persist(2, 2)
		}, "n2 sent Reply to n1 before t1i2 was durable", 5},
		{"the writes of a step that began, which is not where the entry is", func(t *tape) {
			t.saves(2, in(1))
			t.do(2, appends(1, "a"), writes(2))
			t.do(2, appends(1, "b"), writes(1), sends(2, 2, toHold(1, "t1i2")))
			t.persist(2, 2)
		}, "n2 sent Reply to n1 before t1i2 was durable", 5},
	})
}

func TestDurability_forgotten(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"the term", func(t *tape) {
			t.saves(2, in(2))
			t.crash(2, 1)
			t.boot(2, in(1))
		}, "n2 booted without term 2, which was durable", 4},
		{"the vote", func(t *tape) {
			t.saves(2, in(2), votesFor(1))
			t.crash(2, 1)
			t.boot(2, in(2))
		}, "n2 booted without its vote for n1 in term 2, which was durable", 4},
		{"the end of the log", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"))
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
		}, "n2 booted without t1i2, which was durable", 4},
		{"the contents of an entry", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b", "c"))
			t.crash(2, 1)
			t.boot(2, in(1), appends(1, "a", "x", "c"))
		}, "n2 booted without t1i2, which was durable", 4},
		{"what became durable in the crash", func(t *tape) {
			t.do(2, in(1), writes(1))
			t.do(2, appends(1, "a"), writes(1))
			t.crash(2, 2)
			t.boot(2, in(1))
		}, "n2 booted without t1i1, which was durable", 4},
		{"what was durable when the disk failed", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.do(2, appends(1, "b"), writes(1))
			t.fail(2)
			t.crash(2, 1)
			t.boot(2, in(1))
		}, "n2 booted without t1i1, which was durable", 6},
		{"what it found at the boot before", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
			t.crash(2, 0)
			t.boot(2, in(1))
		}, "n2 booted without t1i1, which was durable", 6},
		{"the end of the log, with a lost write that would have cut it", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"))
			t.do(2, in(2), cuts(1), appends(2, "c"), writes(1))
			t.crash(2, 1)
			t.boot(2, in(1), appends(1, "a"))
		}, "n2 booted without t1i2, which was durable", 5},
		{"the end of the log, in the midst of writes that do not cut it", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"))
			t.do(2, in(2), appends(2, "c"), writes(2))
			t.crash(2, 2)
			t.boot(2, in(1), keeps(1))
		}, "n2 booted without t1i2, which was durable", 5},
		{"in a panic", func(t *tape) {
			t.saves(2, in(2))
			t.add(trace.Record{Kind: trace.Panicked, Node: 2, Durable: 1})
			t.boot(2)
		}, "n2 booted without term 2, which was durable", 4},
	})
}

func TestDurability_promisedAndForgotten(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"a vote that left with the first of two writes", func(t *tape) {
			t.saves(2, in(1))
			t.do(2, votesFor(1), writes(2), sends(2, 2, toVote(1)))
			t.persist(2, 2)
			t.crash(2, 2)
			t.boot(2, in(1))
		}, "n2 booted without its vote for n1 in term 1, which it had promised", 6},
		{"an entry acknowledged with the first of two writes", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"), writes(2), sends(2, 1, toHold(1, "t1i2")))
			t.persist(2, 1)
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
		}, "n2 booted without t1i2, which it had promised", 4},
	})
}

func TestDurability_held(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"a promise kept back until it is durable", func(t *tape) {
			t.do(2, in(1), votesFor(1), appends(1, "a"), writes(1), sends(2, 1, toVote(1)),
				sends(2, 1, toHold(1, "t1i1")))
			t.persist(2, 1)
		}, "", 0},
		{"an acknowledged entry cut before the acknowledgement leaves", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"), writes(1), sends(2, 1, toHold(1, "t1i2")))
			t.do(2, in(2), cuts(1), appends(2, "x"), writes(1))
			t.persist(2, 2)
		}, "", 0},
		{"an acknowledged entry cut before the acknowledgement leaves as the disk fails", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"), writes(1), sends(2, 1, toHold(1, "t1i2")))
			t.do(2, in(2), cuts(1), appends(2, "x"), writes(1))
			t.nodes[2].durable = 2
			t.fail(2)
		}, "", 0},
		{"a candidate's entry cut in the same term", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.do(2, stands(2, 2), writes(1), sends(2, 2, toHold(2, "t1i1")))
			t.do(2, role(raft.Follower), cuts(0), appends(2, "x"), writes(1))
			t.persist(2, 3)
		}, "", 0},
		{"no message but in term 0, in which there is nothing to promise", func(t *tape) {
			t.do(2, sends(2, 0, raft.Promise{}))
		}, "", 0},
		{"a vote superseded before it leaves", func(t *tape) {
			t.do(2, in(1), votesFor(1), writes(1), sends(2, 1, toVote(1)))
			t.do(2, in(2), votesFor(3), writes(1))
			t.persist(2, 2)
		}, "", 0},
		{"a vote that waits for the first of two writes and is kept", func(t *tape) {
			t.do(2, in(1), votesFor(1), appends(1, "a"), writes(2), sends(2, 1, toVote(1)))
			t.persist(2, 1)
			t.crash(2, 1)
			t.boot(2, in(1), votesFor(1))
		}, "", 0},
		{"an entry that waited for the first of two writes, cut later", func(t *tape) {
			t.do(2, in(1), appends(1, "a"), writes(2), sends(2, 1, toHold(1, "t1i1")))
			t.persist(2, 1)
			t.persist(2, 2)
			t.saves(2, in(2), cuts(0), sends(2, 0, raft.Promise{}))
			t.crash(2, 3)
			t.boot(2, in(2))
		}, "", 0},
		{"an acknowledgement of what was already durable, in the midst of a step's writes", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.do(2, appends(1, "b"), writes(2), sends(2, 1, toHold(1, "t1i1")))
			t.persist(2, 2)
			t.crash(2, 2)
			t.boot(2, in(1), keeps(1))
		}, "", 0},
	})
}

func TestDurability_heldOverBoots(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"a crash loses what was not durable", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"), sends(2, 1, toTerm(1)))
			t.do(2, in(2), votesFor(1), appends(1, "b"), writes(1), sends(2, 2, toVote(2)))
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
		}, "", 0},
		{"a crash keeps some writes of a step", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"), sends(2, 1, toTerm(1)))
			t.do(2, in(2), votesFor(3), cuts(1), appends(2, "c"), writes(3))
			t.crash(2, 2)
			t.boot(2, in(2), keeps(1))
		}, "", 0},
		{"a crash tears a write that cuts the log", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"), sends(2, 1, toTerm(1)))
			t.do(2, in(2), cuts(1), appends(2, "c"), writes(1))
			t.tear(2, 1)
			t.boot(2, in(2), appends(1, "a"))
		}, "", 0},
		{"a failing disk loses what was not durable", func(t *tape) {
			t.saves(2, in(1), appends(1, "a", "b"), sends(2, 1, toTerm(1)))
			t.do(2, in(2), cuts(1), appends(2, "c"), writes(2))
			t.persist(2, 2)
			t.fail(2)
			t.crash(2, 2)
			t.boot(2, in(2), appends(1, "a"))
		}, "", 0},
		{"a boot finds more than was certain", func(t *tape) {
			t.do(2, in(1), votesFor(1), appends(1, "a"), writes(2), sends(2, 2, toTerm(1)))
			t.crash(2, 1)
			t.boot(2, in(1), votesFor(1), keeps(1))
		}, "", 0},
		{"entries written a step later than they were appended", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"))
			t.do(2, cuts(1), appends(1, "c"))
			t.do(2, appends(1, "d"), writes(1), sends(2, 1, toHold(1, "t1i3")))
			t.persist(2, 1)
			t.crash(2, 1)
			t.boot(2, in(1), keeps(3))
		}, "", 0},
		{"two boots", func(t *tape) {
			t.saves(2, in(1), votesFor(1), sends(2, 1, toVote(1)))
			t.crash(2, 1)
			t.boot(2, in(1), votesFor(1))
			t.saves(2, in(2))
			t.crash(2, 1)
			t.boot(2, in(2))
		}, "", 0},
		{"no message", func(*tape) {}, "", 0},
	})
}

// TestDurability_workedExample runs the example in the documentation of Durability.
func TestDurability_workedExample(t *testing.T) {
	const (
		step1 = 4 // the records after the boots of three nodes
		step2 = 5
	)
	acknowledge := func(t *tape) { // steps 1 and 2
		t.do(2, in(1), appends(1, "a", "b"), writes(2), sends(2, 1, toHold(1, "t1i2")))
		t.persist(2, 1)
	}
	owes := []debt{{node: 2, promise: raft.Promise{Term: 1, Last: raft.EntryID{Term: 1, Index: 2}}}}
	for _, end := range []struct {
		name  string
		trace func(*tape)
		owed  [][]debt // after each record that follows step 2
		want  string
	}{
		{"step 3", func(t *tape) { t.persist(2, 2) }, [][]debt{nil}, "held Durability"},
		{"step 4, with one entry", func(t *tape) {
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
		}, [][]debt{owes, owes}, "violated Durability after event 4: " +
			"n2 booted without t1i2, which it had promised"},
		{"step 4, with both entries", func(t *tape) {
			t.crash(2, 1)
			t.boot(2, in(1), keeps(2))
		}, [][]debt{owes, nil}, "held Durability"},
	} {
		tape := newTape(3)
		acknowledge(tape)
		end.trace(tape)
		c := new(Durability)
		w := &watched{tape: tape, as: sameNames, ahead: make([]raft.WriteID, 4), Monitor: NewMonitor(c)}
		w.Reset(tape.all, tape.first)
		for i := range tape.records {
			w.next()
			n, want := &w.View.Nodes[2], []debt(nil)
			if i+1 == step2 {
				want = owes
			} else if i+1 > step2 {
				want = end.owed[i-step2]
			}
			if !slices.Equal(c.owed, want) {
				t.Errorf("%s: after record %d, n2 owes %v, want %v", end.name, i+1, c.owed, want)
			}
			if sent := len(tape.records[i].Released) > 0; sent != (i+1 == step2) {
				t.Errorf("%s: after record %d, the acknowledgement has left: %t", end.name, i+1, sent)
			}
			if partial := n.Pending.Partial() != nil; i+1 >= step1 && i+1 <= step2 && partial != (i+1 == step2) {
				t.Errorf("%s: after record %d, the step is partly durable: %t", end.name, i+1, partial)
			}
			if i+1 == step2 && len(n.Stored.Log) != 0 {
				t.Errorf("%s: the disk has %v after step 2", end.name, n.Stored.Log)
			}
		}
		if got := w.Finish()[0].String(); got != end.want {
			t.Errorf("%s: got %s, want %s", end.name, got, end.want)
		}
	}
}

func TestDurability_nothingPromised(t *testing.T) {
	tape := newTape(3)
	tape.do(2, in(1), sends(2, 0, raft.Promise{}))
	got := judge(tape, new(Durability))
	want := Verdict{Property: "Durability", Text: "no message says what it promises"}
	if len(got) != 1 || got[0] != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestDurability_snapshots(t *testing.T) {
	first := raft.EntryID{Term: 1, Index: 1}
	testChecker(t, new(Durability), []traceCase{
		{"an installed snapshot acknowledged too early", func(t *tape) {
			commitA(t)
			t.saves(3, in(1))
			t.do(3, t.installs(1, first), writes(1), sends(3, 1, toHold(1, "t1i1")))
		}, "n3 sent Reply to n1 before t1i1 was durable", 8},
		{"an installed snapshot forgotten", func(t *tape) {
			commitA(t)
			t.saves(3, in(1), t.installs(1, first))
			t.crash(3, 1)
			t.boot(3, in(1))
		}, "n3 booted without t1i1, which was durable", 9},
		{"entries after a compaction forgotten", func(t *tape) {
			commitA(t)
			t.saves(1, appends(1, "b"))
			t.saves(1, begins(1))
			t.crash(1, 3)
			t.boot(1, in(1), votesFor(1), keeps(1), begins(1))
		}, "n1 booted without t1i2, which was durable", 11},
		{"entries forgotten in a torn compaction", func(t *tape) {
			commitA(t)
			t.saves(1, appends(1, "b"))
			t.do(1, begins(1), writes(1))
			t.tear(1, 2)
			t.boot(1, in(1), votesFor(1), keeps(1), begins(1))
		}, "n1 booted without t1i2, which was durable", 10},
		{"an acknowledged entry replaced by a snapshot before the acknowledgement leaves", func(t *tape) {
			commitA(t)
			t.do(3, in(1), appends(1, "a"), appends(1, "x"), writes(1), sends(3, 1, toHold(1, "t1i2")))
			t.do(3, t.installs(1, first), writes(1), sends(3, 2, toHold(1, "t1i1")))
			t.persist(3, 2)
		}, "", 0},
		{"an acknowledged entry that a compaction takes from the log", func(t *tape) {
			commitA(t)
			t.do(1, appends(1, "b"), writes(1), sends(1, 2, toHold(1, "t1i1")))
			t.do(1, begins(1), writes(1))
			t.persist(1, 3)
			t.crash(1, 3)
			t.boot(1, in(1), votesFor(1), keeps(2), begins(1))
		}, "", 0},
		{"a snapshot that was not durable", func(t *tape) {
			commitA(t)
			t.saves(3, in(1), appends(1, "y"), sends(3, 1, toTerm(1)))
			t.do(3, t.installs(1, first), writes(2), sends(3, 3, toHold(1, "t1i1")))
			t.crash(3, 1)
			t.boot(3, in(1), keeps(0), appends(1, "y"))
		}, "", 0},
	})
}

func TestDurability_wiped(t *testing.T) {
	testChecker(t, new(Durability), []traceCase{
		{"with what was durable and what it owed", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"), writes(2), sends(2, 1, toHold(1, "t1i2")))
			t.persist(2, 1)
			t.add(trace.Record{Kind: trace.Wiped, Node: 2})
			t.boot(2)
		}, "", 0},
		{"and another node owes on", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"), writes(2), sends(2, 1, toHold(1, "t1i2")))
			t.persist(2, 1)
			t.add(trace.Record{Kind: trace.Wiped, Node: 3})
			t.crash(2, 1)
			t.boot(2, in(1), keeps(1))
		}, "n2 booted without t1i2, which it had promised", 5},
	})
}

// TestView_crashedHasNoCut: a crash clears the entries that an earlier record cut.
func TestView_crashedHasNoCut(t *testing.T) {
	tape := newTape(3)
	tape.saves(2, in(1), appends(1, "a"))
	tape.saves(2, in(2), cuts(0))
	w := watch(tape, sameNames, nil)
	for range tape.records {
		w.next()
	}
	if n := &w.View.Nodes[2]; len(n.Stored.Cut) != 1 {
		t.Errorf("got %+v", n.Stored)
	}
	w.Watch(&trace.Record{Kind: trace.Crashed, Node: 2, Durable: 2})
	if n := &w.View.Nodes[2]; len(n.Stored.Cut) != 0 {
		t.Errorf("after a crash, got %+v", n.Stored)
	}
}

func TestView_wiped(t *testing.T) {
	tape := newTape(3)
	tape.saves(2, in(1), votesFor(1), appends(1, "a"))
	tape.crash(2, 1)
	tape.boot(2, in(1), votesFor(1), keeps(1))
	tape.add(trace.Record{Kind: trace.Wiped, Node: 2})
	var v trace.View
	v.Reset(tape.all, tape.first)
	for i := range tape.records {
		v.Observe(&tape.records[i])
	}
	n := &v.Nodes[2]
	if !n.Wiped || n.Up || n.Stored.Term != 0 || n.Stored.Vote != raft.None || len(n.Stored.Log) != 0 {
		t.Errorf("got %+v", n)
	}
	v.Reset(tape.all, tape.first)
	if v.Nodes[2].Wiped || len(v.Nodes[2].Expected.Log) != 0 {
		t.Error("Reset leaves something behind")
	}
}
