package kv_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
)

const histories = "../../testdata/histories"

// TestHistories holds both judges against the label of every stored history.
func TestHistories(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(histories, "*.txt"))
	require.NoError(t, err)
	seen := map[linearizability.Outcome]int{}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			file, err := linearizability.Parse(filepath.Base(path), text)
			require.NoError(t, err)
			require.Equal(t, string(text), file.String())
			if file.Model != kv.Spec().Name {
				return // another service's
			}
			require.NotEmpty(t, file.Prose, "a history begins with prose")
			seen[file.Expect]++

			require.Equal(t, file.Expect, check(t, linearizability.Check, file.History))
			require.Equal(t, file.Expect, check(t, linearizability.CheckPorcupine, file.History))
			if file.Expect == linearizability.NotLinearizable {
				require.Error(t, linearizability.CheckWitness(kv.Spec(), file.History))
			}
		})
	}
	require.GreaterOrEqual(t, seen[linearizability.Linearizable], 12)
	require.GreaterOrEqual(t, seen[linearizability.NotLinearizable], 10)
}

func check(t *testing.T, judge func(linearizability.Spec, linearizability.History) linearizability.Result,
	h linearizability.History,
) linearizability.Outcome {
	t.Helper()
	r := judge(kv.Spec(), h)
	if r.Outcome != linearizability.Linearizable {
		require.NotEmpty(t, r.Key)
		require.NotEmpty(t, r.Reason)
		t.Log(r.Reason)
	}
	return r.Outcome
}
