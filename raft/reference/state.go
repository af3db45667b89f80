package reference

import (
	"encoding/binary"
	"slices"

	"raftcheck/raft"
)

// Clone returns a node that behaves as n does and shares no memory with it that
// either may change.
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
	c.in, c.out = message{}, outbox{}
	return &c
}

// AppendState appends an encoding of everything that decides what the node
// does and shows; its scratch buffers do not.
func (n *Node) AppendState(b []byte) []byte {
	s := stateWriter(b)
	s.flags(n.preVote, n.stopped)
	s.numbers(uint64(n.id), uint64(n.hard.term), uint64(n.hard.vote))
	s.numbers(uint64(n.role), uint64(n.leader), uint64(n.commit), uint64(n.applied), uint64(n.votes))
	s.numbers(uint64(n.timer.elapsed), uint64(n.timer.timeout), uint64(n.timer.silence), n.timer.rand)
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
	return s
}

// stateWriter appends to an encoding in which every list goes behind its length.
type stateWriter []byte

func (s *stateWriter) numbers(values ...uint64) {
	for _, v := range values {
		*s = binary.AppendUvarint(*s, v)
	}
}

func (s *stateWriter) flags(values ...bool) {
	for _, v := range values {
		*s = appendBool(*s, v)
	}
}

func (s *stateWriter) bytes(b []byte)          { *s = appendBytes(*s, b) }
func (s *stateWriter) entryID(id raft.EntryID) { *s = appendEntryID(*s, id) }
func (s *stateWriter) configured(c configured) { *s = appendConfigured(*s, c) }
func (s *stateWriter) operation(op raft.OpID)  { s.numbers(uint64(op.Client), uint64(op.Seq)) }

// log writes the arena alone: the slots follow from it.
func (s *stateWriter) log(l *log) {
	s.entryID(l.base)
	s.bytes(l.arena)
}

func (s *stateWriter) snapshot(p *snapshot) {
	s.entryID(p.id)
	s.configured(p.members)
	s.bytes(p.state)
}

func (s *stateWriter) disk(d *disk) {
	s.numbers(d.records, uint64(d.issued), uint64(d.durable))
	s.numbers(uint64(d.hard.term), uint64(d.hard.vote), uint64(d.hardAfter()))
	s.numbers(uint64(d.stable), uint64(len(d.pending)))
	for _, w := range d.pending {
		s.numbers(uint64(w.id), uint64(w.end))
	}
}

func (s *stateWriter) asked(a *asked) {
	s.numbers(a.ctx, uint64(len(a.reads)))
	for _, q := range a.reads {
		s.numbers(q.ctx, uint64(q.index))
		s.operation(q.op)
	}
}

// leadership writes what a leader keeps; other roles have only leftovers of it.
func (s *stateWriter) leadership(l *leadership) {
	s.numbers(l.clock, uint64(l.round), uint64(l.confirmed), uint64(len(l.peers)))
	for id := range l.peers {
		s.numbers(uint64(l.match[id]), uint64(l.acked[id]))
		s.progress(&l.peers[id])
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
		s.numbers(uint64(r.from), r.ctx, uint64(r.round), uint64(r.index))
		s.operation(r.op)
	}
	s.numbers(uint64(l.transfer.to), l.transfer.since)
	s.flags(l.transfer.sent, l.transfer.asked)
	s.operation(l.transfer.op)
}

func (s *stateWriter) progress(p *progress) {
	s.numbers(uint64(p.state), uint64(p.next), uint64(p.offset), uint64(p.flight.count))
	s.flags(p.asked)
	s.entryID(p.of)
	for i := range p.flight.count {
		s.numbers(uint64(p.flight.last[i]), uint64(p.flight.size[i]))
	}
}
