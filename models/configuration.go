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
//   - A leader starts a change only once the change before it is committed. If the change is no
//     joint configuration, an entry of the leader's own term is committed as well.
//   - A configuration and the next one have no two disjoint quorums.
//   - A node leads only if it is an elector of its configuration, or of one that may come
//     back because a later one is not committed. So a removed leader stops leading once
//     its removal is committed.
//   - A new voter was a learner and has stored the entries that its leader has committed
//     (thesis, section 4.2.1). A system that lacks learners is not asked for this.
//   - A node acts by the latest configuration in its log, committed or not. It may store the
//     entry, or the cut of its log, before it acts by that.
//   - The index that a node shows is that of a configuration, and an entry is the same
//     configuration for every node. A node may name the last entry of a snapshot instead,
//     which has the configuration.
//
// The checker learns the content of a configuration from the nodes that act by it. The
// entry of the leader's own term is missing from the printed thesis. It was added later, and
// joint configurations do without it: D. Ongaro, "bug in single-server membership changes",
// raft-dev, 2015.
//
// Some nodes act by a configuration only once they applied it (Status.ConfigApplied). Such
// a node must act by the latest configuration that it applied. Its new voters are judged
// when it appends the change.
type Configuration struct {
	seen      []seenConfig // the configurations that nodes acted by, by index and then term
	snapshots []raft.Index // the last entries of snapshots, in their order
	hid       bool         // a node did not show its configuration
}

// seenConfig is the configuration of an entry, as the first node that acted by it had it.
type seenConfig struct {
	entry  raft.EntryID
	config raft.Configuration
	by     raft.NodeID
}

// Property returns the name, rule and source.
func (c *Configuration) Property() Property {
	return Property{
		Name: "Configuration",
		Rule: "Changes come one by one and leave no two disjoint quorums; only learners that caught up become " +
			"voters; a node acts by the latest configuration in its log; only a node with a vote leads.",
		Source:   "Raft paper, section 6; thesis, chapter 4",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassSteps | ClassTurn,
	}
}

// Reset forgets the run.
func (c *Configuration) Reset() { *c = Configuration{seen: c.seen[:0], snapshots: c.snapshots[:0]} }

// Copy takes over the configurations and the snapshots.
func (c *Configuration) Copy(from Checker) {
	f := from.(*Configuration)
	c.seen, c.hid = append(c.seen[:0], f.seen...), f.hid
	c.snapshots = append(c.snapshots[:0], f.snapshots...)
}

// AppendMemory appends the configurations and the snapshots. Only Finish uses hid.
func (c *Configuration) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.seen))
	for i := range c.seen {
		e.EntryID(c.seen[i].entry)
		e.Config(c.seen[i].config)
	}
	e.Length(len(c.snapshots))
	for _, at := range c.snapshots {
		e.Numbers(uint64(at))
	}
	return e.Buf
}

// Observe judges each new configuration of a node, and each step of a leader.
func (c *Configuration) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	n := &v.Nodes[r.Node]
	was, is := &n.Before, &r.Status
	changed := is.Config != was.Config || is.ConfigIndex != was.ConfigIndex
	switch in, compacts := r.Input.(*raft.Compact); {
	case !changed && n.AwaitsCut():
		return ""
	case is.ConfigIndex > raft.Index(len(n.Log)):
		return fmt.Sprintf("%s acts by the configuration at %d and its log ends at %d",
			r.Node, is.ConfigIndex, len(n.Log))
	case compacts:
		c.compacted(in.Index)
	}
	if changed || r.Kind == trace.Booted || n.AwaitedCut ||
		is.ConfigIndex > 0 && (r.Kept < is.ConfigIndex || is.Base != was.Base) {
		if text := c.judgeActive(v, r); text != "" {
			return text
		}
	}
	if is.Config == (raft.Configuration{}) {
		return ""
	}
	if n.LastConfig > is.ConfigIndex {
		if text := c.judgeLatest(n, r.Node); text != "" {
			return text
		}
	}
	if r.Kind == trace.Stepped && n.Leads() {
		return c.judgeLeader(v, r)
	}
	return ""
}

// compacted notes the last entry of a snapshot.
func (c *Configuration) compacted(i raft.Index) {
	if at, found := slices.BinarySearch(c.snapshots, i); !found {
		c.snapshots = slices.Insert(c.snapshots, at, i)
	}
}

