package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// TestDecode_comparesTheWholeEntry: nodes that apply different commands as one
// entry have different machines, though what is applied is decoded once for all.
func TestDecode_comparesTheWholeEntry(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1", "call c2 2 put x 2", "call c3 1 get x", "call c4 2 get x")
	s.applies(1, answer(1, 1, raft.Done), entry(1, 1, 1, "put x 1"))
	s.applies(2, answer(2, 1, raft.Done), entry(1, 2, 1, "put x 2"))
	tests := []struct {
		node   raft.NodeID
		client uint32
		want   string
	}{{1, 3, "1"}, {2, 4, "2"}}
	for _, test := range tests {
		told := s.applies(test.node, answer(test.client, 1, raft.Done), entry(2, test.client, 1, "get x"))
		require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told))
		require.Equal(t, test.want, told[1].Text, "as node %d has it", test.node)
	}
}

// TestDecode_far: an index that no log reaches is decoded all the same, and costs
// no memory.
func TestDecode_far(t *testing.T) {
	s := newStage(t, 2)
	s.do("call c1 1 put x 1", "call c2 1 get x")
	told := s.applies(1, answer(1, 1, raft.Done), entry(1<<40, 1, 1, "put x 1"))
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Returned}, kinds(told), "an index beyond all bounds")
	told = s.applies(1, answer(2, 1, raft.Done), entry(1<<41, 2, 1, "get x"))
	require.Equal(t, "1", told[1].Text)
	require.Less(t, cap(s.commands), maxSkip, "memory")
}
