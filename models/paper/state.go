package paper

import (
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Entry is an entry of a log. Its Prefix stands for the log up to and with the entry.
type Entry = trace.Logged

// Refusal is the guard that refused an action, in words. "" means that it was taken.
type Refusal string

// State is a cluster.
type State struct {
	PreVote bool               // elections ask first, and a leader without answers steps down
	First   raft.Configuration // the first configuration
	Nodes   []Node             // by NodeID; 0 is unused
	Terms   []Term             // the terms that began, in their order
	Reads   []Read             // the reads that wait
	// Configs has every configuration that an entry ever had, by the Prefix of the entry.
	Configs map[uint64]raft.Configuration
}

// Node is a node (figure 2, State).
type Node struct {
	Term   raft.Term
	Vote   raft.NodeID
	Role   raft.Role
	Log    []Entry    // the entry at index i is Log[i-1]; compacted entries stay
	Base   raft.Index // the snapshot has the entries up to here, and the log on disk those after
	Commit raft.Index
	Config raft.Configuration // that of ConfigAt
	// ConfigAt is the index of the latest configuration in Log; 0 is the first one.
	ConfigAt raft.Index
	Stored   raft.Index   // a leader's own log is durable up to here
	Heard    raft.NodeSet // the nodes that sent it a message since it entered its term
	// Asked is the latest end of its log with which it asked for pre-votes in its term, and
	// Willing has the nodes that sent it something while their own log was not beyond that.
	Asked   raft.EntryID
	Willing raft.NodeSet
}

// Term is every fact that was said in a term.
type Term struct {
	Number raft.Term
	Stood  raft.NodeSet   // the nodes that stood for election
	With   []raft.EntryID // by node, the end of the log with which it stood
	Votes  []raft.NodeID  // by node, the vote that it said; None if it said none
	Leader raft.NodeID
	Log    []Entry      // the leader's log, as long as it ever was in this term
	Stored []raft.Index // by node, up to here it said that it stores the leader's log
	Commit raft.Index   // up to here the leader committed
	Told   raft.NodeSet // the nodes that the leader sent TimeoutNow
}

// Read is a read that waits (thesis, section 6.4).
type Read struct {
	Op    raft.OpID
	Node  raft.NodeID  // the node that was asked
	Term  raft.Term    // its term then
	Need  raft.Index   // the commit index of the term's leader then
	Heard raft.NodeSet // the nodes that sent the leader a message since, in that term
	// Confirmed reports that these were a quorum of the leader's configuration.
	Confirmed bool
}

// New returns a cluster before its first election. The set all has its nodes.
func New(all raft.NodeSet, first raft.Configuration, preVote bool) *State {
	s := new(State)
	s.Reset(all, first, preVote)
	return s
}

// Reset starts another cluster in the memory of s.
func (s *State) Reset(all raft.NodeSet, first raft.Configuration, preVote bool) {
	size := int(all.Max()) + 1
	s.Nodes = slices.Grow(s.Nodes[:0], size)[:size]
	for i := range s.Nodes {
		s.Nodes[i] = Node{Log: s.Nodes[i].Log[:0], Config: first}
	}
	s.PreVote, s.First, s.Configs = preVote, first, map[uint64]raft.Configuration{}
	s.Terms, s.Reads = s.Terms[:0], s.Reads[:0]
}

// Term returns the facts of a term, and nil if no node ever stood for election in it.
func (s *State) Term(number raft.Term) *Term {
	for i := len(s.Terms) - 1; i >= 0 && s.Terms[i].Number >= number; i-- {
		if s.Terms[i].Number == number {
			return &s.Terms[i]
		}
	}
	return nil
}

// begin returns the facts of a term, which begins if no node stood in it before.
func (s *State) begin(number raft.Term) *Term {
	if t := s.Term(number); t != nil {
		return t
	}
	at := len(s.Terms)
	s.Terms = slices.Grow(s.Terms, 1)[:at+1] // with the memory of an earlier run
	s.Terms[at] = s.Terms[at].cleared(number, len(s.Nodes))
	for ; at > 0 && s.Terms[at-1].Number > number; at-- {
		s.Terms[at-1], s.Terms[at] = s.Terms[at], s.Terms[at-1]
	}
	return &s.Terms[at]
}

// cleared returns a term without facts in the memory of t.
func (t Term) cleared(number raft.Term, nodes int) Term {
	c := Term{Number: number, Log: t.Log[:0]}
	c.With = append(t.With[:0], make([]raft.EntryID, nodes)...)
	c.Votes = append(t.Votes[:0], make([]raft.NodeID, nodes)...)
	c.Stored = append(t.Stored[:0], make([]raft.Index, nodes)...)
	return c
}

// Last returns the end of a log.
func Last(log []Entry) raft.EntryID {
	if len(log) == 0 {
		return raft.EntryID{}
	}
	return raft.EntryID{Term: log[len(log)-1].Term, Index: raft.Index(len(log))}
}

// Agree reports whether two logs hold the same entries up to an index.
func Agree(a, b []Entry, i raft.Index) bool {
	return i == 0 || i <= raft.Index(len(a)) && i <= raft.Index(len(b)) && a[i-1].Prefix == b[i-1].Prefix
}

// configured makes the latest configuration in a node's log that is known the one that it
// acts by, committed or not (section 6).
func (s *State) configured(n *Node) {
	c, known, at := s.configUpTo(n, raft.Index(len(n.Log)))
	for !known {
		c, known, at = s.configUpTo(n, at-1)
	}
	n.Config, n.ConfigAt = c, at
}

// configUpTo returns the latest configuration in a node's log up to an index, and its index.
func (s *State) configUpTo(n *Node, i raft.Index) (c raft.Configuration, known bool, at raft.Index) {
	for ; i > 0; i-- {
		if n.Log[i-1].Kind == raft.Reconfiguration {
			c, known = s.Configs[n.Log[i-1].Prefix]
			return c, known, i
		}
	}
	return s.First, true, 0
}

// elector reports whether a node has a vote in its configuration, or in one that comes back
// if the later ones are not committed (section 6).
func (s *State) elector(id raft.NodeID) bool {
	n := &s.Nodes[id]
	is := n.Config.Electors().Has(id)
	for at := n.ConfigAt; !is && at > n.Commit; {
		c, known, before := s.configUpTo(n, at-1)
		is, at = !known || c.Electors().Has(id), before
	}
	return is
}
