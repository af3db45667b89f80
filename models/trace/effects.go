package trace

import "raftcheck/raft"

// effects is the queue of what a node has written and its disk has not yet
// made durable: for each step that wrote, the state that the step led to. It
// takes the writes of a step to record everything that is not yet written,
// also what earlier steps changed without writing.
type Effects struct {
	Queue   []Effect
	Entries []Logged     // the log's changes of all of queue, one after the other
	Head    int          // how many of queue are durable
	Used    int          // how many of entries belong to them
	Kept    raft.Index   // up to here the log is as the last write left it
	Durable raft.WriteID // the last durable write
}

// effect is the state that one step's writes lead to.
type Effect struct {
	First, Last raft.WriteID
	Term        raft.Term
	Vote        raft.NodeID
	Kept        raft.Index
	Appended    int
}

// everything is more than any log holds.
const everything = ^raft.Index(0)

func (q *Effects) reset() {
	*q = Effects{Queue: q.Queue[:0], Entries: q.Entries[:0], Kept: everything}
}

// push takes in the writes of a step of n, which already has the step's outcome.
func (q *Effects) push(writes []raft.Write, n *NodeView) {
	kept := min(q.Kept, raft.Index(len(n.Log)))
	q.Queue = append(q.Queue, Effect{
		First: writes[0].ID, Last: writes[len(writes)-1].ID,
		Term: n.Status.Term, Vote: n.Status.Vote,
		Kept: kept, Appended: len(n.Log) - int(kept),
	})
	q.Entries = append(q.Entries, n.Log[kept:]...)
	q.Kept = everything
}

// pop carries out on the disk s every step whose writes are all durable, and
// reports whether there was one.
func (q *Effects) pop(durable raft.WriteID, s *Stored) bool {
	q.Durable = durable
	if q.Head == len(q.Queue) || q.Queue[q.Head].Last > durable {
		return false
	}
	for q.Head < len(q.Queue) && q.Queue[q.Head].Last <= durable {
		e := &q.Queue[q.Head]
		s.Term, s.Vote = e.Term, e.Vote
		s.cut(e.Kept)
		s.Log = append(s.Log, q.Entries[q.Used:q.Used+e.Appended]...)
		q.Head++
		q.Used += e.Appended
	}
	s.Sure = raft.Index(len(s.Log))
	if q.Head == len(q.Queue) {
		q.Queue, q.Entries, q.Head, q.Used = q.Queue[:0], q.Entries[:0], 0, 0
	}
	return true
}

// lose forgets what is not durable. A step of which the first writes are, or
// of the first of which a part is, may have cut the log: that is in doubt.
// It reports whether all writes of some step are durable now.
func (q *Effects) lose(durable raft.WriteID, torn bool, s *Stored) bool {
	popped := q.pop(durable, s)
	if torn {
		durable++
	}
	if q.Head < len(q.Queue) && q.Queue[q.Head].First <= durable {
		s.Sure = min(s.Sure, q.Queue[q.Head].Kept)
	}
	if q.Begun() == nil {
		q.reset()
		return popped
	}
	q.Queue = q.Queue[:q.Head+1]
	return popped
}

// begun returns the step of which the first writes are durable and the last
// are not, or nil. Only the node knows how much of the step they record.
func (q *Effects) Begun() *Effect {
	if q.Head < len(q.Queue) && q.Queue[q.Head].First <= q.Durable {
		return &q.Queue[q.Head]
	}
	return nil
}

// appends returns the entry that the step which begun returned puts at index i
// of the log, or nil.
func (q *Effects) appends(e *Effect, i raft.Index) *Logged {
	if i <= e.Kept || i > e.Kept+raft.Index(e.Appended) {
		return nil
	}
	return &q.Entries[q.Used+int(i-e.Kept)-1]
}

// puts reports whether the step which begun returned appends this entry.
func (q *Effects) puts(e *Effect, id raft.EntryID) bool {
	l := q.appends(e, id.Index)
	return l != nil && l.Term == id.Term
}
