package models

import (
	"strings"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestStateMachineSafety(t *testing.T) {
	testChecker(t, new(StateMachineSafety), []traceCase{
		{"two entries at one index", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(3, appends(2, "a"), commits(1), applies(1))
		}, "n3 applied t2i1 where n1 applied t1i1", 2},
		{"two contents of one entry", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(3, appends(1, "b"), commits(1), applies(1))
		}, "n3 applied t1i1 with other contents than n1 did", 2},
		{"the first index left out", func(t *tape) {
			t.do(1, commits(2), appliesOther(entry(1, 2, "b")))
		}, "n1 applied t1i2 where index 1 is next", 1},
		{"one twice", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(1, appliesOther(entry(1, 1, "a")))
		}, "n1 applied t1i1 where index 2 is next", 2},
		{"not from the start after a boot", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(1))
			t.crash(1, 0)
			t.boot(1, keeps(2))
			t.do(1, commits(2), appliesOther(entry(1, 2, "b")))
		}, "n1 applied t1i2 where index 1 is next", 4},
		{"another entry after a boot", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, appends(2, "b"), commits(1), applies(1))
		}, "n1 applied t2i1 where n1 applied t1i1", 4},
		{"not committed", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(1), applies(2))
		}, "n1 applied t1i2 and calls only 1 committed", 1},
		{"another term than its log has", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(2, 1, "a")))
		}, "n1 applied t2i1, which is not what its log has there", 1},
		{"other contents than its log has", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(1, 1, "b")))
		}, "n1 applied t1i1, which is not what its log has there", 1},
		{"says more than it applied", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(1))
			t.do(1, func(p *player, _ *trace.Record) { p.status.Applied = 2 })
		}, "n1 says that it applied up to 2, and applied up to 1", 2},
		{"says less than it applied", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(1, 1, "a")))
		}, "n1 says that it applied up to 0, and applied up to 1", 1},
		{"the same again after a boot", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(2))
			t.do(2, appends(1, "a"), commits(1), applies(1))
			t.crash(1, 0)
			t.boot(1, keeps(2))
			t.do(1, commits(1), applies(1))
			t.do(1, commits(2), applies(2))
		}, "", 0},
		{"different entries, not applied", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.do(2, appends(2, "b"), commits(1), applies(1))
		}, "", 0},
	})
}

func TestStateMachineSafety_hiddenNodes(t *testing.T) {
	tape := newTape(2)
	tape.records = nil
	for id := range tape.all.All() {
		tape.nodes[id].hidden = true
		tape.boot(id)
	}
	tape.do(1, appends(1, "a"), applies(1))
	tape.do(2, appends(2, "a"), applies(1))
	got := judge(tape, new(StateMachineSafety))
	if len(got) != 1 || got[0].Text != "n2 applied t2i1 where n1 applied t1i1" {
		t.Fatalf("got %v", got)
	}
}

// snapshot makes n1 and n2 commit and apply two entries. Then n1 hands over a state with
// hash 7.
func snapshot(t *tape) {
	for id := raft.NodeID(1); id <= 2; id++ {
		t.do(id, appends(1, "a", "b"), commits(2), applies(2))
	}
	t.compact(1, 2, 7, begins(2))
}

var second = raft.EntryID{Term: 1, Index: 2}

