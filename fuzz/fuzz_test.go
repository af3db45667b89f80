package fuzz

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft/reference"
)

// FuzzSchedule lets Go's fuzzer write schedules: a byte is a choice, the first
// of them the profile. A failure is shrunk at once by our own means, and
// printed as the file that replays it.
func FuzzSchedule(f *testing.F) {
	for i := range Swarm.Of {
		prng := NewPRNG(uint64(i))
		choices := make([]byte, 64<<(i/3))
		for i := range choices {
			choices[i] = byte(prng.Below(256))
		}
		choices[0] = byte(i)
		f.Add(choices)
	}
	generator, replayer := NewRunner(reference.System{}), NewRunner(reference.System{})
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generator.Generate(Swarm, &Bytes{Rest: choices})
		requireHeld(t, generator, s, result, "a schedule of Go's fuzzer")
		requireSameAgain(t, replayer, s, result)
	})
}

// TestFuzzSchedule_corpus: what Go's fuzzer starts from gets to what each
// profile is about. A generator that chooses in another way needs other bytes.
func TestFuzzSchedule_corpus(t *testing.T) {
	tests := map[string][]Goal{
		"leases":    {ReadFromLease},
		"members":   {ChangeBegun, ChangeFinished, LearnerPromoted},
		"rough":     {TornWriteRecovered, DiskFailed, TransferTaken},
		"snapshots": {SnapshotInstalled, SnapshotBooted},
		"workers":   {WriteTaken},
	}
	for name, want := range tests {
		text, err := os.ReadFile(filepath.Join("testdata/fuzz/FuzzSchedule", name))
		require.NoError(t, err)
		quoted := strings.TrimSuffix(strings.TrimPrefix(string(text), "go test fuzz v1\n[]byte("), ")\n")
		choices, err := strconv.Unquote(quoted)
		require.NoError(t, err)
		_, result := NewRunner(reference.System{}).Generate(Swarm, &Bytes{Rest: []byte(choices)})
		for _, g := range want {
			require.True(t, result.Goals.Has(g), "%s: %s", name, g)
		}
	}
}