// judgeLeader judges a step of a node that leads, or led before the step. The step may have
// elected it.
func (c *Configuration) judgeLeader(v *trace.View, r *trace.Record) string {
	n := &v.Nodes[r.Node]
	if n.Status.Role == raft.Leader && !c.mayLead(v, r.Node) {
		return fmt.Sprintf("%s leads and has no vote in %s, which is committed", r.Node, n.Before.Config)
	}
	for i := range r.Appended {
		if d := &r.Appended[i]; d.Kind == raft.Reconfiguration && d.ID.Term == n.Status.Term {
			if text := c.judgeBegun(v, r.Node, r.Kept+raft.Index(i)+1); text != "" {
				return text
			}
		}
	}
	if text := c.judgeRequest(v, r); text != "" || n.Status.ConfigIndex == n.Before.ConfigIndex {
		return text
	}
	return c.judgeChange(v, r.Node)
}

// mayLead reports whether a node that leads has a vote. A node that is being elected may
// have it in a configuration that comes back if the later ones are not committed. Some nodes
// learn of their removal when they apply it.
func (c *Configuration) mayLead(v *trace.View, id raft.NodeID) bool {
	n := &v.Nodes[id]
	at, config, known := n.Before.ConfigIndex, n.Before.Config, n.Before.Config != raft.Configuration{}
	if n.Elected() {
		at, config, known = n.Status.ConfigIndex, n.Status.Config, true
	}
	for known && !config.Electors().Has(id) {
		if at <= min(n.Before.Commit, n.Before.Applied) {
			return false
		}
		if !n.Elected() {
			break // it commits its own removal
		}
		at = n.ConfigBefore(at - 1)
		config, known = c.configAt(v, n, at)
	}
	return true
}

// judgeBegun judges a configuration that a leader appended at an index. Its first entry of a term
// may be the configuration that it has; if it stores the entry before it acts by it, nobody knows.
func (c *Configuration) judgeBegun(v *trace.View, id raft.NodeID, at raft.Index) string {
	n := &v.Nodes[id]
	is, before := &n.Status, n.ConfigBefore(at-1)
	if before <= is.Commit {
		return ""
	}
	opens := n.Log[at-2].Term < is.Term
	if was, known := c.configAt(v, n, before); opens && (is.ConfigIndex != at || known && was == is.Config) {
		return ""
	}
	return fmt.Sprintf("%s appends the configuration at %d before that at %d is committed", id, at, before)
}

// judgeRequest judges a leader that acts by applied configurations, and appends one when the
// operator asks for a change. The requested voters are the ones that it will apply.
func (c *Configuration) judgeRequest(v *trace.View, r *trace.Record) string {
	in, asked := r.Input.(*raft.Reconfigure)
	was, is := &v.Nodes[r.Node].Before, &r.Status
	if !asked || !is.ConfigApplied || was.Config.Joint() || is.Config.Joint() || firstConfig(r, is.Term) == 0 {
		return ""
	}
	return c.judgeNewVoters(v, r.Node, was.Config, in.Voters)
}

// judgeChange judges a leader that acts by another configuration than before the step. If
// the leader acts by applied ones, the step must not have elected it. Otherwise the leader
// must have appended the configuration.
func (c *Configuration) judgeChange(v *trace.View, id raft.NodeID) string {
	n := &v.Nodes[id]
	was, is := &n.Before, &n.Status
	before, known := was.Config, was.Role == raft.Leader && was.Term == is.Term
	if !is.ConfigApplied {
		before, known = c.configAt(v, n, n.ConfigBefore(is.ConfigIndex-1))
		known = known && is.ConfigIndex > 0 && n.Log[is.ConfigIndex-1].Term == is.Term
	}
	if !known {
		return ""
	}
	if a, b, found := trace.DisjointQuorums(before, is.Config); found {
		return fmt.Sprintf("%s changes from %s to %s: %s has a quorum of the one and %s one of the other",
			id, before, is.Config, a, b)
	}
	if is.ConfigApplied {
		return ""
	}
	single := before != is.Config && !before.Joint() && !is.Config.Joint()
	if last := min(is.Commit, raft.Index(len(n.Log))); single && (last == 0 || n.Log[last-1].Term != is.Term) {
		return fmt.Sprintf("%s appends the configuration at %d before an entry of its term %d is committed",
			id, is.ConfigIndex, is.Term)
	}
	return c.judgeNewVoters(v, id, before, is.Config.Voters)
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
	}
	return c.judgeEntry(v, r.Node)
}

