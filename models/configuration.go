package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Configuration judges how a cluster changes its members: a leader begins a
// change when the one before is committed and so is an entry of its own term,
// no two quorums of one configuration and the next are without a common node,
// who is removed does not lead on, who becomes a voter was a learner and has
// stored what its leader has committed (section 4.2.1), a node acts by the latest
// configuration in its log, committed or not, and an entry stands for one
// configuration at whatever node holds it (Raft paper, section 6; thesis, chapter 4).
//
// Which entries of a log are configurations is known from the nodes that acted
// by them. That an entry of its own term comes first is not in the thesis as it was
// printed: D. Ongaro, "bug in single-server membership changes", raft-dev, 2015.
//
// A node that acts by a configuration only once it applied it (Status.ConfigApplied)
// is held to the latest that it applied, and whom it makes a voter is judged when it
// is asked to.
type Configuration struct {
	seen   []seenConfig // the configurations that nodes acted by, in the order of their indexes and terms
	latest raft.Index   // of the logged ones among them
	hid    bool         // a node did not show its own
}

// seenConfig is what an entry stood for when a node was first seen to act by it.
type seenConfig struct {
	entry  raft.EntryID
	config raft.Configuration
	by     raft.NodeID
	// logged says that it was in the log of a node that acted by it. For what
	// only a snapshot stands for, a node may name the entry that ends the snapshot.
	logged bool
}

// Property names the promise.
func (c *Configuration) Property() Property {
	return Property{Name: "Configuration", Source: "Raft paper, section 6; thesis, chapter 4", Inspects: true}
}

// Reset forgets the run.
func (c *Configuration) Reset() { *c = Configuration{seen: c.seen[:0]} }

// Copy copies the configurations.
func (c *Configuration) Copy(from Checker) {
	f := from.(*Configuration)
	*c = Configuration{seen: append(c.seen[:0], f.seen...), latest: f.latest, hid: f.hid}
}

// AppendMemory appends the configurations. The latest follows from them, and
// what was hidden is for Finish alone.
func (c *Configuration) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(c.seen))
	for i := range c.seen {
		s := &c.seen[i]
		e.EntryID(s.entry)
		e.Config(s.config)
		e.Flags(s.logged)
	}
	return e.B
}

// Observe looks at every configuration that is new at a node, and at leaders.
func (c *Configuration) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if last := raft.Index(len(v.Nodes[r.Node].Log)); is.ConfigIndex > last {
		return fmt.Sprintf("%s acts by the configuration at %d and its log ends at %d", r.Node, is.ConfigIndex, last)
	}
	if is.Config != was.Config || is.ConfigIndex != was.ConfigIndex || r.Kept < is.ConfigIndex || r.Kind == trace.Booted {
		if text := c.acts(v, r); text != "" {
			return text
		}
	}
	if text := c.asks(v, r); text != "" {
		return text
	}
	if is.ConfigIndex < c.latest {
		if text := c.lags(&v.Nodes[r.Node], r.Node); text != "" {
			return text
		}
	}
	if is.Role != raft.Leader || was.Role != raft.Leader || is.Term != was.Term || was.Config == (raft.Configuration{}) {
		return ""
	}
	return c.leads(v, r.Node, was, is)
}

// leads judges a leader that goes on leading.
func (c *Configuration) leads(v *trace.View, id raft.NodeID, was, is *raft.Status) string {
	if was.ConfigIndex <= was.Commit && !was.Config.Electors().Has(id) {
		return fmt.Sprintf("%s leads though it was removed: %s is committed", id, was.Config)
	}
	if is.ConfigIndex == was.ConfigIndex {
		return ""
	}
	if text := c.changes(v.Nodes[id].Log, id, was, is); text != "" || is.ConfigApplied {
		return text
	}
	return c.promotes(v, id, was, is.Config.Voters)
}

// asks judges a leader that acts by what it applied and appended something because
// it was asked for another configuration: it is what it will apply.
func (c *Configuration) asks(v *trace.View, r *trace.Record) string {
	in, asked := r.Input.(*raft.Reconfigure)
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if !asked || !is.ConfigApplied || is.Last.Index == was.Last.Index {
		return ""
	}
	return c.promotes(v, r.Node, was, in.Voters)
}

