package mutant

import (
	"flag"
	"os"
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

var update = flag.Bool("update", false, "rewrite the verdicts in testdata/found/mutants")

// TestFound replays the counterexamples that were kept of mutants: the mutant
// breaks a property that its file names, as the counterexample says, and the
// reference breaks none. One that kills its mutant no longer fails here.
//
//	go test ./fuzz/mutant -run Found -update
func TestFound(t *testing.T) { requireFound(t, corpus, filepath.Join(root, "testdata/found/mutants")) }

// batchCorpus has the bugs in batches and late applies.
const batchCorpus = corpus + "/batches"

// TestFound_batches: the same of each bug in batches and late applies.
func TestFound_batches(t *testing.T) {
	mutants, err := Read(batchCorpus)
	require.NoError(t, err)
	for _, m := range mutants {
		require.FileExists(t, filepath.Join(batchCorpus, "found", m.Name+".txt"))
	}
	requireFound(t, batchCorpus, batchCorpus+"/found")
}

func requireFound(t *testing.T, of, folder string) {
	t.Helper()
	mutants, err := Read(of)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
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

			lines, verdicts := replay(t, name, file)
			require.True(t, slices.ContainsFunc(mutants[i].Properties,
				func(p string) bool { return verdicts[p] == "violated" }), "%s", lines)
			if *update {
				s.Golden = lines
				require.NoError(t, os.WriteFile(file, []byte(s.String()), 0o644))
			}
			require.Equal(t, s.Golden, lines)
		})
	}
}
