package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// TestRefinement_runs: a batch that a run ended has no part in the next one.
func TestRefinement_runs(t *testing.T) {
	a, late := &raft.Propose{Data: []byte("a")}, &raft.Timeout{}
	first, second := newTape(3), newTape(3)
	elect(first)
	first.together(1, all(), a, late)
	first.records = first.records[:len(first.records)-1]
	elect(second)
	second.together(1, all(appends(1, "a"), writes(1)), late, late)
	m := NewMonitor(new(Refinement))
	for _, tape := range []*tape{first, second} {
		m.Reset(tape.all, tape.first)
		for i := range tape.records {
			m.Watch(&tape.records[i])
		}
	}
	want := "violated Refinement after event 8: n1 takes a step that is no Append of t1i1, as no client " +
		"proposed the entry"
	if got := m.Finish(); len(got) != 1 || got[0].String() != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestRefinement_asksAmid: a node may take an entry, ask for pre-votes and follow again in one batch.
// An answer to that counts when it asks later.
func TestRefinement_asksAmid(t *testing.T) {
	tape := newTape(3)
	tape.do(1, role(raft.PreCandidate))
	tape.do(2, sends(2, 0, raft.Promise{}))
	elect(tape)
	tape.step(1, &raft.Propose{Data: []byte("a")}, appends(1, "a"), writes(1))
	tape.do(3, in(1), follows(1))
	tape.together(3, all(appends(1, "a"), writes(1)), &raft.Receive{}, &raft.Timeout{}, &raft.Receive{})
	tape.do(1, func(_ *player, r *trace.Record) {
		r.Out.Sends = append(r.Out.Sends, raft.Message{From: 1, To: 3})
	})
	tape.step(3, &raft.Timeout{}, role(raft.PreCandidate))
	tape.step(3, &raft.Receive{}, stands(3, 2), writes(1))
	if got := refine(tape, 0, true).String(); got != "held Refinement" {
		t.Errorf("got %s", got)
	}
}

// together adds a batch of a node on these inputs, whose last has the result of the moves.
func (t *tape) together(id raft.NodeID, moves move, inputs ...raft.Input) {
	first := len(t.records)
	t.step(id, &raft.Batch{Inputs: len(inputs)})
	for _, in := range inputs[:len(inputs)-1] {
		t.step(id, in)
	}
	t.step(id, inputs[len(inputs)-1], moves)
	for i := range t.records[first:] {
		t.records[first+i].Batch = trace.Amid
	}
	t.records[len(t.records)-1].Batch = trace.Ending
}

// TestRefinement_batch: a batch is explained by the terms that its messages name.
func TestRefinement_batch(t *testing.T) {
	a, b := &raft.Propose{Data: []byte("a")}, &raft.Propose{Data: []byte("b")}
	hears, late := &raft.Receive{}, &raft.Timeout{}
	for _, c := range []struct {
		about, want string
		steps       func(*tape)
	}{
		{"two proposals", "held Refinement", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "a", "b"), writes(1)), a, b)
		}},
		{"an entry that nobody proposed", "violated Refinement after event 8: n1 takes a step that is no " +
			"Append of t1i2, as no client proposed the entry", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "a", "c"), writes(1)), a, b)
		}},
		{"one proposal twice", "violated Refinement after event 8: n1 takes a step that is no Append of t1i2, " +
			"as the client proposed one entry", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "a", "a"), writes(1)), a, late)
		}},
		{"a batch in a batch", "held Refinement", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "a", "b"), writes(1)), a, &raft.Batch{Inputs: 2}, late, b)
		}},
		{"votes for two in a term", "violated Refinement after event 6: n2 takes a step that is no GrantVote for " +
			"n3 in term 1, as it voted for another node in this term", func(t *tape) {
			t.do(1, stands(1, 1))
			t.do(3, stands(3, 1))
			t.do(2, in(1), votesFor(1), writes(1))
			t.together(2, all(votesFor(3), writes(1)), hears, hears)
		}},
		{"takes an entry and calls it committed", "held Refinement", func(t *tape) {
			commit(t)
			t.do(3, in(1), follows(1))
			t.together(3, all(appends(1, "a"), commits(1), writes(1)), hears, hears)
		}},
		{"votes, and takes an entry of the new leader", "held Refinement", func(t *tape) {
			elect(t)
			t.step(1, a, appends(1, "a"))
			t.do(3, in(1))
			t.together(3, all(votesFor(1), follows(1), appends(1, "a"), writes(1)), hears, hears)
		}},
		{"a message that leaves amid", "held Refinement", func(t *tape) {
			follow(t)
			t.nodes[2].durable = 2
			t.together(2, all(), &raft.Persisted{ID: 2}, late)
			t.persist(1, 2, commits(1))
		}},
		{"a proposal of the batch before", "violated Refinement after event 11: n1 takes a step that is no " +
			"Append of t1i2, as no client proposed the entry", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "a"), writes(1)), a, late)
			t.together(1, all(appends(1, "a"), writes(1)), late, late)
		}},
		{"a proposal of a batch that a crash ended", "violated Refinement after event 17: n1 takes a step that " +
			"is no Append of t2i1, as no client proposed the entry", func(t *tape) {
			elect(t)
			t.together(1, all(), a, late)
			t.records = t.records[:len(t.records)-1]
			returns(t)
			t.together(1, all(appends(2, "a"), writes(1)), late, late)
		}},
		{"a read that is answered at once", "violated Refinement after event 12: n1 takes a step that is no " +
			"DoneRead, as no quorum answered the leader of the term since the read came", func(t *tape) {
			commit(t)
			t.together(1, answers(1, raft.Done), &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}}, late)
		}},
		{"a message to stand for election, too early", "violated Refinement after event 9: n1 takes a step that " +
			"is no TimeoutNow to n2, as the target has not said that it stores the whole log", func(t *tape) {
			elect(t)
			t.step(1, a, appends(1, "a"), writes(1))
			t.together(1, passesOn(2), &raft.Transfer{To: 2}, late)
		}},
		{"a message to stand for election, before a further entry", "held Refinement", func(t *tape) {
			commit(t)
			t.together(1, all(passesOn(2), appends(1, "b"), writes(1)), &raft.Transfer{To: 2}, b)
		}},
		{"the term changes, and nothing is judged after that", "", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "c"), in(2), writes(1)), a, hears)
			t.do(3, votesFor(2))
		}},
		{"the term of a follower changes", "", func(t *tape) {
			elect(t)
			t.together(3, in(1), hears, hears)
		}},
		{"the role changes", "", func(t *tape) {
			elect(t)
			t.together(1, all(appends(1, "c"), role(raft.Follower), writes(1)), a, hears)
		}},
	} {
		tape := newTape(3)
		c.steps(tape)
		if got := refine(tape, 0, false).String(); got != c.want && (c.want != "" || got != Verdict{}.String()) {
			t.Errorf("%s: got  %s\nwant %s", c.about, got, c.want)
		}
	}
}

// TestRefinement_lag: a leader that applies late may answer a read from its lease later. It may
// not without a lag.
func TestRefinement_lag(t *testing.T) {
	read := &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: true}
	for lags, want := range map[bool]string{true: "held Refinement", false: "violated Refinement after event 13: " +
		"n1 takes a step that is no DoneRead, as no quorum answered the leader of the term since the read came"} {
		tape := newTape(3)
		tape.do(1, role(raft.PreCandidate))
		tape.do(2, sends(2, 0, raft.Promise{}))
		commit(tape)
		tape.step(1, read, func(_ *player, r *trace.Record) { r.Lags = lags })
		tape.do(1, answers(1, raft.Done))
		if got := refine(tape, 0, true).String(); got != want {
			t.Errorf("a lag %t: got %s, want %s", lags, got, want)
		}
	}
}
