package trace

import (
	"math/bits"

	"raftcheck/raft"
)

// TraceHash is a hash of a trace. Two runs with equal records have equal sums, on every
// machine. The zero value is the hash of an empty trace.
//
// The hash leaves out the event that a record belongs to, and its place in the run. It
// also leaves out the records that only report how an event ended (Healed, Probed, Stalled, Unquiet),
// that it did nothing (Ignored), or the state that it found (Expected). A macro event
// therefore hashes like the events that it stands for.
type TraceHash struct{ sum uint64 }

// Reset starts an empty trace.
func (t *TraceHash) Reset() { t.sum = 0 }

// Sum returns the hash of all records since the last Reset.
func (t *TraceHash) Sum() uint64 { return t.sum }

// Observe adds a record to the trace.
func (t *TraceHash) Observe(r *Record) {
	switch r.Kind {
	case Healed, Probed, Stalled, Unquiet, Ignored, Expected:
		return
	}
	head := uint64(r.Kind) | uint64(r.Node)<<8 | uint64(r.Peer)<<16 |
		uint64(r.Outcome)<<24 | uint64(len(r.Text))<<32
	h := mix2(t.sum, head, uint64(r.Op.Client)|uint64(r.Op.Seq)<<32)
	if r.Kind == Crashed {
		h = mix2(h, uint64(r.Lost), hashBool(r.Torn))
	}
	if r.Kind == Worked || r.Kind == Landed {
		h = mix2(h, r.Token, hashBool(r.Accepted))
	}
	if len(r.Text) > 0 {
		h = hashText(h, r.Text)
	}
	h = hashInput(h, r)
	h = hashOutput(h, r)
	if r.Inspected {
		h = hashState(h, r)
	}
	t.sum = h
}

func hashBool(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// mix2 folds two words into a hash with one multiplication.
func mix2(h, a, b uint64) uint64 { return Mix(h^a, b) }

func hashText(h uint64, s string) uint64 { return HashBytes(h, []byte(s)) }

func hashInput(h uint64, r *Record) uint64 {
	switch in := r.Input.(type) {
	case *raft.Tick:
		return Mix(h, 1)
	case *raft.Timeout:
		return Mix(h, 2)
	case *raft.Receive:
		return hashMessage(Mix(h, 3), &in.Msg)
	case *raft.Persisted:
		return mix2(h, 4, uint64(in.ID))
	case *raft.PersistFailed:
		return mix2(h, 5, uint64(in.ID))
	case *raft.Propose:
		return HashBytes(hashOp(Mix(h, 6), in.Op), in.Data)
	case *raft.Read:
		return hashOp(mix2(h, 7, hashBool(in.Lease)), in.Op)
	case *raft.Compact:
		return mix2(mix2(h, 8, uint64(in.Index)), uint64(in.Keep), r.Compact)
	case *raft.Reconfigure:
		return mix2(hashOp(Mix(h, 9), in.Op), uint64(in.Voters), uint64(in.Learners))
	case *raft.Transfer:
		return hashOp(mix2(h, 10, uint64(in.To)), in.Op)
	case *raft.Batch:
		return mix2(h, 11, uint64(in.Inputs))
	case *raft.Lag:
		return mix2(h, 12, uint64(in.Inputs))
	}
	return h
}

// hashOutput folds in the output of the step and the messages that left the node. The
// lengths of all lists come first, so that entries cannot pass from one list to the next.
func hashOutput(h uint64, r *Record) uint64 {
	out := &r.Out
	lengths := uint64(len(out.Writes)) | uint64(len(out.Sends))<<16 |
		uint64(len(out.Applied))<<32 | uint64(len(out.Replies))<<48
	restores := hashBool(out.Restore.ID.Index != 0)
	h = mix2(h, lengths,
		uint64(len(r.Applied))|uint64(len(r.Executed))<<16|uint64(len(r.Released))<<32|restores<<48)
	h = mix2(h, uint64(r.Durable), uint64(len(r.Appended)))
	for i := range out.Writes {
		w := &out.Writes[i]
		h = HashBytes(Mix(h, uint64(w.ID)<<1|hashBool(w.Checkpoint)), w.Data)
	}
	for i := range out.Sends {
		h = hashMessage(h, &out.Sends[i])
	}
	for i := range out.Applied {
		e := &out.Applied[i]
		h = HashBytes(mix2(Mix(h, uint64(e.Kind)), uint64(e.ID.Term), uint64(e.ID.Index)), e.Data)
	}
	for i := range out.Replies {
		h = hashOp(Mix(h, uint64(out.Replies[i].Outcome)), out.Replies[i].Op)
	}
	for i := range r.Released {
		h = hashMessage(h, &r.Released[i])
	}
	h = hashDigests(hashDigests(h, r.Applied), r.Appended)
	if restores != 0 {
		h = Mix(mix2(h, uint64(out.Restore.ID.Term), uint64(out.Restore.ID.Index)), r.Restored)
	}
	for i := range r.Executed {
		e := &r.Executed[i]
		h = hashOp(mix2(h, uint64(e.Index)<<8|uint64(e.Did), e.Result), e.Op)
	}
	return h
}

// hashState folds in the state that an inspector shows. Two numbers that share a word
// are distinct while terms and indexes are below 2^32. The three sets of a configuration
// are distinct while no node is above 20.
func hashState(h uint64, r *Record) uint64 {
	s := &r.Status
	small := uint64(s.Role) | uint64(s.Vote)<<8 | uint64(s.Leader)<<16 | 1<<24
	h = mix2(h, small, uint64(s.Term))
	h = mix2(h, uint64(s.Last.Term), uint64(s.Last.Index))
	h = mix2(h, uint64(s.Commit), uint64(s.Applied))
	h = mix2(h,
		uint64(r.Kept)^bits.RotateLeft64(uint64(s.Base.Index), 32),
		uint64(s.Base.Term)^bits.RotateLeft64(uint64(s.ConfigIndex), 32))
	h = Mix(h, uint64(s.Config.Voters)^
		bits.RotateLeft64(uint64(s.Config.Outgoing), 21)^
		bits.RotateLeft64(uint64(s.Config.Learners), 42))
	if s.ConfigApplied {
		h = Mix(h, 1)
	}
	return h
}

func hashOp(h uint64, op raft.OpID) uint64 {
	return Mix(h, uint64(op.Client)|uint64(op.Seq)<<32)
}

func hashMessage(h uint64, m *raft.Message) uint64 {
	head := uint64(m.From) | uint64(m.To)<<8 | uint64(m.Promise.Vote)<<16 | uint64(len(m.Kind))<<24
	h = mix2(h, head, uint64(m.After))
	h = mix2(h, uint64(m.Promise.Term), uint64(m.Promise.Last.Term))
	h = Mix(h, uint64(m.Promise.Last.Index))
	return HashBytes(hashText(h, m.Kind), m.Payload)
}

func hashDigests(h uint64, ds []Digest) uint64 {
	for i := range ds {
		d := &ds[i]
		h = mix2(Mix(h, d.Hash), uint64(d.ID.Term), uint64(d.ID.Index))
	}
	return h
}
