package models

import (
	"testing"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// loyalFor is a system whose nodes are loyal for three ticks.
type loyalFor struct{ bounded }

func (loyalFor) Loyalty() int { return 3 }

// gets lets a node receive a message of a term.
func gets(t *tape, id, from raft.NodeID, kind string, term raft.Term, moves ...move) {
	m := raft.Message{From: from, To: id, Kind: kind, Promise: raft.Promise{Term: term}}
	t.step(id, &raft.Receive{Msg: m}, moves...)
}

// led makes n1 the leader of term 1, and n2 hears from it by a message of a kind.
func led(t *tape, kind string) {
	t.do(1, leads(1, 1))
	gets(t, 2, 1, kind, 1, in(1), follows(1))
}

// requests lets a node ask n2 for an election.
func requests(p *player, r *trace.Record) {
	r.Out.Sends = append(r.Out.Sends, raft.Message{From: r.Node, To: 2, Kind: trace.TimeoutNow})
}

// idles lets time pass at a node.
func idles(t *tape, id raft.NodeID, ticks int) {
	for range ticks {
		t.do(id)
	}
}

var loyalties = []traceCase{
	{"votes too early", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 2)
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "n2 votes for n3 in term 2, and heard the leader of term 1 only 2 ticks ago", 5},
	{"a part of a snapshot counts", func(t *tape) {
		led(t, "InstallSnapshot")
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "n2 votes for n3 in term 2, and heard the leader of term 1 only 0 ticks ago", 3},
	{"votes when the time is over", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 3)
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"a message of an earlier term counts for nothing", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 3)
		gets(t, 2, 1, "AppendEntries", 0)
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"a message that it does not obey counts for nothing", func(t *tape) {
		t.do(1, leads(1, 1))
		gets(t, 2, 1, "AppendEntries", 1, in(1), follows(1), role(raft.PreCandidate))
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"adopts the term of a candidate", func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 2, 3, requestVote, 2, in(2))
	}, "n2 adopts term 2 of a candidate, and heard the leader of term 1 only 0 ticks ago", 3},
	{"adopts a term from another message, and votes in it", func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 2, 3, "AppendReply", 2, in(2))
		gets(t, 2, 3, requestVote, 2, votesFor(3))
	}, "n2 votes for n3 in term 2, and heard the leader of term 1 only 0 ticks ago", 4},
	{"stands for election", func(t *tape) {
		led(t, "AppendEntries")
		t.do(2, in(2), votesFor(2))
	}, "n2 stands for election in term 2, and heard the leader of term 1 only 1 ticks ago", 3},
	{"the timer fires out of turn", func(t *tape) {
		led(t, "AppendEntries")
		t.step(2, &raft.Timeout{})
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"an election on request", func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 3, 1, "TimeoutNow", 1, in(2), votesFor(3))
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"an election on request, of which a node hears late", func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 3, 1, "TimeoutNow", 1, in(2), votesFor(3))
		gets(t, 3, 1, "TimeoutNow", 2, in(3), votesFor(3))
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"the election after it", func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 3, 1, "TimeoutNow", 1, in(2), votesFor(3))
		t.do(3, in(3), votesFor(3))
		gets(t, 2, 3, requestVote, 3, in(3), votesFor(3))
	}, "n2 votes for n3 in term 3, and heard the leader of term 1 only 0 ticks ago", 5},
	{"a crash takes no loyalty away", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 2)
		t.crash(2, 0)
		t.boot(2, in(1))
		idles(t, 2, 2)
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "n2 votes for n3 in term 2, and heard the leader of term 1 only 2 ticks ago", 9},
	{"a crash before the term was on the disk", func(t *tape) {
		led(t, "AppendEntries")
		t.crash(2, 0)
		t.boot(2)
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}, "", 0},
	{"a lease that a quorum supports", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 2)
		leaseRead(t, true, raft.Done)
	}, "", 0},
	{"a lease that outlasts the loyalty", func(t *tape) {
		led(t, "AppendEntries")
		idles(t, 2, 3)
		leaseRead(t, true, raft.Done)
	}, "n1 answers from its lease in term 1, and only {1} are loyal to it", 6},
	{"a lease after a request for an election", func(t *tape) {
		led(t, "AppendEntries")
		t.do(1, requests)
		leaseRead(t, true, raft.Done)
	}, "n1 answers from its lease in term 1, in which it asked for an election", 4},
	{"the only voter, after a request for an election", func(t *tape) {
		led(t, "AppendEntries")
		t.do(1, requests)
		t.do(1, appends(1, "-2"), acts(1, votersOf(1)))
		leaseRead(t, true, raft.Done)
	}, "", 0},
	{"a lease under another configuration", func(t *tape) {
		led(t, "AppendEntries")
		t.do(1, appends(1, "+3"), acts(1, votersOf(1, 2, 3)))
		idles(t, 2, 3)
		leaseRead(t, true, raft.Done)
	}, "", 0},
}

func TestLoyalty(t *testing.T) {
	c := CheckersOf(loyalFor{})
	testChecker(t, &preVoting{c[len(c)-2].(*Loyalty)}, loyalties)
}

// preVoting judges a run as one with pre-votes.
type preVoting struct{ *Loyalty }

func (c *preVoting) Observe(v *trace.View, r *trace.Record) string {
	v.PreVote = true
	return c.Loyalty.Observe(v, r)
}

// TestLoyalty_notAsked: without pre-votes nobody is loyal, and a batch is not judged.
func TestLoyalty_notAsked(t *testing.T) {
	early := func(t *tape) {
		led(t, "AppendEntries")
		gets(t, 2, 3, requestVote, 2, in(2), votesFor(3))
	}
	tape := newTape(3)
	early(tape)
	if got := judge(tape, &Loyalty{ticks: 3}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	tape = newTape(3)
	tape.step(3, &raft.Batch{Inputs: 2})
	early(tape)
	if got := judge(tape, &preVoting{&Loyalty{ticks: 3}}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
