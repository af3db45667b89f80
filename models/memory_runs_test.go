package models

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// watched is a monitor of a tape, with the number of records that it was shown.
type watched struct {
	*Monitor
	tape *tape
	as   *raft.Renaming // the names of the tape's nodes in the records that it is shown
	// ahead is the number that is added to the tape's write numbers of each node, until
	// the node boots again.
	ahead []raft.WriteID
	shown int
}

func watch(t *tape, as *raft.Renaming, like []Checker) *watched {
	w := &watched{tape: t, as: as, ahead: make([]raft.WriteID, len(t.nodes))}
	var checkers []Checker
	for _, c := range like {
		checkers = append(checkers, fresh(c))
	}
	w.Monitor = NewMonitor(checkers...)
	w.Reset(t.all, as.Set(t.first))
	return w
}

// next shows the next record.
func (w *watched) next() {
	r := renamed(w.tape.records[w.shown], w.as)
	w.shown++
	if r.Kind == trace.Booted {
		w.ahead[r.Node] = 0
	}
	r.Durable += w.ahead[r.Node]
	for i := range r.Out.Writes {
		r.Out.Writes[i].ID += w.ahead[r.Node]
	}
	w.Watch(&r)
}

// renamed returns a record of the same thing with other names of nodes.
func renamed(r trace.Record, as *raft.Renaming) trace.Record {
	r.Node = as.Name(r.Node)
	s := &r.Status
	s.Vote, s.Leader = as.Name(s.Vote), as.Name(s.Leader)
	s.Config.Voters, s.Config.Outgoing = as.Set(s.Config.Voters), as.Set(s.Config.Outgoing)
	s.Config.Learners = as.Set(s.Config.Learners)
	r.Out.Writes = slices.Clone(r.Out.Writes)
	r.Released, r.Out.Sends = renamedMessages(r.Released, as), renamedMessages(r.Out.Sends, as)
	switch in := r.Input.(type) {
	case *raft.Reconfigure:
		r.Input = &raft.Reconfigure{Op: in.Op, Voters: as.Set(in.Voters), Learners: as.Set(in.Learners)}
	case *raft.Transfer:
		r.Input = &raft.Transfer{Op: in.Op, To: as.Name(in.To)}
	}
	return r
}

func renamedMessages(list []raft.Message, as *raft.Renaming) []raft.Message {
	list = slices.Clone(list)
	for i := range list {
		m := &list[i]
		m.From, m.To, m.Promise.Vote = as.Name(m.From), as.Name(m.To), as.Name(m.Promise.Vote)
	}
	return list
}

// become takes over the state of another monitor of the same tape.
func (w *watched) become(o *watched) {
	w.shown = o.shown
	w.Remember(o.Monitor)
	for i := range w.View.Nodes {
		w.View.Nodes[i].CopyFrom(&o.View.Nodes[i])
	}
	copy(w.ahead, o.ahead)
}

// state encodes the whole state of a monitor, with nodes named by as.
func (w *watched) state(as *raft.Renaming) []byte {
	b := w.AppendMemory(nil, as)
	for name := range w.View.Nodes {
		b = w.View.Nodes[as.Named(raft.NodeID(name))].AppendState(b, as)
	}
	return b
}

// broken returns the violations so far, with or without their texts.
func (w *watched) broken(words bool) []Verdict {
	list := w.Violated(nil)
	for i := range list {
		if !words {
			list[i].Text = ""
		}
	}
	return list
}

// blur changes all leaves that may have any value: the nodes in texts of verdicts, the
// leaves that only Finish uses, those that describe one record, and the write numbers.
func (w *watched) blur(r *rand.Rand) {
	change := func(pointer any, free, keep paths) {
		for _, l := range leavesOf(pointer) {
			// A leaf without a node must stay without one.
			if free.has(l.path) && !keep.has(l.path) && r.IntN(2) == 0 && (!l.node || !l.unset) {
				l.change()
			}
		}
	}
	for _, c := range w.checkers {
		m := memoryOfType(c)
		change(c, m.free, m.lies)
	}
	for id := range w.View.Nodes {
		n := &w.View.Nodes[id]
		free, _, lies := leftOutOf(n)
		change(n, free, lies)
		by := raft.WriteID(r.IntN(3))
		w.ahead[id] += by
		n.Pending.Durable += by
		for i := range n.Pending.Steps {
			n.Pending.Steps[i].First += by
			n.Pending.Steps[i].Last += by
		}
	}
}

