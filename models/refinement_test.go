package models

import (
	"strings"
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// refine judges a tape by Refinement alone, in a cluster with pre-votes or without.
func refine(t *tape, liberties raft.Liberties, preVote bool) Verdict {
	m := NewMonitor(&Refinement{liberties: liberties})
	m.Reset(t.all, t.first)
	m.View.PreVote = preVote
	for i := range t.records {
		m.Watch(&t.records[i])
	}
	for _, v := range m.Finish() {
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
		{"a leader without votes, after a panic as a batch begins", "violated Refinement after event 4: n1 takes " +
			"a step that is no BecomeLeader of term 1, as the votes for it that were said are no quorum",
			func(t *tape) {
				t.add(trace.Record{Kind: trace.Panicked, Node: 3, Input: &raft.Batch{Inputs: 2}})
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
		{"an entry in a term that never began", "violated Refinement after event 1: n2 takes a step that is no " +
			"Accept of the entries 1 to 1, as it does not follow a leader of its term",
			func(t *tape) { t.do(2, appends(1, "a")) }},
		{"an entry in a term without a leader", "violated Refinement after event 3: n2 takes a step that is no " +
			"Accept of the entries 1 to 1, as it does not follow a leader of its term",
			func(t *tape) {
				t.do(1, stands(1, 1))
				t.do(2, in(1))
				t.do(2, appends(1, "a"))
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
		{"a message to stand for election, to a learner", "violated Refinement after event 10: n1 takes a step " +
			"that is no TimeoutNow to n4, as the target is no other voter",
			func(t *tape) {
				commit(t)
				t.step(1, &raft.Transfer{To: 4}, passesOn(4))
			}},
		{"a message to stand for election, to a voter that leaves", "held Refinement", func(t *tape) {
			commit(t)
			t.step(1, &raft.Reconfigure{Voters: raft.NodeSetOf(1, 3)}, appends(1, "-2"), writes(1),
				acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 3))))
			t.step(2, &raft.Receive{Msg: raft.Message{From: 1, To: 2}}, appends(1, "-2"), writes(1),
				acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 3))),
				sends(2, 3, raft.Promise{Term: 1, Last: raft.EntryID{Term: 1, Index: 2}}))
			t.persist(2, 3)
			t.step(1, &raft.Transfer{To: 2}, passesOn(2))
		}},
		{"a message to stand for election, to no node", "held Refinement", func(t *tape) {
			commit(t)
			t.step(1, &raft.Transfer{To: 9}, passesOn(9))
		}},
		{"a log that is cut for nothing", "violated Refinement after event 8: n2 takes a step that is no sequence " +
			"of actions, as they lead to a log that ends at t1i1, and this one ends at t0i0",
			func(t *tape) {
				follow(t)
				t.do(2, cuts(0))
			}},
		{"entries beyond the snapshot", "violated Refinement after event 11: n3 takes a step that is no sequence " +
			"of actions, as they lead to a log that ends at t1i1, and this one ends at t1i2",
			func(t *tape) {
				commit(t)
				t.do(3, in(1), follows(1))
				t.do(3, t.installs(1, t.nodes[1].log[0].ID), appends(1, "b"))
			}},
		{"a promise in a term that never began", "held Refinement", func(t *tape) {
			elect(t)
			t.do(2, sends(2, 0, raft.Promise{Term: 7, Last: raft.EntryID{Term: 1, Index: 1}}))
		}},
		{"a blank entry amid a term", "violated Refinement after event 7: n1 takes a step that is no Append of " +
			"t1i2, as a blank entry only opens a term",
			func(t *tape) {
				elect(t)
				t.do(1, blank(1))
				t.do(1, blank(1))
			}},
		{"a commit index that goes back", "violated Refinement after event 10: n1 takes a step that is no " +
			"sequence of actions, as they lead to commit index 1",
			func(t *tape) {
				commit(t)
				t.do(1, commits(0))
			}},
		{"a configuration that no entry has", "violated Refinement after event 8: n2 takes a step that is no " +
			"sequence of actions, as they lead to the configuration {1 2 3}",
			func(t *tape) {
				follow(t)
				t.do(2, acts(0, votersOf(1, 2)))
			}},
		{"a configuration of an entry that has none", "violated Refinement after event 10: n1 takes a step that " +
			"is no sequence of actions, as they lead to the configuration {1 2 3}",
			func(t *tape) {
				commit(t)
				t.step(1, &raft.Propose{Data: []byte("b")}, appends(1, "b"), acts(2, votersOf(1, 2)))
			}},
		{"a configuration that a snapshot brings", "held Refinement", func(t *tape) {
			commit(t)
			t.do(3, in(1), follows(1))
			t.do(3, t.installs(1, t.nodes[1].log[0].ID), acts(1, votersOf(1, 2)))
		}},
		{"a configuration that the operator did not ask for", "violated Refinement after event 10: n1 takes a " +
			"step that is no Reconfigure to {1 2}&{1 2 3}, as the operator did not ask for it",
			func(t *tape) {
				commit(t)
				t.step(1, &raft.Reconfigure{Voters: raft.NodeSetOf(1, 3)}, appends(1, "-3"),
					acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
			}},
		{"a configuration that the operator asked for", "held Refinement", func(t *tape) {
			commit(t)
			t.step(1, &raft.Reconfigure{Voters: raft.NodeSetOf(1, 2)}, appends(1, "-3"),
				acts(2, joint(raft.FirstNodes(3), raft.NodeSetOf(1, 2))))
		}},
	} {
		tape := newTapeOf(4, 3)
		c.steps(tape)
		if got := refine(tape, 0, false).String(); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.about, got, c.want)
		}
	}
}

