package hashicorp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
)

// replays is how often a counterexample is run: not every run is like the others.
const replays = 10

// violations is in how many runs of a counterexample a property is violated.
func violations(t *testing.T, name, property string) int {
	t.Helper()
	s, runner, count := read(t, "found", "hashicorp", name), trial.NewRunner(System{}, services.All()), 0
	for range replays {
		result := runner.Run(s)
		if result.Of(property).Outcome == models.Violated {
			count++
		}
	}
	return count
}

func TestFound(t *testing.T) {
	for name, property := range map[string]string{
		"stale-read.txt":            "Linearizability",
		"compacted-follower.txt":    "Liveness",
		"removed-leader-needed.txt": "Liveness",
		"transfer-flag-stuck.txt":   "Liveness",
	} {
		t.Run(name, func(t *testing.T) {
			count := violations(t, name, property)
			t.Logf("violated %s in %d of %d runs", property, count, replays)
			require.NotZero(t, count)
		})
	}
}

// The counterexamples of releases 0.1.0 and 1.7.0 hold in this one.
func TestFound_mended(t *testing.T) {
	runner := trial.NewRunner(System{}, services.All())
	for _, name := range []string{"stale-append.txt", "prevote-refused.txt", "prevote-to-leader.txt"} {
		for range replays {
			result := runner.Run(read(t, "found", "hashicorp", name))
			require.Equal(t, []string{"held"}, result.Lines(), name)
		}
	}
}
