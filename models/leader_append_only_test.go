package models

import (
	"testing"

	"raftcheck/raft"
)

func TestLeaderAppendOnly(t *testing.T) {
	testChecker(t, new(LeaderAppendOnly), []traceCase{
		{"deletes", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, cuts(1))
		}, "n1 leads term 1 and cut its log, which ended at t1i2, back to 1", 2},
		{"overwrites", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, cuts(1), appends(1, "c", "d"))
		}, "n1 leads term 1 and cut its log, which ended at t1i2, back to 1", 2},
		{"adds", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"))
			t.do(1, appends(1, "b"))
		}, "", 0},
		{"a follower cuts", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "b"))
			t.do(1, in(2), cuts(1), appends(2, "c"))
		}, "", 0},
		{"a leader cuts as it steps down", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, in(2), cuts(1), appends(2, "c"))
		}, "", 0},
		{"a leader cuts as it steps down in its term", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, role(raft.Follower), cuts(1))
		}, "n1 leads term 1 and cut its log, which ended at t1i2, back to 1", 2},
		{"a candidate cuts as it is elected", func(t *tape) {
			t.do(1, stands(1, 2), appends(1, "a", "b"))
			t.do(1, role(raft.Leader), cuts(1), appends(2, "c"))
		}, "n1 leads term 2 and cut its log, which ended at t1i2, back to 1", 2},
		{"a leader cuts as it is elected again", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, leads(1, 2), cuts(1))
		}, "", 0},
		{"a follower cuts as it is elected", func(t *tape) {
			t.do(1, in(1), appends(1, "a", "b"))
			t.do(1, leads(1, 2), cuts(1))
		}, "", 0},
		{"a leader forgets in a crash", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a", "b"))
			t.crash(1, 0)
			t.boot(1)
		}, "", 0},
	})
}