// follow makes n1 the leader, and n2 stores its first entry.
func follow(t *tape) {
	elect(t)
	t.step(1, &raft.Propose{Data: []byte("a")}, appends(1, "a"), writes(1))
	t.step(2, &raft.Receive{Msg: raft.Message{From: 1, To: 2}}, follows(1), appends(1, "a"), writes(1),
		sends(2, 2, raft.Promise{Term: 1, Last: raft.EntryID{Term: 1, Index: 1}}))
}

// commit lets n1 commit its first entry.
func commit(t *tape) {
	follow(t)
	t.persist(2, 2)
	t.persist(1, 2, commits(1))
}

// reading asks n1 for a read, which it answers at once.
func reading(t *tape, lease bool) {
	t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: lease}, answers(1, raft.Done))
}

// TestRefinement_reads: an answer needs a round of messages, or a lease.
func TestRefinement_reads(t *testing.T) {
	// The tape has no pre-votes, so nodes may count any.
	early := "violated Refinement after event 10: n1 takes a step that is no DoneRead, as no quorum answered " +
		"the leader of the term since the read came"
	for _, c := range []struct {
		about, want string
		liberties   raft.Liberties
		preVote     bool
		reads       func(*tape)
	}{
		{"from the lease", "held Refinement", raft.OldPreVotes, true, func(t *tape) { reading(t, true) }},
		{"without a lease", early, raft.OldPreVotes, true, func(t *tape) { reading(t, false) }},
		{"without pre-votes", early, 0, false, func(t *tape) { reading(t, true) }},
		{"that moves", "held Refinement", raft.MovesReads, false, func(t *tape) { reading(t, false) }},
		{"after a round", "held Refinement", 0, false, func(t *tape) {
			t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
			t.step(2, &raft.Tick{}, sends(2, 0, toTerm(1)))
			t.do(1, answers(1, raft.Done))
		}},
		{"after a round whose messages promise no term", "held Refinement", 0, false, func(t *tape) {
			t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
			t.step(2, &raft.Tick{}, sends(2, 0, raft.Promise{}))
			t.do(1, answers(1, raft.Done))
		}},
		{"after a round that came before", strings.Replace(early, "10", "12", 1), 0, false, func(t *tape) {
			t.step(2, &raft.Tick{}, sends(2, 0, toTerm(1)))
			t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
			t.do(1, answers(1, raft.Done))
		}},
		{"after a round that came before, when another node had the read", strings.Replace(early, "10", "14", 1), 0,
			false, func(t *tape) {
				t.do(2, commits(1))
				t.step(2, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
				t.step(2, &raft.Tick{}, sends(2, 0, toTerm(1)))
				t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
				t.do(1, answers(1, raft.Done))
			}},
		{"of another operation than the lease's", "violated Refinement after event 11: n1 takes a step that is " +
			"no DoneRead, as no quorum answered the leader of the term since the read came", raft.OldPreVotes, true,
			func(t *tape) {
				t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
				t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 2}, Lease: true}, answers(1, raft.Done))
			}},
		{"of a follower that is asked for its lease", "violated Refinement after event 10: n2 takes a step that " +
			"is no DoneRead, as no quorum answered the leader of the term since the read came", raft.OldPreVotes, true,
			func(t *tape) {
				t.step(2, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: true}, answers(1, raft.Done))
			}},
	} {
		tape := newTape(3)
		commit(tape)
		c.reads(tape)
		if got := refine(tape, c.liberties, c.preVote).String(); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.about, got, c.want)
		}
	}
}

