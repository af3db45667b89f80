package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/hostile"
)

// TestExplore_hostile: whatever the nodes of a system return, an exploration ends with a
// report, and a schedule confirms each violation that it found.
func TestExplore_hostile(t *testing.T) {
	bounds := []Bounds{
		{Terms: 1, Calls: 1, Messages: 2, Depth: 6},
		{Terms: 2, Crashes: 1, Messages: 2, Writes: 1, Depth: 6},
		{Terms: 1, Changes: 1, Transfers: 1, Messages: 3, Depth: 6},
		{Terms: 1, Calls: 1, Compactions: 1, Ticks: 1, Messages: 2, Depth: 7},
	}
	violated := 0
	for salt := range uint64(24) {
		s := hostile.System{Salt: salt, Rarity: []uint64{3, 20, 100}[salt%3], Kinds: salt / 3 * 5 % 16}
		e := exploration(s, &faults.Schedule{Nodes: 2 + int(salt%2)}, bounds[salt%4])
		e.KeepGoing, e.NoSymmetry = salt%2 == 0, true
		r := run(t, e)
		violated += len(r.Findings)
	}
	require.Greater(t, violated, 24, "violated properties of 24 explorations")
}
