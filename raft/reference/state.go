package reference

import (
	"encoding/binary"
	"slices"

	"raftcheck/raft"
)

// Clone returns a node that behaves as n does. They share no memory that either may
// change.
func (n *Node) Clone() raft.Node {
	c := *n
	c.log = n.log.clone()
	c.members = slices.Clone(n.members)
	c.disk.pending = slices.Clone(n.disk.pending)
	c.lead.match = slices.Clone(n.lead.match)
	c.lead.acked = slices.Clone(n.lead.acked)
	c.lead.peers = slices.Clone(n.lead.peers)
	c.lead.waiting = slices.Clone(n.lead.waiting)
	c.lead.reads = slices.Clone(n.lead.reads)
	c.incoming.state = slices.Clone(n.incoming.state)
	c.asked.reads = slices.Clone(n.asked.reads)
	c.in, c.out = message{}, n.pending()
	return &c
}

// pending returns a copy of the output so far, in the middle of a batch. There is nothing in
// it that is applied.
func (n *Node) pending() (c outbox) {
	if n.batch == 0 {
		return c
	}
	out := &n.out.output
	c.output.Writes, c.output.Sends = slices.Clone(out.Writes), slices.Clone(out.Sends)
	c.output.Replies = slices.Clone(out.Replies)
	for i := range c.output.Writes {
		c.output.Writes[i].Data = slices.Clone(out.Writes[i].Data)
	}
	for i := range c.output.Sends {
		c.output.Sends[i].Payload = slices.Clone(out.Sends[i].Payload)
	}
	return c
}

// AppendState appends an encoding of everything that decides the node's behaviour.
// Scratch buffers decide nothing and are left out.
func (n *Node) AppendState(b []byte) []byte {
	s := stateWriter{b: b, as: asTheyAre}
	t := &n.timer
	s.numbers(uint64(t.elapsed), uint64(t.timeout), uint64(t.silence), t.rand)
	d := &n.disk
	s.numbers(d.records, uint64(d.issued), uint64(d.durable), n.asked.ctx)
	s.node(n)
	return s.b
}

// AppendCanonical appends an encoding of the node's future behaviour if its
// election timer fires by Timeout alone (package raft). With PreVote the encoding
// includes the ticks since a leader was heard, because loyalty depends on them.
//
// The contexts of reads are included only while they are in use. The first context
// of each boot is random, so no context is used twice.
func (n *Node) AppendCanonical(b []byte, as *raft.Renaming) []byte {
	s := stateWriter{b: b, as: as}
	if n.preVote {
		s.numbers(uint64(n.timer.silence))
	}
	if n.role == raft.Leader {
		s.numbers(uint64(n.timer.elapsed)) // since its last heartbeat
	}
	s.node(n)
	return s.b
}

var asTheyAre = raft.NewRenaming()

// stateWriter appends to an encoding. Every list follows its length, and every node
// is written by its name.
type stateWriter struct {
	b  []byte
	as *raft.Renaming
}

func (s *stateWriter) node(n *Node) {
	s.flags(n.preVote, n.stopped)
	s.name(n.id)
	s.hardState(n.hard)
	s.name(n.leader)
	s.set(n.votes)
	s.numbers(uint64(n.role), uint64(n.commit), uint64(n.applied))
	s.log(&n.log)
	s.snapshot(&n.snapshot)
	s.numbers(uint64(len(n.members)))
	for _, m := range n.members {
		s.configured(m)
	}
	s.disk(&n.disk)
	s.entryID(n.incoming.id)
	s.bytes(n.incoming.state)
	s.asked(&n.asked)
	if n.role == raft.Leader {
		s.leadership(&n.lead)
	}
	s.numbers(uint64(n.batch), uint64(n.lag))
	if n.batch > 0 {
		s.output(n)
	}
}

// output writes the output so far, in the middle of a batch. Records have the names of nodes as
// they are: the encoding may tell nodes apart that behave alike.
func (s *stateWriter) output(n *Node) {
	out := &n.out.output
	s.numbers(uint64(len(out.Writes)), uint64(len(out.Sends)), uint64(len(out.Replies)))
	for _, w := range out.Writes {
		s.bytes(w.Data)
	}
	for i := range out.Sends {
		m := &out.Sends[i]
		s.name(m.To)
		s.name(m.Promise.Vote)
		s.numbers(n.disk.back(m.After), uint64(m.Promise.Term))
		s.entryID(m.Promise.Last)
		s.bytes(System{}.AppendPayload(nil, m, s.as))
	}
	for _, r := range out.Replies {
		s.operation(r.Op)
		s.numbers(uint64(r.Outcome))
	}
}

