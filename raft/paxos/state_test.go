package paxos_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/paxos"
)

// cloning is a system whose nodes take each step in a clone. The original must stay as it was.
type cloning struct {
	raft.System
	t *testing.T
}

func (s cloning) Limits() raft.Limits { return raft.LimitsOf(s.System) }
func (s cloning) Readless() string    { return s.System.(raft.Readless).Readless() }

func (s cloning) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return &cloned{n.(*paxos.Node), s.t}, nil
}

type cloned struct {
	*paxos.Node
	t *testing.T
}

func (n *cloned) Step(in raft.Input) raft.Output {
	before := n.AppendState(nil)
	next := n.Clone().(*paxos.Node)
	if !bytes.Equal(before, next.AppendState(nil)) {
		n.t.Error("the state of a clone is another one")
	}
	out := next.Step(in)
	if !bytes.Equal(before, n.AppendState(nil)) {
		n.t.Errorf("a step of a clone on %T changed the original", in)
	}
	n.Node = next
	return out
}

// TestClone: clones behave as their originals do, and share no memory with them.
func TestClone(t *testing.T) {
	for _, s := range systems {
		plain := trial.NewRunner(s, services.All())
		again := trial.NewRunner(cloning{s, t}, services.All())
		for number := range 20 {
			schedule, result := generate.Schedule(plain, generate.Swarm, generate.Numbered(3, number))
			hash := result.TraceHash
			require.Equal(t, models.Held, result.Outcome(), result.Lines())
			require.Equal(t, hash, again.Run(schedule).TraceHash)
		}
	}
}
