package models

import (
	"encoding/binary"

	"raftcheck/raft"
)

// Remember makes m remember what another monitor of the same checkers does:
// what was called committed, what each checker keeps, and what each complained
// about. The nodes' views are left as they are.
func (m *Monitor) Remember(from *Monitor) {
	m.View.Committed = append(m.View.Committed[:0], from.View.Committed...)
	copy(m.verdicts, from.verdicts)
	for i, c := range m.checkers {
		c.Copy(from.checkers[i])
	}
}

// AppendMemory appends an encoding of what Remember copies, nodes named by as:
// of two memories with equal encodings, in clusters whose nodes' views have equal
// encodings too, later verdicts are the same, but for their words. Of a checker
// that complained it says only so.
func (m *Monitor) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := encoder{b, as}
	e.length(len(m.View.Committed))
	for i := range m.View.Committed {
		c := &m.View.Committed[i]
		e.numbers(uint64(c.Term), uint64(c.In))
		e.hash(c.Hash)
		e.hash(c.Prefix)
	}
	for i, c := range m.checkers {
		complained := m.verdicts[i].Outcome == Violated
		e.flags(complained)
		if !complained {
			e.b = c.AppendMemory(e.b, as)
		}
	}
	return e.b
}

// Violated appends the verdicts of what broke so far to dst, in the order of the checkers.
func (m *Monitor) Violated(dst []Verdict) []Verdict {
	for i := range m.verdicts {
		if m.verdicts[i].Outcome == Violated {
			dst = append(dst, m.verdicts[i])
		}
	}
	return dst
}

// forgetful is what a checker has in common with others that remember nothing.
type forgetful struct{}

// Reset has nothing to forget.
func (forgetful) Reset() {}

// Copy has nothing to copy.
func (forgetful) Copy(Checker) {}

// AppendMemory has nothing to append.
func (forgetful) AppendMemory(b []byte, _ *raft.Renaming) []byte { return b }

// encoder appends to an encoding, in which a list goes behind its length and
// nodes go by the names that as gives them.
type encoder struct {
	b  []byte
	as *raft.Renaming
}

func (e *encoder) numbers(values ...uint64) {
	for _, v := range values {
		e.b = binary.AppendUvarint(e.b, v)
	}
}

func (e *encoder) length(n int) { e.numbers(uint64(n)) }

// hash appends a number that is large as a rule.
func (e *encoder) hash(h uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, h) }

func (e *encoder) flags(values ...bool) {
	bits := uint64(0)
	for i, v := range values {
		if v {
			bits |= 1 << i
		}
	}
	e.numbers(bits)
}

func (e *encoder) node(id raft.NodeID)    { e.numbers(uint64(e.as.Name(id))) }
func (e *encoder) nodes(set raft.NodeSet) { e.numbers(uint64(e.as.Set(set))) }

func (e *encoder) entryID(id raft.EntryID) { e.numbers(uint64(id.Term), uint64(id.Index)) }

func (e *encoder) config(c raft.Configuration) {
	e.nodes(c.Voters)
	e.nodes(c.Outgoing)
	e.nodes(c.Learners)
}

// log appends entries without their hashes, which follow from the prefixes.
func (e *encoder) log(log []Logged) {
	e.length(len(log))
	for i := range log {
		e.numbers(uint64(log[i].Term))
		e.hash(log[i].Prefix)
	}
}
