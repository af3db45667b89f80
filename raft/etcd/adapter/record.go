package adapter

import (
	"encoding/binary"
	"errors"
	"fmt"

	"raftcheck/raft"
)

// record is the content of one write: the hard state, and entries that replace
// those at their indexes. A checkpoint replaces all records before it: it has a
// snapshot, and the entries are the whole log after it.
type record struct {
	checkpoint bool
	hard       HardState
	snapshot   Snapshot // of a checkpoint
	entries    []raft.Entry
}

// seal encodes a record and frames it.
func seal(r *record, number uint64) []byte {
	w := writer(make([]byte, headerBytes, 64))
	w.flag(r.checkpoint)
	w.numbers(uint64(r.hard.Term), uint64(r.hard.Vote), uint64(r.hard.Commit))
	if s := &r.snapshot; r.checkpoint {
		w.numbers(uint64(s.ID.Term), uint64(s.ID.Index), uint64(s.All))
		w.bytes(s.Conf)
		w.bytes(s.Data)
	}
	w.numbers(uint64(len(r.entries)))
	for i := range r.entries {
		e := &r.entries[i]
		w.numbers(uint64(e.ID.Term), uint64(e.ID.Index), uint64(e.Kind))
		w.bytes(e.Data)
	}
	return frame(w, number)
}

// unseal decodes a record's payload, and keeps references to its memory.
func unseal(payload []byte) (*record, error) {
	p := reader{b: payload}
	r := &record{checkpoint: p.number() == 1}
	r.hard = HardState{
		Term: raft.Term(p.number()), Vote: raft.NodeID(p.number()), Commit: raft.Index(p.number()),
	}
	if r.checkpoint {
		r.snapshot.ID = raft.EntryID{Term: raft.Term(p.number()), Index: raft.Index(p.number())}
		r.snapshot.All = raft.NodeSet(p.number())
		r.snapshot.Conf, r.snapshot.Data = p.bytes(), p.bytes()
	}
	for n := p.number(); n > 0 && !p.bad; n-- {
		id := raft.EntryID{Term: raft.Term(p.number()), Index: raft.Index(p.number())}
		r.entries = append(r.entries, raft.Entry{ID: id, Kind: raft.EntryKind(p.number()), Data: p.bytes()})
	}
	if p.bad || len(p.b) > 0 {
		return nil, errors.New("the record cannot be decoded")
	}
	return r, nil
}

// describe formats the record on one line.
func (r *record) describe() string {
	text := fmt.Sprintf("term %d vote %v commit %d", r.hard.Term, r.hard.Vote, r.hard.Commit)
	if r.checkpoint {
		text = fmt.Sprintf("checkpoint: %s, snapshot of %v with %d bytes",
			text, r.snapshot.ID, len(r.snapshot.Data))
	}
	if n := len(r.entries); n > 0 {
		text += fmt.Sprintf(", entries %v to %v", r.entries[0].ID, r.entries[n-1].ID)
	}
	return text
}

// DescribeWrite describes a disk record on one line.
func DescribeWrite(data []byte) string {
	_, payload, _, err := unframe(data)
	if err != nil {
		return err.Error()
	}
	if payload == nil {
		return "torn"
	}
	r, err := unseal(payload)
	if err != nil {
		return err.Error()
	}
	return r.describe()
}

// sealData encodes a snapshot's data: the configuration, the index of its entry,
// and the state.
func sealData(c raft.Configuration, at raft.Index, state []byte) []byte {
	w := writer{}
	w.numbers(uint64(c.Voters), uint64(c.Outgoing), uint64(c.Learners), uint64(at))
	return append(w, state...)
}

func openData(data []byte) (c raft.Configuration, at raft.Index, state []byte) {
	r := reader{b: data}
	set := func() raft.NodeSet { return raft.NodeSet(r.number()) }
	c = raft.Configuration{Voters: set(), Outgoing: set(), Learners: set()}
	return c, raft.Index(r.number()), r.b
}

// writer appends the parts of a record.
type writer []byte

func (w *writer) numbers(ns ...uint64) {
	for _, n := range ns {
		*w = binary.AppendUvarint(*w, n)
	}
}

func (w *writer) flag(v bool) {
	if v {
		*w = append(*w, 1)
	} else {
		*w = append(*w, 0)
	}
}

func (w *writer) bytes(b []byte) {
	w.numbers(uint64(len(b)))
	*w = append(*w, b...)
}

// reader takes values off the front of b. It sets bad at the first missing value.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}
