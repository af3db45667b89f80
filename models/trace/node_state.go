package trace

import "raftcheck/raft"

// CopyFrom makes n a copy of another view. The two share no memory.
func (n *NodeView) CopyFrom(from *NodeView) {
	log, stored, expected, unstored := append(n.Log[:0], from.Log...), n.Stored, n.Expected, n.Pending
	stored.copyFrom(&from.Stored)
	expected.copyFrom(&from.Expected)
	unstored.copyFrom(&from.Pending)
	*n = *from
	n.Log, n.Stored, n.Expected, n.Pending = log, stored, expected, unstored
}

func (s *Stored) copyFrom(from *Stored) {
	log, cut := append(s.Log[:0], from.Log...), append(s.Cut[:0], from.Cut...)
	*s = *from
	s.Log, s.Cut = log, cut
}

func (q *PendingSteps) copyFrom(from *PendingSteps) {
	queue, entries := append(q.Steps[:0], from.Steps...), append(q.Entries[:0], from.Entries...)
	*q = *from
	q.Steps, q.Entries = queue, entries
}

// AppendState appends an encoding of the parts of the view that later records are judged
// by, with nodes named by as. It leaves out the fields that describe only the last
// record, and the log in memory of a node that is down.
func (n *NodeView) AppendState(b []byte, as *raft.Renaming) []byte {
	e := Encoder{b, as}
	e.Flags(n.Booted, n.Up, n.Refused, n.Stopped, n.Wiped, n.Inspected, n.EverHid, n.BootedAhead)
	if n.Up {
		e.status(&n.Status)
		e.log(n.Log)
	}
	e.stored(n.disk())
	e.pending(&n.Pending)
	if n.Up {
		// Every Kept at or beyond the end of the log means the same: all is written.
		e.Numbers(uint64(min(n.Pending.Kept, raft.Index(len(n.Log)))))
	}
	return e.Buf
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
	e.Numbers(uint64(s.Term), uint64(s.Certain))
	e.Node(s.Vote)
	e.log(s.Log)
}

// pending appends the steps that are not durable yet. Their writes count by their
// distance from the last durable write. Steps that are durable are left out.
func (e *Encoder) pending(q *PendingSteps) {
	e.Length(len(q.Steps) - q.Done)
	at := q.DoneEntries
	for i := range q.Steps[q.Done:] {
		f := &q.Steps[q.Done+i]
		e.Numbers(uint64(max(f.First, q.Durable)-q.Durable), uint64(max(f.Last, q.Durable)-q.Durable))
		e.Numbers(uint64(f.Term), uint64(f.Kept))
		e.Node(f.Vote)
		if f.Batched {
			e.Flags(true)
		}
		e.log(q.Entries[at : at+f.Appended])
		at += f.Appended
	}
}

// guesses reports whether the node's snapshot replaced an entry of unknown content. The
// view then does not note later entries that the node reports as committed.
func (n *NodeView) guesses() bool {
	for i := range min(n.Status.Base.Index, raft.Index(len(n.Log))) {
		if n.Log[i].Term == 0 {
			return true
		}
	}
	return false
}
