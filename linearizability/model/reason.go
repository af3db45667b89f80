package model

import (
	"fmt"
	"strings"

	"raftcheck/linearizability"
)

// maxNamed is how many contradicting operations a reason names.
const maxNamed = 8

// Reason says in words why a history has its verdict: by its values if they show it,
// see [Explain], else by the smallest set of answers that contradict each other, see
// [linearizability.Conflict], else as the result says. It is "" for a history that is
// linearizable.
func Reason(spec linearizability.Spec, result linearizability.Result, h linearizability.History) string {
	if result.Outcome != linearizability.NotLinearizable {
		return result.Reason
	}
	var ops linearizability.History
	for _, op := range h {
		if op.Key == result.Key {
			ops = append(ops, op)
		}
	}
	if why := Explain(spec, result.Key, ops); why != "" {
		return why
	}
	conflict := linearizability.Conflict(spec, ops, maxNamed)
	if len(conflict) == 0 {
		return result.Reason
	}
	var named []string
	for i := range conflict {
		op := &conflict[i]
		named = append(named,
			fmt.Sprintf("c%d %s -> %s (%d..%d)", op.Client, op.Input, op.Output, op.Call, op.Return))
	}
	if len(named) == 1 {
		return fmt.Sprintf("key %s: no order explains %s, whatever became of the others", result.Key, named[0])
	}
	return fmt.Sprintf(
		"key %s: no order explains these %d operations together, whatever became of the others: %s",
		result.Key, len(named), strings.Join(named, "; "))
}
