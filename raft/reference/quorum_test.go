package reference

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

func TestQuorum_isAMajorityOfTheVoters(t *testing.T) {
	three, four := raft.FirstNodes(3), raft.FirstNodes(4)
	require.False(t, hasQuorum(three, raft.NodeSetOf(1)))
	require.True(t, hasQuorum(three, raft.NodeSetOf(1, 3)))
	require.False(t, hasQuorum(three, raft.NodeSetOf(1, 7, 8)), "others do not count")
	require.False(t, hasQuorum(four, raft.NodeSetOf(1, 2)), "half is no majority")
	require.True(t, hasQuorum(0, 0), "the empty half of a joint configuration agrees")
	require.Equal(t, raft.Index(math.MaxUint64), majorityValue[raft.Index](0, nil))
}

func TestMajorityValue_isTheHighestThatAMajorityHas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		voters := raft.NodeSet(rapid.Uint64Range(1, 1<<63-1).Draw(t, "voters") << 1)
		match := make([]raft.Index, raft.MaxNodeID+1)
		for id := range match {
			match[id] = raft.Index(rapid.Uint64Range(0, 9).Draw(t, "match"))
		}
		reached := func(index raft.Index) (acks raft.NodeSet) {
			for id := range voters.All() {
				if match[id] >= index {
					acks = acks.With(id)
				}
			}
			return acks
		}
		index := majorityValue(voters, match)
		require.True(t, hasQuorum(voters, reached(index)))
		require.False(t, hasQuorum(voters, reached(index+1)))
	})
}
