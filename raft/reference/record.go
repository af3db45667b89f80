package reference

import (
	"encoding/binary"

	"raftcheck/raft"
)

// recordKind identifies a kind of disk record. Its number is the payload's first
// byte.
type recordKind uint8

const (
	recordHardState recordKind = iota + 1
	recordEntries
	recordTruncation
	recordCheckpoint
	recordKinds
)

// hardState is the persistent state besides the log (figure 2, persistent state).
// Term and vote are one record: if they were written one after the other, a crash
// in between would leave a vote of another term.
type hardState struct {
	term raft.Term
	vote raft.NodeID
}

// record is a decoded disk record. Only the fields of its kind are valid.
type record struct {
	kind     recordKind
	hard     hardState    // recordHardState, recordCheckpoint
	index    raft.Index   // recordEntries: of the first; recordTruncation: of the first that goes
	entries  entryList    // recordEntries; recordCheckpoint: those after base
	base     raft.EntryID // recordCheckpoint: where the log begins
	snapshot snapshot     // recordCheckpoint
}

// append appends the encoding of r to b.
func (r *record) append(b []byte) []byte {
	b = append(b, byte(r.kind))
	switch r.kind {
	case recordHardState:
		b = appendHardState(b, r.hard)
	case recordEntries:
		b = binary.AppendUvarint(b, uint64(r.index))
		b = append(b, r.entries.bytes...)
	case recordTruncation:
		b = binary.AppendUvarint(b, uint64(r.index))
	case recordCheckpoint:
		b = appendEntryID(appendHardState(b, r.hard), r.base)
		b = appendConfigured(appendEntryID(b, r.snapshot.id), r.snapshot.members)
		b = append(appendBytes(b, r.snapshot.state), r.entries.bytes...)
	}
	return b
}

func appendHardState(b []byte, h hardState) []byte {
	return append(binary.AppendUvarint(b, uint64(h.term)), byte(h.vote))
}

// decodeRecord reads a payload; the record borrows from it.
func decodeRecord(payload []byte) (record, error) {
	in := reader{rest: payload}
	r := record{kind: recordKind(in.flag(byte(recordKinds)))}
	switch r.kind {
	case recordHardState:
		r.hard = in.hardState()
	case recordEntries:
		r.index = in.positiveIndex()
		r.entries = in.entries(1, numberLimit)
		if r.entries.count == 0 {
			in.fail(errShort)
		}
	case recordTruncation:
		r.index = in.positiveIndex()
	case recordCheckpoint:
		r.decodeCheckpoint(&in)
	default:
		in.fail(errRange)
	}
	return r, in.finish()
}

func (r *record) decodeCheckpoint(in *reader) {
	r.hard = in.hardState()
	r.base = in.entryID()
	r.snapshot = snapshot{id: in.entryID(), members: in.configured(), state: in.bytes()}
	r.entries = in.entries(max(r.base.Term, 1), r.hard.term)
	last := r.base.Index + raft.Index(r.entries.count)
	id := r.snapshot.id
	if id.Index == 0 || id.Index < r.base.Index || id.Index > last || id.Term < r.base.Term ||
		r.snapshot.members.index > id.Index {
		in.fail(errRange)
	}
}

func (r *reader) hardState() hardState {
	return hardState{term: r.positiveTerm(), vote: raft.NodeID(r.flag(byte(raft.MaxNodeID) + 1))}
}

// positiveIndex reads the index of an entry.
func (r *reader) positiveIndex() raft.Index {
	i := r.index()
	if i == 0 {
		r.fail(errRange)
	}
	return i
}
