package reference

import (
	"encoding/binary"
	"slices"

	"raftcheck/raft"
)

// membership is the configurations of the log, oldest first. The first is that of
// the snapshot, or the cluster's first one; the others are in the entries after it.
// A node uses the latest, committed or not (section 6). It keeps the earlier ones
// because that entry may be truncated.
//
// Invariant: it is never empty, and the indexes increase.
type membership []configured

// configured is a configuration and the index of its entry; 0 is the cluster's
// first one.
type configured struct {
	index  raft.Index
	config raft.Configuration
}

func (m membership) current() *configured { return &m[len(m)-1] }

// at returns the configuration as of an entry.
func (m membership) at(index raft.Index) configured {
	i := len(m) - 1
	for m[i].index > index {
		i--
	}
	return m[i]
}

// append makes the configuration in an entry the current one.
func (m *membership) append(e *raft.Entry) {
	config, err := decodeConfiguration(e.Data)
	if err != nil {
		assertionFailed("the configuration in %v: %v", e.ID, err)
	}
	*m = append(*m, configured{e.ID.Index, config})
}

// truncate goes back to the configuration before the entries from index first on.
func (m *membership) truncate(first raft.Index) {
	for m.current().index >= first {
		*m = (*m)[:len(*m)-1]
	}
}

// compact drops the configurations that were superseded as of an entry.
func (m *membership) compact(index raft.Index) {
	superseded := 0
	for superseded+1 < len(*m) && (*m)[superseded+1].index <= index {
		superseded++
	}
	*m = slices.Delete(*m, 0, superseded)
}

// config returns the configuration that the node uses.
func (n *Node) config() raft.Configuration { return n.members.current().config }

// elector reports whether the node has a vote, and so an election timer. A vote in
// the current configuration counts, and so does one in a configuration that may
// come back.
//
// A removed node keeps starting elections until it knows that its removal is
// committed (thesis, section 4.2.2). The others may need its log, which is longer
// than theirs, and then no other node can win. Only the others' votes decide
// whether it wins.
func (n *Node) elector() bool {
	for i := len(n.members) - 1; ; i-- {
		if n.members[i].config.Electors().Has(n.id) {
			return true
		}
		if i == 0 || n.members[i].index <= n.commit {
			return false
		}
	}
}

// quorum reports whether these nodes may decide: they are a majority of each half
// of a joint configuration (section 6).
func (n *Node) quorum(nodes raft.NodeSet) bool {
	c := n.config()
	return hasQuorum(c.Voters, nodes) && hasQuorum(c.Outgoing, nodes)
}

// reconfigure begins a change of the configuration (section 6). If voters come or
// go, a joint configuration stands between the old and the new one. Learners are in
// no quorum and need none.
//
// It rejects a change while an earlier one is not committed, and until the leader
// has committed an entry of its own term. Before that, the leader does not know
// whether an earlier leader's change is committed. With changes of one server at a
// time, this rule keeps two majorities from missing each other (D. Ongaro, "Bug in
// single-server membership changes", raft-dev, 2015). Here the old half of every
// joint configuration does that, and the rule keeps changes in sequence.
//
// A change to the same configuration is an entry, too: a deposed leader does not know
// whether its configuration is still in force.
func (n *Node) reconfigure(in *raft.Reconfigure) {
	old := n.config()
	next := raft.Configuration{Voters: in.Voters, Learners: in.Learners}
	switch {
	case n.role != raft.Leader || n.lead.transfer.to != raft.None,
		n.log.term(n.commit) != n.hard.term,
		old.Joint() || n.members.current().index > n.commit,
		!valid(next) || !n.caughtUp(in.Voters&^old.Voters):
		n.out.reply(in.Op, raft.Rejected)
		return
	case next.Voters != old.Voters:
		next.Outgoing = old.Voters
		n.lead.changing, n.lead.change = true, in.Op
	default:
		n.lead.await(raft.EntryID{Term: n.hard.term, Index: n.log.lastIndex() + 1}, in.Op)
	}
	n.appendConfiguration(next)
}

// caughtUp reports whether these nodes are learners that have every committed
// entry. A voter without them could commit nothing until it caught up (section 6;
// thesis, section 4.2.1).
func (n *Node) caughtUp(nodes raft.NodeSet) bool {
	for id := range nodes.All() {
		if !n.config().Learners.Has(id) || n.lead.match[id] < n.commit {
			return false
		}
	}
	return true
}

// appendConfiguration appends a configuration, which the node uses at once.
func (n *Node) appendConfiguration(c raft.Configuration) {
	old := n.config().Members()
	n.members = append(n.members, configured{n.log.lastIndex() + 1, c})
	n.lead.admit(c.Members()&^old, n.log.lastIndex()+1)
	n.appendOwn(raft.Reconfiguration, appendConfiguration(nil, c))
	n.recount()
}

// configurationCommitted takes the next step after a configuration is committed. A
// joint one is followed by the new one. A leader that the configuration excludes
// steps down (section 6; thesis, section 4.2.2).
func (n *Node) configurationCommitted() {
	c := n.config()
	switch {
	case c.Joint():
		c.Outgoing = 0
		if n.lead.changing {
			n.lead.await(raft.EntryID{Term: n.hard.term, Index: n.log.lastIndex() + 1}, n.lead.change)
			n.lead.changing = false
		}
		n.appendConfiguration(c)
	case !c.Voters.Has(n.id):
		for to := range n.peers().All() { // reports the commit index while it still leads
			n.heartbeat(to)
		}
		n.apply() // answers the operator
		n.becomeFollower()
	}
}

// valid reports whether a configuration is possible: it has a voter, and no voter
// is also a learner. An outgoing voter may be a learner: it becomes one.
func valid(c raft.Configuration) bool {
	return c.Voters != 0 && c.Voters&c.Learners == 0 && !c.Members().Has(raft.None)
}

// appendConfiguration encodes a configuration as decodeConfiguration reads it.
func appendConfiguration(b []byte, c raft.Configuration) []byte {
	for _, set := range [...]raft.NodeSet{c.Voters, c.Outgoing, c.Learners} {
		b = binary.LittleEndian.AppendUint64(b, uint64(set))
	}
	return b
}

func decodeConfiguration(data []byte) (raft.Configuration, error) {
	r := reader{rest: data}
	c := r.configuration()
	if !valid(c) {
		r.fail(errRange)
	}
	return c, r.finish()
}

// configuration reads three sets of nodes.
func (r *reader) configuration() raft.Configuration {
	return raft.Configuration{Voters: r.nodes(), Outgoing: r.nodes(), Learners: r.nodes()}
}

// configured reads a configuration after the index of its entry.
func (r *reader) configured() configured {
	c := configured{index: r.index(), config: r.configuration()}
	if !valid(c.config) {
		r.fail(errRange)
	}
	return c
}

func appendConfigured(b []byte, c configured) []byte {
	return appendConfiguration(binary.AppendUvarint(b, uint64(c.index)), c.config)
}

func (r *reader) nodes() raft.NodeSet { return raft.NodeSet(r.word()) }
