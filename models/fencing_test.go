package models

import (
	"testing"

	"raftcheck/models/trace"
)

func TestFencing(t *testing.T) {
	testChecker(t, new(Fencing), []traceCase{
		{"an older token after a newer", func(t *tape) {
			t.lands(2, 5, true)
			t.lands(1, 3, true)
		}, "the database took a write of c1 with token 3 after one of c2 with token 5", 2},
		{"with refused writes in between", func(t *tape) {
			t.lands(1, 3, true)
			t.lands(2, 5, true)
			t.lands(1, 3, false)
			t.lands(1, 4, true)
		}, "the database took a write of c1 with token 4 after one of c2 with token 5", 4},
		{"one token, two workers", func(t *tape) {
			t.lands(1, 3, true)
			t.lands(2, 5, true)
			t.lands(2, 3, false)
		}, "c1 and c2 both write with token 3", 3},
		{"an older token is refused", func(t *tape) {
			t.lands(1, 3, true)
			t.lands(1, 3, true)
			t.lands(2, 5, true)
			t.lands(1, 3, false)
			t.lands(2, 5, true)
			t.lands(1, 6, true)
		}, "", 0},
		{"a newer token is refused", func(t *tape) {
			t.lands(1, 5, false)
			t.lands(2, 4, true)
		}, "", 0},
	})
}

func TestFencing_nothingLanded(t *testing.T) {
	tape := newTape(3)
	tape.add(trace.Record{Kind: trace.Worked, Token: 4})
	if got := judge(tape, new(Fencing)); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
