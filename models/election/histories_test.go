package election_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/election"
)

// TestHistories holds both judges against the label of every stored history.
func TestHistories(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("../../testdata/histories", "election-*.txt"))
	require.NoError(t, err)
	seen := map[linearizability.Outcome]int{}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			file, err := linearizability.Parse(filepath.Base(path), text)
			require.NoError(t, err)
			require.Equal(t, string(text), file.String())
			require.Equal(t, election.Spec().Name, file.Model)
			require.NotEmpty(t, file.Prose, "a history begins with prose")
			seen[file.Expect]++

			spec := election.Spec()
			checked := linearizability.Check(spec, file.History)
			searched := linearizability.CheckPorcupine(spec, file.History)
			require.Equal(t, file.Expect, checked.Outcome, checked.Reason)
			require.Equal(t, file.Expect, searched.Outcome, searched.Reason)
			if file.Expect == linearizability.NotLinearizable {
				t.Log(linearizability.CheckWitness(spec, file.History))
				t.Log(checked.Reason)
			} else {
				require.NoError(t, linearizability.CheckWitness(spec, file.History))
			}
		})
	}
	require.GreaterOrEqual(t, seen[linearizability.Linearizable], 2)
	require.GreaterOrEqual(t, seen[linearizability.NotLinearizable], 2)
}
