package linearizability

import (
	"cmp"
	"fmt"
	"slices"
)

// maxProbeSteps bounds one search among those that look for a reason.
const maxProbeSteps = 200_000

// searchKeys looks for an order of each key that is wanted.
func searchKeys(spec Spec, h History, wanted func(key string) bool) Result {
	r := Result{Outcome: Linearizable}
	for _, part := range partition(h, wanted) {
		outcome, m := porcupineKey(spec, part.ops, maxPorcupineSteps)
		r.Steps += m.taken
		switch outcome {
		case NotLinearizable:
			r.Outcome, r.Key = NotLinearizable, part.key
			r.Reason = reason(spec, part)
			return r
		case NotChecked:
			r.Unchecked++
			if r.Outcome != NotChecked {
				r.Outcome, r.Key = NotChecked, part.key
				r.Reason = fmt.Sprintf("key %s: the search for an order of %d operations was given up after %d model steps",
					part.key, len(part.ops), m.taken)
			}
		}
	}
	return r
}

// keyHistory is the operations on one key.
type keyHistory struct {
	key string
	ops History
}

// partition splits a history by key, sorted, and keeps the keys that are wanted.
func partition(h History, wanted func(key string) bool) []keyHistory {
	var parts []keyHistory
	slots := make(map[string]int, 16)
	for _, op := range h {
		slot, ok := slots[op.Key]
		if !ok {
			slot = -1
			if wanted(op.Key) {
				slot = len(parts)
				parts = append(parts, keyHistory{key: op.Key})
			}
			slots[op.Key] = slot
		}
		if slot >= 0 {
			parts[slot].ops = append(parts[slot].ops, op)
		}
	}
	slices.SortFunc(parts, func(a, b keyHistory) int { return cmp.Compare(a.key, b.key) })
	return parts
}

// drops reports whether op constrains nothing.
func (s *Spec) drops(op *Operation) bool {
	return op.Pending() && s.ReadOnly != nil && s.ReadOnly(op.Input)
}

// reason says of a key that has no order which answer is the first that
// nothing explains: up to the answers before it there was an order.
func reason(spec Spec, part keyHistory) string {
	if op := firstUnexplained(spec, part.ops); op != nil {
		return fmt.Sprintf("key %s: no order of the operations called so far explains %v", part.key, op)
	}
	return fmt.Sprintf("key %s: no order explains its %d operations", part.key, len(part.ops))
}

// firstUnexplained finds, by bisection, the earliest answer up to which the
// history already has no order. Having an order is closed under prefixes, where
// a prefix has whatever was called until then, with what was not answered yet
// pending. Nil if a search was given up.
func firstUnexplained(spec Spec, ops History) *Operation {
	var answers []*Operation
	for i := range ops {
		if !ops[i].Pending() {
			answers = append(answers, &ops[i])
		}
	}
	slices.SortStableFunc(answers, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Return, b.Return), cmp.Compare(a.Client, b.Client))
	})
	gaveUp := false
	i, _ := slices.BinarySearchFunc(answers, NotLinearizable, func(op *Operation, _ Outcome) int {
		if gaveUp {
			return 0
		}
		outcome, _ := porcupineKey(spec, until(ops, op.Return), maxProbeSteps)
		gaveUp = outcome == NotChecked
		if outcome == Linearizable {
			return -1
		}
		return 1
	})
	if gaveUp || i == len(answers) {
		return nil
	}
	return answers[i]
}

// until is what was known at a time: the operations called until then, closed,
// and the answers heard until then.
func until(ops History, time int64) History {
	var known History
	for _, op := range ops {
		if op.Call > time {
			continue
		}
		if op.Return > time {
			op.Return = Pending
		}
		known = append(known, op)
	}
	return known
}
