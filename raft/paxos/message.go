package paxos

import (
	"encoding/binary"
	"fmt"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// kind is a kind of message (section 2.2).
type kind uint8

const (
	prepare  kind = iota // asks for a promise
	promise              // answers Prepare
	accept               // proposes values; without any it is a heartbeat
	accepted             // answers Accept
	reject               // answers a request of a ballot below the promised one (section 2.5)
	kinds
)

// String returns the name of the message in the paper.
func (k kind) String() string {
	return [kinds]string{"Prepare", "Promise", "Accept", "Accepted", "Reject"}[k]
}

// message is a message. Fields that its kind has no use for are zero.
type message struct {
	kind   kind
	ballot raft.Term // that the sender promised
	first  raft.Index
	count  raft.Index // accepted: the slots from first on that the sender accepted
	chosen raft.Index // accept, accepted: the slots that the sender knows to be chosen
	last   raft.Index // accepted: the sender's highest slot with a value
	slots  []slot     // promise, accept: from first on
}

// append appends the encoding of m.
func (m *message) append(b []byte) []byte {
	b = append(b, byte(m.kind))
	for _, v := range [...]uint64{uint64(m.ballot), uint64(m.count), uint64(m.chosen), uint64(m.last)} {
		b = binary.AppendUvarint(b, v)
	}
	return appendSlots(b, m.first, m.slots)
}

// decode reads an encoding. The message borrows its bytes.
func (m *message) decode(payload []byte) bool {
	r := reader{rest: payload}
	k := r.number()
	*m = message{
		kind: kind(k), ballot: raft.Term(r.number()), count: raft.Index(r.number()),
		chosen: raft.Index(r.number()), last: raft.Index(r.number()), slots: m.slots[:0],
	}
	m.first, m.slots = r.slots(m.slots)
	return k < uint64(kinds) && r.done()
}

// record is a disk record: a promised ballot and a run of accepted entries.
type record struct {
	ballot raft.Term
	first  raft.Index
	slots  []slot
}

func appendRecord(b []byte, r *record) []byte {
	body := binary.AppendUvarint(nil, uint64(r.ballot))
	return seal.Append(b, appendSlots(body, r.first, r.slots))
}

// decode reads the body of a record, and copies it.
func (r *record) decode(body []byte) error {
	in := reader{rest: append([]byte(nil), body...)}
	r.ballot = raft.Term(in.number())
	if r.first, r.slots = in.slots(nil); !in.done() {
		return fmt.Errorf("expected a ballot and accepted entries, found %x", body)
	}
	return nil
}

// appendSlots appends a run of slots. An entry's index follows from its place.
func appendSlots(b []byte, first raft.Index, run []slot) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(first)), uint64(len(run)))
	for i := range run {
		s := &run[i]
		b = binary.AppendUvarint(b, uint64(s.ballot))
		b = binary.AppendUvarint(b, uint64(s.entry.ID.Term))
		b = append(b, byte(s.entry.Kind))
		b = append(binary.AppendUvarint(b, uint64(len(s.entry.Data))), s.entry.Data...)
	}
	return b
}

// reader reads numbers and bytes. After a mistake it is bad, and everything is 0.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) done() bool { return !r.bad && len(r.rest) == 0 }

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.bad, n = true, 0
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// slots reads a run of slots into run.
func (r *reader) slots(run []slot) (raft.Index, []slot) {
	first := raft.Index(r.number())
	for range r.number() {
		s := slot{ballot: raft.Term(r.number())}
		s.entry.ID = raft.EntryID{Term: raft.Term(r.number()), Index: first + raft.Index(len(run))}
		s.entry.Kind = raft.EntryKind(r.number())
		s.entry.Data = r.bytes()
		if r.bad {
			break
		}
		run = append(run, s)
	}
	return first, run
}
