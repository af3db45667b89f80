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
	c.disk.pending = slices.Clone(n.disk.pending)
	c.match = slices.Clone(n.match)
	c.next = slices.Clone(n.next)
	c.waiting = slices.Clone(n.waiting)
	c.in, c.out = message{}, outbox{}
	return &c
}

// AppendState appends an encoding of everything that decides what the node
// does and shows; its scratch buffers do not.
func (n *Node) AppendState(b []byte) []byte {
	s := stateWriter(b)
	s.numbers(uint64(n.id), uint64(n.voters), uint64(n.hard.term), uint64(n.hard.vote))
	s.numbers(uint64(n.role), uint64(n.leader), uint64(n.commit), uint64(n.applied))
	s.numbers(uint64(n.timer.elapsed), uint64(n.timer.timeout), n.timer.rand)
	s.flag(n.stopped)
	s.numbers(uint64(n.votes))
	s.log(&n.log)
	s.disk(&n.disk)
	if n.role == raft.Leader {
		s.leadership(n)
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

func (s *stateWriter) flag(v bool) { *s = appendBool(*s, v) }

// log writes the arena alone: the slots follow from it.
func (s *stateWriter) log(l *log) {
	s.numbers(uint64(len(l.arena)))
	*s = append(*s, l.arena...)
}

func (s *stateWriter) disk(d *disk) {
	s.numbers(d.records, uint64(d.issued), uint64(d.durable))
	s.numbers(uint64(d.hard.term), uint64(d.hard.vote), uint64(d.hardAfter()))
	s.numbers(uint64(d.stable), uint64(len(d.pending)))
	for _, w := range d.pending {
		s.numbers(uint64(w.id), uint64(w.end))
	}
}

// leadership writes what a leader keeps; other roles have only leftovers of it.
func (s *stateWriter) leadership(n *Node) {
	for id := range n.voters.All() {
		s.numbers(uint64(n.match[id]), uint64(n.next[id]))
	}
	s.numbers(uint64(len(n.waiting)))
	for _, p := range n.waiting {
		s.numbers(uint64(p.id.Term), uint64(p.id.Index), uint64(p.op.Client), uint64(p.op.Seq))
	}
}
