package trial

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/internal/fixture"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestRunner_asksClients: the properties that rest on clients have a verdict only if a
// client called. A history without operations holds nothing.
func TestRunner_asksClients(t *testing.T) {
	runner := NewRunner(reference.System{}, services.All())
	judged := func(events string) []string {
		result := runner.Run(fixture.Written(t, "nodes 1\n", events))
		var names []string
		for _, v := range result.Verdicts {
			require.Equal(t, models.Held, v.Outcome, v.String())
			names = append(names, v.Property)
		}
		return names
	}
	silent, called := judged("timeout 1\nsettle\n"), judged("timeout 1\nsettle\ncall c1 1 get x\nsettle\n")
	for _, property := range []string{Linearizability.Name, "ExactlyOnce"} {
		require.False(t, slices.Contains(silent, property), property)
		require.True(t, slices.Contains(called, property), property)
	}
}
