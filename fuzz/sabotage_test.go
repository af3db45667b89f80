package fuzz

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// TestCampaign_findsSabotage wants each broken promise found, by the property
// that it is about, with a counterexample of a few events that is 1-minimal,
// violated by the saboteur and held by the sound system.
func TestCampaign_findsSabotage(t *testing.T) {
	tests := []struct {
		name       string
		properties []string
		schedules  int
		events     int // at most, of each property's counterexample
	}{
		{"send-before-persist", []string{"Durability", "CommitQuorum"}, 100, 12},
		{"forget-disk", []string{"Durability", "LeaderCompleteness", "StateMachineSafety"}, 100, 12},
		{"trust-failed-fsync", []string{"Contract", "CommitQuorum"}, 100, 12},
		{"same-timeouts", []string{"Liveness"}, 600, 12},
		{"read-at-once", []string{"Linearizability"}, 100, 8},
		{"lose-snapshot", []string{"StateMachineSafety"}, 100, 8},
		{"stale-snapshot", []string{"StateMachineSafety"}, 100, 12},
		{"join-alone", []string{"ElectionSafety", "Configuration"}, 50, 8},
	}
	require.Len(t, tests, len(sabotage.Systems(reference.System{})))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			system := fixture.Saboteur(t, test.name)
			c := Campaign{Services: services.All(), System: system, Profile: generate.Swarm, Seed: 2,
				Schedules: test.schedules, Workers: 1}
			c.Enough = func(r *Report) bool {
				return !slices.ContainsFunc(test.properties, func(p string) bool { return r.Findings.First(p) == nil })
			}
			report, err := c.Run(t.Context())
			require.NoError(t, err)
			for _, property := range test.properties {
				f := report.Findings.First(property)
				require.NotNil(t, f, property)
				require.True(t, f.Shrunk, "the finding must be shrunk")
				require.LessOrEqual(t, len(f.Schedule.Events), test.events, f.Schedule)
				requireMinimal(t, system, f.Schedule, property)
				sound := trial.NewRunner(reference.System{}, services.All()).Run(f.Schedule)
				require.Equal(t, models.Held, sound.Outcome(), f.Schedule)
			}
		})
	}
}

// requireMinimal wants the property violated, and held without any one event.
func requireMinimal(t *testing.T, system raft.System, s *faults.Schedule, property string) {
	t.Helper()
	runner := trial.NewRunner(system, services.All())
	result := runner.Run(s)
	require.Equal(t, models.Violated, result.Of(property).Outcome)
	for i := range s.Events {
		smaller := *s
		smaller.Events = slices.Concat(s.Events[:i], s.Events[i+1:])
		result := runner.Run(&smaller)
		require.NotEqual(t, models.Violated, result.Of(property).Outcome, "event %d can go:\n%s", i+1, s)
	}
}

// TestShrink_failsAfreshFromItsText: a shrunk schedule fails when it is read back from its
// text, also if shrinking was interrupted.
func TestShrink_failsAfreshFromItsText(t *testing.T) {
	for _, system := range sabotage.Systems(reference.System{}) {
		t.Run(system.Name(), func(t *testing.T) {
			t.Parallel()
			runner, prng := trial.NewRunner(system, services.All()), generate.NewPRNG(0)
			for i, shrunk := 0, 0; shrunk < 3; i++ {
				require.Less(t, i, 2000, "nothing fails (-seed=%d)", *seed)
				prng.Number(*seed, i)
				s, result := generate.Schedule(runner, generate.Swarm, prng)
				property := result.Violated()
				if property == "" {
					continue
				}
				shrunk++
				small, _ := shrink.Schedule(&fixture.Patience{Context: t.Context(), Left: 60 * shrunk}, runner, s,
					property)
				parsed, err := faults.Parse("shrunk", []byte(small.String()), services.All())
				require.NoError(t, err)
				again := trial.NewRunner(system, services.All()).Run(parsed)
				require.Equal(t, models.Violated, again.Of(property).Outcome, "%s (-seed=%d):\n%s", property, *seed,
					small)
			}
		})
	}
}

// BenchmarkShrink shrinks a schedule of a thousand events of which one of the
// last hundred breaks a property.
func BenchmarkShrink(b *testing.B) {
	const property = "LeaderCompleteness"
	runner := trial.NewRunner(sabotage.Systems(reference.System{})[0], services.All())
	var failing *faults.Schedule
	for seed := uint64(0); failing == nil; seed++ {
		s, result := generate.Schedule(runner, rough(5), generate.NewPRNG(seed))
		if v := result.Of(property); v.Outcome == models.Violated && v.Event > 900 {
			failing = s
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s, runs := shrink.Schedule(b.Context(), runner, failing, property)
		b.ReportMetric(float64(runs), "runs/op")
		b.ReportMetric(float64(len(s.Events)), "events")
	}
}
