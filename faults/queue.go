package faults

import (
	"raftcheck/raft"
)

// maxInFlight is how many messages a link holds; more are lost.
const maxInFlight = 64

// maxHeld is how many messages a node holds back until writes are durable; more are lost.
const maxHeld = 1024

// packet is a message on its way, in memory of its own.
type packet struct {
	msg raft.Message
	due int // the tick at which it arrives while time runs
}

// queue is messages on their way, oldest first, and packets for those to come.
type queue struct {
	packets []*packet
	free    []*packet
	popped  []*packet // taken out, and perhaps still in use
}

func (q *queue) len() int { return len(q.packets) }

func (q *queue) reset() {
	q.recycle()
	q.free = append(q.free, q.packets...)
	q.packets = q.packets[:0]
}

// recycle frees the memory of messages that were taken out, for later ones.
func (q *queue) recycle() {
	q.free = append(q.free, q.popped...)
	q.popped = q.popped[:0]
}

// push copies a message to the end.
func (q *queue) push(m *raft.Message, due int) {
	var p *packet
	if last := len(q.free) - 1; last >= 0 {
		p, q.free = q.free[last], q.free[:last]
	} else {
		p = new(packet)
	}
	payload := append(p.msg.Payload[:0], m.Payload...)
	p.msg, p.due = *m, due
	p.msg.Payload = payload
	q.packets = append(q.packets, p)
}

// pop takes out the message at position i; it is valid until the next recycle.
func (q *queue) pop(i int) *packet {
	p := q.packets[i]
	q.packets = append(q.packets[:i], q.packets[i+1:]...)
	q.popped = append(q.popped, p)
	return p
}

// popWhere takes out every message for which take is true, the oldest first.
func (q *queue) popWhere(take func(*raft.Message) bool) {
	kept := q.packets[:0]
	for _, p := range q.packets {
		if take(&p.msg) {
			q.popped = append(q.popped, p)
		} else {
			kept = append(kept, p)
		}
	}
	q.packets = kept
}
