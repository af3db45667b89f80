package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestRead_askAndAnswer(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 7")
	s.applies(2, nil, entry(1, 1, 1, "put x 7"))
	s.heard(2)
	told := s.do("read c2 2 get x")
	require.Equal(t, []trace.Kind{trace.Called, trace.Stepped}, kinds(told))
	require.Equal(t, raft.OpID{Client: 2, Seq: 1}, told[0].Op)
	require.Equal(t, "get x", told[0].Text)
	require.Equal(t, []string{"c2.1 read, lease false"}, s.heard(2))
	s.ignores("read c2 1 get x", "leaseread c2 1 get x", "call c2 1 get x")

	called := told[0].Time
	told = s.does(2, raft.Output{Replies: answer(2, 1, raft.Done)})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told))
	require.Equal(t, "7", told[1].Text)
	require.False(t, s.Open(2))
	require.Equal(t, linearizability.Operation{
		Client: 2, Key: "x", Input: "get", Output: "7", Call: called, Return: told[1].Time,
	}, s.History()[1])
}

// readless is a cast without reads.
type readless struct {
	cast
	why string
}

func (r *readless) Readless() string { return r.why }

func TestRead_notOfAReadlessSystem(t *testing.T) {
	for _, why := range []string{"", "it has none"} {
		s := newStage(t, 2)
		s.Reset(&readless{why: why}, &Schedule{Service: store, Nodes: 2})
		reads := func() (kinds []EventKind) {
			for e := range s.Enabled() {
				if e.Node == 1 && (e.Kind == Call || e.Kind == Read || e.Kind == LeaseRead) {
					kinds = append(kinds, e.Kind)
				}
			}
			return kinds
		}
		if why == "" {
			require.Equal(t, []EventKind{Call, Call, Read, LeaseRead}, reads())
			require.NotEmpty(t, s.do("read c1 1 get x"))
			continue
		}
		require.Equal(t, []EventKind{Call, Call}, reads())
		s.ignores("read c1 1 get x", "leaseread c1 2 get x")
		require.NotEmpty(t, s.do("call c1 1 get x"))
	}
}

func TestRead_seesWhatTheSameStepApplies(t *testing.T) {
	s := newStage(t, 1)
	s.do("call c1 1 put x 7", "read c2 1 get x")
	told := s.applies(1, answer(2, 1, raft.Done), entry(1, 1, 1, "put x 7"))
	require.Equal(t, "7", told[1].Text)
	s.do("read c2 1 get x")
	told = s.restores(1, 2, stateAfter(t, "put x 8"), answer(2, 2, raft.Done))
	require.Equal(t, "8", told[1].Text)
}

func TestRead_retryAsksInTheSameWay(t *testing.T) {
	for event, heard := range map[string]string{"read": "c1.1 read, lease false", "leaseread": "c1.1 read, lease true"} {
		s := newStage(t, 2)
		s.do("pause 1", event+" c1 1 get x", "retry c1 2", "retry c1 2")
		require.Empty(t, s.heard(1))
		require.Equal(t, []string{heard, heard}, s.heard(2))
		s.do("run k=10")
		require.Contains(t, s.heard(2), heard, "while time runs")
	}
}

func TestRead_declined(t *testing.T) {
	for _, o := range []raft.Outcome{raft.Rejected, raft.Unknown} {
		s := newStage(t, 2)
		s.do("read c1 1 get x", "retry c1 1")
		for range 2 {
			told := s.does(1, raft.Output{Replies: answer(1, 1, o)})
			require.Equal(t, []trace.Kind{trace.Stepped, trace.Declined}, kinds(told), "each attempt once")
			require.Equal(t, o, told[1].Outcome)
		}
		require.True(t, s.Open(1))
		s.do("retry c1 2")
		s.does(2, raft.Output{Replies: answer(1, 1, raft.Done)})
		require.False(t, s.Open(1))
	}
}

func TestRead_lateAnswers(t *testing.T) {
	for _, o := range []raft.Outcome{raft.Done, raft.Rejected, raft.Unknown} {
		for _, before := range []string{"abandon c1", "tick 1"} {
			s := newStage(t, 1)
			s.do("read c1 1 get x", "retry c1 1", "retry c1 1")
			if before == "tick 1" {
				s.does(1, raft.Output{Replies: answer(1, 1, raft.Done)})
			}
			s.do(before)
			told := s.does(1, raft.Output{Replies: answer(1, 1, o)})
			require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told), "the client waits no longer")
			s.do("call c1 1 get x")
			told = s.does(1, raft.Output{Replies: answer(1, 1, o)})
			require.Equal(t, []trace.Kind{trace.Stepped}, kinds(told), "it waits for another answer")
		}
	}
}

