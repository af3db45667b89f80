package paxos

import "raftcheck/raft"

// batch is the most slots in one Accept.
const batch = 16

// peer is a leader's knowledge of another node.
type peer struct {
	next  raft.Index // the next slot to propose to it
	acked raft.Index // it accepted all slots up to here, or knows that they are chosen
}

// ballotAfter returns the least ballot of a node that is higher than another one. Nodes
// choose their ballots from disjoint sets (section 2.2): ballot b belongs to voter number
// b modulo the number of voters.
func ballotAfter(b raft.Term, id raft.NodeID, voters raft.NodeSet) raft.Term {
	rank := 0
	for ; voters.Nth(rank) != id; rank++ {
	}
	many := raft.Term(voters.Len())
	next := b - b%many + raft.Term(rank+1)%many
	if next <= b {
		next += many
	}
	return next
}

// campaign begins a ballot, for all slots that the node does not know to be chosen
// (section 2.2, phase 1a; section 3). Its own promise is durable before anybody hears of
// the ballot, so that it begins none twice (section 2.5).
func (n *Node) campaign() {
	if n.role == raft.Leader || !n.voters.Has(n.id) {
		return
	}
	n.promised = ballotAfter(n.promised, n.id, n.voters)
	n.role, n.leader, n.timer.elapsed = raft.Candidate, raft.None, 0
	n.savePromise()
	n.began, n.promises = n.disk.issued, 0
	n.found = append(n.found[:0], n.slots[n.chosen:]...)
	for id := range n.voters.Without(n.id).All() {
		n.send(id, &message{kind: prepare, first: n.chosen + 1})
	}
}

// handlePromise takes over the acceptances of a node. A leader proposes in its free slots
// the values that it hears of late: it asked a quorum, so no value was chosen there.
func (n *Node) handlePromise(from raft.NodeID, m *message) {
	switch n.role {
	case raft.Candidate:
		n.merge(m)
		n.countPromise(from)
	case raft.Leader:
		if next := n.last() + 1; m.first <= next && next < m.first+raft.Index(len(m.slots)) {
			n.proposeRun(next, n.filled(next, m.slots[next-m.first:]))
		}
	}
}

// merge keeps, for each slot, the acceptance of the highest ballot (section 2.2, P2c).
func (n *Node) merge(m *message) {
	for i := range m.slots {
		s := m.slots[i]
		for at := int(m.first-n.chosen) - 1 + i; ; {
			if at < len(n.found) {
				if s.ballot > n.found[at].ballot {
					s.entry.Data = append([]byte(nil), s.entry.Data...)
					n.found[at] = s
				}
				break
			}
			n.found = append(n.found, slot{})
		}
	}
}

// countPromise makes a candidate with the promises of a quorum the leader.
func (n *Node) countPromise(from raft.NodeID) {
	if from != n.id || n.disk.durable >= n.began {
		n.promises = n.promises.With(from)
	}
	if n.isQuorum(n.promises) {
		n.lead()
	}
}

// lead begins the leadership of the node's ballot. It proposes in each slot the value that
// may be chosen there (section 2.2, phase 2a). Then the ballot covers all later slots, and
// a command takes phase 2 alone (section 3).
func (n *Node) lead() {
	n.role, n.leader = raft.Leader, n.id
	n.timer.elapsed = heartbeatTicks // others hear of the leader with the next tick
	for i := range n.slots {
		n.slots[i].votes = 0
	}
	n.peers = append(n.peers[:0], make([]peer, n.voters.Max()+1)...)
	for id := range n.voters.All() {
		n.peers[id] = peer{next: n.chosen + 1, acked: n.chosen}
	}
	n.proposeRun(n.chosen+1, n.filled(n.chosen+1, n.found))
}

// filled fills the gaps of a run of slots with no-ops (section 3).
func (n *Node) filled(first raft.Index, run []slot) []slot {
	for i := range run {
		if run[i].ballot == 0 {
			id := raft.EntryID{Term: n.promised, Index: first + raft.Index(i)}
			run[i].entry = raft.Entry{ID: id, Kind: raft.NoOp}
		}
	}
	return run
}

// proposeRun proposes entries in the leader's next slots, first to the node itself.
func (n *Node) proposeRun(first raft.Index, run []slot) {
	if len(run) == 0 {
		return
	}
	n.accept(first, run)
	for id := range n.voters.Without(n.id).All() {
		if p := &n.peers[id]; p.next == first {
			n.sendAccept(id, p)
		}
	}
}

// propose proposes a client's command in the next slot.
func (n *Node) propose(op raft.OpID, data []byte) {
	at := n.last() + 1
	if n.role != raft.Leader || n.most > 0 && at > n.most {
		n.reply(op, raft.Rejected)
		return
	}
	id := raft.EntryID{Term: n.promised, Index: at}
	n.waiting = append(n.waiting, proposal{op, at})
	n.proposeRun(at, []slot{{entry: raft.Entry{ID: id, Data: data}}})
}

// sendAccept proposes to a node the slots that are next for it, if there are any, and says
// how many slots are chosen (section 2.2, phase 2a; section 2.3).
func (n *Node) sendAccept(to raft.NodeID, p *peer) {
	run := n.slots[p.next-1:]
	run = run[:min(len(run), batch)]
	n.send(to, &message{kind: accept, first: p.next, chosen: n.chosen, slots: run})
	p.next += raft.Index(len(run))
}

// handleAccepted counts the acceptances of a node, and proposes to it the entries that it lacks.
func (n *Node) handleAccepted(from raft.NodeID, m *message) {
	if n.role != raft.Leader {
		return
	}
	for i := m.first; i < m.first+m.count; i++ {
		n.slots[i-1].votes = n.slots[i-1].votes.With(from)
	}
	n.count()
	p := &n.peers[from]
	p.acked = min(m.chosen, n.chosen)
	for p.acked < n.last() && n.slots[p.acked].votes.Has(from) {
		p.acked++
	}
	if m.last > n.last() { // it accepted values in later slots: the leader asks for them
		n.send(from, &message{kind: prepare, first: n.last() + 1})
	}
	if p.next <= n.last() {
		n.sendAccept(from, p)
	}
}

// countOwn counts the acceptances of the leader itself that are durable.
func (n *Node) countOwn() {
	for i := n.chosen; i < n.last(); i++ {
		if s := &n.slots[i]; s.write <= n.disk.durable {
			s.votes = s.votes.With(n.id)
		}
	}
	n.count()
}

// count chooses the values that a quorum accepted in the leader's ballot, in the order of
// their slots (sections 2.2 and 3).
func (n *Node) count() {
	for n.chosen < n.last() && n.isQuorum(n.slots[n.chosen].votes) {
		n.choose()
	}
}
