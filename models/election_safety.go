package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ElectionSafety judges that a term never has two leaders, not even one after the other
// (Raft paper, figure 3, Election Safety).
type ElectionSafety struct {
	reigns []reign // in the order of their terms
}

// reign is the leader of a term.
type reign struct {
	term   raft.Term
	leader raft.NodeID
}

// Property returns the name, rule and source.
func (c *ElectionSafety) Property() Property {
	return Property{
		Name:     "ElectionSafety",
		Rule:     "A term has at most one leader.",
		Source:   "Raft paper, figure 3, Election Safety",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Reset forgets the run.
func (c *ElectionSafety) Reset() { c.reigns = c.reigns[:0] }

// Copy takes over the leaders of terms.
func (c *ElectionSafety) Copy(from Checker) {
	c.reigns = append(c.reigns[:0], from.(*ElectionSafety).reigns...)
}

// AppendMemory appends the leaders of terms.
func (c *ElectionSafety) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.reigns))
	for _, g := range c.reigns {
		e.Numbers(uint64(g.term))
		e.Node(g.leader)
	}
	return e.Buf
}

// Observe compares a new leader with the earlier leader of its term, if there was one.
func (c *ElectionSafety) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() || !v.Nodes[r.Node].Elected() {
		return ""
	}
	at, found := slices.BinarySearchFunc(c.reigns, r.Status.Term, func(g reign, t raft.Term) int {
		return cmp.Compare(g.term, t)
	})
	if !found {
		c.reigns = slices.Insert(c.reigns, at, reign{term: r.Status.Term, leader: r.Node})
		return ""
	}
	if first := c.reigns[at].leader; first != r.Node {
		return fmt.Sprintf("%s and %s lead term %d", first, r.Node, r.Status.Term)
	}
	return ""
}

// Finish reports that the property held.
func (c *ElectionSafety) Finish(*trace.View) (Outcome, string) { return Held, "" }
