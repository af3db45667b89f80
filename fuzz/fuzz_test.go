package fuzz

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// FuzzSchedule lets Go's fuzzer write schedules: a byte is a choice, the first
// of them the profile. A failure is shrunk at once by our own means, and
// printed as the file that replays it.
func FuzzSchedule(f *testing.F) {
	for _, input := range generate.NativeSeeds() {
		f.Add(input.Choices)
	}
	generator, replayer := trial.NewRunner(reference.System{}, services.All()), trial.NewRunner(reference.System{}, services.All())
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generate.Schedule(generator, generate.Swarm, &generate.Bytes{Rest: choices})
		requireHeld(t, generator, s, result, "a schedule of Go's fuzzer")
		requireSameAgain(t, replayer, s, result)
	})
}

// TestFuzzSchedule_corpus: what Go's fuzzer starts from gets to what each
// profile is about. A generator that chooses in another way needs other bytes.
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
		_, result := generate.Schedule(trial.NewRunner(reference.System{}, services.All()), generate.Swarm, &generate.Bytes{Rest: input.Choices})
		for _, g := range tests[input.Name] {
			require.True(t, result.Goals.Has(g), "%s: %s", input.Name, allGoals[g].Name)
		}
		delete(tests, input.Name)
	}
	require.Empty(t, tests, "inputs that are not there")
}

func TestReadNative_error(t *testing.T) {
	for _, text := range []string{
		"", "go test fuzz v1\n[]byte(\"a\")", "go test fuzz v1\nint(1)\n", "go test fuzz v1\n[]byte(a)\n", "[]byte(\"a\")\n",
		"go test fuzz v1\n[]byte(\"a\")\nint(1)\n",
	} {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "input"), []byte(text), 0o644))
		_, err := generate.ReadNative(folder)
		require.ErrorContains(t, err, "input: expected \"go test fuzz v1", text)
	}
	_, err := generate.ReadNative("nowhere")
	require.Error(t, err)
}
