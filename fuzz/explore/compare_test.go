package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestExplore_naively wants the same number of states at every depth from the explorer and
// from the naive one.
func TestExplore_naively(t *testing.T) {
	tests := []struct {
		name    string
		start   faults.Schedule
		ordered bool
		bounds  Bounds
	}{
		{name: "calls", start: faults.Schedule{Nodes: 2}, bounds: Bounds{Terms: 1, Calls: 2, Messages: 3}},
		{name: "two terms", start: faults.Schedule{Nodes: 2}, bounds: Bounds{Terms: 2, Messages: 2}},
		{name: "three nodes", start: faults.Schedule{Nodes: 3}, bounds: Bounds{Terms: 1, Messages: 3}},
		{name: "pre-vote", start: faults.Schedule{Nodes: 2, PreVote: true},
			bounds: Bounds{Terms: 1, Calls: 1, Messages: 2}},
		{name: "lost and doubled", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Drops: 1, Duplicates: 1, Messages: 2}},
		{name: "in order", start: faults.Schedule{Nodes: 2}, ordered: true,
			bounds: Bounds{Terms: 1, Calls: 1, Drops: 1, Duplicates: 1, Messages: 3}},
		{name: "crashes", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Calls: 1, Crashes: 1, Messages: 2}},
		{name: "pending writes", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Crashes: 1, Messages: 2, Writes: 2}},
		{name: "heartbeats", start: faults.Schedule{Nodes: 2}, bounds: Bounds{Terms: 1, Ticks: 3, Messages: 2}},
		{name: "compactions", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Calls: 1, Compactions: 1, Crashes: 1, Messages: 2}},
		{name: "transfers", start: faults.Schedule{Nodes: 2}, bounds: Bounds{Terms: 2, Transfers: 1, Messages: 2}},
		{name: "changes", start: faults.Schedule{Nodes: 2, Voters: 1},
			bounds: Bounds{Terms: 2, Changes: 3, Messages: 3}},
		{name: "reads", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Calls: 1, Reads: 1, Messages: 3}},
		{name: "reads in two terms", start: faults.Schedule{Nodes: 2, Events: startEvents},
			bounds: Bounds{Terms: 1, Reads: 2, Messages: 2}},
		{name: "retries", start: faults.Schedule{Nodes: 2},
			bounds: Bounds{Terms: 1, Calls: 1, Retries: 1, Messages: 3}},
		{name: "clocks", start: faults.Schedule{Nodes: 2, Events: lateEvents},
			bounds: Bounds{Terms: 1, Time: 4, Ahead: 2, Messages: 2}},
		{name: "clocks and crashes", start: faults.Schedule{Nodes: 2, Events: lateEvents},
			bounds: Bounds{Terms: 1, Crashes: 2, Time: 2, Ahead: 1, Messages: 1}},
		{name: "leases", start: faults.Schedule{Nodes: 2, PreVote: true, Events: lateEvents},
			bounds: Bounds{Terms: 1, LeaseReads: 1, Time: 3, Ahead: 1, Messages: 2}},
		{name: "no leases", start: faults.Schedule{Nodes: 2, Events: startEvents},
			bounds: Bounds{Terms: 1, LeaseReads: 1, Messages: 2}},
		{name: "a start", start: faults.Schedule{Nodes: 2, Events: startEvents},
			bounds: Bounds{Terms: 1, Calls: 1, Messages: 2}},
		{name: "a cut", start: faults.Schedule{Nodes: 3,
			Events: []faults.Event{faults.CutApart(2, 4), {Kind: faults.Timeout, Node: 1},
				{Kind: faults.Persist, Node: 1}}}, bounds: Bounds{Terms: 1, Messages: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := exploration(reference.System{}, &test.start, test.bounds)
			e.FIFO, e.NoReduction = test.ordered, true
			want := exploreNaively(e)
			report, err := e.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, want.sizes, report.Levels)
			require.Empty(t, want.violated)
			require.Empty(t, report.Findings)
			require.Greater(t, report.Distinct, 50)
		})
	}
}

// exploration explores a system on one core.
func exploration(system raft.System, start *faults.Schedule, b Bounds) *Exploration {
	start.System = system.Name()
	start.Use(services.All(), "")
	return &Exploration{System: system, Start: start, Bounds: b, Memory: 1 << 30, Workers: 1}
}

// startEvents make node 1 leader, with an entry that is on its way, and node 2's disk slow.
var startEvents = []faults.Event{
	{Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle},
	{Kind: faults.Call, Client: 3, Node: 1, Op: "put x 7"}, {Kind: faults.Persist, Node: 1},
}

