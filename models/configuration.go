package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Configuration judges how a cluster changes its members (Raft paper, section 6; thesis,
// chapter 4):
//
//   - A leader starts a change only once the change before it is committed, and so is an
//     entry of the leader's own term.
//   - A configuration and the next one have no two disjoint quorums.
//   - A removed leader stops leading once its removal is committed.
//   - A new voter was a learner and has stored the entries that its leader has committed
//     (thesis, section 4.2.1).
//   - A node acts by the latest configuration in its log, committed or not.
//   - An entry is the same configuration for every node.
//
// The checker learns which entries are configurations from the nodes that act by them.
// The entry of the leader's own term is missing from the printed thesis. It was added
// later: D. Ongaro, "bug in single-server membership changes", raft-dev, 2015.
//
// Some nodes act by a configuration only once they applied it (Status.ConfigApplied). Such
// a node must act by the latest configuration that it applied. Its new voters are judged
// when it appends the change.
type Configuration struct {
	seen   []seenConfig // the configurations that nodes acted by, by index and then term
	latest raft.Index   // the highest index of a logged one among these
	hid    bool         // a node did not show its configuration
}

// seenConfig is the configuration of an entry, as the first node that acted by it had it.
type seenConfig struct {
	entry  raft.EntryID
	config raft.Configuration
	by     raft.NodeID
	// logged reports that the entry was in the log of a node that acted by it. If a
	// snapshot replaced the entry, a node may name the snapshot's last entry instead.
	logged bool
}

// Property returns the name, rule and source.
func (c *Configuration) Property() Property {
	return Property{
		Name: "Configuration",
		Rule: "Changes come one by one and leave no two disjoint quorums; only learners that caught up become " +
			"voters; a node acts by the latest configuration in its log; a removed node stops leading.",
		Source:   "Raft paper, section 6; thesis, chapter 4",
		Inspects: true,
	}
}

// Reset forgets the run.
func (c *Configuration) Reset() { *c = Configuration{seen: c.seen[:0]} }

// Copy takes over the configurations.
func (c *Configuration) Copy(from Checker) {
	f := from.(*Configuration)
	*c = Configuration{seen: append(c.seen[:0], f.seen...), latest: f.latest, hid: f.hid}
}

// AppendMemory appends the configurations. The field latest follows from them, and only
// Finish uses hid.
func (c *Configuration) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.seen))
	for i := range c.seen {
		s := &c.seen[i]
		e.EntryID(s.entry)
		e.Config(s.config)
		e.Flags(s.logged)
	}
	return e.Buf
}

// Observe judges each new configuration of a node, and each step of a leader.
func (c *Configuration) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if last := raft.Index(len(v.Nodes[r.Node].Log)); is.ConfigIndex > last {
		return fmt.Sprintf("%s acts by the configuration at %d and its log ends at %d",
			r.Node, is.ConfigIndex, last)
	}
	changed := is.Config != was.Config || is.ConfigIndex != was.ConfigIndex
	if changed || r.Kept < is.ConfigIndex || r.Kind == trace.Booted {
		if text := c.judgeActive(v, r); text != "" {
			return text
		}
	}
	if text := c.judgeRequest(v, r); text != "" {
		return text
	}
	if is.ConfigIndex < c.latest {
		if text := c.judgeLatest(&v.Nodes[r.Node], r.Node); text != "" {
			return text
		}
	}
	leads := is.Role == raft.Leader && was.Role == raft.Leader && is.Term == was.Term
	if !leads || was.Config == (raft.Configuration{}) {
		return ""
	}
	return c.judgeLeader(v, r.Node, was, is)
}

// judgeLeader judges a step of a leader that was leader before the step too.
func (c *Configuration) judgeLeader(v *trace.View, id raft.NodeID, was, is *raft.Status) string {
	if was.ConfigIndex <= was.Commit && !was.Config.Electors().Has(id) {
		return fmt.Sprintf("%s leads though it was removed: %s is committed", id, was.Config)
	}
	if is.ConfigIndex == was.ConfigIndex {
		return ""
	}
	if text := c.judgeChange(v.Nodes[id].Log, id, was, is); text != "" || is.ConfigApplied {
		return text
	}
	return c.judgeNewVoters(v, id, was, is.Config.Voters)
}

// judgeRequest judges a leader that acts by applied configurations, and appends an entry
// when the operator asks for a change. The requested voters are the ones that it will apply.
func (c *Configuration) judgeRequest(v *trace.View, r *trace.Record) string {
	in, asked := r.Input.(*raft.Reconfigure)
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if !asked || !is.ConfigApplied || is.Last.Index == was.Last.Index {
		return ""
	}
	return c.judgeNewVoters(v, r.Node, was, in.Voters)
}

