package fuzz

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// draws is a source of rapid's draws.
func draws(t *rapid.T) generate.Draws {
	return func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
}

// propertyHolds draws a schedule from rapid and wants everything to hold. Its
// message must not vary between failures of one kind, or rapid stops shrinking.
func propertyHolds(system raft.System, last *int) func(*rapid.T) {
	runner, replayer := trial.NewRunner(system, services.All()), trial.NewRunner(system, services.All())
	return func(t *rapid.T) {
		s, result := generate.Schedule(runner, generate.Swarm, draws(t))
		again := replayer.Run(s)
		if again.TraceHash != result.TraceHash {
			t.Fatalf("two runs of one schedule differ")
		}
		if *last = len(s.Events); result.Outcome() != models.Held {
			t.Fatalf("violated %s", result.Violated())
		}
	}
}

// TestRapid_everythingHolds is the property test: no schedule that rapid can draw breaks anything.
func TestRapid_everythingHolds(t *testing.T) {
	events := 0
	rapid.Check(t, propertyHolds(reference.System{}, &events))
}

// TestRapid_shrinksAFailure hands rapid a system that breaks a promise: rapid
// must find it, and shrink the schedule by its own means. The seed is one under which
// the first that it finds is not the smallest already.
func TestRapid_shrinksAFailure(t *testing.T) {
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "2s",
		"rapid.seed": "2"} {
		before := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		defer flag.Set(name, before)
	}
	broken, events, first := fixture.Saboteur(t, "send-before-persist"), 0, 0
	holds := propertyHolds(broken, &events)
	r := &recorder{}
	rapid.Check(r, func(t *rapid.T) {
		defer func() {
			if first == 0 && t.Failed() {
				first = events
			}
		}()
		holds(t)
	})
	require.True(t, r.failed, "rapid must find the broken promise: try another rapid.seed")
	t.Logf("%d to %d events", first, events)
	require.Less(t, events, first, "events of the schedule before and after shrinking")
}

// recorder is a testing.TB that keeps a failure to itself.
type recorder struct {
	rapid.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) FailNow()              { r.failed = true }
func (r *recorder) Failed() bool          { return r.failed }
func (r *recorder) Helper()               {}
func (r *recorder) Logf(string, ...any)   {}
func (r *recorder) Name() string          { return "recorder" }
