package reference

import "raftcheck/raft"

// The bounds on a leader's unfinished work, in entries or bytes. They are small, so
// that small schedules reach them.
const (
	// MaxEntriesPerAppend and MaxBytesPerAppend bound one AppendEntries. It always
	// takes one entry, however large.
	MaxEntriesPerAppend = 64
	MaxBytesPerAppend   = 512
	// MaxUncommittedBytes bounds the entries that are not committed. A leader that is
	// cut off rejects proposals beyond it; one entry is always accepted.
	MaxUncommittedBytes = 2 << 10
)

// leadership is a leader's state for its term. Lists by NodeID have a place for
// every node that the term ever saw.
type leadership struct {
	match []raft.Index // known to be replicated there (matchIndex[], figure 2)
	acked []round      // the latest round that the node answered
	peers []progress   // the replication state of each node

	clock     uint64 // ticks of this term
	round     round  // the latest that began
	confirmed round  // the latest that a quorum answered

	waiting  []proposal // clients to answer, by index
	changing bool       // the operator waits for a change whose joint configuration is not committed
	change   raft.OpID  // that request; the zero OpID is valid too
	reads    []read     // reads that wait, oldest first
	transfer transfer
}

// proposal is an operation that waits for its entry to be applied.
type proposal struct {
	id raft.EntryID
	op raft.OpID
}

// await registers op for an answer once the entry is applied.
func (l *leadership) await(id raft.EntryID, op raft.OpID) {
	l.waiting = append(l.waiting, proposal{id, op})
}

// begin clears the state of an earlier leadership and keeps its memory.
func (l *leadership) begin() {
	*l = leadership{
		match: l.match[:0], acked: l.acked[:0], peers: l.peers[:0],
		waiting: l.waiting[:0], reads: l.reads[:0],
	}
}

// admit adds nodes about which nothing is known. The first entry to send them is
// next.
func (l *leadership) admit(nodes raft.NodeSet, next raft.Index) {
	for len(l.peers) <= int(nodes.Max()) {
		l.match = append(l.match, 0)
		l.acked = append(l.acked, 0)
		l.peers = append(l.peers, progress{})
	}
	for id := range nodes.All() {
		l.match[id], l.acked[id], l.peers[id] = 0, 0, progress{next: next}
	}
}

// becomeLeader opens the term with a blank entry. Entries of earlier terms are
// committed only together with one of this term (section 5.4.2), and a term without
// proposals would never get one (section 8).
func (n *Node) becomeLeader() {
	n.role = raft.Leader
	n.leader = n.id
	n.votes = 0
	n.timer.elapsed = 0
	n.lead.begin()
	n.lead.admit(n.config().Members().With(n.id), n.log.lastIndex()+1)
	n.lead.match[n.id] = n.disk.stable
	n.beginRound()
	n.appendOwn(raft.NoOp, nil)
}

// leaderTick advances a leader's clock by one unit. A leader that no quorum answers
// any more steps down, so that others can be elected: nodes that hear from it elect
// nobody else (thesis, section 6.2).
func (n *Node) leaderTick() {
	n.lead.clock++
	n.timer.elapsed++
	n.abandonTransfer()
	if n.preVote && n.lead.silence() >= ElectionTicks {
		n.becomeFollower()
		return
	}
	if n.timer.elapsed >= HeartbeatTicks {
		n.timer.elapsed = 0
		n.beginRound()
		for to := range n.peers().All() {
			n.heartbeat(to)
		}
	}
}

// resign ends a leadership and answers every request that still waits.
func (n *Node) resign() {
	n.timer.silence = int(min(n.lead.silence(), ElectionTicks))
	n.timer.reset()
	for _, p := range n.lead.waiting {
		n.out.reply(p.op, raft.Unknown) // a later leader may yet commit it
	}
	if n.lead.changing {
		n.out.reply(n.lead.change, raft.Unknown)
	}
	for i := range n.lead.reads {
		n.rejectRead(&n.lead.reads[i])
	}
	n.endTransfer()
}

// propose appends a client's data to the log of a leader. It answers the client
// once the entry is applied (section 5.3).
func (n *Node) propose(op raft.OpID, data []byte) {
	if n.role != raft.Leader || n.lead.transfer.to != raft.None || n.overloaded(len(data)) {
		n.out.reply(op, raft.Rejected)
		return
	}
	n.lead.await(raft.EntryID{Term: n.hard.term, Index: n.log.lastIndex() + 1}, op)
	n.appendOwn(raft.Command, data)
}

// overloaded reports whether so many more bytes would exceed MaxUncommittedBytes.
// The uncommitted bytes are measured in the log, not counted on the side, so that
// the measure cannot drift.
func (n *Node) overloaded(bytes int) bool {
	uncommitted := n.log.size(n.commit)
	return uncommitted > 0 && uncommitted+bytes > MaxUncommittedBytes
}

