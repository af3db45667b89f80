package reference

import "raftcheck/raft"

// MaxEntriesPerAppend bounds the entries of one AppendEntries.
const MaxEntriesPerAppend = 64

// becomeLeader opens the term with a blank entry: entries of earlier terms are
// committed only together with one of this term (section 5.4.2), and a term
// without proposals would never get one (section 8).
func (n *Node) becomeLeader() {
	n.role = raft.Leader
	n.leader = n.id
	n.votes = 0
	n.timer.elapsed = 0
	for id := range n.voters.All() {
		n.next[id] = n.log.lastIndex() + 1
		n.match[id] = 0
	}
	n.match[n.id] = n.disk.stable
	n.appendOwn(raft.NoOp, nil)
}

// propose appends a client's data to the log of a leader, which answers once
// the entry is applied (section 5.3).
func (n *Node) propose(op raft.OpID, data []byte) {
	if n.role != raft.Leader {
		n.out.reply(op, raft.Rejected)
		return
	}
	id := raft.EntryID{Term: n.hard.term, Index: n.log.lastIndex() + 1}
	n.waiting = append(n.waiting, proposal{id, op})
	n.appendOwn(raft.Command, data)
}

// appendOwn appends an entry of the leader's term, writes it and sends it at
// once: others may store it while the own disk still works on it (thesis,
// section 10.2.1).
func (n *Node) appendOwn(kind raft.EntryKind, data []byte) {
	n.log.append(n.hard.term, kind, data)
	n.writeEntries(n.log.lastIndex())
	n.broadcastAppend()
}

func (n *Node) broadcastAppend() {
	for to := range n.peers().All() {
		n.sendAppend(to)
	}
}

// sendAppend sends what the peer needs next, or an empty AppendEntries if it
// has all: then it is the heartbeat. It does not wait for the leader's disk,
// only (in send) for its term.
//
// The entries of one AppendEntries are of one term. So a follower can hold the
// entries of an older term without the leader's own blank one, as figure 8 has
// it, and section 5.4.2 is a rule that schedules can put to the test.
func (n *Node) sendAppend(to raft.NodeID) {
	next := n.next[to]
	m := message{kind: kindAppendEntries, appendEntries: appendEntries{
		prev:    n.log.id(next - 1),
		commit:  n.commit,
		entries: n.log.run(next, MaxEntriesPerAppend),
	}}
	n.send(to, &m, raft.Promise{}, 0)
}

// progress takes the answer to an AppendEntries of this term.
func (n *Node) progress(from raft.NodeID, m *message) {
	if m.appendReply.matches {
		n.advance(from, m.appendReply.index)
	} else {
		n.backOff(from, &m.appendReply)
	}
}

// advance notes that a peer's log equals the leader's up to match, and sends on
// if there is more. Replies that were overtaken say nothing new.
func (n *Node) advance(from raft.NodeID, match raft.Index) {
	if match > n.log.lastIndex() {
		assertionFailed("%v matches up to %d, beyond the end of the leader's log, %d", from, match, n.log.lastIndex())
	}
	if match <= n.match[from] {
		return
	}
	n.match[from] = match
	n.next[from] = match + 1
	n.advanceCommit()
	if n.next[from] <= n.log.lastIndex() {
		n.sendAppend(from)
	}
}

// backOff looks for the last entry that both logs hold, a term at a time, and
// sends from there (section 5.3, last paragraphs). A refusal counts only if it
// answers the latest probe.
func (n *Node) backOff(from raft.NodeID, r *appendReply) {
	stale := r.conflict.Index == 0 // it answers a request of an earlier term
	if stale || r.index != n.next[from]-1 || r.index <= n.match[from] {
		return
	}
	// If the leader's entries of the conflicting term all lie beyond the probe,
	// then everything the follower has of that term conflicts.
	next := r.conflict.Index
	if last := n.log.lastOfTerm(r.conflict.Term); 0 < last && last < r.index {
		next = last + 1
	}
	// Invariant: next is above match, whatever a hint says, and every refusal that
	// counts lowers it.
	n.next[from] = max(n.match[from]+1, next)
	n.sendAppend(from)
}

// advanceCommit commits what a majority has stored, if that reaches an entry of
// the leader's own term. Entries of earlier terms are not committed by counting
// (section 5.4.2, figure 8), only by an entry of this term after them.
//
// Followers learn of it with the next AppendEntries.
func (n *Node) advanceCommit() {
	index := committedIndex(n.voters, n.match)
	if index > n.commit && n.log.term(index) == n.hard.term {
		n.commitTo(index)
	}
}

// countOwnEntries counts the leader's own entries, as far as they are durable.
func (n *Node) countOwnEntries() {
	n.match[n.id] = n.disk.stable
	n.advanceCommit()
}
