package trace

import "raftcheck/raft"

// HasQuorum reports whether a set of nodes has a quorum of a configuration: a majority
// of its voters and, while it is joint, also of the outgoing voters (Raft paper, section
// 6). No set has a quorum of a configuration without voters.
func HasQuorum(c raft.Configuration, set raft.NodeSet) bool {
	return hasMajority(c.Voters, set) && (!c.Joint() || hasMajority(c.Outgoing, set))
}

func hasMajority(voters, set raft.NodeSet) bool { return (voters & set).Len() > voters.Len()/2 }

// DisjointQuorums returns a quorum of c and a quorum of d that have no node in common,
// if there are two such sets (Raft paper, section 6). It tries each of the 2^n ways to
// divide the n electors of both, so n must be small.
func DisjointQuorums(c, d raft.Configuration) (ofC, ofD raft.NodeSet, found bool) {
	electors := c.Electors() | d.Electors()
	for ofC = 0; ; ofC = (ofC - electors) & electors {
		ofD = electors &^ ofC
		if HasQuorum(c, ofC) && HasQuorum(d, ofD) {
			return ofC, ofD, true
		}
		if ofD == 0 {
			return 0, 0, false
		}
	}
}

// Config returns the configuration that a running node acts by. A node that does not
// show its configuration is taken to act by the first one.
func (v *View) Config(id raft.NodeID) raft.Configuration {
	if c := v.Nodes[id].Status.Config; c != (raft.Configuration{}) {
		return c
	}
	return v.FirstConfig()
}

// FirstConfig returns the first configuration of the cluster.
func (v *View) FirstConfig() raft.Configuration {
	return raft.Configuration{Voters: v.FirstVoters, Learners: v.FirstLearners}
}
