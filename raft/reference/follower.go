package reference

import (
	"raftcheck/raft"
)

// follows notes that a leader of this term was heard.
func (n *Node) follows(leader raft.NodeID) {
	n.leader = leader
	n.timer.heard()
}

// follow accepts an AppendEntries of the current leader, or refuses it because
// the logs differ at its prev (figure 2, AppendEntries RPC; section 5.3).
func (n *Node) follow(from raft.NodeID, m *message) {
	n.follows(from)
	a := &m.appendEntries
	a.skip(n.log.base)
	if !n.log.holds(a.prev) {
		n.refuseAppend(from, a.prev.Index, n.conflict(a.prev.Index), a.round)
		return
	}
	if a.entries.count > 0 {
		n.store(a.prev.Index+1, a.entries)
	}
	// Invariant: the logs are known to be equal up to here, and no further.
	// Whatever this log has beyond it may be another leader's.
	match := a.prev.Index + raft.Index(a.entries.count)
	n.commitTo(min(a.commit, match))
	n.acknowledge(from, match, a.round)
}

// skip leaves out what a log that begins after base has compacted. It was
// committed, so that the leader's log has the same (figure 3, Leader
// Completeness).
func (a *appendEntries) skip(base raft.EntryID) {
	if a.prev.Index >= base.Index {
		return
	}
	for ; a.prev.Index < base.Index && a.entries.count > 0; a.prev.Index++ {
		a.entries = a.entries.tail()
	}
	a.prev = base
}

// store brings entries, the first of which has index first, into the log. What
// the log already holds of them stays, and so does what follows it: a request
// that was overtaken must not remove what a later one brought (section 5.3,
// figure 2, AppendEntries rule 3).
func (n *Node) store(first raft.Index, entries entryList) {
	first, entries = n.log.missing(first, entries)
	if entries.count == 0 {
		return
	}
	if first <= n.log.lastIndex() {
		n.truncate(first)
	}
	n.log.appendList(entries)
	if entries.reconfigures {
		n.adoptConfigurations(first)
	}
	n.writeEntries(first)
}

// adoptConfigurations has the node act by the configurations in its log from
// first on: each counts from when it is there, committed or not (section 6).
func (n *Node) adoptConfigurations(first raft.Index) {
	for i := first; i <= n.log.lastIndex(); i++ {
		if e := n.log.entry(i); e.Kind == raft.Reconfiguration {
			n.members.append(&e)
		}
	}
}

// truncate removes the entries from first on, which conflict with the leader's,
// and the configurations in them (section 6).
func (n *Node) truncate(first raft.Index) {
	n.log.truncate(first, n.commit)
	n.members.truncate(first)
	n.saveHardState()
	n.writeRecord(&record{kind: recordTruncation, index: first})
	n.disk.truncated(first)
}

// acknowledge tells the leader that the logs are equal up to match, once the
// entries up to there are durable. That holds for a repeated request too, whose
// entries are perhaps still being written. What was compacted is equal in any case.
func (n *Node) acknowledge(to raft.NodeID, match raft.Index, r round) {
	match = max(match, n.log.base.Index)
	reply := message{kind: kindAppendReply, appendReply: appendReply{matches: true, index: match, round: r}}
	n.send(to, &reply, raft.Promise{Last: n.log.id(match)}, n.disk.logAfter(match))
}

// conflict says where the leader may look next, since the log does not hold the
// leader's entry at prev: below this node's entries of that term, or at the end
// of a log that is too short.
func (n *Node) conflict(prev raft.Index) raft.EntryID {
	if last := n.log.lastIndex(); prev > last {
		return raft.EntryID{Index: last + 1}
	}
	term := n.log.term(prev)
	return raft.EntryID{Term: term, Index: n.log.firstOfTerm(term)}
}

// refuseEarlierTerm answers the leader of an earlier term, which learns from
// the reply's term that it leads no more.
func (n *Node) refuseEarlierTerm(from raft.NodeID, _ *message) {
	n.refuseAppend(from, 0, raft.EntryID{}, 0)
}

func (n *Node) refuseAppend(to raft.NodeID, prev raft.Index, conflict raft.EntryID, r round) {
	reply := message{kind: kindAppendReply, appendReply: appendReply{index: prev, conflict: conflict, round: r}}
	n.send(to, &reply, raft.Promise{}, 0)
}
