package generate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestContinue: a continuation begins with the events that it continues and ends with a heal,
// and a run of it has the result that it had when it was written.
func TestContinue(t *testing.T) {
	r := trial.NewRunner(reference.System{}, services.All())
	again := trial.NewRunner(reference.System{}, services.All())
	of := fixture.Written(t, "nodes 5\nvoters 4\n", "timeout 1\nsettle\ncall c1 1 put x 1\n")
	longest := 0
	for seed := range uint64(20) {
		var open []faults.Event
		s, result := Continue(r, of, 30, NewPRNG(seed), func(events []faults.Event) { open = events })
		require.Equal(t, of.Events, s.Events[:3])
		require.Equal(t, open, s.Events[:len(open)])
		require.LessOrEqual(t, len(open), 33)
		require.True(t, slices.ContainsFunc(s.Events[len(open):], func(e faults.Event) bool {
			return e.Kind == faults.Heal && e.K == LivenessTicks
		}))
		require.Equal(t, models.Held, result.Outcome(), result.Lines())
		second := again.Run(s)
		require.Equal(t, result.TraceHash, second.TraceHash)
		longest = max(longest, len(open))
	}
	require.Equal(t, 33, longest)
}

// TestContinue_keepsClocks: while its clocks are within their bound a schedule goes on with
// leases, and none of its clocks jumps. Once one has jumped, no lease is read.
func TestContinue_keepsClocks(t *testing.T) {
	r := trial.NewRunner(reference.System{}, services.All())
	for events, never := range map[string]faults.Hazard{
		"run k=30\nskew 1 k=120\nleaseread c1 1 get x\n": faults.JumpsClock,
		"run k=30\nskew 1 k=200\n":                       faults.TrustsClocks,
		"timeout 1\nsettle\n":                            faults.TrustsClocks,
	} {
		of, other := fixture.Written(t, "nodes 3\nprevote on\n", events), 0
		for seed := range uint64(10) {
			s, _ := Continue(r, of, 60, NewPRNG(seed), func([]faults.Event) {})
			for _, e := range s.Events[len(of.Events):] {
				require.NotEqual(t, never, e.Kind.Hazard(), "%s after %q", e, events)
				if h := e.Kind.Hazard(); h == faults.JumpsClock || h == faults.TrustsClocks {
					other++
				}
			}
		}
		require.NotZero(t, other, events)
	}
}

// TestContinue_sparesDisks: disks that the schedule lost count when others may be lost.
func TestContinue_sparesDisks(t *testing.T) {
	r := trial.NewRunner(reference.System{}, services.All())
	of := fixture.Written(t, "nodes 3\n", "timeout 1\nsettle\nwipe 3\n")
	for seed := range uint64(30) {
		s, _ := Continue(r, of, 60, NewPRNG(seed), func([]faults.Event) {})
		for _, e := range s.Events[len(of.Events):] {
			require.False(t, e.Kind.Hazard() == faults.LosesDisk && e.Node != 3, e)
		}
	}
}
