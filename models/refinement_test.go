package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// refine judges a tape by Refinement alone.
func refine(t *tape, liberties raft.Liberties) Verdict {
	for _, v := range judge(t, &Refinement{liberties: liberties}) {
		return v
	}
	return Verdict{}
}

// elect makes n1 the leader of term 1 in a cluster of three, with the vote of n2.
func elect(t *tape) {
	t.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
	t.persist(1, 1)
	t.step(2, &raft.Receive{Msg: raft.Message{From: 1, To: 2}}, in(1), votesFor(1), writes(1), sends(1, 1, toVote(1)))
	t.persist(2, 1)
	t.step(1, &raft.Receive{Msg: raft.Message{From: 2, To: 1}}, role(raft.Leader), follows(1))
}

func TestRefinement(t *testing.T) {
	for _, c := range []struct {
		about, want string
		steps       func(*tape)
	}{
		{"an election", "held Refinement", elect},
		{"a term is left out", "violated Refinement after event 2: n2 takes a step that is no UpdateTerm to 3, " +
			"as no node stood for election in that term",
			func(t *tape) {
				t.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
				t.step(2, &raft.Timeout{}, in(3))
			}},
		{"a vote that nobody asked for", "violated Refinement after event 2: n2 takes a step that is no " +
			"GrantVote for n3 in term 1, as that node did not stand for election in this term",
			func(t *tape) {
				t.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
				t.step(2, &raft.Timeout{}, in(1), votesFor(3))
			}},
		{"a leader without votes", "violated Refinement after event 3: n1 takes a step that is no " +
			"BecomeLeader of term 1, as the votes for it that were said are no quorum",
			func(t *tape) {
				t.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
				t.persist(1, 1)
				t.do(1, role(raft.Leader), follows(1))
			}},
		{"an entry twice", "violated Refinement after event 6: n1 takes a step that is no Append of t1i2, " +
			"as the client proposed one entry",
			func(t *tape) {
				elect(t)
				t.step(1, &raft.Propose{Data: []byte("a")}, appends(1, "a", "a"))
			}},
		{"an entry that the leader lacks", "violated Refinement after event 6: n2 takes a step that is no " +
			"Accept of the entries 1 to 1, as the leader of its term has fewer entries",
			func(t *tape) {
				elect(t)
				t.do(2, follows(1), appends(1, "a"))
			}},
		{"a commit index that the leader does not know", "violated Refinement after event 7: n2 takes a step " +
			"that is no LearnCommit of 1, as the leader of its term has not committed so far",
			func(t *tape) {
				elect(t)
				t.step(1, &raft.Propose{Data: []byte("a")}, appends(1, "a"))
				t.do(2, follows(1), appends(1, "a"), commits(1))
			}},
		{"a message to stand for election, too early", "violated Refinement after event 7: n1 takes a step that " +
			"is no TimeoutNow to n2, as the target has not said that it stores the whole log",
			func(t *tape) {
				elect(t)
				t.step(1, &raft.Propose{Data: []byte("a")}, appends(1, "a"))
				t.step(1, &raft.Transfer{To: 2}, passesOn(2))
			}},
	} {
		tape := newTape(3)
		c.steps(tape)
		if got := refine(tape, 0).String(); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.about, got, c.want)
		}
	}
}

// passesOn sends a TimeoutNow.
func passesOn(to raft.NodeID) move {
	return func(_ *player, r *trace.Record) {
		r.Out.Sends = append(r.Out.Sends, raft.Message{From: r.Node, To: to, Kind: trace.TimeoutNow})
	}
}