// lateEvents make node 1 leader, and let node 2 hear nothing of it for almost as long as it
// waits for a leader.
var lateEvents = []faults.Event{
	{Kind: faults.Tick, Node: 2, K: 10}, {Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle},
	{Kind: faults.Tick, Node: 2, K: 9},
}

// early is the reference whose messages leave before their promises are durable. Its
// nodes can be cloned, too.
type early struct{ reference.System }

type earlyNode struct{ *reference.Node }

func (early) Name() string { return "early" }

func (e early) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := e.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return earlyNode{n.(*reference.Node)}, nil
}

func (n earlyNode) Step(in raft.Input) raft.Output {
	out := n.Node.Step(in)
	for i := range out.Sends {
		out.Sends[i].After = 0
	}
	return out
}

func (n earlyNode) Clone() raft.Node { return earlyNode{n.Node.Clone().(*reference.Node)} }

// hasty is the reference whose nodes answer every read at once.
type hasty struct{ reference.System }

type hastyNode struct{ *reference.Node }

func (hasty) Name() string { return "hasty" }

func (h hasty) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := h.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return hastyNode{n.(*reference.Node)}, nil
}

func (n hastyNode) Step(in raft.Input) raft.Output {
	if read, ok := in.(*raft.Read); ok {
		return raft.Output{Replies: []raft.Reply{{Op: read.Op, Outcome: raft.Done}}}
	}
	return n.Node.Step(in)
}

func (n hastyNode) Clone() raft.Node { return hastyNode{n.Node.Clone().(*reference.Node)} }

// uncloned is a system whose nodes cannot be cloned.
type uncloned struct{ raft.System }

func (u uncloned) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := u.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return struct {
		raft.Node
		raft.Inspector
	}{n, n.(raft.Inspector)}, nil
}

// TestExplore_naivelyViolated wants the same properties violated at the same depth by an
// explorer that clones nodes, one that has to replay them, one that uses symmetry, and
// the naive one.
func TestExplore_naivelyViolated(t *testing.T) {
	bounds := Bounds{Terms: 1, Calls: 1, Crashes: 1, Messages: 2, Writes: 1}
	properties := []string{"ElectionSafety", "Durability", "CommitQuorum"}
	for _, property := range properties {
		t.Run(property, func(t *testing.T) {
			t.Parallel()
			start := &faults.Schedule{Nodes: 2}
			e := exploration(early{}, start, bounds)
			e.Properties, e.KeepGoing = []string{property}, true
			want := exploreNaively(e)
			require.Equal(t, want.violated, violated(t, e))
			e.NoReduction = true
			require.Equal(t, want.violated, violated(t, e))
			e.System = uncloned{early{}}
			require.Equal(t, want.violated, violated(t, e))
			if property == "Durability" {
				require.Equal(t, map[string]int{"Durability": 1}, want.violated)
			}
		})
	}
}

// TestExplore_naivelyTwice wants a step that changes nothing and breaks the contract to be found
// where the naive explorer finds it.
func TestExplore_naivelyTwice(t *testing.T) {
	e := exploration(twice{}, &faults.Schedule{Nodes: 2}, Bounds{Terms: 1, Transfers: 1, Messages: 2})
	e.Properties, e.KeepGoing = []string{"Contract"}, true
	want := map[string]int{"Contract": 4}
	require.Equal(t, want, exploreNaively(e).violated)
	require.Equal(t, want, violated(t, e))
}

// TestExplore_staleRead wants the shortest way to a stale read from the explorer, one that
// replays nodes, one without symmetry, and the naive one.
func TestExplore_staleRead(t *testing.T) {
	e := exploration(hasty{}, &faults.Schedule{Nodes: 2}, Bounds{Terms: 1, Calls: 1, Reads: 1, Messages: 2})
	e.Properties, e.KeepGoing = []string{"Linearizability"}, true
	want := map[string]int{"Linearizability": 9}
	require.Equal(t, want, violated(t, e))
	require.Equal(t, want, exploreNaively(e).violated)
	e.NoReduction = true
	require.Equal(t, want, violated(t, e))
	e.System = uncloned{hasty{}}
	require.Equal(t, want, violated(t, e))
	e.System = reference.System{}
	require.Empty(t, violated(t, e))
}

// violated returns the depth at which each property is first violated.
func violated(t *testing.T, e *Exploration) map[string]int {
	t.Helper()
	report, err := e.Run(t.Context())
	require.NoError(t, err)
	require.True(t, report.Exhausted, "the exploration must visit all states, stopped: %q", report.Stopped)
	require.Len(t, report.Findings, len(report.Depths))
	_, replayed := e.System.(uncloned)
	require.Equal(t, replayed, report.Replayed)
	return report.Depths
}
