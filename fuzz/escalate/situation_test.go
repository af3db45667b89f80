package escalate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// member is a running node of the tests: its role and term, the end of its log, as a letter
// for each entry, and the voters that it acts by.
type member struct {
	role   raft.Role
	term   raft.Term
	log    string
	voters raft.NodeSet
}

// viewOf returns the view of a cluster with a committed log. Equal prefixes are equal logs;
// an entry a is of term 1, b of term 2, and so on.
func viewOf(committed string, in raft.Term, members ...member) *trace.View {
	v := &trace.View{}
	v.Reset(raft.FirstNodes(len(members)), raft.FirstNodes(len(members)))
	logged := func(text string) (log []trace.Logged) {
		for i := range text {
			prefix := trace.HashBytes(0, []byte(text[:i+1]))
			log = append(log, trace.Logged{Term: raft.Term(text[i]-'a') + 1, Prefix: prefix})
		}
		return log
	}
	for _, l := range logged(committed) {
		v.Committed = append(v.Committed, trace.Commitment{Logged: l, In: in})
	}
	for i, m := range members {
		n := &v.Nodes[i+1]
		n.Up, n.Log, n.Stored.Log = true, logged(m.log), logged(m.log)
		n.Status = raft.Status{Role: m.role, Term: m.term, Config: raft.Configuration{Voters: m.voters}}
		if len(m.log) > 0 {
			last := n.Log[len(n.Log)-1]
			n.Status.Last = raft.EntryID{Term: last.Term, Index: raft.Index(len(m.log))}
		}
	}
	return v
}

const (
	leader   = raft.Leader
	follower = raft.Follower
)

// TestSituations shows clusters that are in each situation, and neighbours that are not.
func TestSituations(t *testing.T) {
	three := raft.FirstNodes(3)
	fork := []member{ // of 2015: n1 took n4 away, and n4, elected by n3, took n1 away
		{leader, 1, "aa", raft.NodeSetOf(1, 2, 3)}, {follower, 1, "a", raft.FirstNodes(4)},
		{follower, 2, "abb", raft.NodeSetOf(2, 3, 4)}, {leader, 2, "abb", raft.NodeSetOf(2, 3, 4)},
	}
	healthy := []member{{leader, 1, "aa", three}, {follower, 1, "aa", three}, {follower, 1, "a", three}}
	change := func(of []member, i int, to func(*member)) []member {
		of = append([]member{}, of...)
		to(&of[i])
		return of
	}
	tests := []struct {
		name      string
		committed string
		members   []member
		want      Situations
	}{
		{"a healthy cluster", "aa", healthy, 0},
		{"nothing is committed", "", healthy, 0},
		{"a candidate and a leader", "aa",
			change(healthy, 2, func(m *member) { m.role, m.term = raft.Candidate, 2 }), 0},
		{"a deposed leader knows no better", "aa",
			change(healthy, 2, func(m *member) { m.role = leader; m.term = 0 }), TwoLead | LeaderBehind},
		{"two leaders of a term", "aa", change(healthy, 1, func(m *member) { m.role = leader }),
			TwoLead | OneTermTwice},
		{"the latest leader lacks an entry", "aa",
			change(healthy, 2, func(m *member) { m.role, m.term = leader, 2 }),
			TwoLead | LeaderBehind | LatestBehind},
		{"an entry is on one disk", "aa", change(healthy, 1, func(m *member) { m.log = "a" }),
			ThinlyStored | ElectableBehind},
		{"a follower has another entry", "aa", change(healthy, 2, func(m *member) { m.log = "ab" }),
			ElectableBehind},
		{"configurations without a common quorum", "a",
			change(change(fork, 2, func(m *member) { m.log = "ab" }), 1, func(m *member) { m.log = "aab" }),
			TwoLead | DisjointQuorums},
		{"both could be elected", "a", fork, TwoLead | DisjointQuorums | Fork},
	}
	for _, test := range tests {
		got := situationsOf(viewOf(test.committed, 1, test.members...))
		require.Equal(t, test.want.Names(), got.Names(), test.name)
	}
}

// TestSituations_foreignChange: a leader acts by a configuration that an earlier leader left.
func TestSituations_foreignChange(t *testing.T) {
	all := raft.FirstNodes(2)
	v := viewOf("a", 1, member{leader, 3, "abc", all}, member{follower, 3, "a", all})
	v.Nodes[1].Status.Commit = 1
	for i, want := range []Situations{0, 0, ForeignChange, 0} {
		v.Nodes[1].Status.ConfigIndex = raft.Index(i)
		require.Equal(t, want, situationsOf(v)&ForeignChange, i)
	}
}

// TestSituations_ofTheDown: a node that is down votes, once it is back, with the log on its
// disk, and one without a disk never does.
func TestSituations_ofTheDown(t *testing.T) {
	all := raft.FirstNodes(3)
	full := member{follower, 1, "aa", all}
	v := viewOf("aa", 1, member{follower, 1, "a", all}, full, full)
	require.Zero(t, situationsOf(v)&ElectableBehind)
	n := &v.Nodes[3]
	n.Up, n.Status = false, raft.Status{}
	require.Zero(t, situationsOf(v)&ElectableBehind)
	n.Stored.Log = n.Stored.Log[:1]
	require.Equal(t, ElectableBehind, situationsOf(v)&ElectableBehind)
	n.Wiped = true
	require.Zero(t, situationsOf(v)&ElectableBehind)
}

// TestSituations_oneVoteForBoth: each of two nodes could be elected, but not both.
func TestSituations_oneVoteForBoth(t *testing.T) {
	v := viewOf("a", 1,
		member{leader, 1, "aa", raft.NodeSetOf(1, 2, 3)}, member{follower, 1, "a", raft.FirstNodes(4)},
		member{follower, 2, "abb", 0}, member{follower, 2, "ab", raft.NodeSetOf(2, 3, 4)})
	v.Nodes[3].Up = false
	require.Equal(t, DisjointQuorums.Names(), situationsOf(v).Names())
}

func TestSituations_haveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range table {
		require.NotEmpty(t, s.about)
		require.Positive(t, s.weight)
		require.False(t, seen[s.name], s.name)
		seen[s.name] = true
	}
	require.Equal(t, []string{"two-lead: two nodes lead", "fork: " + table[6].about}, (TwoLead | Fork).Names())
}
