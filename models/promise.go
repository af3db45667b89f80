package models

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
	entryPart
)

// text names a part of the promise p.
func (m part) text(p *raft.Promise) string {
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
func (s *Stored) lacks(p *raft.Promise) part {
	switch {
	case s.Term < p.Term:
		return termPart
	case !votes(s.Term, s.Vote, p):
		return votePart
	case p.Last.Index != 0 && !s.holds(p.Last):
		return entryPart
	}
	return 0
}

// lacks returns the first part of a promise of n that neither its disk backs,
// nor, it may be, the durable writes of a step that began to become durable.
// Of such a step, begun is what n relies on.
func (n *NodeView) lacks(p *raft.Promise) (m part, begun raft.Promise) {
	s, e := n.disk(), n.unstored.begun()
	if s.Term < p.Term || !votes(s.Term, s.Vote, p) {
		switch {
		case e == nil && s.Term < p.Term || e != nil && e.term < p.Term:
			return termPart, begun
		case e == nil || !votes(e.term, e.vote, p):
			return votePart, begun
		}
		begun.Term, begun.Vote = p.Term, p.Vote
	}
	if p.Last.Index == 0 || s.holds(p.Last) || slices.Contains(s.Cut, p.Last) {
		return 0, begun
	}
	if e == nil || !n.unstored.puts(e, p.Last) {
		return entryPart, begun
	}
	begun.Last = p.Last
	return 0, begun
}
