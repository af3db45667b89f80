package models

import (
	"testing"

	"raftcheck/raft"
)

// leaseRead adds a step of n1 that receives a read and answers with an outcome.
func leaseRead(t *tape, lease bool, o raft.Outcome) {
	t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: lease}, answers(1, o))
}

// deposed makes n1 the leader of term 1, and n2 that of term 2, which commits an entry.
func deposed(t *tape) {
	t.do(1, leads(1, 1), appends(1, "a"), commits(1))
	t.do(2, leads(2, 2), appends(1, "a"), appends(2, "b"), commits(2))
}

func TestLeases(t *testing.T) {
	testChecker(t, new(Leases), []traceCase{
		{"a deposed leader answers", func(t *tape) {
			deposed(t)
			leaseRead(t, true, raft.Done)
		}, "n1 answers from its lease in term 1, and t2i2 was committed in term 2", 3},
		{"the next leader has committed an old entry", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"))
			t.do(2, leads(2, 2), appends(1, "a"), commits(1))
			leaseRead(t, true, raft.Done)
		}, "n1 answers from its lease in term 1, and t1i1 was committed in term 2", 3},
		{"a leader answers", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), commits(1))
			leaseRead(t, true, raft.Done)
		}, "", 0},
		{"another leader has committed nothing", func(t *tape) {
			t.do(1, leads(1, 1), appends(1, "a"), commits(1))
			t.do(2, leads(2, 2), appends(1, "a"), appends(2, "b"))
			leaseRead(t, true, raft.Done)
		}, "", 0},
	})
}

// TestLeases_notAsked: a read that waits, is rejected, or must not use a lease.
func TestLeases_notAsked(t *testing.T) {
	for _, read := range []func(*tape){
		func(t *tape) { leaseRead(t, false, raft.Done) },
		func(t *tape) { leaseRead(t, true, raft.Rejected) },
		func(t *tape) {
			t.step(1, &raft.Read{Op: raft.OpID{Client: 1, Seq: 1}, Lease: true})
			t.do(1, answers(1, raft.Done))
		},
	} {
		tape := newTape(3)
		deposed(tape)
		read(tape)
		if got := judge(tape, new(Leases)); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	}
}
