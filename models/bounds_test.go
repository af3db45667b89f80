package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// bounded is a system with small bounds, whose messages carry the entries in their first
// bytes.
type bounded struct{ reference.System }

func (bounded) Bounds() raft.Bounds {
	return raft.Bounds{Entries: 3, Bytes: 20, Requests: 2, InFlight: 10, Uncommitted: 5}
}

func (bounded) Carried(m *raft.Message) raft.Carried {
	return raft.Carried{First: raft.Index(m.Payload[0]), Count: int(m.Payload[1]), Bytes: int(m.Payload[2])}
}

// carries sends n2 entries.
func carries(first, count, bytes byte) move {
	return func(_ *player, r *trace.Record) {
		r.Out.Sends = append(r.Out.Sends, raft.Message{From: r.Node, To: 2, Payload: []byte{first, count, bytes}})
	}
}

// hears lets n1 receive a message of n2.
func hears(t *tape) { t.step(1, &raft.Receive{Msg: raft.Message{From: 2, To: 1}}, carries(0, 0, 0)) }

// offers proposes a command to n1, which takes it.
func offers(t *tape, data string) {
	t.step(1, &raft.Propose{Data: []byte(data)}, appends(1, data))
}

func TestBounds(t *testing.T) {
	c := CheckersOf(bounded{})
	testChecker(t, c[len(c)-1], []traceCase{
		{"within all", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 3, 4), carries(4, 1, 9))
			hears(t)
			t.do(1, carries(5, 1, 100))
			hears(t)
			t.do(1, carries(6, 1, 1), carries(7, 1, 1))
		}, "", 0},
		{"too many entries", func(t *tape) { t.do(1, leads(1, 1), carries(1, 4, 4)) },
			"n1 sends n2 4 entries at once; its bound is 3", 1},
		{"too many bytes", func(t *tape) { t.do(1, leads(1, 1), carries(1, 2, 21)) },
			"n1 sends n2 entries of 21 bytes at once; its bound is 20", 1},
		{"too many requests", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 1, 1))
			t.do(1, carries(2, 1, 1))
			t.do(1, carries(3, 1, 1))
		}, "n1 sends n2 a request, and 2 are unanswered; its bound is 2", 3},
		{"an answer amid a batch", func(t *tape) {
			t.do(1, leads(1, 1))
			t.together(1, all(carries(1, 1, 1), carries(2, 1, 1), carries(3, 1, 1)),
				&raft.Receive{Msg: raft.Message{From: 2, To: 1}}, &raft.Tick{})
		}, "", 0},
		{"too many requests in a batch", func(t *tape) {
			t.do(1, leads(1, 1))
			t.together(1, all(carries(1, 1, 1), carries(2, 1, 1), carries(3, 1, 1)), &raft.Tick{}, &raft.Tick{})
		}, "n1 sends n2 a request, and 2 are unanswered; its bound is 2", 4},
		{"too many bytes in flight", func(t *tape) { t.do(1, leads(1, 1), carries(1, 1, 10), carries(2, 1, 1)) },
			"n1 sends n2 a request, and 10 bytes are unanswered; its bound is 10", 1},
		{"the same request again", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 2, 10))
			t.do(1, carries(1, 2, 10), carries(2, 1, 5))
		}, "", 0},
		{"of another leadership", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 1, 5), carries(2, 1, 4))
			t.do(1, leads(1, 2), carries(3, 1, 1))
		}, "", 0},
		{"after a boot", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 1, 5), carries(2, 1, 4))
			t.crash(1, 0)
			t.boot(1)
			t.do(1, leads(1, 1), carries(3, 1, 1))
		}, "", 0},
		{"an answer before a crash amid a batch", func(t *tape) {
			t.together(1, all(), &raft.Receive{Msg: raft.Message{From: 2, To: 1}}, &raft.Tick{})
			t.records = t.records[:len(t.records)-1]
			t.crash(1, 0)
			t.boot(1)
			t.do(1, leads(1, 1), carries(1, 1, 1), carries(2, 1, 1), carries(3, 1, 1))
		}, "n1 sends n2 a request, and 2 are unanswered; its bound is 2", 5},
		{"an answer before a panic amid a batch", func(t *tape) {
			t.together(1, all(), &raft.Receive{Msg: raft.Message{From: 2, To: 1}}, &raft.Tick{})
			t.records = t.records[:len(t.records)-1]
			t.add(trace.Record{Kind: trace.Panicked, Node: 1})
			t.boot(1)
			t.do(1, leads(1, 1), carries(1, 1, 1), carries(2, 1, 1), carries(3, 1, 1))
		}, "n1 sends n2 a request, and 2 are unanswered; its bound is 2", 5},
		{"to a member that is new", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 1, 5), carries(2, 1, 4))
			t.do(1, appends(1, "+2"), acts(1, votersOf(1, 2)), carries(3, 1, 1))
		}, "", 0},
		{"too many bytes that are not committed", func(t *tape) {
			t.do(1, leads(1, 1))
			offers(t, "abcd")
			offers(t, "e")
			offers(t, "f")
		}, "n1 takes a proposal of 1 bytes, and 5 bytes are not committed; its bound is 5", 4},
		{"one that is large, and others once it is committed", func(t *tape) {
			t.do(1, leads(1, 1))
			offers(t, "abcdefgh")
			t.do(1, commits(1))
			offers(t, "abcde")
		}, "", 0},
		{"of a node that is outside of the cluster", func(t *tape) {
			t.do(1, leads(1, 1), func(_ *player, r *trace.Record) {
				r.Out.Sends = append(r.Out.Sends, raft.Message{From: 1, To: 9, Payload: []byte{1, 4, 4}})
			})
		}, "", 0},
		{"rejected beyond the bound", func(t *tape) {
			t.do(1, leads(1, 1))
			offers(t, "abcde")
			t.step(1, &raft.Propose{Data: []byte("f")}, answers(1, raft.Rejected))
			t.step(1, &raft.Tick{}, appends(1, "of its own"))
		}, "", 0},
	})
}

// TestBounds_hidden: nobody knows whether a node leads that hides its state.
func TestBounds_hidden(t *testing.T) {
	tape, c := newTape(3), CheckersOf(bounded{})
	tape.nodes[1].hidden = true
	tape.boot(1)
	tape.do(1, carries(1, 4, 4))
	want := Verdict{Property: "Bounds", Text: "a node does not show its state"}
	if got := judge(tape, c[len(c)-1]); len(got) != 1 || got[0] != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// boundless is a system that states no bound.
type boundless struct{ bounded }

func (boundless) Bounds() raft.Bounds { return raft.Bounds{} }

// TestBounds_none: a bound that is not stated binds nobody.
func TestBounds_none(t *testing.T) {
	c := CheckersOf(boundless{})
	testChecker(t, c[len(c)-1], []traceCase{
		{"many", func(t *tape) {
			t.do(1, leads(1, 1), carries(1, 9, 100), carries(10, 1, 100), carries(11, 1, 100))
			offers(t, "abcdefgh")
			offers(t, "abcdefgh")
		}, "", 0},
	})
}