func TestStateMachineSafety_snapshots(t *testing.T) {
	testChecker(t, new(StateMachineSafety), []traceCase{
		{"another state after an index", func(t *tape) {
			snapshot(t)
			t.compact(2, 2, 8)
		}, "n1 and n2 differ in their state after index 2", 4},
		{"another state after a boot", func(t *tape) {
			snapshot(t)
			t.crash(1, 0)
			t.boot(1, keeps(2), begins(2), commits(2))
			t.do(1, restores(second, 8))
		}, "n1 restores another state after index 2 than n1 handed over", 6},
		{"a state that nobody had", func(t *tape) {
			snapshot(t)
			first := raft.EntryID{Term: 1, Index: 1}
			t.do(3, t.installs(1, first), restores(first, 7))
		}, "n3 restores its state as of t1i1, at which nobody handed over a state", 4},
		{"a state, and nobody handed over any", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(2))
			t.do(3, t.installs(1, second), restores(second, 7))
		}, "n3 restores its state as of t1i2, at which nobody handed over a state", 2},
		{"a state of what was not applied", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(1))
			t.compact(1, 2, 7)
			t.do(3, t.installs(1, second), restores(second, 7))
		}, "n3 restores its state as of t1i2, at which nobody handed over a state", 3},
		{"another entry", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), restores(raft.EntryID{Term: 2, Index: 2}, 7))
		}, "n3 restores its state as of t2i2 where t1i2 was committed", 4},
		{"an entry that is not committed", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), restores(raft.EntryID{Term: 1, Index: 3}, 7))
		}, "n3 restores its state as of t1i3, which nobody committed", 4},
		{"back to where it was", func(t *tape) {
			snapshot(t)
			t.do(2, restores(second, 7))
		}, "n2 restores its state as of t1i2 and had applied up to 2", 4},
		{"applied what a snapshot stands for", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), restores(second, 7), appliesOther(entry(1, 2, "b")))
		}, "n3 applied t1i2 where index 3 is next", 4},
		{"left out what a snapshot stands for", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), appends(1, "c"), commits(3), appliesOther(entry(1, 3, "c")))
		}, "n3 applied t1i3 where index 1 is next", 4},
		{"says that it applied before it restored", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), func(p *player, _ *trace.Record) { p.status.Applied = 2 })
		}, "n3 says that it applied up to 2, and applied up to 0", 4},
		{"does not say that it restored", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), restores(second, 7),
				func(p *player, _ *trace.Record) { p.status.Applied = 0 })
		}, "n3 says that it applied up to 0, and applied up to 2", 4},
		{"begins after what nobody committed", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, raft.EntryID{Term: 3, Index: 9}))
		}, "n3 begins its log after t3i9, which nobody committed", 4},
		{"boots after what nobody committed", func(t *tape) {
			t.crash(3, 0)
			t.boot(3, t.installs(1, raft.EntryID{Term: 3, Index: 9}))
		}, "n3 begins its log after t3i9, which nobody committed", 2},
		{"begins after another entry than was committed", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, raft.EntryID{Term: 3, Index: 2}))
		}, "n3 begins its log after t3i2 where t1i2 was committed", 4},
	})
}

func TestStateMachineSafety_snapshotsHeld(t *testing.T) {
	testChecker(t, new(StateMachineSafety), []traceCase{
		{"installed, and applied on", func(t *tape) {
			snapshot(t)
			t.do(3, t.installs(1, second), restores(second, 7), appends(1, "c"), commits(3), applies(3))
			t.compact(3, 3, 9, begins(3))
			t.compact(2, 2, 7, begins(1))
		}, "", 0},
		{"restored after a boot", func(t *tape) {
			snapshot(t)
			t.crash(1, 0)
			t.boot(1, keeps(2), begins(2), commits(2))
			t.do(1, in(2))
			t.do(1, restores(second, 7))
		}, "", 0},
		{"of a snapshot that it made itself, and installed by a node that went ahead", func(t *tape) {
			snapshot(t)
			t.do(2, appends(1, "c"), commits(3), applies(3))
			t.compact(2, 3, 9, begins(3))
			t.do(1, t.installs(2, raft.EntryID{Term: 1, Index: 3}), restores(raft.EntryID{Term: 1, Index: 3}, 9))
		}, "", 0},
	})
}

func TestStateMachineSafety_snapshotsOfHiddenNodes(t *testing.T) {
	tape := newTape(2)
	tape.nodes[1].hidden = true
	tape.boot(1)
	tape.do(1, appends(1, "a", "b"), applies(2))
	tape.compact(1, 2, 7)
	tape.do(2, tape.installs(2, second), restores(second, 7))
	got := judge(tape, new(StateMachineSafety))
	if len(got) != 1 || got[0].Outcome != Held {
		t.Errorf("got %v", got)
	}
	tape.compact(2, 2, 8)
	got = judge(tape, new(StateMachineSafety))
	if len(got) != 1 || got[0].Text != "n1 and n2 differ in their state after index 2" {
		t.Errorf("got %v", got)
	}
}

// TestCheckers_snapshotOfUnknownEntries: no checker panics at entries without a term, and
// the entries after them are not judged.
func TestCheckers_snapshotOfUnknownEntries(t *testing.T) {
	tape := newTape(3)
	replicate(tape, 3)
	tape.do(3, in(4), tape.installs(1, raft.EntryID{Term: 3, Index: 9}), writes(1),
		sends(3, 0, toHold(4, "t3i9")))
	tape.do(3, appends(4, "x"), commits(10), acts(7, votersOf(1, 2)))
	tape.do(3, leads(3, 5), appends(5, "y"), commits(11))
	tape.crash(3, tape.nodes[3].written)
	tape.boot(3, tape.installs(1, raft.EntryID{Term: 3, Index: 9}))
	tape.add(trace.Record{Kind: trace.Healed, Ticks: 9, Bound: 9})
	want := "violated StateMachineSafety after event "
	for _, v := range judge(tape, Checkers()...) {
		if v.Property == "StateMachineSafety" && !strings.HasPrefix(v.String(), want) {
			t.Errorf("got %s", v)
		}
		if v.Property == "LogMatching" && v.Outcome != Held {
			t.Errorf("got %s", v)
		}
	}
	traceOf(tape, nil)
}
