package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestContract_breaks(t *testing.T) {
	tests := map[string]struct {
		out  raft.Output
		text string
	}{
		"write numbered 0":     {raft.Output{Writes: writes(0, "a")}, "write 0 where write 1 was due"},
		"write that skips one": {raft.Output{Writes: writes(2, "a")}, "write 2 where write 1 was due"},
		"write again": {
			raft.Output{Writes: append(writes(1, "a"), writes(1, "b")...)}, "write 1 where write 2 was due",
		},
		"in another's name": {raft.Output{Sends: letters(2, 3, 0, "x")}, "a message in the name of n2"},
		"in nobody's name":  {raft.Output{Sends: letters(0, 3, 0, "x")}, "a message in the name of none"},
		"to itself":         {raft.Output{Sends: letters(1, 1, 0, "x")}, "a message to n1"},
		"to nobody":         {raft.Output{Sends: letters(1, 0, 0, "x")}, "a message to none"},
		"to a stranger":     {raft.Output{Sends: letters(1, 4, 0, "x")}, "a message to n4"},
		"to no node at all": {raft.Output{Sends: letters(1, 255, 0, "x")}, "a message to n255"},
		"after a future write": {
			raft.Output{Writes: writes(1, "a"), Sends: letters(1, 2, 2, "x")}, "a message after write 2, of 1 writes",
		},
		"answer to nobody": {
			raft.Output{Replies: answer(0, 1, raft.Done)}, "answered request 1 of the operator, which was never asked",
		},
		"answer to a stranger": {
			raft.Output{Replies: answer(17, 1, raft.Rejected)}, "answered operation 1 of client c17, which was never called",
		},
		"answer too early": {
			raft.Output{Replies: answer(1, 2, raft.Unknown)}, "answered operation 2 of client c1, which was never called",
		},
		"done without applying": {
			raft.Output{Replies: answer(1, 1, raft.Done)}, "answered operation 1 of client c1 as done without applying it",
		},
		"bytes that are no command": {
			raft.Output{Applied: []raft.Entry{{ID: raft.EntryID{Term: 1, Index: 1}, Data: []byte("\x01\x01\x00\x00fly x")}}},
			"applied t1i1, which no client proposed: command: expected get, put, append, cas or delete, found \"fly\"",
		},
		"command of a client that never called": {
			raft.Output{Applied: []raft.Entry{entry(1, 2, 1, "get x")}},
			"applied operation 1 of client c2, which was never called",
		},
		"command of a stranger": {
			raft.Output{Applied: []raft.Entry{entry(1, 1<<31, 1, "get x")}},
			"applied operation 1 of client c2147483648, which was never called",
		},
		"command to come": {
			raft.Output{Applied: []raft.Entry{entry(1, 1, 2, "get x")}},
			"applied operation 2 of client c1, which was never called",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 3)
			s.do("call c1 1 get x")
			told := s.does(1, test.out)
			require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
			require.Equal(t, raft.NodeID(1), told[1].Node)
			require.Equal(t, test.text, told[1].Text)
			require.True(t, s.Up().Has(1), "it is told, not punished")
		})
	}
}

func TestContract_appliedAfterEveryAttemptWasRejected(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1")
	s.applies(1, answer(1, 1, raft.Rejected))
	told := s.applies(2, nil, entry(1, 1, 1, "put x 1"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
	require.Equal(t, "applied operation 1 of client c1, which every node it asked had rejected", told[1].Text)
}

func TestContract_rejectedAlthoughItTookEffect(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1")
	told := s.applies(1, answer(1, 1, raft.Rejected), entry(1, 1, 1, "put x 1"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
	require.Equal(t, "rejected operation 1 of client c1, which took effect", told[1].Text)
}

// TestContract_rejectedTwice accuses the node that said it twice, and not the
// other one, which applies the operation.
func TestContract_rejectedTwice(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1", "retry c1 2")
	told := s.does(1, raft.Output{Replies: append(answer(1, 1, raft.Rejected), answer(1, 1, raft.Rejected)...)})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Declined, trace.BrokeContract}, kinds(told))
	require.Equal(t, "answered operation 1 of client c1 with rejected, and owed no answer", told[2].Text)
	require.Equal(t, raft.NodeID(1), told[2].Node)
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.applies(2, nil, entry(1, 1, 1, "put x 1"))))
}

func TestContract_theRestOfABrokenStepIsCarriedOut(t *testing.T) {
	tests := map[string]raft.Output{
		"bad write":   {Writes: append(writes(1, "a"), writes(9, "b")...)},
		"bad message": {Writes: writes(1, "a"), Sends: letters(1, 1, 0, "x")},
	}
	for name, out := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 2)
			s.do("call c1 1 put x 7")
			out.Applied, out.Replies = []raft.Entry{entry(1, 1, 1, "put x 7")}, answer(1, 1, raft.Done)
			told := s.does(1, out)
			require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned, trace.BrokeContract}, kinds(told))
			require.Len(t, told[0].Applied, 1)
			require.Equal(t, 1, s.PendingWrites(1))
			require.Equal(t, raft.NodeSetOf(1), s.Dirty(), "what it wrote can become durable")
		})
	}
}

func TestContract_entryFarBeyondTheLogCostsNothing(t *testing.T) {
	s := newStage(t, 1)
	for i, index := range []raft.Index{1 << 20, 1<<64 - 1, 0} {
		s.do("call c1 1 put x 1")
		e := entry(index, 1, uint32(i+1), "put x 1")
		told := s.applies(1, answer(1, uint32(i+1), raft.Done), e)
		require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told))
	}
	require.LessOrEqual(t, len(s.commands), 1)
}

func TestContract_answerOfNoKnownOutcome(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 get x")
	told := s.applies(1, answer(1, 1, raft.Rejected+1))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
	require.Equal(t, "answered operation 1 of client c1 with outcome 3, which is none", told[1].Text)
}
