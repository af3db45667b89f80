package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// applies has a node apply entries and answer clients.
func (s *stage) applies(id raft.NodeID, replies []raft.Reply, entries ...raft.Entry) []trace.Record {
	s.t.Helper()
	return s.does(id, raft.Output{Applied: entries, Replies: replies})
}

func TestClient_callAndReply(t *testing.T) {
	s := newStage(t, 2)
	told := s.do("call c3 2 put x 7")
	require.Equal(t, []trace.Kind{trace.Called, trace.Stepped}, kinds(told))
	require.Equal(t, raft.OpID{Client: 3, Seq: 1}, told[0].Op)
	require.Equal(t, "put x 7", told[0].Text)
	require.Equal(t, []string{"c3.1 put x 7 <nil>"}, s.heard(2))
	require.True(t, s.Open(3))
	require.Equal(t, []raft.OpID{{Client: 3, Seq: 1}}, s.View().Open)

	called := told[0].Time
	told = s.applies(2, answer(3, 1, raft.Done), entry(1, 3, 1, "put x 7"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told))
	require.Equal(t, "ok", told[1].Text)
	require.False(t, s.Open(3))
	require.Empty(t, s.View().Open)
	require.Equal(t, linearizability.History{
		{Client: 3, Key: "x", Input: "put 7", Output: "ok", Call: called, Return: told[1].Time, Position: 1},
	}, s.History())
	require.NoError(t, s.History().Validate())
}

func TestClient_hasOneOpenCallAtMost(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 get x")
	s.ignores("call c1 1 get y")
	s.do("call c2 1 get y")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "get x"))
	s.heard(1)
	s.do("call c1 1 get y")
	require.Equal(t, []string{"c1.2 get y <nil>"}, s.heard(1))
	require.Len(t, s.History(), 3)
}

func TestClient_callToANodeThatHearsNothing(t *testing.T) {
	for _, fault := range []string{"crash 1", "pause 1"} {
		s := newStage(t, 2)
		s.do(fault)
		require.Equal(t, []trace.Kind{trace.Called}, kinds(s.do("call c1 1 get x")))
		require.True(t, s.Open(1))
		s.ignores("retry c1 1")
		s.do("retry c1 2")
		require.Equal(t, []string{"c1.1 get x <nil>"}, s.heard(2))
	}
}

func TestClient_retriesTheSameOperation(t *testing.T) {
	s := newStage(t, 2)
	s.ignores("retry c1 2")
	s.do("call c1 1 append x 1", "retry c1 2", "retry c1 2")
	require.Equal(t, []string{"c1.1 append x 1 <nil>"}, s.heard(1))
	require.Equal(t, []string{"c1.1 append x 1 <nil>", "c1.1 append x 1 <nil>"}, s.heard(2))
	require.Len(t, s.History(), 1)

	twice := []raft.Entry{entry(1, 1, 1, "append x 1"), entry(2, 1, 1, "append x 1")}
	s.applies(2, append(answer(1, 1, raft.Done), answer(1, 1, raft.Done)...), twice...)
	require.Equal(t, 1, s.History()[0].Position)
	s.ignores("retry c1 1")

	s.do("call c1 2 get x")
	told := s.applies(2, answer(1, 2, raft.Done), entry(3, 1, 2, "get x"))
	require.Equal(t, "1", told[1].Text, "it took effect once")
}

func TestClient_declined(t *testing.T) {
	for _, o := range []raft.Outcome{raft.Rejected, raft.Unknown} {
		s := newStage(t, 2)
		s.says(1, raft.Output{Replies: answer(1, 1, o)})
		told := s.do("call c1 1 get x")
		require.Equal(t, []trace.Kind{trace.Called, trace.Stepped, trace.Declined}, kinds(told))
		require.Equal(t, o, told[2].Outcome)
		require.True(t, s.Open(1), "it may try again")
		s.do("retry c1 2")
		s.applies(2, answer(1, 1, raft.Done), entry(1, 1, 1, "get x"))
		require.False(t, s.Open(1))
	}
}

func TestClient_abandonLeavesTheCallPending(t *testing.T) {
	s := newStage(t, 1)
	s.ignores("abandon c1")
	s.do("call c1 1 put x 1")
	require.Equal(t, []trace.Kind{trace.Abandoned}, kinds(s.do("abandon c1")))
	require.False(t, s.Open(1))
	require.Empty(t, s.View().Open)
	s.ignores("abandon c1", "retry c1 1")

	told := s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 1"))
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told), "nobody waits for the answer")
	s.Finish()
	require.Len(t, s.History(), 1)
	require.True(t, s.History()[0].Pending())
	require.Equal(t, 1, s.History()[0].Position)
}

func TestClient_lateAnswerToAnEarlierOperation(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 1", "retry c1 1", "retry c1 1", "abandon c1", "call c1 1 put x 2")
	for _, o := range []raft.Outcome{raft.Rejected, raft.Unknown, raft.Done} {
		require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.applies(1, answer(1, 1, o))))
	}
	require.True(t, s.Open(1))
}

