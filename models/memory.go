package models

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Remember makes m remember what another monitor of the same checkers, all of them
// Rememberers, does:
// what was called committed, what each checker keeps, and what each complained
// about. The nodes' views are left as they are.
func (m *Monitor) Remember(from *Monitor) {
	m.View.Committed = append(m.View.Committed[:0], from.View.Committed...)
	copy(m.verdicts, from.verdicts)
	for i, c := range m.checkers {
		c.(Rememberer).Copy(from.checkers[i])
	}
}

// AppendMemory appends an encoding of what Remember copies, nodes named by as:
// of two memories with equal encodings, in clusters whose nodes' views have equal
// encodings too, later verdicts are the same, but for their words. Of a checker
// that complained it says only so.
func (m *Monitor) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(m.View.Committed))
	for i := range m.View.Committed {
		c := &m.View.Committed[i]
		e.Numbers(uint64(c.Term), uint64(c.In))
		e.Hash(c.Hash)
		e.Hash(c.Prefix)
	}
	for i, c := range m.checkers {
		complained := m.verdicts[i].Outcome == Violated
		e.Flags(complained)
		if !complained {
			e.B = c.(Rememberer).AppendMemory(e.B, as)
		}
	}
	return e.B
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