func (s *stateWriter) numbers(values ...uint64) {
	for _, v := range values {
		s.b = binary.AppendUvarint(s.b, v)
	}
}

func (s *stateWriter) flags(values ...bool) {
	for _, v := range values {
		s.b = appendBool(s.b, v)
	}
}

func (s *stateWriter) name(id raft.NodeID)     { s.numbers(uint64(s.as.Name(id))) }
func (s *stateWriter) set(set raft.NodeSet)    { s.numbers(uint64(s.as.Set(set))) }
func (s *stateWriter) bytes(b []byte)          { s.b = appendBytes(s.b, b) }
func (s *stateWriter) entryID(id raft.EntryID) { s.b = appendEntryID(s.b, id) }
func (s *stateWriter) operation(op raft.OpID)  { s.numbers(uint64(op.Client), uint64(op.Seq)) }

func (s *stateWriter) hardState(h hardState) {
	s.numbers(uint64(h.term))
	s.name(h.vote)
}

func (s *stateWriter) configured(c configured) {
	s.numbers(uint64(c.index))
	s.b = appendConfiguration(s.b, renamed(c.config, s.as))
}

// log writes the arena alone: the slots follow from it. Renamed entries are as long.
func (s *stateWriter) log(l *log) {
	s.entryID(l.base)
	s.numbers(uint64(len(l.arena)))
	s.b = appendRenamed(s.b, l.arena, s.as)
}

func (s *stateWriter) snapshot(p *snapshot) {
	s.entryID(p.id)
	s.configured(p.members)
	s.bytes(p.state)
}

// disk writes which of the latest writes are still under way, and which entries
// each holds.
func (s *stateWriter) disk(d *disk) {
	s.numbers(uint64(d.issued - d.durable))
	s.hardState(d.hard)
	s.numbers(d.back(d.hardAfter()), uint64(d.stable), uint64(len(d.pending)))
	for _, w := range d.pending {
		s.numbers(d.back(w.id), uint64(w.end))
	}
}

// back counts a write from the latest one, which is 1; 0 is no write.
func (d *disk) back(id raft.WriteID) uint64 {
	if id == 0 {
		return 0
	}
	return uint64(d.issued - id + 1)
}

func (s *stateWriter) asked(a *asked) {
	s.numbers(uint64(len(a.reads)))
	for _, q := range a.reads {
		s.numbers(q.ctx, uint64(q.index))
		s.operation(q.op)
	}
}

// leadership writes a leader's state. Other roles have only leftovers of an earlier
// leadership, which decide nothing.
func (s *stateWriter) leadership(l *leadership) {
	s.numbers(l.clock, uint64(l.round), uint64(l.confirmed))
	seen := s.as.Set(l.seen())
	s.numbers(uint64(seen))
	for name := range seen.All() {
		s.peer(l, int(s.as.Named(name)))
	}
	s.numbers(uint64(len(l.waiting)))
	for _, p := range l.waiting {
		s.entryID(p.id)
		s.operation(p.op)
	}
	s.flags(l.changing)
	if l.changing {
		s.operation(l.change)
	}
	s.numbers(uint64(len(l.reads)))
	for _, r := range l.reads {
		s.name(r.from)
		s.numbers(r.ctx, uint64(r.round), uint64(r.index))
		s.operation(r.op)
	}
	s.name(l.transfer.to)
	s.numbers(l.transfer.since)
	s.flags(l.transfer.sent, l.transfer.asked)
	s.operation(l.transfer.op)
}

// seen returns the nodes that the leader's term saw. The lists by NodeID may have others.
func (l *leadership) seen() (nodes raft.NodeSet) {
	for id := range l.peers {
		if l.match[id] > 0 || l.acked[id] > 0 || l.peers[id] != (progress{}) {
			nodes = nodes.With(raft.NodeID(id))
		}
	}
	return nodes
}

// peer writes a leader's view of one node.
func (s *stateWriter) peer(l *leadership, id int) {
	s.numbers(uint64(l.match[id]), uint64(l.acked[id]))
	p := &l.peers[id]
	s.numbers(uint64(p.state), uint64(p.next), uint64(p.offset), uint64(p.flight.count))
	s.flags(p.asked)
	s.entryID(p.of)
	for i := range p.flight.count {
		s.numbers(uint64(p.flight.last[i]), uint64(p.flight.size[i]))
	}
}
