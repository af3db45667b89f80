package fuzz

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/paxos"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// TestFound replays every counterexample that was ever kept: its own system
// breaks as the file says, and the reference, which is sound, does not.
func TestFound(t *testing.T) {
	files, err := filepath.Glob("../testdata/found/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s, err := trial.ReadSchedule(file, services.All())
			require.NoError(t, err)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(text), s.String(), "not as it would be written")
			require.GreaterOrEqual(t, len(s.Prose), 3, "prose, property and origin")
			requireGolden(t, file, s, knownSystem(t, s.System))
			sound := trial.NewRunner(reference.System{}, services.All()).Run(s)
			require.Equal(t, models.Held, sound.Outcome(), sound.Lines())
		})
	}
}

// TestBatches replays batches of the reference that Refinement once called wrong.
func TestBatches(t *testing.T) {
	files, err := filepath.Glob("testdata/batches/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		s, err := trial.ReadSchedule(file, services.All())
		require.NoError(t, err)
		requireGolden(t, file, s, reference.System{})
	}
}

// requireGolden runs a schedule twice and wants the verdict of its file.
func requireGolden(t *testing.T, file string, s *faults.Schedule, system raft.System) {
	t.Helper()
	first := trial.NewRunner(system, services.All()).Run(s)
	second := trial.NewRunner(system, services.All()).Run(s)
	require.Equal(t, first.TraceHash, second.TraceHash)
	if *update {
		s.Golden = first.Lines()
		require.NoError(t, os.WriteFile(file, []byte(s.String()), 0o644))
	}
	require.Equal(t, s.Golden, first.Lines())
}

func knownSystem(t *testing.T, name string) raft.System {
	t.Helper()
	sound := []raft.System{reference.System{}, paxos.Single{}, paxos.Multi{}}
	for _, s := range append(sound, sabotage.Systems(reference.System{})...) {
		if s.Name() == name {
			return s
		}
	}
	t.Fatalf("no system %q", name)
	return nil
}
