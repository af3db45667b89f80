package trace

import (
	"encoding/binary"

	"raftcheck/raft"
)

// Encoder appends values to the encoding of a state. A list follows its length, and
// every node is written under the name that Names gives it. Two equal encodings come
// from equal states, up to that renaming.
type Encoder struct {
	Buf   []byte         // the encoding so far
	Names *raft.Renaming // the names of the nodes
}

// Numbers appends numbers as uvarints.
func (e *Encoder) Numbers(values ...uint64) {
	for _, v := range values {
		e.Buf = binary.AppendUvarint(e.Buf, v)
	}
}

// Length appends the length of the list that follows.
func (e *Encoder) Length(n int) { e.Numbers(uint64(n)) }

// Hash appends a hash as eight bytes, under the new names. A uvarint of a number that is
// usually large would be longer.
func (e *Encoder) Hash(h uint64) { e.Buf = binary.LittleEndian.AppendUint64(e.Buf, e.Names.Hash(h)) }

// Flags appends up to 64 booleans as the bits of one number, the first in bit 0.
func (e *Encoder) Flags(values ...bool) {
	bits := uint64(0)
	for i, v := range values {
		if v {
			bits |= 1 << i
		}
	}
	e.Numbers(bits)
}

// Node appends the new name of a node.
func (e *Encoder) Node(id raft.NodeID) { e.Numbers(uint64(e.Names.Name(id))) }

// Nodes appends a set of nodes, as the set of their new names.
func (e *Encoder) Nodes(set raft.NodeSet) { e.Numbers(uint64(e.Names.Set(set))) }

// EntryID appends a term and an index.
func (e *Encoder) EntryID(id raft.EntryID) { e.Numbers(uint64(id.Term), uint64(id.Index)) }

// Config appends the three sets of a configuration.
func (e *Encoder) Config(c raft.Configuration) {
	e.Nodes(c.Voters)
	e.Nodes(c.Outgoing)
	e.Nodes(c.Learners)
}

// log appends the entries of a log, without their own hashes: those follow from the
// prefix hashes.
func (e *Encoder) log(log []Logged) {
	e.Length(len(log))
	for i := range log {
		e.Numbers(uint64(log[i].Term))
		e.Hash(log[i].Prefix)
	}
}
