package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// ignoring is the reference with nodes that ignore some inputs. Its states can be compared if
// the flag says so.
type ignoring struct {
	reference.System
	ignores  func(raft.Input) bool
	compares bool
}

type ignoringNode struct {
	raft.Node
	raft.Inspector
	ignoring
}

type comparableNode struct{ ignoringNode }

func (s ignoring) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	node := ignoringNode{n, n.(raft.Inspector), s}
	if s.compares {
		return comparableNode{node}, nil
	}
	return node, nil
}

func (n ignoringNode) Step(in raft.Input) raft.Output {
	if n.ignores(in) {
		return raft.Output{}
	}
	return n.Node.Step(in)
}

func (n comparableNode) AppendRecurrent(b []byte) []byte {
	return n.Node.(raft.Recurrent).AppendRecurrent(b)
}

// heals lets a call reach a cluster, and heals it.
func heals(t *testing.T, system raft.System) trace.Record {
	s := referenceStage(t, system, 3, 3)
	s.do("timeout 1", "settle", "call c1 1 put x 7")
	return last(s.do("heal k=50"))
}

func aProposal(in raft.Input) bool {
	_, ok := in.(*raft.Propose)
	return ok
}

// TestHeal_stuck: a cluster that does the same again and again is stuck, as its state shows.
func TestHeal_stuck(t *testing.T) {
	healed := heals(t, ignoring{ignores: aProposal, compares: true})
	require.Equal(t, trace.CallUnanswered, healed.Stuck)
	require.Equal(t, "client c1 waits for its operation 1, and the state after 50 ticks comes back every 30",
		healed.Text)
	require.Equal(t, 80, healed.Ticks)
	require.Equal(t, 50, healed.Bound)
}

// TestHeal_cannotBeCompared: a cluster whose states cannot be compared gets ten times as long.
func TestHeal_cannotBeCompared(t *testing.T) {
	healed := heals(t, ignoring{ignores: aProposal})
	require.Equal(t, "client c1 waits for its operation 1", healed.Text)
	require.Equal(t, 500, healed.Ticks)

	inputs := 0
	late := func(in raft.Input) bool {
		if aProposal(in) {
			inputs++
		}
		return aProposal(in) && inputs < 12
	}
	healed = heals(t, ignoring{ignores: late})
	require.Equal(t, trace.Well, healed.Stuck)
	require.Equal(t, "well", healed.Text)
	require.Greater(t, healed.Ticks, 100, "slow, and not stuck")
}

// TestHeal_elections: a cluster that elects nobody is stuck after more elections than fail by
// chance, and not when the bound has passed.
func TestHeal_elections(t *testing.T) {
	votes := func(in raft.Input) bool {
		r, ok := in.(*raft.Receive)
		return ok && r.Msg.Kind == "RequestVote"
	}
	s := referenceStage(t, ignoring{ignores: votes, compares: true}, 3, 3)
	healed := last(s.do("heal k=50"))
	require.Equal(t, trace.NoLeader, healed.Stuck)
	require.Equal(t, "no node leads, after 92 elections in 290 ticks", healed.Text, "30 for each voter")

	s.do("wipe 3")
	healed = last(s.do("heal k=50"))
	require.Equal(t, "no node leads, after 122 elections in 583 ticks", healed.Text, "60 for each voter, as both votes are needed")
}

// mute is a cast whose leaders append no entry when they are elected, as it states.
type mute struct{ *cast }

func (mute) Limits() raft.Limits { return raft.Limits{Lacks: raft.NoOps} }

// TestHeal_withoutNoOps: a client writes once, as the leader may need an entry of its term to
// commit those of earlier terms.
func TestHeal_withoutNoOps(t *testing.T) {
	heals := func(lacks bool, last raft.Term) []trace.Record {
		s := stageOf(t, 1, &cast{shows: true})
		if lacks {
			s.Reset(mute{s.cast}, &Schedule{Service: store, Nodes: 1, Rand: 1})
		}
		p := &s.cast.puppets[1]
		p.shows(raft.EntryID{}, 0, last)
		p.status.Role, p.status.Term = raft.Leader, 2
		s.do("tick 1")
		return about(trace.Called, s.do("heal k=3"))
	}
	require.Len(t, heals(true, 1), 1)
	require.Empty(t, heals(true, 2), "its own entry is replicated without a command")
	require.Empty(t, heals(false, 1))
}
