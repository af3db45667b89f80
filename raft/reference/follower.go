package reference

import "raftcheck/raft"

// leaderHeard records the leader of this term and restarts the election timer.
func (n *Node) leaderHeard(leader raft.NodeID) {
	n.leader = leader
	n.timer.heard()
}

// handleAppendEntries handles AppendEntries of the current leader. It stores the
// entries, or rejects them because the logs differ at prev (figure 2, AppendEntries
// RPC; section 5.3).
func (n *Node) handleAppendEntries(from raft.NodeID, m *message) {
	n.leaderHeard(from)
	a := &m.appendEntries
	a.skip(n.log.base)
	if !n.log.holds(a.prev) {
		n.rejectAppendEntries(from, a.prev.Index, n.conflict(a.prev.Index), a.round)
		return
	}
	if a.entries.count > 0 {
		n.storeEntries(a.prev.Index+1, a.entries)
	}
	// Invariant: the logs are known to be equal up to match, and no further. Entries
	// of this log beyond match may be another leader's.
	match := a.prev.Index + raft.Index(a.entries.count)
	n.commitTo(min(a.commit, match))
	n.acknowledgeEntries(from, match, a.round)
}

// skip drops the part of the request that this log has compacted; its log begins
// after base. That part was committed, so the leader's log has the same entries
// (figure 3, Leader Completeness).
func (a *appendEntries) skip(base raft.EntryID) {
	if a.prev.Index >= base.Index {
		return
	}
	for ; a.prev.Index < base.Index && a.entries.count > 0; a.prev.Index++ {
		a.entries = a.entries.tail()
	}
	a.prev = base
}

// storeEntries stores the entries of an AppendEntries; the first has index first.
// Entries that the log already holds stay, and so do the entries after them. A
// delayed request must not remove entries that a later one brought (section 5.3,
// figure 2, AppendEntries rule 3).
func (n *Node) storeEntries(first raft.Index, entries entryList) {
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

// adoptConfigurations makes the node use the configurations in its log from index
// first on. A configuration takes effect once it is in the log, committed or not
// (section 6).
func (n *Node) adoptConfigurations(first raft.Index) {
	for i := first; i <= n.log.lastIndex(); i++ {
		if e := n.log.entry(i); e.Kind == raft.Reconfiguration {
			n.members.append(&e)
		}
	}
}

// truncate removes the entries from index first on, which conflict with the
// leader's log, and the configurations in them (section 6).
func (n *Node) truncate(first raft.Index) {
	n.log.truncate(first, n.commit)
	n.members.truncate(first)
	n.saveHardState()
	n.writeRecord(&record{kind: recordTruncation, index: first})
	n.disk.truncated(first)
}

// acknowledgeEntries sends an AppendReply: the logs are equal up to match. The
// reply waits until the entries up to match are durable. A repeated request waits
// too, because its entries may still be being written. Compacted entries are equal
// in any case.
func (n *Node) acknowledgeEntries(to raft.NodeID, match raft.Index, r round) {
	match = max(match, n.log.base.Index)
	reply := message{kind: kindAppendReply, appendReply: appendReply{matches: true, index: match, round: r}}
	n.send(to, &reply, raft.Promise{Last: n.log.id(match)}, n.disk.logAfter(match))
}

// conflict computes the hint of a rejected AppendEntries: where the leader should
// look next, since this log does not hold the leader's entry at prev (section 5.3,
// last paragraphs).
//
// If this log ends before prev, the hint is the index after its end, with term 0. A
// zero term is safe: no entry has it, so the leader finds no entry of that term and
// tries the hinted index itself. The hint claims no match; the next AppendEntries
// checks the entry before that index.
//
// Otherwise the hint is T, the term of this log's entry at prev, with the first
// index of T here. The leader may skip all of T at once. One leader made the
// entries of T, in order, so the entries of T in one log are a prefix of those in
// the other. If the leader has entries of T before prev, the logs match at its last
// one; backOff probes there. If it has none, every entry of T here conflicts, and
// the logs match only before the first of them.
func (n *Node) conflict(prev raft.Index) raft.EntryID {
	if last := n.log.lastIndex(); prev > last {
		return raft.EntryID{Index: last + 1}
	}
	term := n.log.term(prev)
	return raft.EntryID{Term: term, Index: n.log.firstOfTerm(term)}
}

// rejectEarlierLeader rejects AppendEntries and InstallSnapshot of an earlier term
// (figure 2, rule 1). The sender learns from the reply's term that it no longer
// leads.
func (n *Node) rejectEarlierLeader(from raft.NodeID, _ *message) {
	n.rejectAppendEntries(from, 0, raft.EntryID{}, 0)
}

// rejectAppendEntries sends an AppendReply that rejects the request with this prev.
func (n *Node) rejectAppendEntries(to raft.NodeID, prev raft.Index, conflict raft.EntryID, r round) {
	reply := message{kind: kindAppendReply, appendReply: appendReply{index: prev, conflict: conflict, round: r}}
	n.send(to, &reply, raft.Promise{}, 0)
}
