package models

import (
	"testing"

	"raftcheck/models/trace"
)

func TestLogMatching(t *testing.T) {
	testChecker(t, new(LogMatching), []traceCase{
		{"two contents", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.do(2, appends(1, "b"))
		}, "the log of n2 up to t1i1 is not the one that n1 had", 2},
		{"two histories", func(t *tape) {
			t.do(1, appends(1, "a"), appends(3, "c"))
			t.do(2, appends(2, "a"), appends(3, "c"))
		}, "the log of n2 up to t3i2 is not the one that n1 had", 2},
		{"two contents, one of them long gone, third entry of its index", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.do(1, cuts(0), appends(2, "b"))
			t.do(1, cuts(0), appends(3, "c"))
			t.do(2, appends(3, "d"))
		}, "the log of n2 up to t3i1 is not the one that n1 had", 4},
		{"the last entry, whose content changes and nothing else", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.do(1, cuts(0), appends(1, "b"))
		}, "the log of n1 up to t1i1 is not the one that n1 had", 2},
		{"found at a boot", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.crash(1, 0)
			t.boot(1, appends(1, "x"))
		}, "the log of n1 up to t1i1 is not the one that n1 had", 3},
		{"another one in a term that a crash took from its only node", func(t *tape) {
			t.do(1, leads(1, 1), writes(1), appends(1, "a"))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, leads(1, 1), writes(1), appends(1, "b"))
		}, "", 0},
		{"another one in such a term, where another node holds the first", func(t *tape) {
			t.do(1, leads(1, 1), writes(1), appends(1, "a"))
			t.do(2, appends(1, "a"))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, leads(1, 1), writes(1), appends(1, "b"))
		}, "the log of n1 up to t1i1 is not the one that n1 had", 5},
		{"an entry in the wrong place", func(t *tape) {
			t.do(1, appends(1, "a"), func(p *player, _ *trace.Record) { p.log = append(p.log, entry(1, 3, "b")) })
		}, "n1 holds t1i3 at index 2", 1},
		{"terms decrease", func(t *tape) {
			t.do(1, appends(2, "a"))
			t.do(1, appends(1, "b"))
		}, "n1 holds t1i2 after an entry of term 2", 2},
		{"rewritten", func(t *tape) {
			t.add(trace.Record{Kind: trace.Rewrote, Node: 2, Text: "t1i1 has other contents"})
		}, "n2 rewrote its log outside of a step: t1i1 has other contents", 1},
		{"a suffix replaced, and the same again", func(t *tape) {
			t.do(1, appends(1, "a", "b"))
			t.do(2, appends(1, "a"), appends(2, "c"))
			t.do(1, cuts(1), appends(2, "c"))
			t.do(2, cuts(1), appends(1, "b"))
			t.do(3, appends(1, "a"), appends(2, "c"))
		}, "", 0},
		{"lost in a crash and received again", func(t *tape) {
			t.do(1, appends(1, "a", "b"))
			t.crash(1, 0)
			t.boot(1, keeps(1))
			t.do(1, appends(1, "b"))
		}, "", 0},
	})
}

func TestLogMatching_hiddenNodesAreNotCompared(t *testing.T) {
	tape := newTape(3)
	tape.nodes[2].hidden = true
	tape.boot(2)
	tape.do(1, appends(1, "a"))
	tape.do(2, appends(1, "b"))
	got := judge(tape, new(LogMatching))
	want := Verdict{Property: "LogMatching", Text: "a node does not show its state"}
	if len(got) != 1 || got[0] != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}