// testMemory shows a tape to four monitors:
//
//   - The first one watches the whole tape.
//   - again takes over the state of the first just before record at. From then on its
//     verdicts must be the same.
//   - blurred does so too, and then changes every leaf outside of the encodings. Its
//     verdicts must be the same apart from their texts.
//   - other watches the whole tape with other names of the nodes.
//
// After every record the encodings must be equal.
func testMemory(t *testing.T, tape *tape, at int, r *rand.Rand, checkers ...Checker) *watched {
	t.Helper()
	names := []raft.NodeID{}
	for _, i := range r.Perm(tape.all.Len()) {
		names = append(names, raft.NodeID(i+1))
	}
	as := raft.NewRenaming(names...)
	first, other := watch(tape, sameNames, checkers), watch(tape, as, checkers)
	again, blurred := watch(tape, sameNames, checkers), watch(tape, sameNames, checkers)
	for range r.IntN(len(tape.records)) {
		again.next() // a state that must be forgotten
	}
	for i := range tape.records {
		if i == at {
			again.become(first)
			blurred.become(first)
			blurred.blur(r)
		}
		first.next()
		other.next()
		state, broken := first.state(sameNames), first.broken(false)
		if !bytes.Equal(state, first.state(raft.NewRenaming(1, 2, 3, 4, 5, 6, 7))) {
			t.Fatal("a renaming of each node to itself changes the encoding")
		}
		same := bytes.Equal(first.state(as), other.state(sameNames))
		if !same || !reflect.DeepEqual(broken, other.broken(false)) {
			t.Fatalf("record %d, renamed: %v, want %v", i, other.broken(true), first.broken(true))
		}
		if i < at {
			continue
		}
		again.next()
		blurred.next()
		same = bytes.Equal(state, again.state(sameNames))
		if !same || !reflect.DeepEqual(first.broken(true), again.broken(true)) {
			t.Fatalf("record %d, remembered before %d: %v, want %v",
				i, at, again.broken(true), first.broken(true))
		}
		same = bytes.Equal(state, blurred.state(sameNames))
		if !same || !reflect.DeepEqual(broken, blurred.broken(false)) {
			t.Fatalf("record %d, blurred before %d: %v, want %v",
				i, at, blurred.broken(true), first.broken(true))
		}
	}
	if got, want := again.Finish(), first.Finish(); !slices.Equal(got, want) {
		t.Fatalf("remembered before %d: %v, want %v", at, got, want)
	}
	return first
}

// remembers reports whether a checker of the monitor has found no violation and remembers
// something.
func (w *watched) remembers(i int) bool {
	c := w.checkers[i].(Rememberer)
	empty := bytes.Equal(c.AppendMemory(nil, sameNames), fresh(c).AppendMemory(nil, sameNames))
	return w.verdicts[i].Outcome != Violated && !empty
}

// TestMonitor_remembers: monitors with equal states reach equal verdicts on random runs.
func TestMonitor_remembers(t *testing.T) {
	t.Parallel()
	broken, held, some := map[string]int{}, map[string]int{}, map[string]int{}
	for seed := range uint64(500) {
		tape := randomTape(seed, 80)
		r := rand.New(rand.NewPCG(seed, 1))
		w := testMemory(t, tape, r.IntN(len(tape.records)), r, Rememberers(nil)...)
		for _, v := range w.Finish() {
			if v.Outcome == Violated {
				broken[v.Property]++
			} else {
				held[v.Property]++
			}
		}
		for i, c := range w.checkers {
			if w.remembers(i) {
				some[c.Property().Name]++
			}
		}
	}
	for _, c := range Rememberers(nil) {
		name := c.Property().Name
		t.Logf("%s was violated in %d runs, held in %d, and its checker remembered something to the end in %d",
			name, broken[name], held[name], some[name])
		if broken[name] < 3 || held[name] < 50 {
			t.Errorf("%s was violated in %d runs and held in %d", name, broken[name], held[name])
		}
		if n := len(memoryOfType(c).full.AppendMemory(nil, sameNames)); n > 0 && some[name] < 10 {
			t.Errorf("the checker of %s remembered something in %d runs only", name, some[name])
		}
	}
}

// The traces below reach the same state by different ways. The argument is the order: of
// the terms of entries, of the nodes that act by a configuration, of the nodes that get a
// debt, or of the executed operations.

func held(terms ...raft.Term) func(*tape) {
	return func(t *tape) {
		for i, term := range terms {
			t.do(raft.NodeID(i%2+1), cuts(0), appends(term, "a"))
		}
	}
}

func acting(order ...raft.NodeID) func(*tape) {
	return func(t *tape) {
		for _, id := range order {
			t.do(id, appends(1, []string{"+1", "+2", "+3"}[:id]...), acts(raft.Index(id), votersOf(1, id)))
		}
	}
}

func owing(order ...raft.NodeID) func(*tape) {
	return func(t *tape) {
		for _, id := range order {
			first := t.nodes[id].written + 1
			t.do(id, in(1), votesFor(id), writes(2),
				sends(id, first, toTerm(1)), sends(id, first, raft.Promise{Term: 1, Vote: id}))
			t.persist(id, first)
		}
	}
}

