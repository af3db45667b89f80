package reference

import "raftcheck/raft"

// MaxChunkBytes bounds the part of a snapshot that one InstallSnapshot carries. It
// is small, so that the snapshots of small state machines take several.
const MaxChunkBytes = 64

// snapshot is the state machine and the configuration as of an entry (figure 12).
// Invariant: the state is never changed once it is here.
type snapshot struct {
	id      raft.EntryID
	members configured
	state   []byte
}

// compact keeps the state machine as the node's snapshot and drops the log that led
// to it. It keeps the last in.Keep entries, because followers that are slightly
// behind will need them (section 7).
func (n *Node) compact(in *raft.Compact) {
	if in.Index != n.applied {
		assertionFailed("%v applied up to %d, and is to compact up to %d", n.id, n.applied, in.Index)
	}
	if in.Index <= n.snapshot.id.Index {
		return // a later one came during a lag
	}
	n.snapshot = snapshot{
		id:      n.log.id(in.Index),
		members: n.members.at(in.Index),
		state:   append([]byte(nil), in.State...),
	}
	n.members.compact(in.Index)
	if keep := raft.Index(in.Keep); in.Index > n.log.base.Index+keep {
		n.log.compact(in.Index - keep)
	}
	n.writeCheckpoint()
}

// sendSnapshot starts sending the snapshot to a peer, because the entries that it
// needs are compacted (section 7).
func (n *Node) sendSnapshot(to raft.NodeID) {
	n.lead.peers[to] = progress{state: installing, next: n.lead.peers[to].next, of: n.snapshot.id}
	n.sendChunk(to)
}

// sendChunk sends InstallSnapshot with the part that the peer needs next. If
// another snapshot replaced the one that was being sent, it starts at the
// beginning.
func (n *Node) sendChunk(to raft.NodeID) {
	p, s := &n.lead.peers[to], &n.snapshot
	if p.of != s.id {
		p.of, p.offset = s.id, 0
	}
	m := message{kind: kindInstallSnapshot, installSnapshot: installSnapshot{
		id: s.id, members: s.members, size: len(s.state), round: n.lead.round,
		offset: p.offset, chunk: s.state[p.offset:min(p.offset+MaxChunkBytes, len(s.state))],
	}}
	n.send(to, &m, raft.Promise{}, 0)
}

// handleInstallReply handles the InstallReply to a part of a snapshot of this term.
// If the follower advanced, the next part is sent at once. If it went back, because
// it lost its part in a crash or the reply was delayed, the next heartbeat sends
// the part. So a lost part is sent again by a heartbeat too.
func (n *Node) handleInstallReply(from raft.NodeID, m *message) {
	if !n.config().Members().Has(from) {
		return
	}
	r := &m.installReply
	p := &n.lead.peers[from]
	if p.state == installing && p.of == r.id && p.of == n.snapshot.id && r.have < len(n.snapshot.state) {
		forward := r.have > p.offset
		p.offset = r.have
		if forward {
			n.sendChunk(from)
		}
	}
	n.roundAnswered(from, r.round)
}

// incoming is the part of a snapshot that has arrived so far.
type incoming struct {
	id    raft.EntryID
	state []byte
}

func (in *incoming) reset() { *in = incoming{state: in.state[:0]} }

// take adds a chunk if it continues the bytes that are there. A snapshot of a later
// index is a newer one of the same leader, and starts at the beginning.
func (in *incoming) take(s *installSnapshot) {
	if s.id.Index > in.id.Index {
		in.reset()
		in.id = s.id
	}
	if s.id == in.id && s.offset == len(in.state) {
		in.state = append(in.state, s.chunk...)
	}
}

// handleInstallSnapshot handles InstallSnapshot: it takes a part of the leader's
// snapshot (figure 13). A follower whose log holds the snapshot's last entry needs
// none of it, and keeps the entries after it. Any other log is discarded, including
// a conflicting entry at the snapshot's index.
func (n *Node) handleInstallSnapshot(from raft.NodeID, m *message) {
	n.leaderHeard(from)
	s := &m.installSnapshot
	if s.id.Index <= n.commit || n.log.holds(s.id) {
		n.incoming.reset()
		n.commitTo(max(n.commit, s.id.Index))
		n.acknowledgeEntries(from, s.id.Index, s.round)
		return
	}
	n.incoming.take(s)
	if n.incoming.id == s.id && len(n.incoming.state) == s.size {
		n.adoptSnapshot(s)
		n.acknowledgeEntries(from, s.id.Index, s.round)
		return
	}
	reply := message{kind: kindInstallReply, installReply: installReply{
		id: n.incoming.id, have: len(n.incoming.state), round: s.round,
	}}
	n.send(from, &reply, raft.Promise{}, 0)
}

// adoptSnapshot replaces log and configuration by the snapshot that has arrived.
func (n *Node) adoptSnapshot(s *installSnapshot) {
	n.disk.truncated(n.commit + 1)
	n.snapshot = snapshot{id: s.id, members: s.members, state: append([]byte(nil), n.incoming.state...)}
	n.incoming.reset()
	n.log.reset(s.id)
	n.members = append(n.members[:0], s.members)
	n.commit = s.id.Index
	n.writeCheckpoint()
}