func TestClient_positionsAreTheOrderOfApplication(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1", "call c2 1 put x 2", "call c3 1 get x", "call c4 1 get x")
	log := []raft.Entry{
		{ID: raft.EntryID{Term: 1, Index: 1}, Kind: raft.NoOp},
		entry(2, 2, 1, "put x 2"), entry(3, 1, 1, "put x 1"), entry(4, 2, 1, "put x 2"), entry(5, 3, 1, "get x"),
	}
	s.applies(1, nil, log[:3]...)
	s.applies(2, nil, log...)
	s.applies(1, answer(3, 1, raft.Done), log[3:]...)
	positions := []int{}
	for _, o := range s.History() {
		positions = append(positions, o.Position)
	}
	require.Equal(t, []int{2, 1, 3, 0}, positions)
	require.Equal(t, "1", s.History()[2].Output)
}

func TestClient_stateMachineForgetsOnACrash(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 1")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 1"))
	s.do("call c2 1 get x", "crash 1", "restart 1", "retry c2 1")
	told := s.applies(1, answer(2, 1, raft.Done), entry(2, 2, 1, "get x"))
	require.Equal(t, "nil", told[1].Text)
}

// TestClient_answeredOnce: a node answers each attempt once, whether the client still waits
// or not. A node that was not asked, or that crashed since, owes no answer.
func TestClient_answeredOnce(t *testing.T) {
	const tooOften = "answered operation 1 of client c1 with unknown, and owed no answer"
	for name, events := range map[string][]string{
		"a call":                 {"call c1 1 put x 1"},
		"a read":                 {"read c1 1 get x"},
		"a call without waiting": {"call c1 1 put x 1", "abandon c1", "call c1 1 put x 2"},
		"a read without waiting": {"read c1 1 get x", "abandon c1", "read c1 2 get x"},
		"after a crash":          {"call c1 1 put x 1", "crash 1", "restart 1", "retry c1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 2)
			s.do(events...)
			told := s.does(2, raft.Output{Replies: answer(1, 1, raft.Unknown)})
			require.Equal(t, trace.BrokeContract, told[1].Kind)
			require.Equal(t, tooOften, told[1].Text)
			told = s.does(1, raft.Output{Replies: answer(1, 1, raft.Unknown)})
			require.NotContains(t, kinds(told), trace.BrokeContract)
			told = s.does(1, raft.Output{Replies: answer(1, 1, raft.Unknown)})
			require.Equal(t, trace.BrokeContract, told[1].Kind)
			require.Equal(t, tooOften, told[1].Text)
		})
	}
	s := newStage(t, 1)
	s.do("call c1 1 put x 1", "crash 1", "restart 1")
	told := s.does(1, raft.Output{Replies: answer(1, 1, raft.Unknown)})
	require.Equal(t, tooOften, told[1].Text)
}

func TestClient_forgottenOperations(t *testing.T) {
	tests := map[string]struct {
		events func(*stage)
		left   int
	}{
		"never asked": {func(s *stage) { s.do("crash 1", "call c1 1 get x") }, 0},
		"rejected by all": {func(s *stage) {
			s.do("call c1 1 get x", "retry c1 2")
			s.applies(1, answer(1, 1, raft.Rejected))
			s.applies(2, answer(1, 1, raft.Rejected))
		}, 0},
		"rejected, and abandoned": {func(s *stage) {
			s.do("call c1 1 get x", "abandon c1")
			s.applies(1, answer(1, 1, raft.Rejected))
		}, 0},
		"rejected by one of two": {func(s *stage) {
			s.do("call c1 1 get x", "retry c1 2")
			s.applies(1, answer(1, 1, raft.Rejected))
		}, 1},
		"unknown": {func(s *stage) {
			s.do("call c1 1 get x")
			s.applies(1, answer(1, 1, raft.Unknown))
		}, 1},
		"unanswered": {func(s *stage) { s.do("call c1 1 get x") }, 1},
		"done after a rejection": {func(s *stage) {
			s.do("call c1 1 get x")
			s.applies(1, answer(1, 1, raft.Rejected))
			s.do("retry c1 2")
			s.applies(2, answer(1, 1, raft.Done), entry(1, 1, 1, "get x"))
		}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 2)
			s.do("call c2 2 put y 1", "call c3 2 put z 1")
			s.applies(2, answer(3, 1, raft.Done), entry(1, 3, 1, "put z 1"))
			test.events(s)
			s.Finish()
			require.Len(t, s.History(), 2+test.left)
			for _, o := range s.History()[:2] {
				require.NotEqual(t, 1, o.Client)
			}
			require.NoError(t, s.History().Validate())
		})
	}
}

func TestClient_triesTheNextNodeWhileTimeRuns(t *testing.T) {
	s := newStage(t, 3)
	s.do("call c1 2 get x", "crash 3")
	s.do("run k=9")
	require.Len(t, proposals(s.heard(2)), 1)
	s.do("run k=1")
	require.Len(t, proposals(s.heard(1)), 1, "node 3 is down, and node 1 comes after it")
	s.do("run k=20")
	require.Len(t, proposals(s.heard(1)), 1)
	require.Len(t, proposals(s.heard(2)), 1)
}

func proposals(heard []string) []string {
	var ps []string
	for _, h := range heard {
		if h[0] == 'c' {
			ps = append(ps, h)
		}
	}
	return ps
}
