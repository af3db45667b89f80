package trace

import (
	"fmt"

	"raftcheck/raft"
)

// Stuck is the reason why a cluster without faults makes no progress. The zero value
// means that the cluster is well.
type Stuck uint8

// The reasons, in the order in which View.Stuck looks for them.
const (
	// Well: there is one leader, every member has caught up with it, no change of the
	// configuration is under way, and every call and request is answered.
	Well Stuck = iota
	// NoQuorum: too few nodes can run for an election, as disks were refused or wiped.
	NoQuorum
	// NoLeader: no node leads.
	NoLeader
	// ManyLeaders: more than one node leads.
	ManyLeaders
	// LogBehind: a member lacks entries of the leader, or does not know that they are committed.
	LogBehind
	// ChangeUnfinished: the leader's configuration is joint.
	ChangeUnfinished
	// CallUnanswered: a client waits for the result of its operation.
	CallUnanswered
	// RequestUnanswered: the operator waits for an answer.
	RequestUnanswered
)

// String returns the name of the reason.
func (s Stuck) String() string {
	return [...]string{
		"Well", "NoQuorum", "NoLeader", "ManyLeaders", "LogBehind", "ChangeUnfinished", "CallUnanswered",
		"RequestUnanswered",
	}[s]
}

// Stuck returns the reason why the cluster is not well, and the node concerned, or None.
// If some node hides its state, only missing quorums, calls and requests are looked for.
// A node outside of the leader's configuration counts only if it leads.
func (v *View) Stuck() (Stuck, raft.NodeID) {
	leader, leaders, up := raft.None, 0, raft.NodeSet(0)
	for id := range v.All.All() {
		n := &v.Nodes[id]
		if !n.Up {
			continue
		}
		up = up.With(id)
		if n.Status.Role == raft.Leader {
			leader = id
			leaders++
		}
	}
	led := leaders == 1 && HasQuorum(v.Config(leader), up) && !v.superseded(leader, up)
	switch {
	case !led && !v.canRun(up):
		return NoQuorum, raft.None
	case !v.AllInspected():
		return v.unanswered()
	case leaders == 0:
		return NoLeader, raft.None
	case leaders > 1:
		return ManyLeaders, leader
	}
	if id := v.behind(leader); id != raft.None {
		return LogBehind, id
	}
	if v.Config(leader).Joint() {
		return ChangeUnfinished, leader
	}
	return v.unanswered()
}

// superseded reports whether a node that is up reports a later configuration as committed
// than the one that a leader acts by. The leader may not know, and what it does may not last.
func (v *View) superseded(leader raft.NodeID, up raft.NodeSet) bool {
	for id := range up.All() {
		s := &v.Nodes[id].Status
		if s.ConfigIndex > v.Nodes[leader].Status.ConfigIndex && s.ConfigIndex <= s.Commit {
			return true
		}
	}
	return false
}

// canRun reports whether the nodes that are up can elect a leader, whichever of their
// configurations counts in the end: an outsider cannot know which does. One of them must
// be an elector of the configuration that it acts by. Together they must have a quorum of
// each configuration whose electors include the node that acts by it. They also need one
// of the latest configuration that one of them reports as committed.
//
// One of them must be electable: either a quorum of its configuration may vote for it, or it has
// no vote in one that is not committed, and may have one in that before (thesis, section 4.2.2).
func (v *View) canRun(up raft.NodeSet) bool {
	if up == v.All {
		return true
	}
	if !v.AllInspected() || up == 0 {
		return HasQuorum(v.FirstConfig(), up)
	}
	votes, electable, committed, latest := false, false, raft.Configuration{}, raft.Index(0)
	for id := range up.All() {
		c, s := v.Config(id), &v.Nodes[id].Status
		if s.ConfigIndex > latest && s.ConfigIndex <= s.Commit {
			committed, latest = c, s.ConfigIndex
		}
		if !c.Electors().Has(id) {
			electable = electable || s.ConfigIndex > s.Commit
			continue
		}
		if votes = true; !HasQuorum(c, up) {
			return false
		}
		electable = electable || HasQuorum(c, v.notAhead(id, up))
	}
	return votes && electable && (latest == 0 || HasQuorum(committed, up))
}

