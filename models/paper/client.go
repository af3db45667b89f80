package paper

import (
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// AskRead makes a read wait at a node (thesis, section 6.4). Its read index is the commit
// index of the leader of the node's term.
func (s *State) AskRead(id raft.NodeID, op raft.OpID) Refusal {
	t := s.Term(s.Nodes[id].Term)
	if t == nil || t.Leader == raft.None {
		return "it knows of no leader"
	}
	s.Reads = append(s.Reads, Read{Op: op, Node: id, Term: t.Number, Need: t.Commit})
	s.confirm(t.Number)
	return ""
}

// Answer makes a node send a message of a term to another one. A node that asks for pre-votes
// may count it. A leader of that term is confirmed by it, for the reads that wait.
func (s *State) Answer(id, to raft.NodeID, term raft.Term) {
	s.Nodes[to].Heard = s.Nodes[to].Heard.With(id)
	for i := range s.Reads {
		if r := &s.Reads[i]; r.Term == term && s.Term(term).Leader == to {
			r.Heard = r.Heard.With(id)
		}
	}
	s.confirm(term)
}

// confirm marks the reads of a term that came before a quorum answered its leader.
func (s *State) confirm(term raft.Term) {
	for i := range s.Reads {
		if r := &s.Reads[i]; r.Term == term {
			id := s.Term(term).Leader
			leader := &s.Nodes[id]
			leads := leader.Role == raft.Leader && leader.Term == term
			r.Confirmed = r.Confirmed || leads && trace.HasQuorum(leader.Config, r.Heard.With(id))
		}
	}
}

// DoneRead makes a node answer a read. If an operation was asked there more than once, it may
// be any of its reads. The latest one counts as answered: the others allow more.
func (s *State) DoneRead(id raft.NodeID, op raft.OpID, lease bool) Refusal {
	refusal := Refusal("it was not asked, or knew of no leader then")
	for i := range s.Reads {
		if r := &s.Reads[i]; r.Op == op && r.Node == id {
			if refusal = s.mayAnswer(r, lease); refusal == "" {
				s.DropRead(id, op)
				break
			}
		}
	}
	return refusal
}

// mayAnswer refuses the answer to a read, unless a quorum confirmed the leader of its term
// since the read came, and the leader has committed an entry of that term (section 8). The node
// has committed up to the read index. With a lease the leader needs no round (thesis, section
// 6.4.1).
func (s *State) mayAnswer(r *Read, lease bool) Refusal {
	n, t := &s.Nodes[r.Node], s.Term(r.Term)
	switch {
	case lease && (n.Role != raft.Leader || n.Term != r.Term || !s.PreVote):
		return "only a leader has a lease, and only with pre-votes"
	case !lease && !r.Confirmed:
		return "no quorum answered the leader of the term since the read came"
	case t.Commit == 0 || t.Log[t.Commit-1].Term != t.Number:
		return "the leader of the term has committed no entry of the term"
	case n.Commit < r.Need:
		return "it has not committed up to the read index"
	}
	return ""
}

// DropRead makes a node give up its latest read of an operation.
func (s *State) DropRead(id raft.NodeID, op raft.OpID) {
	for i := len(s.Reads) - 1; i >= 0; i-- {
		if s.Reads[i].Op == op && s.Reads[i].Node == id {
			s.Reads = slices.Delete(s.Reads, i, i+1)
			return
		}
	}
}

// Forget makes a node that crashed forget its reads.
func (s *State) Forget(id raft.NodeID) {
	s.Reads = slices.DeleteFunc(s.Reads, func(r Read) bool { return r.Node == id })
}

// TimeoutNow makes a leader ask a voter that stores its whole log to stand for election at
// once (thesis, section 3.10). Voters of either configuration may lead (paper, section 6).
func (s *State) TimeoutNow(id, to raft.NodeID) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case n.Role != raft.Leader:
		return "it does not lead"
	case !n.Config.Electors().Has(to) || to == id:
		return "the target is no other voter"
	case t.Stored[to] < raft.Index(len(n.Log)):
		return "the target has not said that it stores the whole log"
	}
	t.Told = t.Told.With(to)
	return ""
}
