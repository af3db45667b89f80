package reference

import "raftcheck/raft"

// follow accepts an AppendEntries of the current leader, or refuses it because
// the logs differ at its prev (figure 2, AppendEntries RPC; section 5.3).
func (n *Node) follow(from raft.NodeID, m *message) {
	n.leader = from
	n.timer.reset()
	a := &m.appendEntries
	if !n.log.holds(a.prev) {
		n.refuseAppend(from, a.prev.Index, n.conflict(a.prev.Index))
		return
	}
	if a.entries.count > 0 {
		n.store(a.prev.Index+1, a.entries)
	}
	// Invariant: the logs are known to be equal up to here, and no further.
	// Whatever this log has beyond it may be another leader's.
	match := a.prev.Index + raft.Index(a.entries.count)
	n.commitTo(min(a.commit, match))
	n.acknowledge(from, match)
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
	n.writeEntries(first)
}

// truncate removes the entries from first on, which conflict with the leader's.
func (n *Node) truncate(first raft.Index) {
	n.log.truncate(first, n.commit)
	n.saveHardState()
	n.writeRecord(&record{kind: recordTruncation, index: first})
	n.disk.truncated(first)
}

// acknowledge tells the leader that the logs are equal up to match, once the
// entries up to there are durable. That holds for a repeated request too, whose
// entries are perhaps still being written.
func (n *Node) acknowledge(to raft.NodeID, match raft.Index) {
	reply := message{kind: kindAppendReply, appendReply: appendReply{matches: true, index: match}}
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

// refuseStaleAppend answers the leader of an earlier term, which learns from
// the reply's term that it leads no more.
func (n *Node) refuseStaleAppend(from raft.NodeID, m *message) {
	n.refuseAppend(from, m.appendEntries.prev.Index, raft.EntryID{})
}

func (n *Node) refuseAppend(to raft.NodeID, prev raft.Index, conflict raft.EntryID) {
	reply := message{kind: kindAppendReply, appendReply: appendReply{index: prev, conflict: conflict}}
	n.send(to, &reply, raft.Promise{}, 0)
}
