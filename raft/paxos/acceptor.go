package paxos

import (
	"slices"

	"raftcheck/raft"
)

// handlePrepare answers with a promise, and with everything that the node accepted from the
// first asked slot on (section 2.2, phase 1b; section 3 for all slots at once).
func (n *Node) handlePrepare(from raft.NodeID, m *message) {
	n.timer.elapsed = 0
	reply := message{kind: promise, first: m.first}
	if m.first <= n.last() {
		reply.slots = n.slots[m.first-1:]
	}
	n.send(from, &reply)
}

// handleAccept accepts the values of the promised ballot (section 2.2, phase 2b). It learns
// the slots that are chosen: in those that it accepted in this ballot, it has the chosen
// value. Others follow once the leader proposes their values to it.
func (n *Node) handleAccept(from raft.NodeID, m *message) {
	n.timer.elapsed, n.leader = 0, from
	n.accept(m.first, m.slots)
	for n.chosen < min(m.chosen, n.last()) && n.slots[n.chosen].ballot == m.ballot {
		n.choose()
	}
	n.send(from, &message{
		kind: accepted, first: m.first, count: raft.Index(len(m.slots)), chosen: n.chosen, last: n.last(),
	})
}

// accept accepts the entries of a run of slots in the promised ballot, unless it did so
// before. The ballot has one proposer, which proposes one entry for a slot.
func (n *Node) accept(first raft.Index, run []slot) {
	if len(run) == 0 {
		return
	}
	from, to := int(first)-1, int(first)-1+len(run)
	for len(n.slots) < to {
		n.slots = append(n.slots, slot{})
	}
	mine := n.slots[from:to]
	if !slices.ContainsFunc(mine, func(s slot) bool { return s.ballot != n.promised }) {
		return
	}
	for i := range run {
		mine[i] = slot{ballot: n.promised, entry: run[i].entry, write: n.disk.issued + 1}
		mine[i].entry.Data = slices.Clone(run[i].entry.Data) // the data may be a payload's
	}
	n.write(first, mine)
}

// savePromise writes the promised ballot, if it is not written yet.
func (n *Node) savePromise() {
	if n.promised != n.disk.promised {
		n.write(1, nil)
	}
}

// write writes the promised ballot and a run of accepted entries.
func (n *Node) write(first raft.Index, run []slot) {
	n.disk.issued++
	n.disk.promised = n.promised
	from := len(n.bytes)
	n.bytes = appendRecord(n.bytes, &record{ballot: n.promised, first: first, slots: run})
	n.out.Writes = append(n.out.Writes, raft.Write{
		ID: n.disk.issued, Data: n.bytes[from:len(n.bytes):len(n.bytes)],
	})
}