// notAhead leaves out of some nodes the members whose logs end later than that of a node. They do not vote
// for it (Raft paper, section 5.4.1). One that is no member may be needed, and has to vote.
func (v *View) notAhead(id raft.NodeID, nodes raft.NodeSet) raft.NodeSet {
	for other := range nodes.All() {
		member := v.Config(other).Members().Has(other)
		if member && !v.Nodes[id].Status.Last.AtLeastAsUpToDateAs(v.Nodes[other].Status.Last) {
			nodes = nodes.Without(other)
		}
	}
	return nodes
}

// Removed returns the running nodes that have a term and are not members of the latest
// leader's configuration. It is empty unless that configuration is committed, is not
// joint, and is the latest that any node acts by; lost configurations do not count.
func (v *View) Removed() raft.NodeSet {
	leader, took, latest := raft.None, raft.NodeSet(0), raft.Index(0)
	for id := range v.All.All() {
		s := &v.Nodes[id].Status
		if s.Term > 0 {
			took = took.With(id)
		}
		if s.Role == raft.Leader && s.Term >= v.Nodes[leader].Status.Term {
			leader = id // among several leaders, the one of the latest term
		}
		if !v.lost(id, s.ConfigIndex) {
			latest = max(latest, s.ConfigIndex)
		}
	}
	s := &v.Nodes[leader].Status
	unsure := s.ConfigIndex < latest || s.ConfigIndex > s.Commit || s.Config.Joint()
	if leader == raft.None || latest == 0 || unsure {
		return 0
	}
	return took &^ s.Config.Members()
}

// lost reports whether a node's entry at an index will never be committed, because
// another log up to that index, or to an earlier one, was committed.
func (v *View) lost(id raft.NodeID, i raft.Index) bool {
	n := &v.Nodes[id]
	known := min(i, raft.Index(len(v.Committed)), raft.Index(len(n.Log)))
	return known > 0 && n.Log[known-1].Term != 0 && !n.Holds(known, &v.Committed[known-1])
}

func (v *View) unanswered() (Stuck, raft.NodeID) {
	switch {
	case len(v.Open) > 0 && !v.Full(): // else never
		return CallUnanswered, raft.None
	case len(v.Asked) > 0:
		return RequestUnanswered, v.Asked[0].Of
	}
	return Well, raft.None
}

// behind returns a running member that has not committed and applied the leader's whole
// log, or None.
func (v *View) behind(leader raft.NodeID) raft.NodeID {
	last := v.Nodes[leader].Status.Last
	members := v.Config(leader).Members() & v.All
	for id := range members.With(leader).All() {
		n := &v.Nodes[id]
		if n.Up && (n.Status.Last != last || n.Status.Commit != last.Index || n.Status.Applied != last.Index) {
			return id
		}
	}
	return raft.None
}

// Describe returns the reason s, found at a node, in words.
func (v *View) Describe(s Stuck, at raft.NodeID) string {
	switch s {
	case NoQuorum:
		return "too few nodes can run"
	case LogBehind:
		n := &v.Nodes[at].Status
		return fmt.Sprintf("%s: its log ends at %s, committed up to %d, applied up to %d",
			at, n.Last, n.Commit, n.Applied)
	case ChangeUnfinished:
		return fmt.Sprintf("the change to %s is not finished", v.Config(at).Voters)
	case CallUnanswered:
		return fmt.Sprintf("client c%d waits for its operation %d", v.Open[0].Client, v.Open[0].Seq)
	case RequestUnanswered:
		return fmt.Sprintf("%s has not answered request %d of the operator", at, v.Asked[0].Op.Seq)
	case NoLeader:
		return "no node leads"
	case ManyLeaders:
		return fmt.Sprintf("%s and another node lead", at)
	}
	return "well"
}
