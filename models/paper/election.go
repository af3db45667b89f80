package paper

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// AskFirst makes a node ask for pre-votes, before it begins a term (thesis, section 9.6).
func (s *State) AskFirst(id raft.NodeID) Refusal {
	n := &s.Nodes[id]
	switch {
	case !s.PreVote:
		return "pre-votes are off"
	case n.Role == raft.Leader:
		return "it leads its term"
	case !s.elector(id):
		return "it has no vote"
	}
	n.Role = raft.PreCandidate
	if last := Last(n.Log); last.AtLeastAsUpToDateAs(n.Asked) {
		n.Asked = last
	}
	return ""
}

// Send makes a node send another one a message, which leaves when the node's disk allows it. A
// node that asked for pre-votes may count it, unless the sender's log is beyond its own.
func (s *State) Send(id, to raft.NodeID) {
	if n := &s.Nodes[to]; n.Asked.AtLeastAsUpToDateAs(Last(s.Nodes[id].Log)) {
		n.Willing = n.Willing.With(id)
	}
}

// Timeout makes a node stand for election in the next term, with a vote for itself (section
// 5.2; figure 2, Candidates). With pre-votes, a quorum that may vote for it answered it in this
// term before, or the leader of this term sent it TimeoutNow.
func (s *State) Timeout(id raft.NodeID) Refusal {
	n, was := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch told := was != nil && was.Told.Has(id); {
	case n.Role == raft.Leader:
		return "it leads its term"
	case !s.elector(id):
		return "it has no vote"
	case s.PreVote && !told && !trace.HasQuorum(n.Config, n.Heard.With(id)):
		return "no quorum answered its pre-vote, and no leader sent it TimeoutNow"
	case s.PreVote && !told && !trace.HasQuorum(n.Config, (n.Heard&n.Willing).With(id)):
		return "the logs of those that answered its pre-vote are beyond its own, but for less than a quorum"
	}
	n.enter(n.Term + 1)
	n.Role, n.Vote = raft.Candidate, id
	t := s.begin(n.Term)
	t.Stood, t.With[id] = t.Stood.With(id), Last(n.Log)
	return ""
}

// enter makes a node a follower of a later term, in which it has not voted.
func (n *Node) enter(term raft.Term) {
	n.Term, n.Vote, n.Role = term, raft.None, raft.Follower
	n.Heard, n.Asked, n.Willing = 0, raft.EntryID{}, 0
}

// UpdateTerm makes a node a follower of a later term, which a message to it has (section 5.1;
// figure 2, All Servers).
func (s *State) UpdateTerm(id raft.NodeID, term raft.Term) Refusal {
	n := &s.Nodes[id]
	switch {
	case term <= n.Term:
		return "the term is not later than its own"
	case s.Term(term) == nil:
		return "no node stood for election in that term"
	}
	n.enter(term)
	return ""
}

// GrantVote makes a node vote for a candidate of its term (figure 2, RequestVote RPC).
func (s *State) GrantVote(id, candidate raft.NodeID) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case t == nil || !t.Stood.Has(candidate):
		return "that node did not stand for election in this term"
	case n.Vote != raft.None && n.Vote != candidate:
		return "it voted for another node in this term"
	case !t.With[candidate].AtLeastAsUpToDateAs(Last(n.Log)):
		return "the candidate's log is not as up-to-date as its own"
	}
	n.Vote = candidate
	return ""
}

// SayVote lets others know a node's vote in a term. The vote is durable from then on.
func (s *State) SayVote(id, candidate raft.NodeID, term raft.Term) Refusal {
	t := s.Term(term)
	switch {
	case t == nil || !t.Stood.Has(candidate):
		return "that node did not stand for election in this term"
	case t.Votes[id] != raft.None && t.Votes[id] != candidate:
		return "it said that it voted for another node in this term"
	}
	t.Votes[id] = candidate
	return ""
}

// BecomeLeader makes a candidate the leader of its term, once a quorum said that it voted for
// it (section 5.2). In a joint configuration a quorum has both majorities (section 6).
func (s *State) BecomeLeader(id raft.NodeID) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case n.Role != raft.Candidate:
		return "it is no candidate"
	case !trace.HasQuorum(n.Config, t.voters(id)):
		return "the votes for it that were said are no quorum"
	case t.Leader != raft.None:
		return "its term has a leader"
	}
	n.Role = raft.Leader
	t.Leader, t.Log, t.Commit = id, append(t.Log[:0], n.Log...), n.Commit
	return ""
}

// Supporters returns the nodes that said that they voted for a candidate, and the candidate.
func (t *Term) Supporters(candidate raft.NodeID) raft.NodeSet {
	return t.voters(candidate).With(candidate)
}

// voters returns the nodes that said that they voted for a candidate.
func (t *Term) voters(candidate raft.NodeID) (set raft.NodeSet) {
	for id, vote := range t.Votes {
		if vote == candidate {
			set = set.With(raft.NodeID(id))
		}
	}
	return set
}

// Concede makes a candidate the follower of its term's leader (section 5.2). A node that asks
// for pre-votes may stop at any time.
func (s *State) Concede(id raft.NodeID) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case n.Role == raft.Leader:
		return "it leads its term"
	case n.Role == raft.Candidate && (t.Leader == raft.None || t.Leader == id):
		return "no other node leads its term"
	}
	n.Role = raft.Follower
	return ""
}

// StepDown makes a leader a follower of its term: once the configuration without it is
// committed (section 6), or, with pre-votes, because no quorum answers (thesis, section 6.2).
func (s *State) StepDown(id raft.NodeID) Refusal {
	n := &s.Nodes[id]
	switch {
	case n.Role != raft.Leader:
		return "it does not lead"
	case !s.PreVote && (n.Config.Electors().Has(id) || n.ConfigAt > n.Commit):
		return "it is in its configuration, or that is not committed"
	}
	n.Role = raft.Follower
	return ""
}
