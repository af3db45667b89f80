package trace

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// PromisePart is a part of a promise. The zero value is no part.
type PromisePart uint8

// The parts of a promise, in the order in which a disk is searched for them.
const (
	TermPart PromisePart = iota + 1
	VotePart
	EntryPart
)

// Text describes this part of the promise p.
func (m PromisePart) Text(p *raft.Promise) string {
	switch m {
	case TermPart:
		return fmt.Sprintf("term %d", p.Term)
	case VotePart:
		return fmt.Sprintf("its vote for %s in term %d", p.Vote, p.Term)
	}
	return p.Last.String()
}

// votes reports whether a disk with this term and vote backs the vote of p. A later
// term supersedes the vote.
func votes(term raft.Term, vote raft.NodeID, p *raft.Promise) bool {
	return p.Vote == raft.None || term > p.Term || term == p.Term && vote == p.Vote
}

// Missing returns the first part of p that the disk does not back, or 0.
func (s *Stored) Missing(p *raft.Promise) PromisePart {
	switch {
	case s.Term < p.Term:
		return TermPart
	case !votes(s.Term, s.Vote, p):
		return VotePart
	case p.Last.Index != 0 && !s.holds(p.Last):
		return EntryPart
	}
	return 0
}

// Missing returns the first part of p that nothing durable at n can back, or 0. The
// stored state can back a part, and so can an entry that the last record cut
// ([Stored].Cut). The partly durable step can too, if there is one: its durable writes may
// record that part already. The second result has the parts of p that only the partly
// durable step backs. An entry that a leader of a later term replaced in the same batch is
// seen nowhere, and counts as cut.
func (n *NodeView) Missing(p *raft.Promise) (m PromisePart, partial raft.Promise) {
	s, e := n.disk(), n.Pending.Partial()
	if s.Term < p.Term || !votes(s.Term, s.Vote, p) {
		switch {
		case e == nil && s.Term < p.Term || e != nil && e.Term < p.Term:
			return TermPart, partial
		case e == nil || !votes(e.Term, e.Vote, p):
			return VotePart, partial
		}
		partial.Term, partial.Vote = p.Term, p.Vote
	}
	skipped := p.Term < s.Skipped || e != nil && e.Batched && p.Term < e.Term
	if p.Last.Index == 0 || s.holds(p.Last) || slices.Contains(s.Cut, p.Last) || skipped {
		return 0, partial
	}
	if e == nil || !n.Pending.appendsEntry(e, p.Last) {
		return EntryPart, partial
	}
	partial.Last = p.Last
	return 0, partial
}
