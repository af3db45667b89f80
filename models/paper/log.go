package paper

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Append makes a leader append an entry of its term to its log (section 5.3). The entry is no
// configuration.
func (s *State) Append(id raft.NodeID, e Entry) Refusal {
	n := &s.Nodes[id]
	switch {
	case n.Role != raft.Leader:
		return "it does not lead"
	case e.Term != n.Term:
		return "the entry is not of its term"
	}
	t := s.Term(n.Term)
	n.Log, t.Log = append(n.Log, e), append(t.Log, e)
	return ""
}

// Reconfigure makes a leader append a configuration, by which it acts at once (section 6). It
// does so only after it committed the one before, and an entry of its term (Ongaro, 2015).
func (s *State) Reconfigure(id raft.NodeID, e Entry, c raft.Configuration) Refusal {
	n := &s.Nodes[id]
	switch r := s.follows(n, c); {
	case n.ConfigAt > n.Commit:
		return "the configuration before is not committed"
	case n.Commit == 0 || n.Log[n.Commit-1].Term != n.Term:
		return "no entry of its term is committed"
	case r != "":
		return r
	}
	if r := s.Append(id, e); r != "" {
		return r
	}
	s.Configs[e.Prefix] = c
	n.Config, n.ConfigAt = c, raft.Index(len(n.Log))
	s.confirm(n.Term)
	return ""
}

// follows refuses a configuration that may not follow the one that a leader acts by. From
// C-old the cluster goes to C-old,new, and from there to C-new (section 6, figure 11). New
// voters have caught up as learners (thesis, section 4.2.1).
func (s *State) follows(n *Node, c raft.Configuration) Refusal {
	is, t := n.Config, s.Term(n.Term)
	switch {
	case t == nil:
		return "it does not lead"
	case is.Joint() && (c.Joint() || c.Voters != is.Voters):
		return "a joint configuration is followed by its new one"
	case is.Joint():
		return ""
	case c.Voters == 0:
		return "it has no voter"
	case c.Voters != is.Voters && c.Outgoing != is.Voters:
		return "other voters need a joint configuration"
	case c.Voters == is.Voters && c.Joint():
		return "the voters stay, and need no joint configuration"
	}
	for id := range (c.Voters &^ is.Voters).All() {
		if !is.Learners.Has(id) || t.Stored[id] < n.Commit {
			return "a new voter is no learner that caught up"
		}
	}
	return ""
}

// Accept makes a follower take the entries after an index, up to another one, from its leader's
// log (figure 2, AppendEntries RPC). The logs agree at the first index. An entry that
// conflicts is deleted with all that follow it, and no other is.
func (s *State) Accept(id raft.NodeID, prev, upTo raft.Index) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case t == nil || t.Leader == raft.None || t.Leader == id || n.Role != raft.Follower:
		return "it does not follow a leader of its term"
	case upTo > raft.Index(len(t.Log)):
		return "the leader of its term has fewer entries"
	case !Agree(n.Log, t.Log, prev):
		return "its log does not agree with the leader's before the first entry"
	}
	for i := prev; i < upTo; i++ {
		if !Agree(n.Log, t.Log, i+1) {
			n.Log = append(n.Log[:i], t.Log[i:upTo]...)
			s.configured(n)
			break
		}
	}
	return ""
}

// SayStored lets the leader of a term know that a node stores its log up to an entry, which
// the node's log had when its term was that one. The entry is durable from then on.
func (s *State) SayStored(id raft.NodeID, term raft.Term, last raft.EntryID) Refusal {
	t := s.Term(term)
	switch {
	case t == nil || t.Leader == raft.None:
		return "no node leads that term"
	case last.Index > raft.Index(len(t.Log)) || last.Index > 0 && t.Log[last.Index-1].Term != last.Term:
		return "the leader of that term does not have that entry"
	}
	t.Stored[id] = max(t.Stored[id], last.Index)
	return ""
}

// Persist makes a leader's own log durable up to an index.
func (s *State) Persist(id raft.NodeID, i raft.Index) Refusal {
	n := &s.Nodes[id]
	if i > raft.Index(len(n.Log)) {
		return "its log is shorter"
	}
	n.Stored = max(n.Stored, i)
	return ""
}