// blank appends a blank entry of a term.
func blank(term raft.Term) move {
	return func(p *player, _ *trace.Record) {
		id := raft.EntryID{Term: term, Index: raft.Index(len(p.log) + 1)}
		p.log = append(p.log[:len(p.log):len(p.log)], trace.DigestOf(&raft.Entry{ID: id, Kind: raft.NoOp}))
	}
}

// TestRefinement_blanks: a leader appends blank entries amid its term, if that is a liberty.
func TestRefinement_blanks(t *testing.T) {
	tape := newTape(3)
	elect(tape)
	tape.do(1, blank(1))
	tape.do(1, blank(1))
	if got := refine(tape, raft.Blanks, false).String(); got != "held Refinement" {
		t.Errorf("got %s", got)
	}
}

// TestRefinement_applied: a leader that acts by what it applied may commit, in the step in which it
// applies a configuration, by that one.
func TestRefinement_applied(t *testing.T) {
	tape := newTape(3)
	for id := range tape.all.All() {
		tape.nodes[id].status.ConfigApplied = true
	}
	commit(tape)
	tape.step(1, &raft.Propose{Data: []byte("b")}, appends(1, "b"), writes(1))
	tape.persist(1, 3, commits(2), applies(2), acts(1, votersOf(1)))
	if got := refine(tape, 0, false).String(); got != "held Refinement" {
		t.Errorf("got %s", got)
	}
}

// returns lets n1 crash, boot with what its disk has, and lead term 2.
func returns(t *tape) {
	log := len(t.nodes[1].log)
	t.crash(1, t.nodes[1].durable)
	t.boot(1, in(1), votesFor(1), keeps(log))
	t.step(1, &raft.Timeout{}, stands(1, 2), writes(1))
	t.persist(1, 1)
	vote := t.nodes[2].written + 1
	t.step(2, &raft.Receive{Msg: raft.Message{From: 1, To: 2}}, in(2), votesFor(1), writes(1),
		sends(2, vote, raft.Promise{Term: 2, Vote: 1}))
	t.persist(2, vote)
	t.step(1, &raft.Receive{Msg: raft.Message{From: 2, To: 1}}, role(raft.Leader), follows(1))
}

// TestRefinement_crash: a node that crashed forgets its reads, and the rounds that confirmed them.
func TestRefinement_crash(t *testing.T) {
	tape := newTape(3)
	follow(tape)
	tape.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}})
	tape.persist(2, 2)
	tape.persist(1, 2, commits(1))
	returns(tape)
	reading(tape, false)
	want := "violated Refinement after event 18: n1 takes a step that is no DoneRead, as no quorum answered " +
		"the leader of the term since the read came"
	if got := refine(tape, 0, false).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRefinement_hidden: a node that once hid its state ends the judgement.
func TestRefinement_hidden(t *testing.T) {
	tape := newTape(3)
	tape.nodes[3].hidden = true
	tape.boot(3)
	tape.do(2, votesFor(3))
	want := "not checked Refinement: a node does not show its state"
	if got := refine(tape, 0, false).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestRefinement_concedes: a candidate gives up without a leader of its term, if that is a liberty.
func TestRefinement_concedes(t *testing.T) {
	tape := newTape(3)
	tape.step(1, &raft.Timeout{}, stands(1, 1), writes(1))
	tape.do(1, role(raft.Follower))
	refused := "violated Refinement after event 2: n1 takes a step that is no Concede in term 1, as "
	if got := refine(tape, raft.Concedes, false).String(); got != "held Refinement" {
		t.Errorf("got %s", got)
	}
	if got := refine(tape, 0, false).String(); !strings.HasPrefix(got, refused) {
		t.Errorf("got %s, want %s...", got, refused)
	}
}

// passesOn sends a TimeoutNow.
func passesOn(to raft.NodeID) move {
	return func(p *player, r *trace.Record) {
		m := raft.Message{From: r.Node, To: to, Kind: trace.TimeoutNow, Promise: toTerm(p.status.Term)}
		r.Out.Sends = append(r.Out.Sends, m)
	}
}