func carriesOut(order ...uint32) func(*tape) {
	return func(t *tape) {
		for _, i := range order {
			t.do(1, func(_ *player, r *trace.Record) {
				op := raft.OpID{Client: 9 - i, Seq: i}
				r.Executed = append(r.Executed, trace.Execution{Index: raft.Index(i), Op: op, Did: trace.Executed})
			})
		}
	}
}

func handsOver(id raft.NodeID) func(*tape) {
	return func(t *tape) {
		t.do(id, appends(1, "a"), commits(1), applies(1))
		t.compact(id, 1, 7)
	}
}

// then joins traces, one after the other.
func then(parts ...func(*tape)) func(*tape) {
	return func(t *tape) {
		for _, part := range parts {
			part(t)
		}
	}
}

// TestMonitor_remembersNoAccidents: the way to a state makes no difference to its encoding.
func TestMonitor_remembersNoAccidents(t *testing.T) {
	tests := []struct {
		name string
		c    Checker
		ways []func(*tape)
	}{
		{"entries of several terms at one index", new(LogMatching), []func(*tape){
			held(1, 2, 3), held(1, 3, 2), held(2, 1, 3), held(2, 3, 1), held(3, 1, 2), held(3, 2, 1),
			held(3, 2, 1, 2, 3, 1),
		}},
		{"configurations", new(Configuration), []func(*tape){acting(1, 2, 3), acting(3, 1, 2), acting(2, 3, 1)}},
		{"debts", new(Durability), []func(*tape){
			owing(1, 3), owing(3, 1),
			then(owing(1, 3), func(t *tape) { t.do(1, sends(1, 1, toTerm(1))) }),
			then(owing(2, 3, 1), func(t *tape) { t.persist(2, 2) }),
			then(owing(2, 3, 1), func(t *tape) { t.crash(2, 2) }),
			then(func(t *tape) { t.saves(1, writes(3)) }, owing(1, 3)),
		}},
		{"operations", new(ExactlyOnce), []func(*tape){carriesOut(1, 2), carriesOut(2, 1)}},
		{"applied entries", new(StateMachineSafety), []func(*tape){
			handsOver(1),
			then(handsOver(2), func(t *tape) { t.crash(2, 0) }, handsOver(1)),
		}},
	}
	for _, test := range tests {
		var want []byte
		for i, way := range test.ways {
			tape := newTape(3)
			way(tape)
			w := watch(tape, sameNames, []Checker{test.c})
			for range tape.records {
				w.next()
			}
			w.View.Committed = nil
			got := w.AppendMemory(nil, sameNames)
			if want == nil {
				want = got
			}
			if broken := w.broken(true); len(broken) > 0 || !w.remembers(0) || !bytes.Equal(got, want) {
				t.Errorf("%s: in way %d it remembers %x, not %x; %v", test.name, i, got, want, broken)
			}
		}
	}
}

// TestNodeView_stateWithoutAccidents: the way of a node to its state makes no difference to
// the encoding.
func TestNodeView_stateWithoutAccidents(t *testing.T) {
	tests := []struct {
		name string
		ways []func(*tape)
	}{
		{"idle since its last write, or not", []func(*tape){
			func(t *tape) { t.saves(1, in(1), appends(1, "a")) },
			func(t *tape) { t.saves(1, in(1), appends(1, "a")); t.do(1); t.do(1) },
		}},
		{"idle before its last write is durable, or not", []func(*tape){
			func(t *tape) { t.do(1, in(1), appends(1, "a"), writes(1)) },
			func(t *tape) { t.do(1, in(1), appends(1, "a"), writes(1)); t.do(1) },
		}},
		{"with many writes or few", []func(*tape){
			func(t *tape) {
				t.do(1, in(1), appends(1, "a"), writes(1))
				t.do(1, appends(1, "b"), writes(2))
				t.persist(1, 2)
			},
			func(t *tape) {
				t.saves(1, writes(6))
				t.do(1, in(1), appends(1, "a"), writes(2))
				t.do(1, appends(1, "b"), writes(3))
				t.persist(1, 11)
				t.do(1)
			},
		}},
		{"down, with any log in memory", []func(*tape){
			func(t *tape) { t.saves(1, in(1), appends(1, "a")); t.crash(1, 1) },
			func(t *tape) {
				t.saves(1, in(1), appends(1, "a"))
				t.do(1, in(2), appends(2, "b"), writes(1))
				t.do(1, appends(2, "c"))
				t.crash(1, 1)
			},
		}},
	}
	for _, test := range tests {
		var want []byte
		for i, way := range test.ways {
			tape := newTape(1)
			way(tape)
			w := watch(tape, sameNames, nil)
			for range tape.records {
				w.next()
			}
			got := w.View.Nodes[1].AppendState(nil, sameNames)
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s: in way %d it is %x, not %x", test.name, i, got, want)
			}
		}
	}
}
