package models

import (
	"fmt"
	"strings"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// reader describes the bytes of these tests, with a space too many at the end.
type reader struct{}

func (reader) DescribeMessage(m raft.Message) string {
	return fmt.Sprintf("%s saying %s ", m.Kind, m.Payload)
}
func (reader) DescribeWrite(data []byte) string { return fmt.Sprintf("record %d ", data[0]) }

// traceOf returns the text of the records after the boots, and then of the cluster.
func traceOf(t *tape, d raft.Describer) string {
	var v trace.View
	v.Reset(t.all, t.first)
	var text []byte
	for i := range t.records {
		v.Observe(&t.records[i])
		if t.records[i].Event > 0 {
			text = trace.AppendRecord(text, &t.records[i], &v, d)
		}
	}
	return string(trace.AppendCluster(text, &v))
}

// textCase is a trace and its text, without the boots and the cluster.
type textCase struct {
	name  string
	trace func(*tape)
	want  string
}

func testTrace(t *testing.T, cases []textCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			tape := newTape(3)
			tc.trace(tape)
			lines := strings.Split(strings.TrimSpace(traceOf(tape, reader{})), "\n")
			got := strings.Join(lines[:len(lines)-1], "\n")
			if want := strings.TrimSpace(tc.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestAppendRecord_steps(t *testing.T) {
	testTrace(t, []textCase{
		{"nothing changes", func(t *tape) { t.do(1) }, "n1 tick"},
		{"a candidate", func(t *tape) {
			t.step(1, &raft.Timeout{}, stands(1, 1), writes(1), sends(1, 1, toTerm(1)))
			t.persist(1, 1)
		}, `
n1 timeout -> candidate t1, vote n1
    write 1: record 1
n1 persisted 1
    n1->n1 Reply saying abc`},
		{"a voter", func(t *tape) {
			m := raft.Message{From: 1, To: 2, Kind: "Ask", Payload: []byte("hi")}
			t.step(2, &raft.Receive{Msg: m}, in(1), votesFor(1))
		}, "n2 receives from n1: Ask saying hi -> follower t1, vote n1"},
		{"a follower", func(t *tape) {
			t.do(2, in(1), votesFor(1), follows(1), appends(1, "a", "b"))
			t.do(2, in(2), follows(3), cuts(1), appends(2, "c"), commits(2), applies(1))
			t.do(2, cuts(1))
		}, `
n2 tick -> follower t1, vote n1, leader is n1, log 1..2
n2 tick -> follower t2, leader is n3, log cut back to 1, log 1..2, commit 2, applied 1
n2 tick -> log cut back to 1`},
		{"a vote and a leader forgotten in a term", func(t *tape) {
			t.do(2, in(1), votesFor(1), follows(1))
			t.do(2, votesFor(raft.None), follows(raft.None))
		}, `
n2 tick -> follower t1, vote n1, leader is n1
n2 tick -> vote none, leader is none`},
	})
}

func TestAppendRecord_stepsOfLeadersAndBoots(t *testing.T) {
	testTrace(t, []textCase{
		{"a leader", func(t *tape) {
			t.do(1, leads(1, 1))
			t.step(1, &raft.Propose{Op: raft.OpID{Client: 2, Seq: 5}}, appends(1, "a"), answers(5, raft.Rejected))
		}, `
n1 tick -> leader t1, vote n1
n1 is proposed c2 operation 5 -> log 1..1
    answers c1 operation 5: rejected`},
		{"a disk that fails", func(t *tape) {
			t.do(1, in(1), writes(1))
			t.fail(1)
		}, `
n1 tick -> follower t1
    write 1: record 1
n1 cannot persist 1`},
		{"a boot", func(t *tape) {
			t.saves(2, in(1), votesFor(1), appends(1, "a", "b"))
			t.crash(2, 1)
			t.boot(2, in(1), votesFor(1), keeps(2))
			t.crash(3, 0)
			t.boot(3)
		}, `
n2 tick -> follower t1, vote n1, log 1..2
    write 1: record 1
n2 persisted 1
n2 crashed; down: n2
n2 boots -> follower t1, vote n1, log 1..2
n3 crashed; down: n3
n3 boots`},
		{"a node that shows nothing", func(t *tape) {
			t.nodes[2].hidden = true
			t.boot(2)
			t.do(2, in(1), appends(1, "a", "b"), applies(2))
		}, `
n2 boots
n2 tick
    applies t1i1..t1i2`},
	})
}

func TestAppendRecord_requests(t *testing.T) {
	op := raft.OpID{Client: 2, Seq: 3}
	testTrace(t, []textCase{
		{"of clients and the operator", func(t *tape) {
			t.step(1, &raft.Read{Op: op})
			t.step(1, &raft.Read{Op: op, Lease: true})
			t.step(1, &raft.Reconfigure{Voters: t.first, Learners: raft.NodeSetOf(4)})
			t.step(1, &raft.Reconfigure{Voters: t.first})
			t.step(1, &raft.Transfer{To: 2}, func(_ *player, r *trace.Record) {
				r.Out.Replies = append(r.Out.Replies, raft.Reply{Op: raft.OpID{Seq: 4}, Outcome: raft.Done})
			})
		}, `
n1 is asked to read c2 operation 3
n1 is asked to read c2 operation 3 from its lease
n1 is asked to reconfigure to {1 2 3}+{4}
n1 is asked to reconfigure to {1 2 3}
n1 is asked to hand over to n2
    answers the operator's request 4: done`},
		{"a compaction, and a snapshot that is installed and found again", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "b"), commits(2), applies(2))
			t.step(1, &raft.Compact{Index: 2, Keep: 1}, begins(1))
			t.do(3, t.installs(1, second), writes(1), restores(second, 7))
			t.crash(3, 0)
			t.boot(3, keeps(2), begins(2), commits(2))
		}, `
n1 tick -> follower t1, log 1..2, commit 2, applied 2
n1 compacts up to 2, keeping 1 -> log starts after 1
n3 tick -> log 1..2, log starts after 2, commit 2, applied 2
    write 1: record 1
    restores its state machine as of t1i2
n3 crashed; down: n3
n3 boots -> log 1..2, log starts after 2, commit 2`},
	})
}

