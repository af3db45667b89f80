package models

import (
	"fmt"

	"raftcheck/raft"
)

// Stuck names what keeps a cluster without faults from being well. The zero
// value is a cluster that is well.
type Stuck uint8

// What can be wrong, in the order in which it is looked for.
const (
	// Well: one leader, every log caught up with it, every call answered.
	Well Stuck = iota
	// NoQuorum: the disks of too many nodes were refused for a leader to be elected.
	NoQuorum
	// NoLeader: no node leads.
	NoLeader
	// ManyLeaders: more than one node leads.
	ManyLeaders
	// LogBehind: a node lacks entries of the leader, or does not know that they are committed.
	LogBehind
	// CallUnanswered: a client waits.
	CallUnanswered
)

// String is the name of the reason.
func (s Stuck) String() string {
	return [...]string{"Well", "NoQuorum", "NoLeader", "ManyLeaders", "LogBehind", "CallUnanswered"}[s]
}

// Stuck says what keeps the cluster from being well, and where. Of nodes that
// do not show their state only the calls are looked at.
func (v *View) Stuck() (Stuck, raft.NodeID) {
	leader, leaders, up := raft.None, 0, 0
	for id := range v.Voters.All() {
		n := &v.Nodes[id]
		if n.Up {
			up++
		}
		if n.Up && n.Status.Role == raft.Leader {
			leader = id
			leaders++
		}
	}
	switch {
	case up <= v.Voters.Len()/2:
		return NoQuorum, raft.None
	case !v.inspected():
		return v.unanswered()
	case leaders == 0:
		return NoLeader, raft.None
	case leaders > 1:
		return ManyLeaders, leader
	}
	if id := v.behind(leader); id != raft.None {
		return LogBehind, id
	}
	return v.unanswered()
}

func (v *View) unanswered() (Stuck, raft.NodeID) {
	if len(v.Open) > 0 {
		return CallUnanswered, raft.None
	}
	return Well, raft.None
}

// behind returns a running node that has not committed and applied all of the leader's log.
func (v *View) behind(leader raft.NodeID) raft.NodeID {
	last := v.Nodes[leader].Status.Last
	for id := range v.Voters.All() {
		n := &v.Nodes[id]
		if n.Up && (n.Status.Last != last || n.Status.Commit != last.Index || n.Status.Applied != last.Index) {
			return id
		}
	}
	return raft.None
}

// Describe tells the reason in a sentence.
func (v *View) Describe(s Stuck, at raft.NodeID) string {
	switch s {
	case NoQuorum:
		return "too few nodes can run"
	case LogBehind:
		n := &v.Nodes[at].Status
		return fmt.Sprintf("%s: its log ends at %s, committed up to %d, applied up to %d", at, n.Last, n.Commit, n.Applied)
	case CallUnanswered:
		return fmt.Sprintf("client c%d waits for its operation %d", v.Open[0].Client, v.Open[0].Seq)
	case NoLeader:
		return "no node leads"
	case ManyLeaders:
		return fmt.Sprintf("%s and another node lead", at)
	}
	return "well"
}
