package trace

import "raftcheck/raft"

// hasQuorum reports whether a set of nodes has a quorum of a configuration: a
// majority of its voters, and of the outgoing ones as well while it is joint
// (Raft paper, section 6). Nothing has a quorum of no voters.
func HasQuorum(c raft.Configuration, set raft.NodeSet) bool {
	return hasMajority(c.Voters, set) && (!c.Joint() || hasMajority(c.Outgoing, set))
}

func hasMajority(voters, set raft.NodeSet) bool { return (voters & set).Len() > voters.Len()/2 }

// disjointQuorums returns two sets without a common node, of which the one has
// a quorum of c and the other a quorum of d, if there are such. It tries every
// way to divide the electors, of which there must be few.
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

// config is the configuration that a running node acts by. A node that does
// not show it is taken to act by the first.
func (v *View) Config(id raft.NodeID) raft.Configuration {
	if c := v.Nodes[id].Status.Config; c != (raft.Configuration{}) {
		return c
	}
	return v.FirstConfig()
}

func (v *View) FirstConfig() raft.Configuration { return raft.Configuration{Voters: v.First} }
