package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestSteady_endsAndPrevents: the faults of the core end, and no new one is enabled. The
// other nodes fail as before.
func TestSteady_endsAndPrevents(t *testing.T) {
	s := newStage(t, 5)
	s.ignores("steady k=9")
	s.do("cut 1 2 | 3 4 5", "slow 3->4 k=9", "skew 3 k=25", "pause 4", "crash 5", "stall 5", "fail 1")
	told := s.do("steady 3 4 5 k=9")
	require.Equal(t, trace.Faulted, last(told).Kind)
	require.Equal(t, raft.NodeSetOf(1, 2), s.Cut(3), "links to the others stay cut")
	require.Equal(t, raft.NodeSetOf(1, 2, 3, 4, 5), s.Up())
	require.Zero(t, s.Paused())
	s.ignores("skew 3 k=100", "mend 3->4", "mend 4->3")

	s.ignores("cut 3->4", "cut 3 4 | 5", "slow 3->4 k=2", "lossy 4->3 k=2", "skew 4 k=50", "pause 3", "crash 4",
		"kill 4", "stall 4", "wipe 5", "tear 3 bytes=2", "fail 3", "corrupt 3")
	s.posts(3, 4, "x")
	s.ignores("drop 3->4", "lose 3->4")
	require.Equal(t, "NODE is of the steady core, and so is the link", string(s.why))
	s.do("cut 1->2", "skew 1 k=50", "pause 2", "crash 1", "slow 3->1 k=4", "mend", "cut 1 3 | 4 5")
	require.Equal(t, raft.NodeSetOf(4, 5), s.Cut(1))
	require.Zero(t, s.Cut(3)&raft.NodeSetOf(4, 5))

	s.do("steady k=9")
	s.do("cut 3->4", "crash 4", "steady 3 4 5 k=9", "heal", "crash 4")
}

// cluster is a schedule's header for the reference, whose core is n1 to n3 of five nodes.
func cluster(t *testing.T, system raft.System, preVote bool) *stage {
	s := &stage{t: t}
	s.World = NewWorld(new(trace.View), s)
	s.Reset(system, &Schedule{Service: store, Nodes: 5, PreVote: preVote, Rand: 7})
	return s
}

// TestSteady_ofTheReference: its core commits while the others fail in ways that last.
func TestSteady_ofTheReference(t *testing.T) {
	for name, faults := range map[string][]string{
		"a bridge to an old leader": {"timeout 5", "settle", "cut 5 | 1 2 4", "cut 4 | 1 2 3"},
		"an old leader that hears nobody": {
			"timeout 5", "settle", "cut 1->5", "cut 2->5", "cut 3->5", "cut 4->5",
		},
		"nothing":           {},
		"both are down":     {"crash 4", "crash 5"},
		"a clock runs wild": {"timeout 5", "settle", "skew 4 k=1000", "cut 1->4", "cut 2->5"},
	} {
		s := cluster(t, reference.System{}, true)
		s.do(faults...)
		told := s.do("steady 1 2 3 k=100", "run k=300")
		require.Empty(t, about(trace.Stalled, told), name)
		require.Greater(t, len(about(trace.Returned, told)), 20, name)
		require.Equal(t, trace.Well, last(s.do("heal k=400")).Stuck, name)
	}
}

// TestSteady_stalled: a core that rejects every write is reported once in the bound.
func TestSteady_stalled(t *testing.T) {
	rejects := deaf{rejects: func(_ raft.NodeID, in raft.Input) (raft.OpID, bool) {
		p, ok := in.(*raft.Propose)
		return opOf(ok, func() raft.OpID { return p.Op }), ok
	}}
	s := cluster(t, rejects, true)
	told := about(trace.Stalled, s.do("steady 1 2 3 k=100", "run k=310"))
	require.Len(t, told, 3)
	require.Equal(t, "a write at {1 2 3}", told[0].Text)
	require.Equal(t, [2]int{100, 100}, [2]int{told[0].Ticks, told[0].Bound})
}

// TestSteady_notPromised: nothing is asked of a core that is no quorum or does not run, that
// the operator works on, or whose clocks jump; nor of one without pre-votes as long as
// another node may depose its leaders.
func TestSteady_notPromised(t *testing.T) {
	never := deaf{rejects: func(_ raft.NodeID, in raft.Input) (raft.OpID, bool) {
		p, ok := in.(*raft.Propose)
		return opOf(ok, func() raft.OpID { return p.Op }), ok
	}}
	for name, events := range map[string][]string{
		"no quorum":              {"steady 1 2 k=40", "run k=100"},
		"a node is gone":         {"wipe 3", "steady 1 2 3 k=40", "run k=100"},
		"clocks that jump":       {"steady 1 2 3 k=40", "run k=30", "timeout 2", "run k=30", "tick 2 k=3", "run k=30"},
		"a rival candidate":      {"cut 4 | 1 2 3 5", "run k=60", "mend", "cut 4 | 1 2 3 5", "steady 1 2 3 k=40", "run k=100"},
		"a leader of their term": {"crash 5", "timeout 4", "settle", "steady 1 2 3 k=40", "run k=100"},
	} {
		s := cluster(t, never, false)
		require.Empty(t, about(trace.Stalled, s.do(events...)), name)
	}
	for name, before := range map[string][]string{
		"the others are down": {"crash 4", "crash 5"}, "they follow": {"timeout 1", "settle"},
	} {
		s := cluster(t, never, false)
		s.do(before...)
		require.NotEmpty(t, about(trace.Stalled, s.do("steady 1 2 3 k=40", "run k=100")), name)
	}
}
