package models

import "raftcheck/raft"

// CopyFrom makes n a copy of another view that shares no memory with it.
func (n *NodeView) CopyFrom(from *NodeView) {
	log, stored, expected, unstored := append(n.Log[:0], from.Log...), n.Stored, n.Expected, n.unstored
	stored.copyFrom(&from.Stored)
	expected.copyFrom(&from.Expected)
	unstored.copyFrom(&from.unstored)
	*n = *from
	n.Log, n.Stored, n.Expected, n.unstored = log, stored, expected, unstored
}

func (s *Stored) copyFrom(from *Stored) {
	log, cut := append(s.Log[:0], from.Log...), append(s.Cut[:0], from.Cut...)
	*s = *from
	s.Log, s.Cut = log, cut
}

func (q *effects) copyFrom(from *effects) {
	queue, entries := append(q.queue[:0], from.queue...), append(q.entries[:0], from.entries...)
	*q = *from
	q.queue, q.entries = queue, entries
}

// AppendState appends an encoding of what later records are judged by, nodes
// named by as. It leaves out what counts only within the last record, and of a
// node that is down the log that it had in memory.
func (n *NodeView) AppendState(b []byte, as *raft.Renaming) []byte {
	e := encoder{b, as}
	e.flags(n.Booted, n.Up, n.Refused, n.Stopped, n.Wiped, n.Inspected, n.Hid, n.ahead)
	if n.Up {
		e.status(&n.Status)
		e.log(n.Log)
	}
	e.stored(n.disk())
	e.effects(&n.unstored)
	if n.Up {
		// What is not written of a log that is whole is nothing, however it is put.
		e.numbers(uint64(min(n.unstored.kept, raft.Index(len(n.Log)))))
	}
	return e.b
}

func (e *encoder) status(s *raft.Status) {
	e.numbers(uint64(s.Term), uint64(s.Role), uint64(s.Commit), uint64(s.Applied), uint64(s.ConfigIndex))
	e.node(s.Vote)
	e.node(s.Leader)
	e.entryID(s.Base)
	e.entryID(s.Last)
	e.config(s.Config)
	if s.ConfigApplied {
		e.flags(true)
	}
}

func (e *encoder) stored(s *Stored) {
	e.numbers(uint64(s.Term), uint64(s.Sure))
	e.node(s.Vote)
	e.log(s.Log)
}

// effects appends the steps that are not durable. Only how far their writes are
// beyond the last durable one counts, and of those that are durable nothing.
func (e *encoder) effects(q *effects) {
	e.length(len(q.queue) - q.head)
	at := q.used
	for i := range q.queue[q.head:] {
		f := &q.queue[q.head+i]
		e.numbers(uint64(max(f.first, q.durable)-q.durable), uint64(max(f.last, q.durable)-q.durable))
		e.numbers(uint64(f.term), uint64(f.kept))
		e.node(f.vote)
		e.log(q.entries[at : at+f.appended])
		at += f.appended
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
