package trace

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// part is a part of a promise, and the zero value is none of it.
type part uint8

const (
	termPart part = iota + 1
	votePart
	EntryPart
)

// text names a part of the promise p.
func (m part) Text(p *raft.Promise) string {
	switch m {
	case termPart:
		return fmt.Sprintf("term %d", p.Term)
	case votePart:
		return fmt.Sprintf("its vote for %s in term %d", p.Vote, p.Term)
	}
	return p.Last.String()
}

// votes reports whether a disk with this term and vote backs the vote of p: a
// later term supersedes it.
func votes(term raft.Term, vote raft.NodeID, p *raft.Promise) bool {
	return p.Vote == raft.None || term > p.Term || term == p.Term && vote == p.Vote
}

// lacks returns the first part of p that the disk does not back.
func (s *Stored) Lacks(p *raft.Promise) part {
	switch {
	case s.Term < p.Term:
		return termPart
	case !votes(s.Term, s.Vote, p):
		return votePart
	case p.Last.Index != 0 && !s.holds(p.Last):
		return EntryPart
	}
	return 0
}

// lacks returns the first part of a promise of n that neither its disk backs,
// nor, it may be, the durable writes of a step that began to become durable.
// Of such a step, begun is what n relies on.
func (n *NodeView) Lacks(p *raft.Promise) (m part, begun raft.Promise) {
	s, e := n.disk(), n.Unstored.Begun()
	if s.Term < p.Term || !votes(s.Term, s.Vote, p) {
		switch {
		case e == nil && s.Term < p.Term || e != nil && e.Term < p.Term:
			return termPart, begun
		case e == nil || !votes(e.Term, e.Vote, p):
			return votePart, begun
		}
		begun.Term, begun.Vote = p.Term, p.Vote
	}
	if p.Last.Index == 0 || s.holds(p.Last) || slices.Contains(s.Cut, p.Last) {
		return 0, begun
	}
	if e == nil || !n.Unstored.puts(e, p.Last) {
		return EntryPart, begun
	}
	begun.Last = p.Last
	return 0, begun
}
