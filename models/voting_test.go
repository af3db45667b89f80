package models

import (
	"testing"

	"raftcheck/raft"
)

func TestVoting(t *testing.T) {
	testChecker(t, new(Voting), []traceCase{
		{"a node that boots as a leader", func(t *tape) {
			t.crash(2, 0)
			t.boot(2, leads(2, 1))
		}, "n2 booted as a leader", 2},
		{"a node that boots as a candidate", func(t *tape) {
			t.crash(2, 0)
			t.boot(2, stands(2, 1))
		}, "n2 booted as a candidate", 2},
		{"a leader that voted for another node", func(t *tape) {
			t.do(1, in(1), votesFor(2), role(raft.Leader))
		}, "n1 is a leader of term 1 and its vote is for n2", 1},
		{"a leader without a vote", func(t *tape) {
			t.do(1, in(1), role(raft.Leader))
		}, "n1 is a leader of term 1 and its vote is for none", 1},
		{"a candidate that voted for another node", func(t *tape) {
			t.do(1, in(1), votesFor(2), role(raft.Candidate))
		}, "n1 is a candidate of term 1 and its vote is for n2", 1},
		{"a candidate that begins no term", func(t *tape) {
			t.do(1, in(1))
			t.do(1, votesFor(1), role(raft.Candidate))
		}, "n1 stands for election in term 1, which it had entered before", 2},
		{"a vote for nobody", func(t *tape) {
			t.do(1, in(1), votesFor(9))
		}, "n1 votes for n9, which is no node", 1},
		{"a vote for a shorter log", func(t *tape) {
			t.do(2, in(1), appends(1, "a", "b"))
			t.do(1, stands(1, 2), appends(1, "a"))
			t.do(2, in(2), votesFor(1))
		}, "n2 votes in term 2 for n1, whose log ends at t1i1, and its own ends at t1i2", 3},
		{"a vote for a longer log of an earlier term", func(t *tape) {
			t.do(2, in(2), appends(2, "b"))
			t.do(1, stands(1, 3), appends(1, "a", "b", "c"))
			t.do(2, in(3), votesFor(1))
		}, "n2 votes in term 3 for n1, whose log ends at t1i3, and its own ends at t2i1", 3},
		{"a late vote for the leader, whose log was shorter", func(t *tape) {
			t.do(2, in(1), appends(1, "a"))
			t.do(1, stands(1, 2))
			t.do(1, role(raft.Leader), appends(2, "b", "c"))
			t.do(2, in(2), votesFor(1))
		}, "n2 votes in term 2 for n1, whose log ends at t0i0, and its own ends at t1i1", 4},
		{"votes for logs as long, or longer", func(t *tape) {
			t.do(2, in(1), appends(1, "a"))
			t.do(1, stands(1, 2), appends(1, "a"))
			t.do(2, in(2), votesFor(1))
			t.do(1, role(raft.Leader), appends(2, "b"))
			t.do(3, in(2), votesFor(1))
		}, "", 0},
		{"a late vote for a node that is not a candidate any more", func(t *tape) {
			t.do(2, in(1), appends(1, "a"))
			t.do(1, stands(1, 2), appends(1, "a"))
			t.do(1, in(3), cuts(0))
			t.do(2, in(2), votesFor(1))
		}, "", 0},
		{"a late vote for a node that follows the leader of its term now", func(t *tape) {
			t.do(2, in(1), appends(1, "a"))
			t.do(1, stands(1, 2), appends(1, "a"))
			t.do(1, role(raft.Follower), follows(3), cuts(0))
			t.do(2, in(2), votesFor(1))
		}, "", 0},
		{"a vote that becomes older than the log", func(t *tape) {
			t.do(1, stands(1, 2))
			t.do(2, in(2), votesFor(1))
			t.do(2, appends(2, "a"))
		}, "", 0},
		{"a node that boots with a vote for itself", func(t *tape) {
			t.do(2, stands(2, 1))
			t.crash(2, 0)
			t.boot(2, in(1), votesFor(2))
		}, "", 0},
		{"a follower that stores the term before it votes", func(t *tape) {
			t.do(1, in(2), writes(1))
			t.persist(1, 1, votesFor(1), writes(1))
			t.persist(1, 2, role(raft.Candidate))
		}, "", 0},
		{"a pre-candidate that begins the term before it votes", func(t *tape) {
			t.do(1, in(1), role(raft.PreCandidate))
			t.do(1, in(2), role(raft.PreCandidate))
			t.do(1, votesFor(1), role(raft.Candidate))
		}, "", 0},
	})
}
