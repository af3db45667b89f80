package models

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Remember takes over the state of another monitor with the same checkers: the committed
// entries, the nodes that joined, the state of each checker, and its violation. All checkers
// must be Rememberers. It leaves the views of nodes alone.
func (m *Monitor) Remember(from *Monitor) {
	m.View.Committed = append(m.View.Committed[:0], from.View.Committed...)
	m.View.Joined = from.View.Joined
	copy(m.verdicts, from.verdicts)
	for i, c := range m.checkers {
		c.(Rememberer).Copy(from.checkers[i])
	}
}

// AppendMemory appends an encoding of the state that Remember copies, with nodes named by
// as. If two monitors have equal encodings, and their views of the nodes do too, they find
// the same later violations, apart from the texts. A checker with a violation is encoded
// by that fact alone, and nodes that joined only if they cannot come back once removed.
func (m *Monitor) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(m.View.Committed))
	for i := range m.View.Committed {
		c := &m.View.Committed[i]
		e.Numbers(uint64(c.Term), uint64(c.In))
		e.Hash(c.Hash)
		e.Hash(c.Prefix)
	}
	if m.View.Limits.Lacks.Has(raft.Rejoins) {
		e.Nodes(m.View.Joined)
	}
	for i, c := range m.checkers {
		violated := m.verdicts[i].Outcome == Violated
		e.Flags(violated)
		if !violated {
			e.Buf = c.(Rememberer).AppendMemory(e.Buf, as)
		}
	}
	return e.Buf
}

// Violated appends the violations so far to dst, in the order of the checkers.
func (m *Monitor) Violated(dst []Verdict) []Verdict {
	for i := range m.verdicts {
		if m.verdicts[i].Outcome == Violated {
			dst = append(dst, m.verdicts[i])
		}
	}
	return dst
}

// stateless has the methods of a Rememberer for checkers that keep no state.
type stateless struct{}

// Reset does nothing, as there is no state.
func (stateless) Reset() {}

// Copy does nothing, as there is no state.
func (stateless) Copy(Checker) {}

// AppendMemory appends nothing, as there is no state.
func (stateless) AppendMemory(b []byte, _ *raft.Renaming) []byte { return b }
