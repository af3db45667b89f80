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

// fails reports whether any of the runs of a counterexample violates a property.
func fails(t *testing.T, name, property string) bool {
	t.Helper()
	s, runner := read(t, "found", "hashicorp", name), trial.NewRunner(System{}, services.All())
	for range replays {
		if result := runner.Run(s); result.Of(property).Outcome == models.Violated {
			return true
		}
	}
	return false
}

func TestFound(t *testing.T) {
	for name, property := range map[string]string{
		"stale-read.txt":            "Linearizability",
		"compacted-follower.txt":    "Liveness",
		"removed-leader-needed.txt": "Liveness",
		"transfer-flag-stuck.txt":   "Liveness",
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, fails(t, name, property), "violates %s in none of %d runs", property, replays)
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
