package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// Each tick takes one from the time that an election timer has left, and it fires at 0. A
// node that heard from a leader is loyal for as long as it refuses others.
func TestBeliefs_ofAFollower(t *testing.T) {
	n := bootPreVote(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0))
	for n.role == raft.Follower {
		b := n.Beliefs()
		require.Positive(t, b.Election)
		require.Equal(t, n.loyalty(), b.Loyal > 0)
		require.Zero(t, b.Heartbeat+b.Lease)
		n.Step(&raft.Tick{})
		if n.role == raft.Follower {
			require.Equal(t, b.Election-1, n.Beliefs().Election)
			require.Equal(t, max(b.Loyal-1, 0), n.Beliefs().Loyal)
		} else {
			require.Equal(t, 1, b.Election)
		}
	}
}

// A leader's heartbeat leaves at 0, its lease is over at 0, and it knows the logs that
// were acknowledged.
func TestBeliefs_ofALeader(t *testing.T) {
	n := preVoteLeaderOf(t, 3)
	require.Zero(t, n.Beliefs().Lease, "no quorum answered yet")
	receive(n, 2, ackOf(n, 1))
	persist(n)
	known := n.Beliefs().Match
	require.Equal(t, []raft.Index{0, 1, 1, 0}, known[:4])
	for range LeaseTicks + 1 {
		b := n.Beliefs()
		require.Equal(t, n.leased(), b.Lease > 0)
		require.Zero(t, b.Election)
		out := n.Step(&raft.Tick{})
		require.Equal(t, b.Heartbeat == 1, len(out.Sends) > 0)
		require.Equal(t, max(b.Lease-1, 0), n.Beliefs().Lease)
	}
}

// A node whose disk failed expects nothing, and so does one without a vote.
func TestBeliefs_none(t *testing.T) {
	n := leaderOf(t, 3)
	n.Step(&raft.PersistFailed{ID: 1})
	require.Zero(t, n.Beliefs())
	require.Zero(t, bootNode(t, 4, 3).Beliefs().Election)
}
