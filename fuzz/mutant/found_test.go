package mutant

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestFound replays the counterexamples that were kept of mutants: the mutant
// breaks a property that its file names, as the counterexample says, and the
// reference breaks none. One that kills its mutant no longer fails here.
func TestFound(t *testing.T) {
	mutants, err := Read(corpus)
	require.NoError(t, err)
	b := sharedBuilder(t)
	files, err := filepath.Glob(filepath.Join(root, "testdata/found/mutants/*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(mutants, func(m *Mutant) bool { return m.Name == name })
			require.GreaterOrEqual(t, i, 0, "there is no such mutant")
			s, err := trial.ReadSchedule(file, services.All())
			require.NoError(t, err)
			sound := trial.NewRunner(reference.System{}, services.All()).Run(s)
			// Liveness is not checked if a disk rots.
			require.NotEqual(t, models.Violated, sound.Outcome(), sound.Lines())

			program, err := b.Build(t.Context(), mutants[i])
			require.NoError(t, err)
			lines, verdicts := replay(t, program, file)
			require.Equal(t, s.Golden, lines)
			require.True(t, slices.ContainsFunc(mutants[i].Properties,
				func(p string) bool { return verdicts[p] == "violated" }), "%s", lines)
		})
	}
}

// sharedBuilder keeps programs between runs, where raftcheck mutants keeps them.
func sharedBuilder(t *testing.T) *Builder {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	return &Builder{Root: root, Program: "./scripts/raftcheck", Folder: filepath.Join(cache, "raftcheck")}
}

// replay has a built raftcheck replay a schedule.
func replay(t *testing.T, program, file string) (lines []string, verdicts map[string]string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, "replay", "-json", file).Output()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	var report struct {
		Lines    []string
		Verdicts map[string]string
	}
	require.NoError(t, json.Unmarshal(out, &report))
	return report.Lines, report.Verdicts
}
