package trace

import (
	"encoding/binary"

	"raftcheck/raft"
)

// encoder appends to an encoding, in which a list goes behind its length and
// nodes go by the names that as gives them.
type Encoder struct {
	B  []byte
	As *raft.Renaming
}

func (e *Encoder) Numbers(values ...uint64) {
	for _, v := range values {
		e.B = binary.AppendUvarint(e.B, v)
	}
}

func (e *Encoder) Length(n int) { e.Numbers(uint64(n)) }

// hash appends a number that is large as a rule.
func (e *Encoder) Hash(h uint64) { e.B = binary.LittleEndian.AppendUint64(e.B, h) }

func (e *Encoder) Flags(values ...bool) {
	bits := uint64(0)
	for i, v := range values {
		if v {
			bits |= 1 << i
		}
	}
	e.Numbers(bits)
}

func (e *Encoder) Node(id raft.NodeID)    { e.Numbers(uint64(e.As.Name(id))) }
func (e *Encoder) Nodes(set raft.NodeSet) { e.Numbers(uint64(e.As.Set(set))) }

func (e *Encoder) EntryID(id raft.EntryID) { e.Numbers(uint64(id.Term), uint64(id.Index)) }

func (e *Encoder) Config(c raft.Configuration) {
	e.Nodes(c.Voters)
	e.Nodes(c.Outgoing)
	e.Nodes(c.Learners)
}

// log appends entries without their hashes, which follow from the prefixes.
func (e *Encoder) log(log []Logged) {
	e.Length(len(log))
	for i := range log {
		e.Numbers(uint64(log[i].Term))
		e.Hash(log[i].Prefix)
	}
}
