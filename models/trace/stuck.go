package trace

import (
	"fmt"

	"raftcheck/raft"
)

// Stuck names what keeps a cluster without faults from being well. The zero
// value is a cluster that is well.
type Stuck uint8

// What can be wrong, in the order in which it is looked for.
const (
	// Well: one leader, every member caught up with it, no change under way, every call and request answered.
	Well Stuck = iota
	// NoQuorum: too many nodes cannot run, their disks refused or wiped, for a leader to be elected.
	NoQuorum
	// NoLeader: no node leads.
	NoLeader
	// ManyLeaders: more than one node leads.
	ManyLeaders
	// LogBehind: a member lacks entries of the leader, or does not know that they are committed.
	LogBehind
	// ChangeUnfinished: the leader's configuration is joint.
	ChangeUnfinished
	// CallUnanswered: a client waits.
	CallUnanswered
	// RequestUnanswered: the operator waits.
	RequestUnanswered
)

// String is the name of the reason.
func (s Stuck) String() string {
	return [...]string{"Well", "NoQuorum", "NoLeader", "ManyLeaders", "LogBehind", "ChangeUnfinished", "CallUnanswered", "RequestUnanswered"}[s]
}

// Stuck says what keeps the cluster from being well, and where. Of nodes that
// do not show their state only the calls are looked at, and of nodes outside of
// the leader's configuration only whether they lead.
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
	led := leaders == 1 && HasQuorum(v.Config(leader), up)
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

// canRun reports whether one of the nodes that are up has a vote as far as it
// knows, and these nodes have a quorum of every configuration in which one has, and
// of the latest that one of them calls committed: which of these will count in the
// end is not for an outsider to say.
func (v *View) canRun(up raft.NodeSet) bool {
	if up == v.All {
		return true
	}
	if !v.AllInspected() || up == 0 {
		return HasQuorum(v.FirstConfig(), up)
	}
	votes, committed, latest := false, raft.Configuration{}, raft.Index(0)
	for id := range up.All() {
		c, s := v.Config(id), &v.Nodes[id].Status
		if s.ConfigIndex > latest && s.ConfigIndex <= s.Commit {
			committed, latest = c, s.ConfigIndex
		}
		if !c.Electors().Has(id) {
			continue
		}
		if votes = true; !HasQuorum(c, up) {
			return false
		}
	}
	return votes && (latest == 0 || HasQuorum(committed, up))
}

// Removed has the running nodes that once took part and are not members of the
// configuration of a leader. It is none while that is not committed or some node
// shows a later one.
func (v *View) Removed() raft.NodeSet {
	leader, took, latest := raft.None, raft.NodeSet(0), raft.Index(0)
	for id := range v.All.All() {
		s := &v.Nodes[id].Status
		if s.Term > 0 {
			took = took.With(id)
		}
		if s.Role == raft.Leader && s.Term >= v.Nodes[leader].Status.Term {
			leader = id // of several, the one of the latest term
		}
		latest = max(latest, s.ConfigIndex)
	}
	s := &v.Nodes[leader].Status
	if leader == raft.None || latest == 0 || s.ConfigIndex < latest || s.ConfigIndex > s.Commit || s.Config.Joint() {
		return 0
	}
	return took &^ s.Config.Members()
}

func (v *View) unanswered() (Stuck, raft.NodeID) {
	switch {
	case len(v.Open) > 0:
		return CallUnanswered, raft.None
	case len(v.Asked) > 0:
		return RequestUnanswered, v.Asked[0].Of
	}
	return Well, raft.None
}

// behind returns a running member that has not committed and applied all of the leader's log.
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

// Describe tells the reason in a sentence.
func (v *View) Describe(s Stuck, at raft.NodeID) string {
	switch s {
	case NoQuorum:
		return "too few nodes can run"
	case LogBehind:
		n := &v.Nodes[at].Status
		return fmt.Sprintf("%s: its log ends at %s, committed up to %d, applied up to %d", at, n.Last, n.Commit, n.Applied)
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
