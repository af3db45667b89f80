package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// lively is a system whose nodes live until they are stopped.
type lively struct{ live map[raft.NodeID]int }

func (l *lively) Name() string { return "lively" }

func (l *lively) Boot(c raft.NodeConfig) (raft.Node, error) {
	l.live[c.ID]++
	return &liver{of: l, id: c.ID}, nil
}

// liver is a node that says whether it lives, and panics at its next step if it is told to.
type liver struct {
	of      *lively
	id      raft.NodeID
	stopped bool
}

func (n *liver) Step(in raft.Input) raft.Output {
	if n.stopped {
		panic("stepped after it was stopped")
	}
	if _, ok := in.(*raft.Propose); ok {
		panic("fell over")
	}
	return raft.Output{}
}

func (n *liver) Stop() {
	if !n.stopped {
		n.stopped = true
		n.of.live[n.id]--
	}
}

func TestStopper(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines []string
		live  []int // of nodes 1 and 2
	}{
		{"boot", nil, []int{1, 1}},
		{"crash", []string{"crash 1"}, []int{0, 1}},
		{"restart", []string{"crash 1", "restart 1"}, []int{1, 1}},
		{"wipe", []string{"wipe 2"}, []int{1, 0}},
		{"wipe of one that is down", []string{"crash 2", "wipe 2"}, []int{1, 0}},
		{"panic", []string{"call c1 1 get x"}, []int{0, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			system := &lively{live: map[raft.NodeID]int{}}
			w := NewWorld(new(trace.View))
			s := &Schedule{Service: store, Nodes: 2}
			w.Reset(system, s)
			for _, line := range tc.lines {
				e, err := ParseEvent(line, 2, w.Service())
				require.NoError(t, err)
				w.Apply(e)
			}
			require.Equal(t, tc.live, []int{system.live[1], system.live[2]})
			w.Reset(system, s)
			require.Equal(t, []int{1, 1}, []int{system.live[1], system.live[2]}, "another run ends those of the one before")
			w.Finish()
			require.Equal(t, []int{0, 0}, []int{system.live[1], system.live[2]}, "the end of a run ends all")
		})
	}
}
