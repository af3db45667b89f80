package kv_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
)

// TestSpec_effectIsWhatStepDoes holds the declared effect of every operation
// with every answer against Step, in every state.
func TestSpec_effectIsWhatStepDoes(t *testing.T) {
	spec := kv.Spec()
	states := []string{"nil", "1", "2", "1.2"}
	inputs := []string{"get", "put 1", "delete", "append 2", "cas 1 2", "cas nil 1", "cas 2 2"}
	answers := []string{"ok", "no", "full", "nil", "1", "2", "1.2"}
	seen := map[linearizability.Effect]int{}
	judge := func(input, answer string, known bool) {
		op := linearizability.Operation{Input: input, Output: answer, Return: linearizability.Pending}
		if known {
			op.Return = 1
		}
		effect := spec.Effect(&op)
		seen[effect]++
		first, everywhere := spec.Step(spec.Init, input, answer, known)
		for _, state := range states {
			next, ok := spec.Step(state, input, answer, known)
			switch effect {
			case linearizability.Reads:
				require.Equal(t, !known || state == answer, ok)
				require.Equal(t, state, next)
			case linearizability.Keeps:
				require.Equal(t, state, next)
			case linearizability.Overwrites:
				require.True(t, ok && everywhere)
				require.Equal(t, first, next)
			}
		}
	}
	for _, input := range inputs {
		judge(input, "", false)
		for _, answer := range answers {
			judge(input, answer, true)
		}
	}
	require.Len(t, seen, 4)
}
