package models

import (
	"bytes"
	"slices"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// quiet returns a trace in which n1 leads two others. Its last record is private: n2
// learns its leader, and makes the moves.
func quiet(moves ...move) *tape {
	t := newTape(3)
	t.saves(1, leads(1, 1), appends(1, "a", "b"))
	t.saves(2, in(1), appends(1, "a"), commits(1), applies(1))
	t.do(2, append(moves, follows(1))...)
	return t
}

// quietly returns the same trace with more records.
func quietly(more func(*tape)) *tape {
	t := quiet()
	more(t)
	return t
}

// awaitsCut returns a trace in which n2 still acts by a configuration that it replaced in its
// log, until its disk has the other one.
func awaitsCut() *tape {
	return quietly(func(t *tape) {
		t.saves(2, appends(1, "+four"), acts(2, votersOf(1, 2)))
		t.do(2, in(2), cuts(1), appends(2, "+three"), acts(2, votersOf(1, 2)), writes(1))
		t.do(2, follows(3))
	})
}

// persisted adds the record that makes all writes of n2 durable.
func persisted(t *tape) *tape {
	t.persist(2, t.nodes[2].written)
	return t
}

func TestRecord_Private(t *testing.T) {
	hidden := quiet()
	hidden.records[len(hidden.records)-1].Inspected = false
	tests := []struct {
		name string
		tape *tape
		want bool
	}{
		{"takes note of the leader", quiet(), true},
		{"votes for itself, writes and promises", quiet(in(2), votesFor(2), writes(1), sends(2, 1, toTerm(1)),
			answers(1, raft.Done)), true},
		{"votes for another", quiet(in(2), votesFor(3)), false},
		{"stands for election", quiet(stands(2, 2)), true},
		{"leads", quiet(leads(2, 2)), false},
		{"commits", quiet(commits(2)), false},
		{"takes back what it committed", quiet(commits(0)), false},
		{"appends", quiet(appends(1, "b")), false},
		{"cuts", quiet(cuts(0)), false},
		{"replaces an entry", quiet(cuts(0), appends(1, "b")), false},
		{"applies", quiet(appliesOther(entry(1, 2, "b"))), false},
		{"says that it applied", quiet(func(p *player, _ *trace.Record) { p.status.Applied = 2 }), false},
		{"carries out", quiet(executes(1, 1, trace.Executed, 1)), false},
		{"restores", quiet(func(_ *player, r *trace.Record) { r.Out.Restore.ID.Index = 1 }), false},
		{"begins its log elsewhere", quiet(begins(1)), false},
		{"acts by another configuration", quiet(acts(0, votersOf(1, 2))), false},
		{"acts by another entry", quiet(acts(1, votersOf(1, 2, 3))), false},
		{"acts by what it applied from now on", quiet(func(p *player, _ *trace.Record) {
			p.status.ConfigApplied = true
		}), false},
		{"awaits a cut", awaitsCut(), false},
		{"has awaited a cut", persisted(awaitsCut()), false},
		{"hides", hidden, false},
		{"crashes", quietly(func(t *tape) { t.crash(2, 1) }), false},
		{"reads from a lease", quietly(func(t *tape) { leaseRead(t, true, raft.Done) }), false},
		{"reads", quietly(func(t *tape) { leaseRead(t, false, raft.Done) }), true},
		{"is to compact", quietly(func(t *tape) { t.compact(2, 1, 7) }), false},
		{"makes a step durable in part", quietly(func(t *tape) { t.do(2, in(2), writes(2)); t.persist(2, 2) }),
			false},
		{"makes the rest of a step durable", quietly(func(t *tape) {
			t.do(2, in(2), writes(2))
			t.persist(2, 2)
			t.persist(2, 3)
		}), false},
		{"makes a step durable", quietly(func(t *tape) { t.do(2, in(2), writes(2)); t.persist(2, 3) }), true},
		{"booted as if it had applied something", quietly(func(t *tape) {
			t.crash(2, 2)
			t.boot(2, keeps(1), commits(1), func(p *player, _ *trace.Record) { p.status.Applied = 1 })
			t.do(2, in(2))
		}), false},
		{"has a snapshot of what nobody committed", quietly(func(t *tape) {
			t.do(3, t.installs(2, raft.EntryID{Term: 1, Index: 2}))
			t.do(3, in(2))
		}), false},
		{"has a snapshot of what was committed", quietly(func(t *tape) {
			t.do(3, t.installs(2, raft.EntryID{Term: 1, Index: 1}))
			t.do(3, in(2))
		}), true},
	}
	for _, test := range tests {
		w := watch(test.tape, sameNames, Rememberers(nil))
		for range test.tape.records[1:] {
			w.next()
		}
		memory := w.AppendMemory(nil, sameNames)
		w.next()
		r := &test.tape.records[w.shown-1]
		if r.Private(&w.View.Nodes[r.Node]) != test.want {
			t.Errorf("%s: private is %t", test.name, !test.want)
		}
		if test.want && !bytes.Equal(memory, w.AppendMemory(nil, sameNames)) {
			t.Errorf("%s: a checker remembers something", test.name)
		}
	}
}

// TestRecord_Private_atRandom: the violations of a private record depend on the node alone,
// and checkers remember nothing of it. A monitor that knows only the node finds the same.
func TestRecord_Private_atRandom(t *testing.T) {
	t.Parallel()
	private, broke := 0, map[string]int{}
	for seed := range uint64(500) {
		tape := randomTape(seed, 80)
		whole, alone := watch(tape, sameNames, Rememberers(nil)), NewMonitor(Rememberers(nil)...)
		for i := range tape.records {
			r, n := &tape.records[i], &whole.View.Nodes[tape.records[i].Node]
			var before trace.NodeView
			before.CopyFrom(n)
			memory, broken := whole.AppendMemory(nil, sameNames), whole.broken(true)
			whole.next()
			if !r.Private(n) {
				continue
			}
			private++
			breaks := whole.broken(true)
			if len(breaks) == len(broken) && !bytes.Equal(memory, whole.AppendMemory(nil, sameNames)) {
				t.Fatalf("seed %d: a checker remembers something of the private record %d", seed, i)
			}
			alone.Reset(tape.all, tape.first)
			alone.know(r.Node, &before)
			alone.Watch(r)
			got, want := newly(alone.Violated(nil), broken), newly(breaks, broken)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, record %d: %v, want %v", seed, i, got, want)
			}
			for _, v := range want {
				broke[v.Property]++
			}
		}
	}
	t.Logf("%d private records violate %v", private, broke)
	if private < 1000 || broke["Contract"] == 0 || broke["Durability"] == 0 || broke["Monotonicity"] == 0 {
		t.Errorf("%d private records violate %v", private, broke)
	}
}

// newly leaves out the properties that were violated before.
func newly(breaks, broken []Verdict) []Verdict {
	return slices.DeleteFunc(breaks, func(v Verdict) bool {
		return slices.ContainsFunc(broken, func(b Verdict) bool { return b.Property == v.Property })
	})
}

// know gives a monitor the committed entries and the applied index of one node, and
// nothing else.
func (m *Monitor) know(id raft.NodeID, n *trace.NodeView) {
	m.View.Nodes[id].CopyFrom(n)
	for _, e := range n.Log[:min(int(n.Status.Commit), len(n.Log))] {
		m.View.Committed = append(m.View.Committed, trace.Commitment{Logged: e, In: n.Status.Term})
	}
	for _, c := range m.checkers {
		if c, ok := c.(*StateMachineSafety); ok {
			*c.lastOf(id) = n.Status.Applied
		}
	}
}
