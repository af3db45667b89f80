package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
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
		start := &faults.Schedule{Nodes: 3, PreVote: true, Rand: 2, Events: []faults.Event{
			{Kind: faults.Tick, Node: 3, K: 10}, {Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle},
			{Kind: faults.Tick, Node: 1, K: 3}, {Kind: faults.Settle}, faults.CutApart(2, 12),
		}}
		r := run(t, exploration(reference.System{}, start, Bounds{
			Terms: 1, Calls: 1, LeaseReads: 1, Time: 11, Ahead: test.ahead, Messages: 3,
		}))
		require.Equal(t, test.want, r.Depths)
		require.Equal(t, 1, r.Renamings, "timers tell nodes apart")
		if len(test.want) == 0 {
			require.Equal(t, models.Held, r.Outcome())
		}
	}
}
