package models

import (
	"slices"
	"strings"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

// replicate makes n1 the leader of term 1 and commits n entries one by one, as three nodes
// without faults do, with votes, acknowledgements and replies.
func replicate(t *tape, n int) {
	t.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
	t.persist(1, 1)
	for id := raft.NodeID(2); id <= 3; id++ {
		ask := raft.Message{From: 1, To: id, Kind: "RequestVote", Payload: make([]byte, 24), Promise: toVote(1)}
		t.step(id, &raft.Receive{Msg: ask}, in(1), votesFor(1), writes(1), sends(id, 1, toVote(1)))
		t.persist(id, 1)
	}
	t.step(1, &raft.Receive{Msg: raft.Message{From: 2, To: 1, Kind: "Vote"}}, role(raft.Leader), follows(1))
	for i := range n {
		replicateOne(t, i+1)
	}
}

func replicateOne(t *tape, i int) {
	op := raft.OpID{Client: 1, Seq: uint32(i)}
	t.add(trace.Record{Kind: trace.Called, Node: 1, Op: op, Text: "put x 7"})
	t.step(1, &raft.Propose{Op: op, Data: []byte("put x 7")}, appends(1, "put x 7"), writes(1))
	t.persist(1, t.nodes[1].written)
	last := raft.Promise{Term: 1, Last: raft.EntryID{Term: 1, Index: raft.Index(i)}}
	for id := raft.NodeID(2); id <= 3; id++ {
		msg := raft.Message{From: 1, To: id, Kind: "AppendEntries", Payload: make([]byte, 48), Promise: toTerm(1)}
		t.step(id, &raft.Receive{Msg: msg}, follows(1), appends(1, "put x 7"), writes(1),
			runs(raft.Index(i-1)), sends(id, t.nodes[id].written+1, last))
		t.persist(id, t.nodes[id].written)
	}
	ack := raft.Message{From: 2, To: 1, Kind: "AppendEntriesReply", Payload: make([]byte, 24), Promise: last}
	t.step(1, &raft.Receive{Msg: ack}, runs(raft.Index(i)), answers(uint32(i), raft.Done))
	t.add(trace.Record{Kind: trace.Returned, Op: op, Outcome: raft.Done, Text: "ok"})
	t.lands(1, uint64(i), true)
}

// properties lists the properties in their order. The second field reports that a property
// cannot be judged without an inspector: only a node's state shows a violation. The list is
// written by hand, so that a wrong flag of a checker is found.
var properties = []struct {
	name     string
	inspects bool
	kind     Kind
}{
	{"ElectionSafety", true, KindRule},
	{"LeaderAppendOnly", true, KindRule},
	{"LogMatching", true, KindRule},
	{"LeaderCompleteness", true, KindRule},
	{"StateMachineSafety", false, KindOutcome},
	{"Durability", true, KindRule},
	{"Voting", true, KindRule},
	{"ElectionQuorum", true, KindRule},
	{"CommitQuorum", true, KindRule},
	{"Configuration", true, KindRule},
	{"Monotonicity", true, KindRule},
	{"NoPanic", false, KindRule},
	{"Contract", false, KindRule},
	{"ExactlyOnce", false, KindOutcome},
	{"Fencing", false, KindOutcome},
	{"Membership", true, KindOutcome},
	{"Leases", true, KindRule},
	{"Liveness", false, KindOutcome},
}

// other is a system that replicates its log by another algorithm than Raft.
type other struct{ bounded }

func (other) Limits() raft.Limits { return raft.Limits{Algorithm: "Paxos"} }

// TestCheckersOf: another algorithm is not asked for the rules of Raft's own.
func TestCheckersOf(t *testing.T) {
	asked := func(system raft.System) (names []string) {
		for _, p := range PropertiesOf(system) {
			names = append(names, p.Name)
		}
		return names
	}
	want := []string{"StateMachineSafety", "Durability", "Monotonicity", "NoPanic", "Contract", "ExactlyOnce",
		"Fencing", "Membership", "Leases", "Liveness", "Bounds"}
	if got := asked(other{}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	about := "It replicates its log by Paxos, so that the rules of Raft's own are not asked: ElectionSafety, " +
		"LeaderAppendOnly, LogMatching, LeaderCompleteness, Voting, ElectionQuorum, CommitQuorum, Configuration"
	if got := AboutNotAsked(other{}); got != about {
		t.Errorf("got %q, want %q", got, about)
	}
	if got := AboutNotAsked(nil); got != "" || len(asked(nil)) != len(properties) {
		t.Errorf("got %q, and %v", got, asked(nil))
	}
}

func TestCheckers_properties(t *testing.T) {
	got := Checkers()
	if len(got) != len(properties) {
		t.Fatalf("%d checkers, want %d", len(got), len(properties))
	}
	for i, c := range got {
		p, want := c.Property(), properties[i]
		if p.Name != want.name || p.Inspects != want.inspects || p.Kind != want.kind {
			t.Errorf("checker %d is of %s, a %s, needs an inspector: %t, want %v", i, p.Name, p.Kind, p.Inspects, want)
		}
		if p.Source == "" || !strings.HasSuffix(p.Rule, ".") || strings.Contains(p.Rule, ". ") {
			t.Errorf("%s has no source, or its rule is not one sentence: %q", p.Name, p.Rule)
		}
	}
}

func TestCheckers_holdOfAGoodRun(t *testing.T) {
	tape := newTape(3)
	replicate(tape, 5)
	tape.crash(2, tape.nodes[2].durable)
	tape.boot(2, in(1), votesFor(1), keeps(5))
	tape.do(2, runs(5), follows(1))
	tape.do(3, runs(5))
	tape.compact(1, 5, 77, begins(4))
	tape.compact(3, 5, 77, begins(5))
	tape.crash(3, tape.nodes[3].durable)
	tape.boot(3, in(1), votesFor(1), keeps(5), begins(5), commits(5))
	tape.do(3, follows(1), restores(tape.nodes[3].log[4].ID, 77))
	read := raft.Read{Op: raft.OpID{Client: 1, Seq: 6}, Lease: true}
	tape.step(1, &read, answers(6, raft.Done))
	changes(tape, 1, tape.nodes[1].status.Config, raft.Rejected)
	tape.add(trace.Record{Kind: trace.Healed, Ticks: 3, Bound: 300})
	got := judge(tape, Checkers()...)
	if len(got) != len(Checkers()) {
		t.Errorf("%d verdicts of %d checkers", len(got), len(Checkers()))
	}
	for _, v := range got {
		if v.Outcome != Held {
			t.Error(v)
		}
	}
}

func TestCheckers_areNeverHeldOfNodesThatShowNothing(t *testing.T) {
	tape := newTape(3)
	tape.records = nil
	for id := range tape.all.All() {
		tape.nodes[id].hidden = true
		tape.boot(id)
	}
	replicate(tape, 3)
	tape.add(trace.Record{Kind: trace.Healed, Ticks: 3, Bound: 300})
	got := judge(tape, Checkers()...)
	for i, p := range properties {
		want := Verdict{Property: p.name, Outcome: Held}
		if p.inspects {
			want.Outcome, want.Text = NotChecked, "a node does not show its state"
		}
		if got[i] != want {
			t.Errorf("got %v, want %v", got[i], want)
		}
	}
}

func TestCheckers_areNeverHeldOfOneHiddenNode(t *testing.T) {
	tape := newTape(3)
	tape.nodes[2].hidden = true
	tape.boot(2)
	replicate(tape, 3)
	for i, v := range judge(tape, Checkers()[:11]...) {
		if properties[i].inspects != (v.Outcome == NotChecked) {
			t.Error(v)
		}
	}
}

func TestCheckers_forgetWhatWasHidden(t *testing.T) {
	hides, shows := newTape(3), newTape(3)
	hides.boot(1, acts(0, raft.Configuration{}))
	hides.do(1, leads(1, 1))
	replicate(shows, 1)
	for _, c := range []Checker{new(ElectionQuorum), new(Configuration)} {
		want := Verdict{Property: c.Property().Name, Text: "a node does not show its configuration"}
		if got := judge(hides, c); len(got) != 1 || got[0] != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := judge(shows, c); len(got) != 1 || got[0].Outcome != Held {
			t.Errorf("after it, got %v", got)
		}
	}
}

func TestCheckers_areNeverHeldOfAnEmptyRun(t *testing.T) {
	m := NewMonitor(Checkers()...)
	m.Reset(raft.FirstNodes(3), raft.FirstNodes(3))
	for _, v := range m.Finish() {
		if v.Outcome == Held {
			t.Error(v)
		}
	}
}

func TestVerdict_zeroIsNoPass(t *testing.T) {
	if v := (Verdict{}); v.Outcome != NotChecked || v.Outcome == Held {
		t.Errorf("the zero verdict is %v", v.Outcome)
	}
}

func TestMonitor_keepsTheFirstBreak(t *testing.T) {
	tape := newTape(3)
	tape.add(trace.Record{Kind: trace.Panicked, Node: 2, Text: "first"})
	tape.add(trace.Record{Kind: trace.Panicked, Node: 3, Text: "second"})
	got := judge(tape, new(NoPanic))
	want := "violated NoPanic after event 1: n2 panicked: first"
	if len(got) != 1 || got[0].String() != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestMonitor_allocatesNothingTheSecondTime(t *testing.T) {
	tape := newTape(3)
	replicate(tape, 50)
	m := NewMonitor(Checkers()...)
	var hash trace.TraceHash
	run := func() {
		m.Reset(tape.all, tape.first)
		hash.Reset()
		for i := range tape.records {
			m.Watch(&tape.records[i])
			hash.Observe(&tape.records[i])
		}
		m.Finish()
	}
	run()
	if n := testing.AllocsPerRun(5, run); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// TestMonitor_nodeThatOnceHidItsState: one boot without an inspector leaves Durability not
// checked for the run, even if the node shows its state later.
func TestMonitor_nodeThatOnceHidItsState(t *testing.T) {
	tape := newTape(2)
	tape.nodes[1].hidden = true
	tape.crash(1, 0)
	tape.boot(1)
	tape.crash(1, 0)
	tape.nodes[1].hidden = false
	tape.boot(1)
	for _, v := range judge(tape, Checkers()...) {
		if v.Property == "Durability" && v.Outcome != NotChecked {
			t.Errorf("got %v", v)
		}
	}
}

// benchmarkRecords reports the cost of a record of a cluster that replicates.
func benchmarkRecords(b *testing.B, reset func(all, first raft.NodeSet), observe func(*trace.Record)) {
	tape := newTape(3)
	replicate(tape, 200)
	b.ReportAllocs()
	i := len(tape.records)
	for b.Loop() {
		if i == len(tape.records) {
			reset(tape.all, tape.first)
			i = 0
		}
		observe(&tape.records[i])
		i++
	}
}

func BenchmarkMonitorWatch(b *testing.B) {
	m := NewMonitor(Checkers()...)
	benchmarkRecords(b, m.Reset, m.Watch)
}

func BenchmarkViewObserve(b *testing.B) {
	var v trace.View
	benchmarkRecords(b, v.Reset, v.Observe)
}

func BenchmarkTraceHashObserve(b *testing.B) {
	var h trace.TraceHash
	benchmarkRecords(b, func(raft.NodeSet, raft.NodeSet) { h.Reset() }, h.Observe)
}
