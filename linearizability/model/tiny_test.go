package model_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

// TestNamed_tinyHistories holds the search, which relies on declared effects, against
// porcupine, which does not, on histories of a few operations with any answers.
func TestNamed_tinyHistories(t *testing.T) {
	inputs := map[string][]string{
		"register":     {"read", "write 1", "write 2"},
		"cas-register": {"read", "write 1", "write nil", "cas 1 2", "cas 2 2", "cas nil 1", "cas 2 1"},
		"kv-append":    {"get", "put 1", "append 1", "append 2", "delete", "cas 1 2", "cas 12 1"},
		"mutex":        {"acquire", "release"},
		"fifo-queue":   {"enqueue 1", "enqueue 2", "dequeue"},
		"set":          {"add 1", "add 2", "remove 1", "contains 1", "read"},
		"txn":          {"r x", "w x 1", "w y 1", "r x w x 2", "append x 1", "r x r y"},
	}
	for _, row := range model.Names() {
		t.Run(row[0], func(t *testing.T) {
			spec, _ := model.Named(row[0], model.Nil)
			operations := answered(spec, inputs[row[0]])
			random := rand.New(rand.NewPCG(1, 2))
			seen := map[linearizability.Outcome]int{}
			for range 2000 {
				h := tiny(random, operations)
				want, got := linearizability.CheckPorcupine(spec, h), linearizability.CheckSearch(spec, h)
				require.Equal(t, want.Outcome, got.Outcome, "%v", h)
				require.Equal(t, want.Reason, got.Reason, "%v", h)
				seen[want.Outcome]++
			}
			require.Greater(t, seen[linearizability.Linearizable], 400)
			require.Greater(t, seen[linearizability.NotLinearizable], 400)
		})
	}
}

// answered returns each input without an answer, and with each that some state gives.
func answered(spec linearizability.Spec, inputs []string) (list []linearizability.Operation) {
	answers := []string{"ok", "no", "nil", "1", "2", "12", "11", "true", "false", "{}", "{1}", "{2}", "{1 2}",
		"[1]", "1 nil", "nil nil", "nil 1", "1 1", "2 1", "2 nil", "1 ok", "2 ok", "nil ok"}
	states := reachable(spec, inputs)
	for _, input := range inputs {
		list = append(list, linearizability.Operation{Input: input, Return: linearizability.Pending})
		for _, answer := range answers {
			for _, state := range states {
				if _, ok := spec.Step(state, input, answer, true); ok {
					list = append(list, linearizability.Operation{Input: input, Output: answer})
					break
				}
			}
		}
	}
	return list
}

// tiny draws a history of three to five operations, of a few among those given.
func tiny(random *rand.Rand, operations []linearizability.Operation) linearizability.History {
	few := make([]linearizability.Operation, 2+random.IntN(4))
	for i := range few {
		few[i] = operations[random.IntN(len(operations))]
	}
	ends := random.Perm(2 * (3 + random.IntN(3)))
	h := make(linearizability.History, len(ends)/2)
	for i := range h {
		h[i] = few[random.IntN(len(few))]
		h[i].Client, h[i].Call = i+1, int64(min(ends[2*i], ends[2*i+1]))
		if !h[i].Pending() {
			h[i].Return = int64(max(ends[2*i], ends[2*i+1]))
		}
	}
	return h
}
