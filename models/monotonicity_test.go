package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestMonotonicity(t *testing.T) {
	testChecker(t, new(Monotonicity), []traceCase{
		{"term", func(t *tape) {
			t.do(1, in(2))
			t.do(1, in(1))
		}, "n1 went back from term 2 to 1", 2},
		{"commit", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2))
			t.do(1, commits(1))
		}, "n1 went back from calling 2 committed to 1", 2},
		{"applied", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(2))
			t.do(1, func(p *player, _ *trace.Record) { p.status.Applied = 1 })
		}, "n1 went back from having applied 2 to 1", 2},
		{"vote forgotten", func(t *tape) {
			t.do(1, in(1), votesFor(2))
			t.do(1, in(1))
		}, "n1 forgot its vote for n2 in term 1", 2},
		{"vote changed", func(t *tape) {
			t.do(1, in(1), votesFor(2))
			t.do(1, votesFor(3))
		}, "n1 changed its vote in term 1 from n2 to n3", 2},
		{"where the log begins", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), begins(2))
			t.do(1, begins(1))
		}, "n1 went back from beginning its log after 2 to 1", 2},
		{"compacted before it is committed", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(1), begins(2))
		}, "n1 begins its log after t1i2 and calls only 1 committed", 1},
		{"compacted, and not committed at a boot", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), begins(2))
			t.crash(1, 0)
			t.boot(1, keeps(2), begins(2))
			t.do(1, in(1))
			t.do(1, commits(2))
		}, "", 0},
		{"compacted", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), begins(1))
			t.do(1, begins(2))
			t.crash(1, 0)
			t.boot(1, keeps(2), begins(1), commits(1))
		}, "", 0},
		{"a new term has a new vote", func(t *tape) {
			t.do(1, in(1))
			t.do(1, votesFor(2))
			t.do(1, in(2))
			t.do(1, votesFor(raft.NodeID(3)))
		}, "", 0},
		{"a crash may take all of it back", func(t *tape) {
			t.do(1, in(1), votesFor(2), appends(1, "a"), commits(1), applies(1))
			t.crash(1, 0)
			t.boot(1)
			t.do(1)
		}, "", 0},
	})
}
