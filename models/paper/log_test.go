package paper

import (
	"testing"

	"raftcheck/raft"
)

// TestState_follows: the configurations that may follow another one (section 6, figure 11; thesis,
// section 4.2.1). Of the learners, n4 stores the committed entry, and n5 does not.
func TestState_follows(t *testing.T) {
	const (
		one     = "a joint configuration is followed by its new one"
		joined  = "other voters need a joint configuration"
		stay    = "the voters stay, and need no joint configuration"
		learned = "a new voter is no learner that caught up"
	)
	set := raft.NodeSetOf
	three := raft.Configuration{Voters: set(1, 2, 3)}
	over := raft.Configuration{Voters: set(1, 2), Outgoing: set(1, 2, 3)}
	taught := raft.Configuration{Voters: set(1, 2, 3), Learners: set(4, 5)}
	adds := func(id raft.NodeID) raft.Configuration {
		return raft.Configuration{Voters: set(1, 2, 3, id), Outgoing: set(1, 2, 3)}
	}
	for _, c := range []struct {
		is, next raft.Configuration
		want     Refusal
	}{
		{over, raft.Configuration{Voters: set(1, 2)}, ""},
		{over, raft.Configuration{Voters: set(1, 3)}, one},
		{over, raft.Configuration{Voters: set(1, 2), Outgoing: set(1, 2)}, one},
		{three, over, ""},
		{three, taught, ""},
		{three, raft.Configuration{Learners: set(1)}, "it has no voter"},
		{three, raft.Configuration{Voters: set(1, 2)}, joined},
		{three, raft.Configuration{Voters: set(1, 2), Outgoing: set(2, 3)}, joined},
		{three, raft.Configuration{Voters: set(1, 2, 3), Outgoing: set(1, 2, 3)}, stay},
		{three, adds(4), learned},
		{taught, adds(4), ""},
		{taught, adds(5), learned},
	} {
		s := New(raft.FirstNodes(5), c.is, false)
		s.begin(1).Stored[4] = 1
		s.Nodes[1].Term, s.Nodes[1].Commit = 1, 1
		if got := s.follows(&s.Nodes[1], c.next); got != c.want {
			t.Errorf("from %s to %s: got %q, want %q", c.is, c.next, got, c.want)
		}
	}
}

// TestCompact: a snapshot replaces committed entries that an earlier one has not replaced (section 7).
func TestCompact(t *testing.T) {
	const no = "the entry is not committed, or it is compacted"
	for i, want := range []Refusal{no, no, "", no} {
		s := New(raft.FirstNodes(1), raft.Configuration{Voters: raft.FirstNodes(1)}, false)
		s.Nodes[1].Base, s.Nodes[1].Commit = 1, 2
		if got := s.Compact(1, raft.Index(i)); got != want {
			t.Errorf("at %d: got %q, want %q", i, got, want)
		}
	}
}

// TestInstall_configuration: a node acts by the configuration of the snapshot that it installs
// (section 7).
func TestInstall_configuration(t *testing.T) {
	s := New(raft.FirstNodes(2), raft.Configuration{Voters: raft.FirstNodes(2)}, false)
	alone := raft.Configuration{Voters: raft.NodeSetOf(1)}
	e := entry(nil, 1, raft.Reconfiguration, 1)
	s.Configs[e.Prefix] = alone
	term := s.begin(1)
	term.Leader, term.Log, term.Commit = 1, []Entry{e}, 1
	s.Nodes[2].Term = 1
	if r := s.Install(2, 1); r != "" {
		t.Fatal(r)
	}
	if n := &s.Nodes[2]; n.Config != alone || n.ConfigAt != 1 {
		t.Errorf("got %s at %d", n.Config, n.ConfigAt)
	}
}
