package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// FuzzSchedule lets Go's fuzzer write schedules. Each byte is a choice; the first one
// chooses the profile. A failing schedule is shrunk at once by package shrink, and
// printed as the file that replays it.
func FuzzSchedule(f *testing.F) {
	for _, input := range generate.NativeSeeds() {
		f.Add(input.Choices)
	}
	generator := trial.NewRunner(reference.System{}, services.All())
	replayer := trial.NewRunner(reference.System{}, services.All())
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generate.Schedule(generator, generate.Swarm, &generate.Bytes{Rest: choices})
		requireHeld(t, generator, s, result, "a schedule of the fuzzer")
		requireSameAgain(t, replayer, s, result)
	})
}

// TestFuzzSchedule_corpus: the inputs that Go's fuzzer starts from reach the goals of
// each profile. A generator that chooses differently needs other inputs.
func TestFuzzSchedule_corpus(t *testing.T) {
	tests := map[string][]trial.Goal{
		"leases":    {trial.ReadFromLease},
		"members":   {trial.ChangeBegun, trial.ChangeFinished, trial.LearnerPromoted},
		"rough":     {trial.TornWriteRecovered, trial.DiskFailed, trial.TransferTaken},
		"snapshots": {trial.SnapshotInstalled, trial.SnapshotBooted},
		"workers":   {goal("write-taken")},
	}
	inputs, err := generate.ReadNative("../" + generate.NativeCorpus)
	require.NoError(t, err)
	for _, input := range inputs {
		_, result := generate.Schedule(trial.NewRunner(reference.System{}, services.All()), generate.Swarm,
			&generate.Bytes{Rest: input.Choices})
		for _, g := range tests[input.Name] {
			require.True(t, result.Goals.Has(g),
				"corpus input %s no longer reaches the goal %s: find other bytes for it",
				input.Name, allGoals[g].Name)
		}
		delete(tests, input.Name)
	}
	require.Empty(t, tests, "inputs that are not there")
}
