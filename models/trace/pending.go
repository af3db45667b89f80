package trace

import "raftcheck/raft"

// PendingSteps is the queue of a node's steps whose writes are issued and not all
// durable yet. It takes the writes of a step to record everything that was not written
// before, including changes by earlier steps that wrote nothing.
type PendingSteps struct {
	Steps       []PendingStep // in the order of their writes
	Entries     []Logged      // the appended entries of all Steps, one step after the other
	Done        int           // how many of Steps are durable
	DoneEntries int           // how many of Entries belong to those
	Kept        raft.Index    // up to this index the log is as the last write left it
	Durable     raft.WriteID  // the last durable write
}

// PendingStep is the state that the writes of one step record: the term, the vote, and
// the log as the first Kept entries of the log before it, followed by Appended new ones.
type PendingStep struct {
	First, Last raft.WriteID // the writes of the step
	Term        raft.Term
	Vote        raft.NodeID // the vote in Term
	Kept        raft.Index  // up to this index the log is as it was before the step
	Appended    int         // the number of entries after Kept
	// Batched says that it is a step of several inputs: it may have appended entries and
	// cut them again.
	Batched bool
}

// everything is above the length of any log.
const everything = ^raft.Index(0)

func (q *PendingSteps) reset() {
	*q = PendingSteps{Steps: q.Steps[:0], Entries: q.Entries[:0], Kept: everything}
}

// push adds the writes of a step of n. The view n already has the result of the step.
func (q *PendingSteps) push(writes []raft.Write, batched bool, n *NodeView) {
	kept := min(q.Kept, raft.Index(len(n.Log)))
	q.Steps = append(q.Steps, PendingStep{
		First: writes[0].ID, Last: writes[len(writes)-1].ID,
		Term: n.Status.Term, Vote: n.Status.Vote,
		Kept: kept, Appended: len(n.Log) - int(kept), Batched: batched,
	})
	q.Entries = append(q.Entries, n.Log[kept:]...)
	q.Kept = everything
}

// pop carries out on the disk s every step whose writes are all durable. It reports
// whether there was such a step.
func (q *PendingSteps) pop(durable raft.WriteID, s *Stored) bool {
	q.Durable = durable
	if q.Done == len(q.Steps) || q.Steps[q.Done].Last > durable {
		return false
	}
	for q.Done < len(q.Steps) && q.Steps[q.Done].Last <= durable {
		e := &q.Steps[q.Done]
		if s.Term, s.Vote = e.Term, e.Vote; e.Batched {
			s.Skipped = e.Term
		}
		s.cut(e.Kept)
		s.Log = append(s.Log, q.Entries[q.DoneEntries:q.DoneEntries+e.Appended]...)
		q.Done++
		q.DoneEntries += e.Appended
	}
	s.Certain = raft.Index(len(s.Log))
	if q.Done == len(q.Steps) {
		q.Steps, q.Entries, q.Done, q.DoneEntries = q.Steps[:0], q.Entries[:0], 0, 0
	}
	return true
}

// crash drops every step that no durable write belongs to. A step with some durable
// writes stays. If its first write survived, in full or torn, the log on the disk may
// already be cut to Kept, so only that much of it is certain. It reports whether all
// writes of some step are durable now.
func (q *PendingSteps) crash(durable raft.WriteID, torn bool, s *Stored) bool {
	popped := q.pop(durable, s)
	if torn {
		durable++
	}
	if q.Done < len(q.Steps) && q.Steps[q.Done].First <= durable {
		s.Certain = min(s.Certain, q.Steps[q.Done].Kept)
	}
	if q.Partial() == nil {
		q.reset()
		return popped
	}
	q.Steps = q.Steps[:q.Done+1]
	return popped
}

// Partial returns the partly durable step, or nil. Its first write is durable and its
// last is not. Only the node knows which part of the step the durable writes record.
func (q *PendingSteps) Partial() *PendingStep {
	if q.Done < len(q.Steps) && q.Steps[q.Done].First <= q.Durable {
		return &q.Steps[q.Done]
	}
	return nil
}

// appends returns the entry that the partial step e appends at index i, or nil.
func (q *PendingSteps) appends(e *PendingStep, i raft.Index) *Logged {
	if i <= e.Kept || i > e.Kept+raft.Index(e.Appended) {
		return nil
	}
	return &q.Entries[q.DoneEntries+int(i-e.Kept)-1]
}

// appendsEntry reports whether the partial step e appends this entry.
func (q *PendingSteps) appendsEntry(e *PendingStep, id raft.EntryID) bool {
	l := q.appends(e, id.Index)
	return l != nil && l.Term == id.Term
}
