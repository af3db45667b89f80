package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestNoPanic(t *testing.T) {
	testChecker(t, new(NoPanic), []traceCase{
		{"panics", func(t *tape) {
			t.add(trace.Record{Kind: trace.Panicked, Node: 2, Text: "index out of range"})
		}, "n2 panicked: index out of range", 1},
		{"crashes", func(t *tape) { t.crash(2, 0) }, "", 0},
	})
}

func TestContract(t *testing.T) {
	testChecker(t, new(Contract), []traceCase{
		{"told by the world", func(t *tape) {
			t.add(trace.Record{Kind: trace.BrokeContract, Node: 2, Text: "write 3 follows write 1"})
		}, "n2 broke the contract: write 3 follows write 1", 1},
		{"shows a role that is none", func(t *tape) {
			t.do(2)
			t.do(2, role(raft.Roles+3))
		}, "n2 shows role 7, and there is none with that number", 2},
		{"writes in the step in which its disk fails", func(t *tape) {
			t.do(2, writes(1))
			t.fail(2, writes(1))
		}, "n2 wrote after its disk failed", 2},
		{"sends later", func(t *tape) {
			t.fail(2)
			t.do(2)
			t.do(2, sends(2, 0, raft.Promise{}))
		}, "n2 sent after its disk failed", 3},
		{"applies", func(t *tape) {
			t.fail(2)
			t.do(2, appliesOther(entry(1, 1, "a")))
		}, "n2 applied after its disk failed", 2},
		{"restores", func(t *tape) {
			t.fail(2)
			t.do(2, restores(raft.EntryID{Term: 1, Index: 1}, 7))
		}, "n2 restored after its disk failed", 2},
		{"answers", func(t *tape) {
			t.fail(2)
			t.do(2, answers(1, raft.Done))
		}, "n2 answered after its disk failed", 2},
		{"refuses a sound disk", func(t *tape) {
			t.add(trace.Record{Kind: trace.Rotted, Node: 1})
			t.crash(2, 0)
			t.add(trace.Record{Kind: trace.BootFailed, Node: 2, Text: "unexpected end"})
		}, "n2 refused a disk that a crash can leave behind: unexpected end", 3},
		{"never falls silent", func(t *tape) {
			t.add(trace.Record{Kind: trace.Unquiet, Text: "after 10002 events"})
		}, "the cluster never falls silent: after 10002 events without a tick, it talks on", 1},
		{"refuses a rotten disk", func(t *tape) {
			t.crash(2, 0)
			t.add(trace.Record{Kind: trace.Rotted, Node: 2})
			t.add(trace.Record{Kind: trace.BootFailed, Node: 2, Text: "checksum"})
		}, "", 0},
		{"falls silent until it boots again", func(t *tape) {
			t.do(2, writes(2), sends(2, 2, raft.Promise{}))
			t.fail(2)
			t.do(2)
			t.do(1, writes(1), sends(1, 0, raft.Promise{}))
			t.crash(2, 0)
			t.boot(2)
			t.do(2, writes(1), sends(2, 0, raft.Promise{}))
		}, "", 0},
	})
}

func TestLiveness(t *testing.T) {
	op := raft.OpID{Client: 1, Seq: 4}
	call := trace.Record{Kind: trace.Called, Node: 1, Op: op, Text: "put x 7"}
	testChecker(t, new(Liveness), []traceCase{
		{"no leader", func(t *tape) {
			t.add(trace.Record{Kind: trace.Healed, Ticks: 300, Bound: 300, Stuck: trace.NoLeader,
				Text: "no node leads"})
		}, "NoLeader within 300 ticks of healing: no node leads", 1},
		{"well", func(t *tape) {
			t.do(1, leads(1, 1))
			t.add(call)
			t.add(trace.Record{Kind: trace.Returned, Op: op, Outcome: raft.Done})
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
		}, "", 0},
		{"well, and not able to do more", func(t *tape) {
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
			t.add(trace.Record{Kind: trace.Probed, Ticks: 9, Bound: 9, Outcome: raft.Rejected, Text: "answer: n1 rejects it"})
		}, "healed, and not able within 9 ticks to answer: n1 rejects it", 2},
		{"well, and able to do more, or lacking nodes", func(t *tape) {
			t.add(trace.Record{Kind: trace.Probed, Ticks: 9, Bound: 9, Outcome: raft.Done, Text: "well"})
			t.add(trace.Record{Kind: trace.Probed, Ticks: 9, Bound: 9, Outcome: raft.Unknown,
				Stuck: trace.NoQuorum, Text: "answer"})
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
		}, "", 0},
		{"a node refuses a sound disk", func(t *tape) {
			t.add(trace.Record{Kind: trace.Rotted, Node: 1})
			t.crash(2, 0)
			t.add(trace.Record{Kind: trace.BootFailed, Node: 2, Text: "unexpected end"})
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
		}, "n2 does not come back: it refuses a disk that a crash can leave behind", 4},
		{"a node refuses a rotten disk", func(t *tape) {
			t.crash(2, 0)
			t.add(trace.Record{Kind: trace.Rotted, Node: 2})
			t.add(trace.Record{Kind: trace.BootFailed, Node: 2, Text: "checksum"})
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
		}, "", 0},
		{"well once, and not asked later", func(t *tape) {
			t.add(trace.Record{Kind: trace.Healed, Ticks: 2, Bound: 9, Stuck: trace.Well})
			t.add(trace.Record{Kind: trace.Healed, Stuck: trace.NoLeader})
		}, "", 0},
	})
}

func TestLiveness_notChecked(t *testing.T) {
	tape := newTape(3)
	tape.add(trace.Record{Kind: trace.Healed, Stuck: trace.NoLeader})
	if got := judge(tape, new(Liveness)); len(got) != 0 {
		t.Errorf("of a run that never asked: got %v", got)
	}
	tape.add(trace.Record{Kind: trace.Healed, Ticks: 9, Bound: 9, Stuck: trace.NoQuorum})
	tape.add(trace.Record{Kind: trace.Healed, Ticks: 9, Bound: 9, Stuck: trace.Well})
	got := judge(tape, new(Liveness))
	want := Verdict{Property: "Liveness", Text: "NoQuorum: too few nodes can run"}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