func TestRead_breaksOfTheContract(t *testing.T) {
	s := newStage(t, 2)
	s.do("read c1 1 get x")
	for _, o := range []raft.Outcome{raft.Done, raft.Rejected} {
		told := s.does(2, raft.Output{Replies: answer(1, 1, o)})
		require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
		require.Equal(t, "answered operation 1 of client c1 with "+o.String()+", and owed no answer", told[1].Text)
	}
	require.True(t, s.Open(1))

	told := s.applies(1, nil, entry(1, 1, 1, "get x"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.BrokeContract}, kinds(told))
	require.Equal(t, "applied operation 1 of client c1, which is a read", told[1].Text)

	s.do("call c2 1 get x")
	told = s.does(1, raft.Output{Replies: answer(2, 1, raft.Done)})
	require.Equal(t, "answered operation 1 of client c2 as done without applying it", told[1].Text, "a call is no read")
}

func TestRead_thatNeverReturnedIsForgotten(t *testing.T) {
	s := newStage(t, 2)
	s.do("read c1 1 get x", "retry c1 2", "read c2 1 get x", "abandon c2", "read c3 1 get x", "call c4 1 put x 1")
	s.does(1, raft.Output{Replies: answer(3, 1, raft.Done)})
	s.Finish()
	require.Len(t, s.History(), 2)
	require.Equal(t, 3, s.History()[0].Client)
	require.Equal(t, 4, s.History()[1].Client)
}

// positions of the operations, in the order of their calls.
func (s *stage) positions() (ps []int) {
	for _, o := range s.History() {
		ps = append(ps, o.Position)
	}
	return ps
}

func TestRead_placesAmongTheOperationsOfTheLog(t *testing.T) {
	s := newStage(t, 3)
	log := []raft.Entry{
		entry(1, 1, 1, "put x 1"), {ID: raft.EntryID{Term: 1, Index: 2}, Kind: raft.NoOp},
		entry(3, 2, 1, "put x 2"), entry(4, 1, 1, "put x 1"), entry(5, 3, 1, "put x 3"),
	}
	s.do("call c1 1 put x 1", "call c2 1 put x 2", "call c3 1 put x 3")
	read := func(client uint32, id raft.NodeID, want string, out raft.Output) {
		t.Helper()
		s.do(Event{Kind: Read, Client: uint8(client), Node: id, Op: "get x"}.String())
		out.Replies = answer(client, s.clients[client].seq, raft.Done)
		told := s.does(id, out)
		require.Equal(t, want, told[1].Text)
	}
	s.applies(1, nil, log...)
	read(4, 1, "3", raft.Output{})
	read(5, 2, "nil", raft.Output{})
	read(4, 2, "1", raft.Output{Applied: log[:2]})
	read(5, 2, "1", raft.Output{})
	read(4, 3, "2", raft.Output{Restore: raft.Snapshot{ID: raft.EntryID{Term: 1, Index: 4}, State: stateAfter(t, "put x 2")}})
	s.do("crash 2", "restart 2")
	read(5, 2, "nil", raft.Output{})
	require.Equal(t, []int{1, 2, 3, 0, 0, 0, 0, 0, 0}, s.positions())

	s.Finish()
	//                          put put put get@3 @0 @1 @1 @2 @0
	require.Equal(t, []int{3, 6, 8, 9, 1, 4, 5, 7, 2}, s.positions())
	require.NoError(t, s.History().Validate())
	s.Finish()
	require.Equal(t, []int{3, 6, 8, 9, 1, 4, 5, 7, 2}, s.positions(), "once")
}

func TestRead_manyAtOnePlace(t *testing.T) {
	const reads = 50
	s := newStage(t, 2)
	s.do("call c3 1 put x 1")
	s.applies(2, nil, entry(1, 3, 1, "put x 1"))
	for i := range reads {
		s.do("read c1 1 get x", "read c2 2 get x")
		for id := raft.NodeID(2); id >= 1; id-- {
			s.does(id, raft.Output{Replies: answer(uint32(id), uint32(i+1), raft.Done)})
		}
	}
	s.Finish()
	want := []int{reads + 1}
	for i := range reads {
		want = append(want, i+1, reads+2+i)
	}
	require.Equal(t, want, s.positions(), "in the order in which they were answered")
}

func TestRead_witness(t *testing.T) {
	tests := map[string]struct {
		stale bool
		want  linearizability.Outcome
	}{
		"from the leader":    {false, linearizability.Linearizable},
		"from a node behind": {true, linearizability.NotLinearizable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 2)
			s.do("call c1 1 put x 1")
			s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 1"))
			s.applies(2, nil, entry(1, 1, 1, "put x 1"))
			s.do("call c1 1 put x 2")
			s.applies(1, answer(1, 2, raft.Done), entry(2, 1, 2, "put x 2"))
			s.do("leaseread c2 1 get x", "retry c2 2")
			node := raft.NodeID(1)
			if test.stale {
				node = 2
			}
			s.does(node, raft.Output{Replies: answer(2, 1, raft.Done)})
			s.do("call c1 1 put x 3")
			s.applies(1, answer(1, 3, raft.Done), entry(3, 1, 3, "put x 3"))
			s.Finish()
			result := linearizability.Check(store.Spec(), s.History())
			require.Equal(t, test.want, result.Outcome, result.Reason)
			require.Equal(t, !test.stale, result.ByWitness)
		})
	}
}
