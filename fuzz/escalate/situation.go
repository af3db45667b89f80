package escalate

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Situations is a set of situations of a cluster in which a harm is near.
type Situations uint16

// The situations, from common ones to those that are next to a harm.
const (
	TwoLead Situations = 1 << iota
	LeaderBehind
	ForeignChange
	DisjointQuorums
	ThinlyStored
	RuleBroken
	Fork
	ElectableBehind
	LatestBehind
	OneTermTwice
	situations = iota
)

// Unsound has the situations that no sound Raft reaches which acts by the latest configuration
// in its log (Raft paper, section 6).
const Unsound = RuleBroken | Fork | ElectableBehind | LatestBehind | OneTermTwice

// table has the name of each situation, its meaning, and how much oftener a schedule that
// reaches it is continued.
var table = [situations]struct {
	name, about string
	weight      int
}{
	{"two-lead", "two nodes lead", 1},
	{"leader-behind", "a leader lacks a committed entry", 1},
	{"foreign-change", "a leader acts by an uncommitted configuration of an earlier term", 1},
	{"disjoint-quorums", "two nodes act by configurations with disjoint quorums", 1},
	{"thinly-stored", "a committed entry is on the disks of no quorum of the latest leader", 4},
	{"rule-broken", "a rule was broken before", 2},
	{"fork", "two nodes could each be elected, by disjoint quorums", 16},
	{"electable-behind", "a node could be elected that lacks a committed entry", 32},
	{"latest-behind", "the latest leader lacks a committed entry", 64},
	{"one-term-twice", "two nodes lead one term", 64},
}

// Names lists the situations of a set, with their meanings.
func (s Situations) Names() (names []string) {
	for i := range table {
		if s>>i&1 != 0 {
			names = append(names, table[i].name+": "+table[i].about)
		}
	}
	return names
}

// weight is how much oftener than others a schedule that reaches the set is continued.
func (s Situations) weight() int {
	sum := 1
	for i := range table {
		if s>>i&1 != 0 {
			sum += table[i].weight
		}
	}
	return sum
}

func (s *Situations) add(one Situations, when bool) {
	if when {
		*s |= one
	}
}

// situationsOf returns the situations of a cluster whose nodes show their state.
func situationsOf(v *trace.View) (s Situations) {
	leads, latest := raft.NodeSet(0), raft.None
	for id := range v.All.All() {
		n := &v.Nodes[id]
		if !n.Up {
			continue
		}
		s.addRivals(v, id)
		if n.Status.Role != raft.Leader {
			s.add(ElectableBehind, behind(v, id) && electable(v, id))
			continue
		}
		for other := range leads.All() {
			s.add(OneTermTwice, v.Nodes[other].Status.Term == n.Status.Term)
		}
		leads = leads.With(id)
		if latest == raft.None || n.Status.Term > v.Nodes[latest].Status.Term {
			latest = id
		}
		s.add(LeaderBehind, behind(v, id))
		s.add(ForeignChange, foreign(n))
	}
	s.add(TwoLead, leads.Len() > 1)
	if latest != raft.None && len(v.Committed) > 0 {
		last := &v.Committed[len(v.Committed)-1]
		s.add(LatestBehind, v.Nodes[latest].Status.Term >= last.In && behind(v, latest))
		s.add(ThinlyStored, !trace.HasQuorum(v.Config(latest), storing(v)))
	}
	return s
}

// addRivals compares a node with the running nodes before it whose configurations differ.
func (s *Situations) addRivals(v *trace.View, id raft.NodeID) {
	c := v.Config(id)
	for other := range (v.All & (1<<id - 1)).All() {
		d := v.Config(other)
		if !v.Nodes[other].Up || c.Voters == d.Voters && c.Outgoing == d.Outgoing {
			continue
		}
		if _, _, found := trace.DisjointQuorums(c, d); found {
			*s |= DisjointQuorums
			s.add(Fork, forked(v, id, other))
		}
	}
}

// foreign reports whether a leader's configuration is an uncommitted entry of an earlier term.
func foreign(n *trace.NodeView) bool {
	i := n.Status.ConfigIndex
	return i > n.Status.Commit && i <= raft.Index(len(n.Log)) && n.Log[i-1].Term < n.Status.Term
}

// behind reports whether a node's log lacks the last entry that is known to be committed.
func behind(v *trace.View, id raft.NodeID) bool {
	i := raft.Index(len(v.Committed))
	return i > 0 && !v.Nodes[id].Holds(i, &v.Committed[i-1])
}

// storing has the nodes whose disks may hold the last committed entry.
func storing(v *trace.View) (set raft.NodeSet) {
	i := raft.Index(len(v.Committed))
	for id := range v.All.All() {
		if v.Nodes[id].MayStore(i, &v.Committed[i-1]) {
			set = set.With(id)
		}
	}
	return set
}

// electable reports whether the nodes that may vote for a node are a quorum of its
// configuration.
func electable(v *trace.View, id raft.NodeID) bool {
	c := v.Config(id)
	return c.Electors().Has(id) && trace.HasQuorum(c, voters(v, id))
}

// forked reports whether two nodes could be elected by quorums without a common node.
func forked(v *trace.View, a, b raft.NodeID) bool {
	if !electable(v, a) || !electable(v, b) {
		return false
	}
	ofA, ofB := voters(v, a)&v.Config(a).Electors(), voters(v, b)
	for q := ofA; q != 0; q = (q - 1) & ofA {
		if trace.HasQuorum(v.Config(a), q) && trace.HasQuorum(v.Config(b), ofB&^q) {
			return true
		}
	}
	return false
}

// voters has the nodes whose logs are no more up to date than a node's (Raft paper, section
// 5.4.1). A node that is down counts with the log on its disk.
func voters(v *trace.View, id raft.NodeID) (set raft.NodeSet) {
	for other := range v.All.All() {
		n := &v.Nodes[other]
		if !n.Wiped && v.Nodes[id].Status.Last.AtLeastAsUpToDateAs(lastOf(n)) {
			set = set.With(other)
		}
	}
	return set
}

// lastOf is the end of a node's log, on its disk if it is down.
func lastOf(n *trace.NodeView) raft.EntryID {
	log := n.Stored.Log
	switch {
	case n.Up:
		return n.Status.Last
	case len(log) == 0:
		return raft.EntryID{}
	}
	return raft.EntryID{Term: log[len(log)-1].Term, Index: raft.Index(len(log))}
}
