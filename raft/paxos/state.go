package paxos

import (
	"encoding/binary"
	"slices"

	"raftcheck/raft"
)

// Clone returns a node that behaves as n does. They share the data of entries, which never
// change.
func (n *Node) Clone() raft.Node {
	c := *n
	c.slots, c.found = slices.Clone(n.slots), slices.Clone(n.found)
	c.peers, c.waiting = slices.Clone(n.peers), slices.Clone(n.waiting)
	c.in, c.out, c.bytes = message{}, raft.Output{}, nil
	return &c
}

// AppendState appends an encoding of everything that decides the node's behaviour.
func (n *Node) AppendState(b []byte) []byte {
	b = appendNumbers(b, n.timer.seed, uint64(n.timer.elapsed))
	return n.appendState(b)
}

// AppendRecurrent appends an encoding of the node's state without the election timer.
func (n *Node) AppendRecurrent(b []byte) []byte {
	if n.role == raft.Leader {
		b = appendNumbers(b, uint64(n.timer.elapsed))
	}
	return n.appendState(b)
}

// appendState leaves out the state of the roles that the node does not have: it decides
// nothing. Writes count by their distance from the latest one.
func (n *Node) appendState(b []byte) []byte {
	stopped := uint64(0)
	if n.stopped {
		stopped = 1
	}
	b = appendNumbers(b, uint64(n.id), uint64(n.voters), uint64(n.most), stopped, uint64(n.promised),
		uint64(n.role), uint64(n.leader), uint64(n.chosen), uint64(n.disk.issued-n.disk.durable),
		uint64(n.disk.promised), uint64(len(n.waiting)))
	for _, p := range n.waiting {
		b = appendNumbers(b, uint64(p.op.Client), uint64(p.op.Seq), uint64(p.at))
	}
	b = appendSlots(b, 1, n.slots)
	switch n.role {
	case raft.Candidate:
		b = appendNumbers(b, n.back(n.began), uint64(n.promises))
		b = appendSlots(b, n.chosen+1, n.found)
	case raft.Leader:
		for i := range n.slots {
			b = appendNumbers(b, n.back(n.slots[i].write), uint64(n.slots[i].votes))
		}
		for _, p := range n.peers {
			b = appendNumbers(b, uint64(p.next), uint64(p.acked))
		}
	}
	return b
}

// back counts a write that is not durable from the latest one, which is 1; 0 is durable.
func (n *Node) back(id raft.WriteID) uint64 {
	if id <= n.disk.durable {
		return 0
	}
	return uint64(n.disk.issued - id + 1)
}

func appendNumbers(b []byte, values ...uint64) []byte {
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	return b
}
