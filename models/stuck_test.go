package models

import (
	"testing"

	"raftcheck/raft"
)

func TestStuck(t *testing.T) {
	for _, tc := range []struct {
		trace func(*tape)
		want  Stuck
		text  string
	}{
		{func(t *tape) { t.crash(1, 0); t.crash(2, 0) }, NoQuorum, "too few nodes can run"},
		{func(*tape) {}, NoLeader, "no node leads"},
		{func(t *tape) { t.do(1, leads(1, 1)); t.do(2, leads(2, 2)) }, ManyLeaders, "n2 and another node lead"},
		{func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), commits(1), applies(1))
			t.do(2, appends(1, "a"), commits(1))
		}, LogBehind, "n2: its log ends at t1i1, committed up to 1, applied up to 0"},
		{func(t *tape) {
			t.do(1, leads(1, 1))
			t.add(Record{Kind: Called, Node: 1, Op: raft.OpID{Client: 1, Seq: 4}})
		}, CallUnanswered, "client c1 waits for its operation 4"},
		{func(t *tape) { t.do(1, leads(1, 1)); t.crash(3, 0) }, Well, "well"},
	} {
		tape := newTape(3)
		tc.trace(tape)
		var v View
		v.Reset(tape.voters)
		for i := range tape.records {
			v.Observe(&tape.records[i])
		}
		got, at := v.Stuck()
		if text := v.Describe(got, at); got != tc.want || text != tc.text {
			t.Errorf("got %s, %s, want %s, %s", got, text, tc.want, tc.text)
		}
	}
}
