package raft

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRenaming(t *testing.T) {
	r := NewRenaming(2, 3, 1)
	require.Equal(t, NodeID(2), r.Name(1))
	require.Equal(t, NodeID(1), r.Named(2))
	require.Equal(t, None, r.Name(None))
	require.Equal(t, None, r.Named(None))
	require.Equal(t, NodeID(4), r.Name(4), "others keep their names")
	require.Equal(t, NodeID(255), r.Name(255), "so do numbers that name no node")
	require.Equal(t, NodeSetOf(2, 1, 4), r.Set(NodeSetOf(1, 3, 4)))
	for id := NodeID(0); id <= MaxNodeID; id++ {
		require.Equal(t, id, r.Named(r.Name(id)))
	}
}
