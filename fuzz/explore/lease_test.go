package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestExplore_leases: the reference answers no stale read from a lease, as long as no clock is
// too far ahead of the leader's. A lease of 5 ticks ends after the 4th of them, and others
// elect a leader with their 10th at the earliest.
func TestExplore_leases(t *testing.T) {
	for _, test := range []struct {
		ahead int
		want  map[string]int
	}{
		{1, map[string]int{}},
		{5, map[string]int{}},
		{6, map[string]int{"Leases": 31}},
	} {
		r := run(t, deposing(reference.System{}, test.ahead))
		require.Equal(t, test.want, r.Depths)
		require.Equal(t, 1, r.Renamings, "timers tell nodes apart")
		if len(test.want) == 0 {
			require.Equal(t, models.Held, r.Outcome())
		}
	}
}

// deposing explores three nodes, whose leader is cut off right after a round of messages, until the
// others have elected another one.
func deposing(system raft.System, ahead int) *Exploration {
	return exploration(system, &faults.Schedule{Nodes: 3, PreVote: true, Rand: 2, Events: []faults.Event{
		{Kind: faults.Tick, Node: 3, K: 10}, {Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle},
		{Kind: faults.Tick, Node: 1, K: 3}, {Kind: faults.Settle}, faults.CutApart(2, 12),
	}}, Bounds{Terms: 1, Calls: 1, LeaseReads: 1, Time: 11, Ahead: ahead, Messages: 3})
}

// trusting is a leader that answers from its lease as long as it believes to lead.
func trusting(n *reference.Node, in raft.Input) raft.Output {
	if r, ok := in.(*raft.Read); ok && r.Lease && n.Status().Role == raft.Leader {
		return raft.Output{Replies: []raft.Reply{{Op: r.Op, Outcome: raft.Done}}}
	}
	return n.Step(in)
}

// TestExplore_leaseForGood: of three nodes, one that trusts its lease for good gives a stale answer, and
// breaks the rule of leases as soon as another leader has committed an entry. Exploration finds both with
// clocks of equal rates, which the reference survives (TestExplore_leases).
func TestExplore_leaseForGood(t *testing.T) {
	e := deposing(&altering{name: "altering", step: trusting}, 1)
	for property, depth := range map[string]int{"Leases": 36, "Linearizability": 39} {
		e.Properties = []string{property}
		r := run(t, e)
		require.Equal(t, map[string]int{property: depth}, r.Depths)
		require.Less(t, r.Distinct, 20_000)
	}
}
