package reference

import (
	"encoding/binary"
	"errors"

	"raftcheck/raft"
)

// The encoding is strict: a value has exactly one encoding, so decoding and encoding
// again gives the same bytes. Numbers are unsigned varints of minimal length.
var (
	errShort      = errors.New("it ends in the middle of a value")
	errNotMinimal = errors.New("a number is not written in its shortest form")
	errRange      = errors.New("a value is out of range")
	errTrailing   = errors.New("bytes are left over at the end")
	errTermOrder  = errors.New("the terms of the entries are out of order")
)

// numberLimit bounds terms and indexes, so that adding to one cannot overflow.
const numberLimit = 1 << 62

// reader takes values off the front of rest. After the first failure every value
// reads as zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

// finish returns the first failure, or an error if bytes are left over.
func (r *reader) finish() error {
	if len(r.rest) > 0 {
		r.fail(errTrailing)
	}
	return r.err
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail(errShort)
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// flag reads a byte below limit.
func (r *reader) flag(limit byte) byte {
	b := r.byte()
	if b >= limit {
		r.fail(errRange)
		return 0
	}
	return b
}

// number reads a term, an index, a round or a length. Most take one byte, and
// nearly all others up to four.
func (r *reader) number() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		v := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return v
	}
	return r.longNumber()
}

func (r *reader) longNumber() uint64 {
	if len(r.rest) >= 4 {
		v := uint64(0)
		for i, b := range r.rest[:4] {
			v |= uint64(b&0x7f) << (7 * i)
			if b == 0 {
				break // not minimal, or not even a number
			}
			if b < 0x80 {
				r.rest = r.rest[i+1:]
				return v
			}
		}
	}
	return r.anyNumber()
}

func (r *reader) anyNumber() uint64 {
	v, n := binary.Uvarint(r.rest)
	switch {
	case n == 0:
		r.fail(errShort)
	case n < 0 || v >= numberLimit:
		r.fail(errRange)
	case n > 1 && r.rest[n-1] == 0:
		r.fail(errNotMinimal)
	default:
		r.rest = r.rest[n:]
		return v
	}
	return 0
}

// word reads any 64 bits, such as a set of nodes.
func (r *reader) word() uint64 {
	if len(r.rest) < 8 {
		r.fail(errShort)
		return 0
	}
	w := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return w
}

// bytes reads a run of bytes after its length.
func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail(errShort)
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func (r *reader) term() raft.Term   { return raft.Term(r.number()) }
func (r *reader) index() raft.Index { return raft.Index(r.number()) }

// positiveTerm reads the term of a message or an entry. Term 0 is before the first
// election, when no node leads.
func (r *reader) positiveTerm() raft.Term {
	t := r.term()
	if t == 0 {
		r.fail(errRange)
	}
	return t
}

// entryID reads the name of an entry, or zero for the place before the first one.
func (r *reader) entryID() raft.EntryID {
	id := raft.EntryID{Term: r.term(), Index: r.index()}
	if (id.Term == 0) != (id.Index == 0) {
		r.fail(errRange)
	}
	return id
}

func appendEntryID(b []byte, id raft.EntryID) []byte {
	b = binary.AppendUvarint(b, uint64(id.Term))
	return binary.AppendUvarint(b, uint64(id.Index))
}

// entry reads an entry without its index, which follows from its place. Nearly all
// entries are short commands of small terms.
func (r *reader) entry() raft.Entry {
	if b := r.rest; len(b) >= 3 && b[0]-1 < 0x7f && b[1] == byte(raft.Command) && b[2] < 0x80 {
		if end := 3 + int(b[2]); end <= len(b) {
			r.rest = b[end:]
			return raft.Entry{ID: raft.EntryID{Term: raft.Term(b[0])}, Data: b[3:end:end]}
		}
	}
	return r.anyEntry()
}

func (r *reader) anyEntry() raft.Entry {
	e := raft.Entry{
		ID:   raft.EntryID{Term: r.positiveTerm()},
		Kind: raft.EntryKind(r.flag(byte(raft.Reconfiguration) + 1)),
		Data: r.bytes(),
	}
	if e.Kind == raft.NoOp && len(e.Data) > 0 {
		r.fail(errRange)
	}
	return e
}

// appendEntry writes an entry as reader.entry reads it.
func appendEntry(b []byte, term raft.Term, kind raft.EntryKind, data []byte) []byte {
	b = binary.AppendUvarint(b, uint64(term))
	return appendBytes(append(b, byte(kind)), data)
}

// entryList is a run of entries as log, link and disk hold it: one encoded entry
// after the other. It borrows its bytes.
type entryList struct {
	bytes       []byte
	count       int
	first, last raft.Term // terms of its ends; 0 if it is empty
	// reconfigures is set if the list may contain a configuration.
	reconfigures bool
}

// entries reads the rest of the input as entries whose terms do not decrease
// (section 5.4.1 relies on it) and lie in [least, most].
func (r *reader) entries(least, most raft.Term) entryList {
	list := entryList{bytes: r.rest}
	for len(r.rest) > 0 {
		e := r.entry()
		term := e.ID.Term
		list.reconfigures = list.reconfigures || e.Kind == raft.Reconfiguration
		if r.err == nil && (term < least || term > most) {
			r.fail(errTermOrder)
		}
		if list.count == 0 {
			list.first = term
		}
		list.count++
		list.last, least = term, term
	}
	return list
}

// tail returns the list without its first entry; the list must not be empty.
func (l entryList) tail() entryList {
	r := reader{rest: l.bytes}
	r.entry()
	l.bytes = r.rest
	l.count--
	if l.count == 0 {
		return entryList{}
	}
	l.first = r.term()
	return l
}