// Commit makes a leader commit up to an entry of its own term that a quorum stores (sections
// 5.3 and 5.4.2; figure 2, Leaders). It counts its own log as far as that is durable.
func (s *State) Commit(id raft.NodeID, i raft.Index) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case n.Role != raft.Leader:
		return "it does not lead"
	case i <= n.Commit || i > raft.Index(len(n.Log)):
		return "there is no such entry after its commit index"
	case n.Log[i-1].Term != n.Term:
		return "the entry is not of its term"
	case !trace.HasQuorum(n.Config, s.storers(id, t, i)):
		return "the nodes that said that they store the entry are no quorum"
	}
	n.Commit, t.Commit = i, max(t.Commit, i)
	return ""
}

// storers returns the nodes that said that they store a leader's log up to an index.
func (s *State) storers(leader raft.NodeID, t *Term, i raft.Index) (set raft.NodeSet) {
	for id, stored := range t.Stored {
		if stored >= i || raft.NodeID(id) == leader && s.Nodes[id].Stored >= i {
			set = set.With(raft.NodeID(id))
		}
	}
	return set
}

// LearnCommit makes a follower commit as far as its leader did, and its log is the leader's
// (figure 2, AppendEntries RPC, rule 5).
func (s *State) LearnCommit(id raft.NodeID, i raft.Index) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case t == nil || t.Leader == raft.None || n.Role == raft.Leader:
		return "it does not follow a leader of its term"
	case i <= n.Commit:
		return "its commit index is not lower"
	case i > t.Commit:
		return "the leader of its term has not committed so far"
	case !Agree(n.Log, t.Log, i):
		return "its log is not the leader's up to there"
	}
	n.Commit = i
	return ""
}

// Compact makes a node replace its log up to a committed entry by a snapshot (section 7).
func (s *State) Compact(id raft.NodeID, i raft.Index) Refusal {
	n := &s.Nodes[id]
	if i > n.Commit || i <= n.Base {
		return "the entry is not committed, or it is compacted"
	}
	n.Base = i
	return ""
}

// Install makes a follower take the snapshot of its leader up to a committed entry (figure
// 13). A log that holds that entry stays, and any other one is discarded (rules 6 and 7).
func (s *State) Install(id raft.NodeID, i raft.Index) Refusal {
	n, t := &s.Nodes[id], s.Term(s.Nodes[id].Term)
	switch {
	case t == nil || t.Leader == raft.None || t.Leader == id || n.Role != raft.Follower:
		return "it does not follow a leader of its term"
	case i > t.Commit:
		return "the leader of its term has not committed the snapshot's last entry"
	case i <= n.Commit:
		return "the snapshot is not ahead of its commit index"
	}
	if !Agree(n.Log, t.Log, i) {
		n.Log, n.Base = append(n.Log[:0], t.Log[:i]...), i
		s.configured(n)
	}
	n.Commit = i
	return ""
}

// Restart makes a node that crashed a follower with the state on its disk: a term and a vote
// that keep all it said, and a log. A snapshot keeps entries that the node had committed, up to
// an index.
func (s *State) Restart(id raft.NodeID, term raft.Term, vote raft.NodeID, log []Entry, i raft.Index) Refusal {
	n := &s.Nodes[id]
	for _, t := range s.Terms {
		if v := t.Votes[id]; v != raft.None && (t.Number > term || t.Number == term && vote != v) {
			return "it said a vote that its disk lacks"
		}
	}
	if i > n.Commit {
		return "it had not committed so far before"
	}
	if term < n.Term {
		n.Heard = ^raft.NodeSet(0) // answers from before it entered the term that it lost may come yet
		n.Willing = n.Heard
	}
	*n = Node{
		Term: term, Vote: vote, Log: append(n.Log[:0], log...), Base: n.Base, Commit: i,
		Heard: n.Heard, Asked: n.Asked, Willing: n.Willing,
	}
	s.configured(n)
	return ""
}
