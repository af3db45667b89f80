package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestStage_persists: a step counts how often all writes became durable, and ends with a node that
// writes for ever.
func TestStage_persists(t *testing.T) {
	for about, c := range map[string]struct {
		writes, persists int
		last             trace.Kind
	}{
		"three writes, one after the other": {3, 3, trace.Stepped},
		"writes for ever":                   {maxSettle + 1, maxSettle, trace.Unquiet},
	} {
		id := 0
		cast := &cast{refuses: func(*raft.NodeConfig) error {
			id = 0
			return nil
		}}
		cast.puppets[1].acts = func(raft.Input) raft.Output {
			if id == c.writes {
				return raft.Output{}
			}
			id++
			return raft.Output{Writes: writes(raft.WriteID(id), "v")}
		}
		st, err := NewStage(cast, &Schedule{Service: store, Nodes: 1, Rand: 1}, Future{})
		require.NoError(t, err)
		step := st.Step(1, nil, nil, Move{Event: Event{Kind: Timeout, Node: 1}}, nil)
		require.NotNil(t, step)
		require.Equal(t, c.persists, step.Persists, about)
		require.Equal(t, c.last, step.Records[len(step.Records)-1].Kind, about)
	}
}

// TestStage_entries: the entries that appear in a log that a node shows are passed on.
func TestStage_entries(t *testing.T) {
	for system, want := range map[raft.System]int{reference.System{}: 1, &cast{}: 0} {
		entries := 0
		future := Future{Entry: func(before uint64, e trace.Logged, _ []byte) {
			require.Zero(t, before)
			require.Equal(t, raft.NoOp, e.Kind)
			entries++
		}}
		st, err := NewStage(system, &Schedule{Service: store, Nodes: 1, Rand: 1}, future)
		require.NoError(t, err)
		require.NotNil(t, st.Step(1, nil, nil, Move{Event: Event{Kind: Timeout, Node: 1}}, nil))
		require.Equal(t, want, entries, system.Name())
	}
}
