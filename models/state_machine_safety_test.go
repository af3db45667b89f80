package models

import "testing"

func TestStateMachineSafety(t *testing.T) {
	testChecker(t, new(StateMachineSafety), []traceCase{
		{"two entries at one index", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(3, appends(2, "a"), commits(1), applies(1))
		}, "n3 applied t2i1 where n1 applied t1i1", 2},
		{"two contents of one entry", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(3, appends(1, "b"), commits(1), applies(1))
		}, "n3 applied t1i1 with other contents than n1 did", 2},
		{"the first index left out", func(t *tape) {
			t.do(1, commits(2), appliesOther(entry(1, 2, "b")))
		}, "n1 applied t1i2 where index 1 is next", 1},
		{"one twice", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.do(1, appliesOther(entry(1, 1, "a")))
		}, "n1 applied t1i1 where index 2 is next", 2},
		{"not from the start after a boot", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(1))
			t.crash(1, 0)
			t.boot(1, keeps(2))
			t.do(1, commits(2), appliesOther(entry(1, 2, "b")))
		}, "n1 applied t1i2 where index 1 is next", 4},
		{"another entry after a boot", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), applies(1))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, appends(2, "b"), commits(1), applies(1))
		}, "n1 applied t2i1 where n1 applied t1i1", 4},
		{"not committed", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(1), applies(2))
		}, "n1 applied t1i2 and calls only 1 committed", 1},
		{"another term than its log has", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(2, 1, "a")))
		}, "n1 applied t2i1, which is not what its log has there", 1},
		{"other contents than its log has", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(1, 1, "b")))
		}, "n1 applied t1i1, which is not what its log has there", 1},
		{"says more than it applied", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(1))
			t.do(1, func(p *player, _ *Record) { p.status.Applied = 2 })
		}, "n1 says that it applied up to 2, and applied up to 1", 2},
		{"says less than it applied", func(t *tape) {
			t.do(1, appends(1, "a"), commits(1), appliesOther(entry(1, 1, "a")))
		}, "n1 says that it applied up to 0, and applied up to 1", 1},
		{"the same again after a boot", func(t *tape) {
			t.do(1, appends(1, "a", "b"), commits(2), applies(2))
			t.do(2, appends(1, "a"), commits(1), applies(1))
			t.crash(1, 0)
			t.boot(1, keeps(2))
			t.do(1, commits(1), applies(1))
			t.do(1, commits(2), applies(2))
		}, "", 0},
		{"different entries, not applied", func(t *tape) {
			t.do(1, appends(1, "a"))
			t.do(2, appends(2, "b"), commits(1), applies(1))
		}, "", 0},
	})
}

func TestStateMachineSafety_hiddenNodes(t *testing.T) {
	tape := newTape(2)
	tape.records = nil
	for id := range tape.voters.All() {
		tape.nodes[id].hidden = true
		tape.boot(id)
	}
	tape.do(1, appends(1, "a"), applies(1))
	tape.do(2, appends(2, "a"), applies(1))
	got := judge(tape, new(StateMachineSafety))
	if len(got) != 1 || got[0].Text != "n2 applied t2i1 where n1 applied t1i1" {
		t.Fatalf("got %v", got)
	}
}