func TestAppendRecord_configurations(t *testing.T) {
	testTrace(t, []textCase{
		{"changed, changed back, and found again", func(t *tape) {
			t.do(1, appends(1, "c"), acts(1, joint(t.first, raft.NodeSetOf(1, 2))))
			t.do(1, cuts(0), acts(0, votersOf(1, 2, 3)))
			t.crash(1, 0)
			t.boot(1, appends(1, "c"), acts(1, votersOf(1, 2)))
			t.crash(1, 0)
			t.boot(1, acts(0, raft.Configuration{}))
		}, `
n1 tick -> log 1..1, config {1 2}&{1 2 3}
n1 tick -> log cut back to 0, config {1 2 3}
n1 crashed; down: n1
n1 boots -> log 1..1, config {1 2}
n1 crashed; down: n1
n1 boots`},
	})
}

func TestAppendRecord_otherRecords(t *testing.T) {
	op := raft.OpID{Client: 1, Seq: 4}
	for _, tc := range []struct {
		r    trace.Record
		want string
	}{
		{trace.Record{Kind: trace.BootFailed, Node: 2, Text: "checksum"}, "n2 refuses to boot: checksum; down: n2"},
		{trace.Record{Kind: trace.Crashed, Node: 3, Durable: 4}, "n3 crashed; down: n3"},
		{
			trace.Record{Kind: trace.Crashed, Node: 3, Durable: 4, Lost: 2},
			"n3 crashed, loses its last 2 of 6 writes; down: n3",
		},
		{
			trace.Record{Kind: trace.Crashed, Node: 3, Lost: 1, Torn: true},
			"n3 crashed, loses its last 1 of 1 writes, the first of them torn; down: n3",
		},
		{trace.Record{Kind: trace.Panicked, Node: 1, Text: "oh"}, "n1 panicked: oh; down: n1"},
		{trace.Record{Kind: trace.BrokeContract, Node: 1, Text: "oh"}, "n1 broke the contract: oh"},
		{
			trace.Record{Kind: trace.Rotted, Node: 1, Text: "record 2 of 3"},
			"a bit rots on the disk of n1: record 2 of 3",
		},
		{
			trace.Record{Kind: trace.Rewrote, Node: 1, Text: "entry 1"},
			"n1 rewrote its log outside of a step: entry 1",
		},
		{trace.Record{Kind: trace.Lost, Node: 1, Peer: 2}, "n1->n2 loses a message"},
		{trace.Record{Kind: trace.Doubled, Node: 1, Peer: 2}, "n1->n2 doubles a message"},
		{trace.Record{Kind: trace.Faulted, Text: "cut 1->2"}, "cut 1->2"},
		{trace.Record{Kind: trace.Called, Node: 1, Op: op, Text: "put x 7"}, "c1 calls put x 7 on n1, operation 4"},
		{
			trace.Record{Kind: trace.Returned, Node: 1, Op: op, Outcome: raft.Done, Text: "ok"},
			"c1 operation 4 done: ok",
		},
		{
			trace.Record{Kind: trace.Declined, Node: 1, Op: op, Outcome: raft.Rejected},
			"c1 operation 4 declined by n1: rejected",
		},
		{trace.Record{Kind: trace.Abandoned, Op: op}, "c1 operation 4 abandoned"},
		{trace.Record{Kind: trace.Expired, Node: 1, Op: op}, "c1 operation 4 expired"},
		{
			trace.Record{Kind: trace.Asked, Node: 1, Op: raft.OpID{Seq: 2}, Text: "hand over to n2"},
			"the operator asks n1 to hand over to n2",
		},
		{
			trace.Record{Kind: trace.Answered, Node: 1, Op: raft.OpID{Seq: 2}, Outcome: raft.Rejected},
			"n1 answers the operator's request 2: rejected",
		},
		{trace.Record{Kind: trace.Wiped, Node: 3}, "the disk of n3 is gone"},
		{trace.Record{Kind: trace.Worked, Op: op, Text: "writes x with token 5"}, "c1 writes x with token 5"},
		{trace.Record{Kind: trace.Landed, Op: op, Text: "is refused"}, "c1 is refused"},
		{trace.Record{Kind: trace.Unquiet, Text: "after 9 events"}, "never quiet: after 9 events"},
		{
			trace.Record{Kind: trace.Healed, Ticks: 24, Bound: 300, Text: "well"},
			"healed after 24 of 300 ticks: well",
		},
		{trace.Record{Kind: trace.Healed, Ticks: 24}, "healed after 24 ticks: well"},
		{
			trace.Record{Kind: trace.Healed, Ticks: 9, Bound: 9, Stuck: trace.NoLeader, Text: "no node leads"},
			"healed after 9 of 9 ticks: NoLeader: no node leads",
		},
		{trace.Record{Kind: trace.Probed, Ticks: 24, Outcome: raft.Done, Text: "well"}, "probed in 24 ticks: well"},
		{
			trace.Record{Kind: trace.Probed, Ticks: 24, Bound: 9, Outcome: raft.Rejected, Text: "answer"},
			"probed in 24 ticks: it did not, within 9, answer",
		},
		{trace.Record{Kind: trace.Ignored, Node: 1}, "ignored"},
		{trace.Record{Kind: trace.Stepped, Node: 1}, "n1 steps"},
		{trace.Record{}, "record of unknown kind 0"},
	} {
		tape := newTape(3)
		if tc.r.Kind == trace.BootFailed {
			tape.crash(2, 0)
		}
		tape.add(tc.r)
		text := traceOf(tape, nil)
		lines := strings.Split(text, "\n")
		if got := lines[len(lines)-3]; got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

func TestAppendRecord_withoutDescriber(t *testing.T) {
	tape := newTape(3)
	m := raft.Message{From: 1, To: 2, Kind: "Ask", Payload: []byte("hi")}
	tape.step(2, &raft.Receive{Msg: m}, writes(1), sends(2, 0, raft.Promise{}))
	want := "n2 receives from n1: Ask, 2 bytes\n    write 1: 1 bytes\n    n2->n1 Reply, 3 bytes\n"
	if got := traceOf(tape, nil); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAppendRecord_noSpaceAtTheEndOfALine(t *testing.T) {
	tape := newTape(3)
	replicate(tape, 2)
	tape.crash(3, 1)
	for line := range strings.Lines(traceOf(tape, reader{})) {
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("%q", line)
		}
	}
}

func TestAppendCluster(t *testing.T) {
	tape := newTape(6)
	tape.saves(1, leads(1, 1), appends(1, "a", "b"), commits(1))
	tape.saves(2, in(1), appends(1, "a"))
	tape.crash(2, 1)
	tape.nodes[3].hidden = true
	tape.boot(3)
	tape.fail(3)
	tape.crash(4, 0)
	tape.add(trace.Record{Kind: trace.BootFailed, Node: 4})
	tape.add(trace.Record{Kind: trace.Wiped, Node: 6})
	tape.records = append(tape.records[:4], tape.records[5:]...) // n5 never boots
	text := traceOf(tape, nil)
	want := "n1 leader t1 log 2 commit 1 | n2 down, disk holds 1 | n3 up, disk failed | " +
		"n4 down, refused its disk | n5 never booted | n6 disk gone\n"
	if !strings.HasSuffix(text, "\n"+want) {
		t.Errorf("got\n%s\nwant at the end\n%s", text, want)
	}
}

// mute is a system that panics when it describes a message.
type mute struct{}

func (mute) DescribeMessage(raft.Message) string { panic("no words") }
func (mute) DescribeWrite([]byte) string         { return "two\nlines" }

func TestAppendRecord_describerThatPanics(t *testing.T) {
	var view trace.View
	view.Reset(raft.FirstNodes(2), raft.FirstNodes(2))
	got := string(trace.AppendRecord(nil, &trace.Record{
		Kind: trace.Stepped, Node: 1, Input: &raft.Tick{},
		Out:      raft.Output{Writes: []raft.Write{{ID: 1}}},
		Released: []raft.Message{{From: 1, To: 2}},
	}, &view, mute{}))
	if want := "n1 tick\n    write 1: two lines\n    n1->n2 (panics when it is described)\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
