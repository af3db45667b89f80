package models

import (
	"testing"

	"raftcheck/raft"
)

// commitA has n1, as leader of term 1, and n2 store and commit an entry.
func commitA(t *tape) {
	t.saves(1, leads(1, 1), appends(1, "a"))
	t.saves(2, in(1), appends(1, "a"))
	t.do(1, commits(1), applies(1))
}

func TestLeaderCompleteness(t *testing.T) {
	testChecker(t, new(LeaderCompleteness), []traceCase{
		{"a leader without a committed entry", func(t *tape) {
			commitA(t)
			t.do(3, leads(3, 2))
		}, "n3 leads term 2 without t1i1, committed in term 1", 6},
		{"a leader with another entry there", func(t *tape) {
			t.do(3, leads(3, 2), appends(2, "x"))
			t.do(3, in(3))
			commitA(t)
			t.do(3, leads(3, 4))
		}, "n3 leads term 4 without t1i1, committed in term 1", 8},
		{"committed behind the back of a later leader", func(t *tape) {
			t.do(3, leads(3, 2))
			commitA(t)
		}, "n3 leads term 2 without t1i1, committed in term 1", 6},
		{"the last of several is missing", func(t *tape) {
			commitA(t)
			t.do(1, appends(1, "b"), commits(2))
			t.do(2, leads(2, 2))
		}, "n2 leads term 2 without t1i2, committed in term 1", 7},
		{"booted as a leader", func(t *tape) {
			commitA(t)
			t.crash(3, 0)
			t.boot(3, leads(3, 2))
		}, "n3 leads term 2 without t1i1, committed in term 1", 7},
		{"a leader with it", func(t *tape) {
			commitA(t)
			t.do(2, leads(2, 2))
		}, "", 0},
		{"a candidate of an old term elected late", func(t *tape) {
			t.do(3, stands(3, 1))
			t.do(1, leads(1, 2), appends(2, "a"), commits(1))
			t.do(3, leads(3, 1))
			t.do(1, appends(2, "b"), commits(2))
		}, "", 0},
		{"a leader that is down when it is committed", func(t *tape) {
			t.do(3, leads(3, 2))
			t.crash(3, 0)
			commitA(t)
		}, "", 0},
		{"what only a snapshot claims is missing", func(t *tape) {
			commitA(t)
			t.do(2, t.installs(1, raft.EntryID{Term: 1, Index: 4}))
			t.do(1, leads(1, 2))
		}, "", 0},
		{"an uncommitted entry is missing", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"))
			t.do(3, leads(3, 2))
		}, "", 0},
	})
}
