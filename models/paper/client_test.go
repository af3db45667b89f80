package paper

import (
	"testing"

	"raftcheck/raft"
)

// TestDoneRead_lease: a read is answered from a lease by the leader of the term in which it was asked,
// in a cluster with pre-votes (thesis, section 6.4.1).
func TestDoneRead_lease(t *testing.T) {
	const none = "only a leader has a lease, and only with pre-votes"
	op := raft.OpID{Client: 1, Seq: 1}
	for _, c := range []struct {
		about   string
		preVote bool
		at      raft.NodeID
		later   func(*Node)
		want    Refusal
	}{
		{"the leader", true, 1, func(*Node) {}, ""},
		{"a cluster without pre-votes", false, 1, func(*Node) {}, none},
		{"a follower", true, 2, func(*Node) {}, none},
		{"a leader that steps down", true, 1, func(n *Node) { n.Role = raft.Follower }, none},
		{"the leader of a later term", true, 1, func(n *Node) { n.Term = 2 }, none},
	} {
		s := New(raft.FirstNodes(3), raft.Configuration{Voters: raft.FirstNodes(3)}, c.preVote)
		log := []Entry{entry(nil, 1, raft.Command, 1)}
		term := s.begin(1)
		term.Leader, term.Log, term.Commit = 1, log, 1
		for id := 1; id <= 3; id++ {
			s.Nodes[id].Term, s.Nodes[id].Log, s.Nodes[id].Commit = 1, log, 1
		}
		s.Nodes[1].Role = raft.Leader
		if r := s.AskRead(c.at, op); r != "" {
			t.Fatal(r)
		}
		c.later(&s.Nodes[c.at])
		if r := s.DoneRead(c.at, op, true); r != c.want {
			t.Errorf("%s: got %q, want %q", c.about, r, c.want)
		}
	}
}
