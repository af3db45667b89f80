package model_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

// TestNamed_effects holds the declared effect of every operation, with every answer,
// against Step in every state.
func TestNamed_effects(t *testing.T) {
	inputs := map[string][]string{
		"register":     {"read", "write 1"},
		"cas-register": {"read", "write 1", "cas 1 2", "cas 2 2", "cas nil 1"},
		"kv-append": {"get", "put 1", "append 2", "append \"", "append \"a", "append \"b\"", "put \"\"",
			"delete", "cas 1 2"},
		"mutex":      {"acquire", "release"},
		"fifo-queue": {"enqueue 1", "enqueue no", "dequeue"},
		"set":        {"add 1", "remove 1", "contains 1", "read"},
		"txn":        {"r x", "w x 1", "r x w x 2", "append x 1", "r x r y"},
	}
	answers := []string{"ok", "no", "nil", "1", "2", "12", "true", "false", "{}", "{1}", "[1]",
		"1 nil", "nil nil"}
	for _, row := range model.Names() {
		name := row[0]
		require.NotEmpty(t, inputs[name])
		spec, _ := model.Named(name, model.Nil)
		seen := map[linearizability.Effect]int{}
		states := reachable(spec, inputs[name])
		require.Greater(t, len(states), 1)
		for _, input := range inputs[name] {
			seen[held(t, spec, states, input, "", false)]++
			for _, answer := range answers {
				seen[held(t, spec, states, input, answer, true)]++
			}
		}
		if name != "fifo-queue" {
			require.Greater(t, len(seen), 1, name)
		}
		if seen[linearizability.Grows] > 0 {
			heldToReach(t, spec, states, inputs[name])
		}
	}
}

// reachable has the states after up to three operations.
func reachable(spec linearizability.Spec, inputs []string) (states []string) {
	states = []string{spec.Init}
	found := map[string]bool{spec.Init: true}
	for range 3 {
		for _, state := range states[:len(states):len(states)] {
			for _, input := range inputs {
				if next, _ := spec.Step(state, input, "", false); !found[next] {
					found[next] = true
					states = append(states, next)
				}
			}
		}
	}
	return states
}

// heldToReach holds Reaches against three operations that Grow, from every state.
func heldToReach(t *testing.T, spec linearizability.Spec, states, inputs []string) {
	inputs = slices.DeleteFunc(slices.Clone(inputs), func(input string) bool {
		return spec.Effect(&linearizability.Operation{Input: input, Output: "ok"}) != linearizability.Grows
	})
	apart := 0
	for _, state := range states {
		spec.Init = state
		for _, next := range reachable(spec, inputs) {
			require.True(t, spec.Reaches(state, next), "%s %s", state, next)
		}
		for _, other := range append(states, "7", "x", "") {
			if !spec.Reaches(state, other) {
				apart++
			}
		}
	}
	require.Greater(t, apart, len(states))
}

// held holds the effect of one operation against all states, and returns it.
func held(t *testing.T, spec linearizability.Spec, states []string, input, answer string, known bool,
) linearizability.Effect {
	op := linearizability.Operation{Input: input, Output: answer, Return: linearizability.Pending}
	if known {
		op.Return = 1
	}
	effect := spec.Effect(&op)
	first, everywhere := spec.Step(spec.Init, input, answer, known)
	for _, state := range states {
		next, ok := spec.Step(state, input, answer, known)
		switch effect {
		case linearizability.Reads:
			require.Equal(t, !known || state == answer, ok, "%s %s", input, answer)
			require.Equal(t, state, next)
		case linearizability.Keeps:
			require.Equal(t, state, next, "%s %s", input, answer)
		case linearizability.Swaps:
			if state == spec.Before(&op) {
				require.True(t, ok, "%s %s", input, answer)
			} else {
				require.Equal(t, !known, ok, "%s %s", input, answer)
				require.Equal(t, state, next)
			}
		case linearizability.Misses:
			require.Equal(t, state != spec.Before(&op), ok, "%s %s", input, answer)
			require.Equal(t, state, next)
		case linearizability.Overwrites:
			require.True(t, ok && everywhere, "%s %s", input, answer)
			require.Equal(t, first, next, "%s %s", input, answer)
		}
	}
	return effect
}
