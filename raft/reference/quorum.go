package reference

import (
	"math"

	"raftcheck/raft"
)

// hasQuorum reports whether acks holds a majority of voters. Other nodes in acks do
// not count. The empty set is a majority of the empty set, so the empty half of a
// joint configuration agrees with everything (section 6: a decision needs the
// majorities of both halves).
func hasQuorum(voters, acks raft.NodeSet) bool {
	return (voters & acks).Len() >= quorumSize(voters)
}

// quorumValue returns the highest value that a quorum of a configuration has
// reached. Values are indexed by NodeID and only grow: indexes, rounds.
func quorumValue[T ~uint64](c raft.Configuration, values []T) T {
	reached := majorityValue(c.Voters, values)
	if c.Joint() {
		reached = min(reached, majorityValue(c.Outgoing, values))
	}
	return reached
}

// majorityValue returns the highest value that a majority of voters has reached.
// Without voters it returns the highest possible value, so that an empty half of a
// joint configuration holds nothing back.
func majorityValue[T ~uint64](voters raft.NodeSet, values []T) T {
	if voters == 0 {
		return math.MaxUint64
	}
	var sorted [raft.MaxNodeID + 1]T // highest first
	n := 0
	for v := voters; v != 0; v &= v - 1 {
		value := values[v.Nth(0)]
		i := n
		for ; i > 0 && sorted[i-1] < value; i-- {
			sorted[i] = sorted[i-1]
		}
		sorted[i] = value
		n++
	}
	return sorted[quorumSize(voters)-1]
}

// quorumSize returns the size of a majority: any two majorities share a node.
func quorumSize(voters raft.NodeSet) int {
	if voters == 0 {
		return 0
	}
	return voters.Len()/2 + 1
}
