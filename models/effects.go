package models

import "raftcheck/raft"

// effects is the queue of what a node has written and its disk has not yet
// made durable: for each step that wrote, the state that the step led to. It
// takes the writes of a step to record everything that is not yet written,
// also what earlier steps changed without writing.
type effects struct {
	queue   []effect
	entries []Logged     // the log's changes of all of queue, one after the other
	head    int          // how many of queue are durable
	used    int          // how many of entries belong to them
	kept    raft.Index   // up to here the log is as the last write left it
	durable raft.WriteID // the last durable write
}

// effect is the state that one step's writes lead to.
type effect struct {
	first, last raft.WriteID
	term        raft.Term
	vote        raft.NodeID
	kept        raft.Index
	appended    int
}

// everything is more than any log holds.
const everything = ^raft.Index(0)

func (q *effects) reset() {
	*q = effects{queue: q.queue[:0], entries: q.entries[:0], kept: everything}
}

// push takes in the writes of a step of n, which already has the step's outcome.
func (q *effects) push(writes []raft.Write, n *NodeView) {
	kept := min(q.kept, raft.Index(len(n.Log)))
	q.queue = append(q.queue, effect{
		first: writes[0].ID, last: writes[len(writes)-1].ID,
		term: n.Status.Term, vote: n.Status.Vote,
		kept: kept, appended: len(n.Log) - int(kept),
	})
	q.entries = append(q.entries, n.Log[kept:]...)
	q.kept = everything
}

// pop carries out on the disk s every step whose writes are all durable, and
// reports whether there was one.
func (q *effects) pop(durable raft.WriteID, s *Stored) bool {
	q.durable = durable
	if q.head == len(q.queue) || q.queue[q.head].last > durable {
		return false
	}
	for q.head < len(q.queue) && q.queue[q.head].last <= durable {
		e := &q.queue[q.head]
		s.Term, s.Vote = e.term, e.vote
		s.cut(e.kept)
		s.Log = append(s.Log, q.entries[q.used:q.used+e.appended]...)
		q.head++
		q.used += e.appended
	}
	s.Sure = raft.Index(len(s.Log))
	if q.head == len(q.queue) {
		q.queue, q.entries, q.head, q.used = q.queue[:0], q.entries[:0], 0, 0
	}
	return true
}

// lose forgets what is not durable. A step of which the first writes are, or
// of the first of which a part is, may have cut the log: that is in doubt.
// It reports whether all writes of some step are durable now.
func (q *effects) lose(durable raft.WriteID, torn bool, s *Stored) bool {
	popped := q.pop(durable, s)
	if torn {
		durable++
	}
	if q.head < len(q.queue) && q.queue[q.head].first <= durable {
		s.Sure = min(s.Sure, q.queue[q.head].kept)
	}
	if q.begun() == nil {
		q.reset()
		return popped
	}
	q.queue = q.queue[:q.head+1]
	return popped
}

// begun returns the step of which the first writes are durable and the last
// are not, or nil. Only the node knows how much of the step they record.
func (q *effects) begun() *effect {
	if q.head < len(q.queue) && q.queue[q.head].first <= q.durable {
		return &q.queue[q.head]
	}
	return nil
}

// appends returns the entry that the step which begun returned puts at index i
// of the log, or nil.
func (q *effects) appends(e *effect, i raft.Index) *Logged {
	if i <= e.kept || i > e.kept+raft.Index(e.appended) {
		return nil
	}
	return &q.entries[q.used+int(i-e.kept)-1]
}

// puts reports whether the step which begun returned appends this entry.
func (q *effects) puts(e *effect, id raft.EntryID) bool {
	l := q.appends(e, id.Index)
	return l != nil && l.Term == id.Term
}