// judgeActive judges a configuration that is new at a node.
func (c *Configuration) judgeActive(v *trace.View, r *trace.Record) string {
	was, is := &v.Nodes[r.Node].Before, &r.Status
	none := raft.Configuration{}
	switch {
	case is.Config == none && is.ConfigIndex == 0 && was.Config == none:
		c.hid = true
		return ""
	case is.Config.Voters == 0:
		return fmt.Sprintf("%s acts by a configuration without voters", r.Node)
	case is.Config.Members()&^v.All != 0:
		return fmt.Sprintf("%s acts by %s, of which %s are not nodes",
			r.Node, is.Config, is.Config.Members()&^v.All)
	case is.ConfigIndex == 0 && is.Config != v.FirstConfig():
		return fmt.Sprintf("%s acts by %s as the first configuration, which is %s",
			r.Node, is.Config, v.FirstConfig())
	case is.ConfigIndex == 0:
		return ""
	}
	entry := raft.EntryID{Term: v.Nodes[r.Node].Log[is.ConfigIndex-1].Term, Index: is.ConfigIndex}
	s := c.seenAt(entry, is.Config, r.Node)
	if s.config != is.Config {
		return fmt.Sprintf("%s takes %s for %s, and %s took it for %s", r.Node, entry, is.Config, s.by, s.config)
	}
	if entry.Index > is.Base.Index {
		s.logged = true
		c.latest = max(c.latest, entry.Index)
	}
	return ""
}

// seenAt returns the configuration of an entry as it was first seen. If it was not seen
// before, it is the one given here.
func (c *Configuration) seenAt(entry raft.EntryID, config raft.Configuration, by raft.NodeID) *seenConfig {
	at, found := slices.BinarySearchFunc(c.seen, entry, func(s seenConfig, id raft.EntryID) int {
		return cmp.Or(cmp.Compare(s.entry.Index, id.Index), cmp.Compare(s.entry.Term, id.Term))
	})
	if !found {
		c.seen = slices.Insert(c.seen, at, seenConfig{entry: entry, config: config, by: by})
	}
	return &c.seen[at]
}

// judgeLatest judges that the log of a node, or its applied part where that counts, has
// no later configuration than the one that the node acts by.
func (c *Configuration) judgeLatest(n *trace.NodeView, id raft.NodeID) string {
	for i := len(c.seen) - 1; i >= 0; i-- {
		s := &c.seen[i]
		at := s.entry.Index
		if n.Status.ConfigApplied && at > n.Status.Applied {
			continue
		}
		later := s.logged && at > n.Status.ConfigIndex
		if later && at <= raft.Index(len(n.Log)) && n.Log[at-1].Term == s.entry.Term {
			return fmt.Sprintf("%s acts by the configuration at %d and its log holds %s, by which %s acted",
				id, n.Status.ConfigIndex, s.entry, s.by)
		}
	}
	return ""
}

// judgeChange judges a leader that appended a configuration.
func (c *Configuration) judgeChange(log []trace.Logged, id raft.NodeID, was, is *raft.Status) string {
	if was.ConfigIndex > is.Commit {
		return fmt.Sprintf("%s appends the configuration at %d before that at %d is committed",
			id, is.ConfigIndex, was.ConfigIndex)
	}
	if last := min(is.Commit, raft.Index(len(log))); last == 0 || log[last-1].Term != is.Term {
		return fmt.Sprintf("%s appends the configuration at %d before an entry of its term %d is committed",
			id, is.ConfigIndex, is.Term)
	}
	if a, b, found := trace.DisjointQuorums(was.Config, is.Config); found {
		return fmt.Sprintf("%s changes from %s to %s: %s has a quorum of the one and %s one of the other",
			id, was.Config, is.Config, a, b)
	}
	return ""
}

// judgeNewVoters judges the nodes that a leader makes voters. A node that was a voter
// before, or an outgoing voter, may stay one.
func (c *Configuration) judgeNewVoters(
	v *trace.View, leader raft.NodeID, was *raft.Status, voters raft.NodeSet,
) string {
	committed := min(was.Commit, raft.Index(len(v.Committed)))
	for id := range (voters &^ was.Config.Electors()).All() {
		if !was.Config.Learners.Has(id) {
			return fmt.Sprintf("%s makes %s a voter, which was no learner in %s", leader, id, was.Config)
		}
		if committed == 0 || !v.AllInspected() {
			continue
		}
		if last := &v.Committed[committed-1]; !v.Nodes[id].MayStore(committed, last) {
			return fmt.Sprintf("%s makes %s a voter, whose disk lacks %s, which %s called committed",
				leader, id, raft.EntryID{Term: last.Term, Index: committed}, leader)
		}
	}
	return ""
}

// Finish reports that the property held, unless a node hid its configuration.
func (c *Configuration) Finish(*trace.View) (Outcome, string) {
	if c.hid {
		return NotChecked, "a node does not show its configuration"
	}
	return Held, ""
}