// judgeEntry judges the entry whose configuration a node acts by.
func (c *Configuration) judgeEntry(v *trace.View, id raft.NodeID) string {
	n := &v.Nodes[id]
	is, at := &n.Status, n.Status.ConfigIndex
	if _, found := slices.BinarySearch(c.snapshots, at); found || at == is.Base.Index {
		at = n.ConfigBefore(at) // the snapshot's last entry may stand for it
	}
	if at == 0 {
		if is.Config != v.FirstConfig() {
			return fmt.Sprintf("%s acts by %s as the first configuration, which is %s",
				id, is.Config, v.FirstConfig())
		}
		return ""
	}
	entry := raft.EntryID{Term: n.Log[at-1].Term, Index: at}
	switch {
	case entry.Term == 0:
		return "" // its content is unknown
	case n.Log[at-1].Kind != raft.Reconfiguration:
		return fmt.Sprintf("%s acts by %s as the configuration of %s, which has none", id, is.Config, entry)
	}
	if s := c.seenAt(entry, is.Config, id); s.config != is.Config {
		return fmt.Sprintf("%s takes %s for %s, and %s took it for %s", id, entry, is.Config, s.by, s.config)
	}
	return ""
}

// seenAt returns the configuration of an entry as it was first seen. If it was not seen
// before, it is the one given here.
func (c *Configuration) seenAt(entry raft.EntryID, config raft.Configuration, by raft.NodeID) *seenConfig {
	at, found := c.find(entry)
	if !found {
		c.seen = slices.Insert(c.seen, at, seenConfig{entry: entry, config: config, by: by})
	}
	return &c.seen[at]
}

// find returns the position of an entry in seen, or that at which it belongs.
func (c *Configuration) find(entry raft.EntryID) (at int, found bool) {
	return slices.BinarySearchFunc(c.seen, entry, func(s seenConfig, id raft.EntryID) int {
		return cmp.Or(cmp.Compare(s.entry.Index, id.Index), cmp.Compare(s.entry.Term, id.Term))
	})
}

// judgeLatest judges a node with a configuration in its log after the one that it acts by. A node
// that acts by applied ones may have refused it, if every other node refuses it as well.
func (c *Configuration) judgeLatest(n *trace.NodeView, id raft.NodeID) string {
	is, latest := &n.Status, n.LastConfig
	switch waits := is.Role == raft.Leader || len(n.Pending.Steps) > 0; {
	case is.ConfigApplied:
		latest = n.ConfigBefore(is.Applied)
	case waits:
		for latest > is.ConfigIndex && !n.Stores(latest) {
			latest = n.ConfigBefore(latest - 1) // it may act by the entry once that is durable
		}
	}
	if latest <= is.ConfigIndex || n.Log[latest-1].Term == 0 {
		return ""
	}
	entry := raft.EntryID{Term: n.Log[latest-1].Term, Index: latest}
	if is.ConfigApplied && c.seenAt(entry, is.Config, id).config == is.Config {
		return ""
	}
	return fmt.Sprintf("%s acts by the configuration at %d and its log holds that of %s",
		id, is.ConfigIndex, entry)
}

// configAt returns the configuration of the entry at an index of n's log, and whether it is
// known; index 0 has the first one.
func (c *Configuration) configAt(v *trace.View, n *trace.NodeView, at raft.Index) (raft.Configuration, bool) {
	if at == 0 {
		return v.FirstConfig(), true
	}
	i, found := c.find(raft.EntryID{Term: n.Log[at-1].Term, Index: at})
	if !found {
		return raft.Configuration{}, false
	}
	return c.seen[i].config, true
}

// judgeNewVoters judges the nodes that a leader makes voters after a configuration. A node
// that was a voter in it, or an outgoing voter, may stay one.
func (c *Configuration) judgeNewVoters(
	v *trace.View, leader raft.NodeID, was raft.Configuration, voters raft.NodeSet,
) string {
	if v.Limits.Lacks.Has(raft.Learners) {
		return ""
	}
	committed := min(v.Nodes[leader].Before.Commit, raft.Index(len(v.Committed)))
	for id := range (voters &^ was.Electors()).All() {
		if !was.Learners.Has(id) {
			return fmt.Sprintf("%s makes %s a voter, which was no learner in %s", leader, id, was)
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
