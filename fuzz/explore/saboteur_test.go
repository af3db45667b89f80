package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
)

// TestExplore_saboteurs: saboteurs of a system are explored as that system is. They violate the
// same as when every step is replayed.
func TestExplore_saboteurs(t *testing.T) {
	for _, test := range []struct {
		name   string
		voters int
		bounds Bounds
		as     int
		want   map[string]int
	}{
		{"send-before-persist", 2, Bounds{Terms: 1, Crashes: 1, Messages: 2, Writes: 1}, 2,
			map[string]int{"Durability": 1}},
		{"forget-disk", 2, Bounds{Terms: 1, Crashes: 1, Messages: 2}, 2, map[string]int{"Durability": 3}},
		{"read-at-once", 2, Bounds{Terms: 1, Calls: 1, Reads: 1, Messages: 2}, 2,
			map[string]int{"Linearizability": 9}},
		{"stale-snapshot", 2, Bounds{Terms: 1, Calls: 1, Compactions: 2, Messages: 2}, 2, map[string]int{}},
		{"join-alone", 1, Bounds{Terms: 1, Changes: 1, Messages: 2}, 1, map[string]int{"Configuration": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start := &faults.Schedule{Nodes: 2, Voters: test.voters}
			e := exploration(fixture.Saboteur(t, test.name), start, test.bounds)
			e.KeepGoing = true
			r := run(t, e)
			require.False(t, r.Replayed)
			require.Equal(t, test.as, r.Renamings)
			require.Equal(t, test.want, r.Depths)
			e.System = uncloned{e.System}
			r = run(t, e)
			require.True(t, r.Replayed)
			require.Equal(t, test.want, r.Depths)
		})
	}
}
