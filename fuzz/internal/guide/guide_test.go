package guide

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestPlacesOf: each goal has a place, and few states share one.
func TestPlacesOf(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	taken, kinds := map[int]bool{}, map[uint16]bool{}
	for number := range 100 {
		_, result := generate.Schedule(runner, generate.Swarm, generate.Numbered(1, number))
		for i, reached := range placesOf(&result) {
			if i < trial.MaxGoals {
				require.Equal(t, result.Goals.Has(trial.Goal(i)), reached)
			} else if reached {
				taken[i] = true
			}
		}
		for _, s := range result.States {
			kinds[s.Kinds()] = true
		}
		Show(&result)
	}
	require.Greater(t, len(taken), 100)
	require.Greater(t, len(taken), len(kinds)*8/10)
}

// TestHasten: the command line has the last word.
func TestHasten(t *testing.T) {
	limit := flag.Lookup("test.fuzzminimizetime")
	Hasten()
	require.Equal(t, "10x", limit.Value.String())
	require.NoError(t, flag.Set(limit.Name, "7x"))
	Hasten()
	require.Equal(t, "7x", limit.Value.String())
}