// appendOwn appends an entry of the leader's term, writes it and sends it at once.
// The followers may store it while the leader's disk still works on it (thesis,
// section 10.2.1).
func (n *Node) appendOwn(kind raft.EntryKind, data []byte) {
	n.log.append(n.hard.term, kind, data)
	n.writeEntries(n.log.lastIndex())
	n.broadcast()
}

// broadcast sends every peer as many entries as its progress allows.
func (n *Node) broadcast() {
	for to := range n.peers().All() {
		n.replicate(to)
	}
}

// peers returns the other nodes that receive the log.
func (n *Node) peers() raft.NodeSet { return n.config().Members().Without(n.id) }

// handleAppendReply handles an AppendReply of this term. It answers an
// AppendEntries or the last part of a snapshot.
func (n *Node) handleAppendReply(from raft.NodeID, m *message) {
	if !n.config().Members().Has(from) {
		return // it was removed
	}
	r := &m.appendReply
	if r.matches {
		n.advance(from, r.index)
	} else {
		n.backOff(from, r)
	}
	if n.role == raft.Leader {
		n.roundAnswered(from, r.round)
	}
}

// advance records that a peer's log equals the leader's up to match, and sends more
// entries if there are any. Invariant: match never goes back; a delayed reply
// brings no news.
func (n *Node) advance(from raft.NodeID, match raft.Index) {
	if match > n.log.lastIndex() {
		assertionFailed("%v matches up to %d, beyond the end of the leader's log, %d",
			from, match, n.log.lastIndex())
	}
	grown := match > n.lead.match[from]
	if grown {
		n.lead.match[from] = match
	}
	n.lead.peers[from].matched(match, n.log.base.Index)
	if grown {
		n.advanceCommit()
	}
	if n.role != raft.Leader {
		return // it committed its own removal
	}
	n.replicate(from)
	n.sendTimeoutNow()
}

// backOff handles a rejection: it searches for the last entry that both logs hold,
// one term at a time, and sends from there (section 5.3, last paragraphs).
func (n *Node) backOff(from raft.NodeID, r *appendReply) {
	p := &n.lead.peers[from]
	stale := r.conflict.Index == 0 // it answers a request of an earlier term
	if stale || r.index <= n.lead.match[from] || !p.refused(r.index) {
		return
	}
	// The logs match at the leader's last entry of the conflicting term, if it is before
	// the probe. Otherwise all of the follower's entries of that term conflict.
	next := r.conflict.Index
	if last := n.log.lastOfTerm(r.conflict.Term); 0 < last && last < r.index {
		next = last + 1
	}
	// Invariant: next is above match, whichever hint arrives, and every rejection that
	// counts lowers it.
	p.probe(max(n.lead.match[from]+1, next))
	n.replicate(from)
}

// advanceCommit commits the entries that a quorum has stored, if they reach an
// entry of the leader's own term. Entries of earlier terms are not committed by
// counting (section 5.4.2, figure 8), only by an entry of this term after them.
//
// Followers learn the commit index from the next AppendEntries.
func (n *Node) advanceCommit() {
	index := quorumValue(n.config(), n.lead.match)
	if index <= n.commit || n.log.term(index) != n.hard.term {
		return
	}
	n.commitTo(index)
	n.admitReads()
	if at := n.members.current().index; at <= n.commit && n.unfinished() {
		n.configurationCommitted()
	}
}

// unfinished reports whether the current configuration, once it is committed,
// requires another step.
func (n *Node) unfinished() bool { return n.config().Joint() || !n.config().Voters.Has(n.id) }

// countOwnEntries counts the leader's own entries, as far as they are durable.
func (n *Node) countOwnEntries() {
	n.lead.match[n.id] = n.disk.stable
	n.advanceCommit()
}

// recount applies a changed configuration to the answers so far: a smaller quorum
// may have been reached already.
func (n *Node) recount() {
	n.advanceCommit()
	if n.role == raft.Leader {
		n.countRounds()
	}
}

// answerProposals answers clients whose operations were applied.
func (n *Node) answerProposals() {
	if n.role != raft.Leader {
		return
	}
	done := 0
	for _, p := range n.lead.waiting {
		if p.id.Index > n.applied {
			break
		}
		if n.log.term(p.id.Index) != p.id.Term {
			assertionFailed("the proposal at %v was overwritten while its leader led", p.id)
		}
		n.out.reply(p.op, raft.Done)
		done++
	}
	n.lead.waiting = n.lead.waiting[:copy(n.lead.waiting, n.lead.waiting[done:])]
}