// acts judges a configuration that a node newly acts by.
func (c *Configuration) acts(v *trace.View, r *trace.Record) string {
	was, is := &v.Nodes[r.Node].Before, &r.Status
	none := raft.Configuration{}
	switch {
	case is.Config == none && is.ConfigIndex == 0 && was.Config == none:
		c.hid = true
		return ""
	case is.Config.Voters == 0:
		return fmt.Sprintf("%s acts by a configuration without voters", r.Node)
	case is.Config.Members()&^v.All != 0:
		return fmt.Sprintf("%s acts by %s, of which %s are not nodes", r.Node, is.Config, is.Config.Members()&^v.All)
	case is.ConfigIndex == 0 && is.Config != v.FirstConfig():
		return fmt.Sprintf("%s acts by %s as the first configuration, which is %s", r.Node, is.Config, v.FirstConfig())
	case is.ConfigIndex == 0:
		return ""
	}
	entry := raft.EntryID{Term: v.Nodes[r.Node].Log[is.ConfigIndex-1].Term, Index: is.ConfigIndex}
	s := c.see(entry, is.Config, r.Node)
	if s.config != is.Config {
		return fmt.Sprintf("%s takes %s for %s, and %s took it for %s", r.Node, entry, is.Config, s.by, s.config)
	}
	if entry.Index > is.Base.Index {
		s.logged = true
		c.latest = max(c.latest, entry.Index)
	}
	return ""
}

// see returns what an entry stood for when a node was first seen to act by it, which may be now.
func (c *Configuration) see(entry raft.EntryID, config raft.Configuration, by raft.NodeID) *seenConfig {
	at, found := slices.BinarySearchFunc(c.seen, entry, func(s seenConfig, id raft.EntryID) int {
		return cmp.Or(cmp.Compare(s.entry.Index, id.Index), cmp.Compare(s.entry.Term, id.Term))
	})
	if !found {
		c.seen = slices.Insert(c.seen, at, seenConfig{entry: entry, config: config, by: by})
	}
	return &c.seen[at]
}

// lags looks in the log of a node, or in what it applied of that, for a configuration
// later than the one that it acts by.
func (c *Configuration) lags(n *trace.NodeView, id raft.NodeID) string {
	for i := len(c.seen) - 1; i >= 0; i-- {
		s := &c.seen[i]
		at := s.entry.Index
		if n.Status.ConfigApplied && at > n.Status.Applied {
			continue
		}
		if s.logged && at > n.Status.ConfigIndex && at <= raft.Index(len(n.Log)) && n.Log[at-1].Term == s.entry.Term {
			return fmt.Sprintf("%s acts by the configuration at %d and its log holds %s, by which %s acted",
				id, n.Status.ConfigIndex, s.entry, s.by)
		}
	}
	return ""
}

// changes judges a leader that appended a configuration.
func (c *Configuration) changes(log []trace.Logged, id raft.NodeID, was, is *raft.Status) string {
	if was.ConfigIndex > is.Commit {
		return fmt.Sprintf("%s appends the configuration at %d before that at %d is committed", id, is.ConfigIndex, was.ConfigIndex)
	}
	if last := min(is.Commit, raft.Index(len(log))); last == 0 || log[last-1].Term != is.Term {
		return fmt.Sprintf("%s appends the configuration at %d before an entry of its term %d is committed", id, is.ConfigIndex, is.Term)
	}
	if a, b, found := trace.DisjointQuorums(was.Config, is.Config); found {
		return fmt.Sprintf("%s changes from %s to %s: %s has a quorum of the one and %s one of the other",
			id, was.Config, is.Config, a, b)
	}
	return ""
}

// promotes judges the nodes that a leader makes voters. One that was a voter
// until then, be it an outgoing one, needs nothing.
func (c *Configuration) promotes(v *trace.View, leader raft.NodeID, was *raft.Status, voters raft.NodeSet) string {
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

// Finish says that the property held, unless a node did not show what it acts by.
func (c *Configuration) Finish(*trace.View) (Outcome, string) {
	if c.hid {
		return NotChecked, "a node does not show its configuration"
	}
	return Held, ""
}
