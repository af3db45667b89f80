package reference

import (
	"math"

	"raftcheck/raft"
)

// hasQuorum reports whether acks holds a majority of voters. Acks of others do
// not count. Nobody is a majority of nobody, so that the empty half of a joint
// configuration agrees with everything (section 6: a decision needs the
// majorities of both halves).
func hasQuorum(voters, acks raft.NodeSet) bool {
	return (voters & acks).Len() >= quorumSize(voters)
}

// committedIndex is the highest index that a majority of voters has reached;
// match is by NodeID. Without voters it is the highest index there is, so that
// a joint configuration's is the lower one of its halves'.
func committedIndex(voters raft.NodeSet, match []raft.Index) raft.Index {
	if voters == 0 {
		return math.MaxUint64
	}
	var sorted [raft.MaxNodeID + 1]raft.Index // highest first
	n := 0
	for id := range voters.All() {
		i := n
		for ; i > 0 && sorted[i-1] < match[id]; i-- {
			sorted[i] = sorted[i-1]
		}
		sorted[i] = match[id]
		n++
	}
	return sorted[quorumSize(voters)-1]
}

// quorumSize is the least number of nodes that any two majorities share one of.
func quorumSize(voters raft.NodeSet) int {
	if voters == 0 {
		return 0
	}
	return voters.Len()/2 + 1
}
