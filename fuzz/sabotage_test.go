package fuzz

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// saboteur returns the reference with one promise broken.
func saboteur(t *testing.T, name string) raft.System {
	t.Helper()
	list := sabotage.Systems(reference.System{})
	i := slices.IndexFunc(list, func(s raft.System) bool { return s.Name() == "reference+"+name })
	require.GreaterOrEqual(t, i, 0, name)
	return list[i]
}

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
		{"trust-failed-fsync", []string{"Contract", "CommitQuorum", "Durability"}, 100, 12},
		{"same-timeouts", []string{"Liveness"}, 600, 12},
	}
	require.Len(t, tests, len(sabotage.Systems(reference.System{})))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			system := saboteur(t, test.name)
			c := Campaign{System: system, Profile: Swarm, Seed: 1, Schedules: test.schedules, Workers: 1}
			report, err := c.Run(t.Context())
			require.NoError(t, err)
			for _, property := range test.properties {
				f := report.Findings[property]
				require.NotNil(t, f, property)
				require.True(t, f.Shrunk)
				require.LessOrEqual(t, len(f.Schedule.Events), test.events, f.Schedule)
				requireMinimal(t, system, f.Schedule, property)
				sound := NewRunner(reference.System{}).Run(f.Schedule)
				require.Equal(t, models.Held, sound.Outcome(), f.Schedule)
			}
		})
	}
}

// requireMinimal wants the property violated, and held without any one event.
func requireMinimal(t *testing.T, system raft.System, s *faults.Schedule, property string) {
	t.Helper()
	runner := NewRunner(system)
	result := runner.Run(s)
	require.Equal(t, models.Violated, result.Of(property).Outcome)
	for i := range s.Events {
		smaller := *s
		smaller.Events = without(s.Events, i, i+1, nil)
		result := runner.Run(&smaller)
		require.NotEqual(t, models.Violated, result.Of(property).Outcome, "event %d can go:\n%s", i+1, s)
	}
}

// TestShrink_keepsWhatDoesNotFail returns a sound schedule as it is.
func TestShrink_keepsWhatDoesNotFail(t *testing.T) {
	runner := NewRunner(reference.System{})
	s, _ := runner.Generate(Rough, NewPRNG(1))
	same, runs := Shrink(t.Context(), runner, s, "ElectionSafety")
	require.Same(t, s, same)
	require.Equal(t, 1, runs)
}

// TestShrink_withoutNode names the other nodes anew in every event.
func TestShrink_withoutNode(t *testing.T) {
	s, err := faults.Parse("four", []byte(`system reference
nodes  4
rand   1

timeout 1
timeout 2
deliver 1->3
deliver 2->4
deliver 2->1
cut 1 2 | 3 4
cut 1 3 | 2
cut 2 | 3
cut 4->2
call c1 4 put x 1
retry c1 2
heal
`))
	require.NoError(t, err)
	tests := []struct {
		name string
		heir raft.NodeID
		want string
	}{
		{"its events are left out", raft.None, `timeout 1
deliver 1->2
cut 1 | 2 3
call c1 3 put x 1
heal
`},
		{"its events befall node 1", 1, `timeout 1
timeout 1
deliver 1->2
deliver 1->3
cut 1 | 2 3
cut 3->1
call c1 3 put x 1
retry c1 1
heal
`},
		{"its events befall node 4", 4, `timeout 1
timeout 3
deliver 1->2
deliver 3->1
cut 1 | 2 3
call c1 3 put x 1
retry c1 3
heal
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, "system reference\nnodes  3\nrand   1\n\n"+test.want, withoutNode(s, 2, test.heir).String())
		})
	}
}

// BenchmarkShrink shrinks a schedule of a thousand events of which one of the
// last hundred breaks a property.
func BenchmarkShrink(b *testing.B) {
	const property = "LeaderCompleteness"
	runner := NewRunner(sabotage.Systems(reference.System{})[0])
	var failing *faults.Schedule
	for seed := uint64(0); failing == nil; seed++ {
		s, result := runner.Generate(rough(5), NewPRNG(seed))
		if v := result.Of(property); v.Outcome == models.Violated && v.Event > 900 {
			failing = s
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s, runs := Shrink(b.Context(), runner, failing, property)
		b.ReportMetric(float64(runs), "runs/op")
		b.ReportMetric(float64(len(s.Events)), "events")
	}
}
