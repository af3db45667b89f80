package reference

import (
	"encoding/binary"

	"raftcheck/raft"
)

// recordKind says what a disk record changes. Its number is the payload's first byte.
type recordKind uint8

const (
	recordHardState recordKind = iota + 1
	recordEntries
	recordTruncation
	recordKinds
)

// hardState is what a node must not forget besides its log (figure 2,
// persistent state). Term and vote are one record: written one after the
// other, a crash between them leaves the vote of another term.
type hardState struct {
	term raft.Term
	vote raft.NodeID
}

// record is a decoded disk record. Of the fields only those of its kind mean something.
type record struct {
	kind    recordKind
	hard    hardState  // recordHardState
	index   raft.Index // recordEntries: of the first; recordTruncation: of the first that goes
	entries entryList  // recordEntries
}

// append appends the encoding of r to b.
func (r *record) append(b []byte) []byte {
	b = append(b, byte(r.kind))
	switch r.kind {
	case recordHardState:
		b = binary.AppendUvarint(b, uint64(r.hard.term))
		b = append(b, byte(r.hard.vote))
	case recordEntries:
		b = binary.AppendUvarint(b, uint64(r.index))
		b = append(b, r.entries.bytes...)
	case recordTruncation:
		b = binary.AppendUvarint(b, uint64(r.index))
	}
	return b
}

// decodeRecord reads a payload; the record borrows from it.
func decodeRecord(payload []byte) (record, error) {
	in := reader{rest: payload}
	r := record{kind: recordKind(in.flag(byte(recordKinds)))}
	switch r.kind {
	case recordHardState:
		r.hard.term = in.positiveTerm()
		r.hard.vote = raft.NodeID(in.flag(byte(raft.MaxNodeID) + 1))
	case recordEntries:
		r.index = in.positiveIndex()
		r.entries = in.entries(1, numberLimit)
		if r.entries.count == 0 {
			in.fail(errShort)
		}
	case recordTruncation:
		r.index = in.positiveIndex()
	default:
		in.fail(errRange)
	}
	return r, in.finish()
}

// positiveIndex is the index of an entry.
func (r *reader) positiveIndex() raft.Index {
	i := r.index()
	if i == 0 {
		r.fail(errRange)
	}
	return i
}
