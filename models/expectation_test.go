package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestExpectation(t *testing.T) {
	as := func(outcome raft.Outcome, text string) trace.Record {
		return trace.Record{Event: 7, Kind: trace.Expected, Outcome: outcome, Text: text}
	}
	held := as(raft.Done, "as expected")
	hidden := as(raft.Unknown, "expect 2 leader: a node does not show its state")
	wrong := as(raft.Rejected, "expect 2 leader term=3: found n2 term=2")
	name := new(Expectation).Property().Name
	tests := map[string]struct {
		records []trace.Record
		want    []Verdict
	}{
		"nothing was expected": {nil, nil},
		"as expected":          {[]trace.Record{held, held}, []Verdict{{Property: name, Outcome: Held}}},
		"another state": {
			[]trace.Record{held, wrong, hidden},
			[]Verdict{{Property: name, Outcome: Violated, Event: 7, Text: wrong.Text}},
		},
		"a hidden state": {
			[]trace.Record{held, hidden, held},
			[]Verdict{{Property: name, Outcome: NotChecked, Text: hidden.Text}},
		},
		"two hidden states": {
			[]trace.Record{hidden, as(raft.Unknown, "expect 3 leader: a node does not show its state")},
			[]Verdict{{Property: name, Outcome: NotChecked, Text: hidden.Text}},
		},
		"a hidden state before another": {
			[]trace.Record{hidden, wrong}, []Verdict{{Property: name, Outcome: Violated, Event: 7, Text: wrong.Text}},
		},
	}
	for title, test := range tests {
		tape := newTape(3)
		for _, r := range test.records {
			event := r.Event
			tape.add(r)
			tape.records[len(tape.records)-1].Event = event
		}
		got := judge(tape, new(Expectation))
		if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
			t.Errorf("%s: got %v, want %v", title, got, test.want)
		}
	}
	for _, c := range Checkers() {
		if c.Property().Name == name {
			t.Errorf("campaigns judge %s, which no random schedule asks for", name)
		}
	}
}
