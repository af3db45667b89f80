package trace

import "raftcheck/raft"

// CopyFrom makes n a copy of another view that shares no memory with it.
func (n *NodeView) CopyFrom(from *NodeView) {
	log, stored, expected, unstored := append(n.Log[:0], from.Log...), n.Stored, n.Expected, n.Unstored
	stored.copyFrom(&from.Stored)
	expected.copyFrom(&from.Expected)
	unstored.copyFrom(&from.Unstored)
	*n = *from
	n.Log, n.Stored, n.Expected, n.Unstored = log, stored, expected, unstored
}

func (s *Stored) copyFrom(from *Stored) {
	log, cut := append(s.Log[:0], from.Log...), append(s.Cut[:0], from.Cut...)
	*s = *from
	s.Log, s.Cut = log, cut
}

func (q *Effects) copyFrom(from *Effects) {
	queue, entries := append(q.Queue[:0], from.Queue...), append(q.Entries[:0], from.Entries...)
	*q = *from
	q.Queue, q.Entries = queue, entries
}

// AppendState appends an encoding of what later records are judged by, nodes
// named by as. It leaves out what counts only within the last record, and of a
// node that is down the log that it had in memory.
func (n *NodeView) AppendState(b []byte, as *raft.Renaming) []byte {
	e := Encoder{b, as}
	e.Flags(n.Booted, n.Up, n.Refused, n.Stopped, n.Wiped, n.Inspected, n.Hid, n.Ahead)
	if n.Up {
		e.status(&n.Status)
		e.log(n.Log)
	}
	e.stored(n.disk())
	e.effects(&n.Unstored)
	if n.Up {
		// What is not written of a log that is whole is nothing, however it is put.
		e.Numbers(uint64(min(n.Unstored.Kept, raft.Index(len(n.Log)))))
	}
	return e.B
}

func (e *Encoder) status(s *raft.Status) {
	e.Numbers(uint64(s.Term), uint64(s.Role), uint64(s.Commit), uint64(s.Applied), uint64(s.ConfigIndex))
	e.Node(s.Vote)
	e.Node(s.Leader)
	e.EntryID(s.Base)
	e.EntryID(s.Last)
	e.Config(s.Config)
	if s.ConfigApplied {
		e.Flags(true)
	}
}

func (e *Encoder) stored(s *Stored) {
	e.Numbers(uint64(s.Term), uint64(s.Sure))
	e.Node(s.Vote)
	e.log(s.Log)
}

// effects appends the steps that are not durable. Only how far their writes are
// beyond the last durable one counts, and of those that are durable nothing.
func (e *Encoder) effects(q *Effects) {
	e.Length(len(q.Queue) - q.Head)
	at := q.Used
	for i := range q.Queue[q.Head:] {
		f := &q.Queue[q.Head+i]
		e.Numbers(uint64(max(f.First, q.Durable)-q.Durable), uint64(max(f.Last, q.Durable)-q.Durable))
		e.Numbers(uint64(f.Term), uint64(f.Kept))
		e.Node(f.Vote)
		e.log(q.Entries[at : at+f.Appended])
		at += f.Appended
	}
}

// guesses reports whether the node's snapshot stands for an entry that nobody
// knew: the node may call entries after it committed, and not be heard.
func (n *NodeView) guesses() bool {
	for i := range min(n.Status.Base.Index, raft.Index(len(n.Log))) {
		if n.Log[i].Term == 0 {
			return true
		}
	}
	return false
}
