package faults

import (
	"cmp"
	"slices"

	"raftcheck/raft"
)

// read is a read that was answered.
type read struct {
	at    int // where it stands in the history
	after int // the place of the last operation in the machine that answered it
}

// takes reports whether the system takes the requests of such an event.
func (w *World) takes(kind EventKind) bool {
	s, ok := w.system.(raft.Readless)
	return kind == Call || !ok || s.Readless() == ""
}

// answeredRead takes a node's answer to a read. The client hears the first answer; the
// result is that of the node's state machine as it is now.
func (w *World) answeredRead(n *node, c *client, reply raft.Reply) {
	if !c.waitsFor(reply.Op) {
		return
	}
	at := &c.calls[c.seq-1]
	if reply.Outcome == raft.Done {
		w.reads = append(w.reads, read{at.at, n.placed})
		w.returned(n, c, n.machine.Query(c.op))
		return
	}
	w.decline(n, reply)
}

// placeReads gives every read that was answered its place: after the last
// operation that its machine had applied, and before the next. Those at the
// same place keep the order in which they were answered.
func (w *World) placeReads() {
	if len(w.reads) == 0 {
		return
	}
	slices.SortStableFunc(w.reads, func(a, b read) int { return cmp.Compare(a.after, b.after) })
	for i := range w.history {
		h := &w.history[i]
		before, _ := slices.BinarySearchFunc(w.reads, h.Position, func(r read, p int) int {
			return cmp.Compare(r.after, p)
		})
		h.Position += before
	}
	for i, r := range w.reads {
		w.history[r.at].Position = r.after + i + 1
	}
	w.reads = w.reads[:0]
}
