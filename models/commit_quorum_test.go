package models

import "testing"

func TestCommitQuorum(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{
		{"what the log does not hold", func(t *tape) {
			commitA(t)
			t.do(3, in(1), commits(1))
		}, "n3 calls 1 committed and its log ends at 0", 6},
		{"another entry", func(t *tape) {
			commitA(t)
			t.do(3, in(1), appends(2, "x"), commits(1))
		}, "n3 calls t2i1 committed where t1i1 was before", 6},
		{"another content", func(t *tape) {
			commitA(t)
			t.do(3, in(1), appends(1, "x"), commits(1))
		}, "n3 calls another t1i1 committed than was before", 6},
		{"another entry below what is newly committed", func(t *tape) {
			commitA(t)
			t.saves(3, appends(2, "x", "y"))
			t.do(3, commits(2))
		}, "n3 calls t2i1 committed where t1i1 was before", 8},
		{"a committed entry replaced", func(t *tape) {
			commitA(t)
			t.do(1, in(2), cuts(0), appends(2, "x"))
		}, "n1 calls t2i1 committed where t1i1 was before", 6},
		{"a committed entry cut", func(t *tape) {
			commitA(t)
			t.do(1, in(2), cuts(0))
		}, "n1 calls 1 committed and its log ends at 0", 6},
		{"on one disk of three", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(1))
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 4},
		{"with another entry on the other disks", func(t *tape) {
			t.saves(1, leads(1, 2), appends(2, "a"))
			t.saves(2, in(1), appends(1, "a"))
			t.do(1, commits(1))
		}, "n1 calls t2i1 committed and 1 of 3 disks hold it", 5},
		{"on a disk that lost it", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(1))
			t.crash(2, 0)
			t.do(1, commits(1))
		}, "n1 calls t1i1 committed and 1 of 3 disks hold it", 5},
		{"the second of two is on too few disks", func(t *tape) {
			t.saves(2, in(1), appends(1, "a"))
			t.saves(1, leads(1, 1), appends(1, "a", "b"))
			t.do(1, commits(2))
		}, "n1 calls t1i2 committed and 1 of 3 disks hold it", 5},
	})
}

func TestCommitQuorum_held(t *testing.T) {
	testChecker(t, new(CommitQuorum), []traceCase{
		{"on a majority, without the leader's own disk", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), writes(1))
			t.saves(2, in(1), appends(1, "a"))
			t.saves(3, in(1), appends(1, "a"))
			t.do(1, commits(1))
			t.do(2, commits(1))
		}, "", 0},
		{"on the disk of a node that is down", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.saves(2, in(1), appends(1, "a"))
			t.crash(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"by the first of a step's two writes", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(2))
			t.persist(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"by the first of a step's two writes, before a crash", func(t *tape) {
			t.saves(1, leads(1, 1), appends(1, "a"))
			t.do(2, in(1), appends(1, "a"), writes(2))
			t.do(2, appends(1, "b"), writes(1))
			t.persist(2, 1)
			t.crash(2, 1)
			t.do(1, commits(1))
		}, "", 0},
		{"at a boot, by what was durable", func(t *tape) {
			commitA(t)
			t.crash(1, 1)
			t.boot(1, in(1), keeps(1), commits(1))
		}, "", 0},
		{"an uncommitted entry is replaced", func(t *tape) {
			commitA(t)
			t.do(1, appends(1, "b"))
			t.do(1, in(2), cuts(1), appends(2, "x"))
		}, "", 0},
	})
}
