package models

import (
	"testing"

	"raftcheck/models/trace"
)

func TestElectionSafety(t *testing.T) {
	testChecker(t, new(ElectionSafety), []traceCase{
		{"two leaders at once", func(t *tape) {
			t.do(1, leads(1, 1))
			t.do(3, leads(3, 1))
		}, "n1 and n3 lead term 1", 2},
		{"one leader after the other", func(t *tape) {
			t.do(1, leads(1, 1))
			t.do(1, in(2))
			t.do(3, leads(3, 1))
		}, "n1 and n3 lead term 1", 3},
		{"across a crash, after a later term had its own", func(t *tape) {
			t.do(1, leads(1, 1))
			t.crash(1, 0)
			t.do(2, leads(2, 2))
			t.do(3, leads(3, 1))
		}, "n1 and n3 lead term 1", 4},
		{"straight from one term to another", func(t *tape) {
			t.do(1, leads(1, 2))
			t.do(2, leads(2, 1))
			t.do(2, leads(2, 2))
		}, "n1 and n2 lead term 2", 3},
		{"two leaders of different terms, the old one elected late", func(t *tape) {
			t.do(2, leads(2, 2))
			t.do(1, leads(1, 1))
			t.do(1)
			t.do(2)
		}, "", 0},
		{"bits that rot at two leaders", func(t *tape) {
			t.do(1, leads(1, 1))
			t.add(trace.Record{Kind: trace.Rotted, Node: 1})
			t.do(2, leads(2, 2))
			t.add(trace.Record{Kind: trace.Rotted, Node: 2})
		}, "", 0},
		{"the same leader again", func(t *tape) {
			t.do(1, leads(1, 1))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, leads(1, 1))
		}, "", 0},
	})
}
