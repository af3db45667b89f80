package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// timed is an operation in the log, with its times.
func timed(i raft.Index, client, seq uint32, born, stamp uint64, op string) raft.Entry {
	return raft.Entry{ID: raft.EntryID{Term: 1, Index: i}, Data: session.AppendCommand(nil, client, seq, born, stamp, op)}
}

func TestSession_timesOfACommand(t *testing.T) {
	s := newStage(t, 3)
	var heard []session.Command
	for id := range s.All().All() {
		s.cast.puppets[id].acts = func(in raft.Input) raft.Output {
			if p, ok := in.(*raft.Propose); ok {
				c, err := session.DecodeCommand(store, p.Data)
				require.NoError(t, err)
				c.Op = nil
				heard = append(heard, c)
			}
			return raft.Output{}
		}
	}
	s.do("tick 1 k=5", "tick 2 k=9", "tick 3", "call c1 1 get x", "tick 1", "retry c1 1", "retry c1 2", "retry c1 3")
	s.do("abandon c1", "tick 2 k=2", "crash 2", "call c1 2 get x", "restart 2", "retry c1 2")
	s.do("abandon c1", "call c1 3 get x")
	require.Equal(t, []session.Command{
		{Client: 1, Seq: 1, Born: 5, Stamp: 5},
		{Client: 1, Seq: 1, Born: 5, Stamp: 6},
		{Client: 1, Seq: 1, Born: 5, Stamp: 9},
		{Client: 1, Seq: 1, Born: 5, Stamp: 1},
		{Client: 1, Seq: 2, Born: 11, Stamp: 11}, // the clock survives a crash, and can be read while the node is down
		{Client: 1, Seq: 3, Born: 1, Stamp: 1},   // by another clock
	}, heard)
}

func TestSession_clockOfANewRun(t *testing.T) {
	s := newStage(t, 1)
	s.do("tick 1 k=5")
	s.Reset(s.cast, &Schedule{Service: store, Nodes: 1})
	require.Zero(t, s.nodes[1].clock)
}

func TestSession_executions(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 7", "call c2 1 get x")
	told := s.applies(1, nil,
		timed(1, 1, 1, 0, 0, "put x 7"), raft.Entry{ID: raft.EntryID{Term: 1, Index: 2}, Kind: raft.NoOp},
		timed(3, 1, 1, 0, 0, "put x 7"), timed(4, 2, 1, 0, session.Ticks, "get x"))
	ok, none := s.hash("ok"), s.hash("")
	one, two := raft.OpID{Client: 1, Seq: 1}, raft.OpID{Client: 2, Seq: 1}
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told))
	require.Equal(t, []trace.Execution{
		{Index: 1, Op: one, Did: trace.Executed, Result: ok},
		{Index: 3, Op: one, Did: trace.Repeated, Result: ok},
		{Index: 4, Op: two, Did: trace.OutOfTime, Result: none},
	}, told[0].Executed)
	require.NotEqual(t, ok, none)
}

func TestSession_expired(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 7", "retry c1 1")
	told := s.applies(1, answer(1, 1, raft.Done), timed(1, 1, 1, 0, session.Ticks, "put x 7"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Expired}, kinds(told))
	require.Equal(t, raft.OpID{Client: 1, Seq: 1}, told[1].Op)
	require.Equal(t, raft.NodeID(1), told[1].Node)
	require.False(t, s.Open(1))
	require.Empty(t, s.View().Open)
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Replies: answer(1, 1, raft.Done)})))
	s.Finish()
	require.Len(t, s.History(), 1)
	require.True(t, s.History()[0].Pending(), "nobody knows")
	require.Zero(t, s.History()[0].Position)
}

func TestSession_expiredInAnEarlierStep(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 7", "retry c1 2")
	s.applies(1, nil, timed(1, 1, 1, 0, session.Ticks, "put x 7"))
	told := s.does(2, raft.Output{Replies: answer(1, 1, raft.Done)})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told), "another node knows nothing of it")
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Expired}, kinds(s.does(1, raft.Output{Replies: answer(1, 1, raft.Done)})))
}

func TestSession_expiredBeforeACrash(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 7")
	s.applies(1, nil, timed(1, 1, 1, 0, session.Ticks, "put x 7"))
	s.do("crash 1", "restart 1")
	told := s.does(1, raft.Output{Replies: answer(1, 1, raft.Done)})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
}

// A node that applies several entries at once answers for the first when its
// machine may have forgotten the session already.
func TestSession_answeredAfterItWasForgotten(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 append x 7", "call c2 1 get x")
	told := s.applies(1, answer(1, 1, raft.Done),
		timed(1, 1, 1, 0, 0, "append x 7"), timed(2, 2, 1, 5*session.Ticks, 5*session.Ticks, "get x"), timed(3, 1, 1, 0, 0, "append x 7"))
	require.Equal(t, trace.OutOfTime, told[0].Executed[2].Did)
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told))
	require.Equal(t, "ok", told[1].Text)
}

// TestNode_remember: the machine's word about an operation is kept until it executes it after
// all, or has a later one of that client. An earlier operation never comes back.
func TestNode_remember(t *testing.T) {
	s := newStage(t, 1)
	n := &s.nodes[1]
	op := func(seq uint32) raft.OpID { return raft.OpID{Client: 1, Seq: seq} }
	n.remember(op(2), "", session.Expired)
	n.remember(op(2), "late", session.Executed)
	result, did := n.answerTo(op(2))
	require.Equal(t, "late", result)
	require.Equal(t, session.Executed, did)
	n.remember(op(2), "again", session.Executed)
	result, _ = n.answerTo(op(2))
	require.Equal(t, "late", result, "executed once")

	n.remember(op(3), "", session.Expired)
	n.remember(op(2), "old", session.Executed)
	_, did = n.answerTo(op(3))
	require.Equal(t, session.Expired, did)
}
