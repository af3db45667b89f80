package linearizability

import (
	"cmp"
	"slices"
)

// Tail returns a short end of a history of one key that certainly has no order, and the
// specification that begins with the state before it. The answer of from showed that state
// while no write was under way, and every answer that is left out had come before the end
// begins. From is -1, and the end is the whole history, if no shorter end was found.
//
// An end without an order proves that the history has none. In any order of all, the state
// at the point of from is its answer. The answered operations that are called later come
// later. Of the others, those of unknown outcome alone may come later, and they are in the
// end, where each may come or not.
func Tail(spec Spec, ops History) (from int, after Spec, end History) {
	if spec.validate() != nil || ops.Validate() != nil {
		return -1, spec, ops
	}
	until := until(ops, lastUnexplained(spec, ops))
	pins := pinned(&spec, ops)
	slices.SortFunc(pins, func(a, b int) int { return cmp.Compare(ops[b].Return, ops[a].Return) })
	for n := 1; n <= len(pins); n *= 2 {
		pin := pins[n-1]
		after, end = spec, nil
		after.Init = ops[pin].Output
		for _, op := range until {
			if op.Pending() || op.Call > ops[pin].Return {
				end = append(end, op)
			}
		}
		v := searchWithin(&after, end, budget{steps: maxConflictProbe, bytes: maxSearchBytes})
		if v.outcome == NotLinearizable {
			return pin, after, end
		}
	}
	return -1, spec, ops
}

// lastUnexplained is when the first answer came that no order explains, and the end of time if
// that is not known.
func lastUnexplained(spec Spec, ops History) int64 {
	all := searchWithin(&spec, ops, budget{steps: probeSteps(ops), bytes: maxSearchBytes})
	if all.outcome == NotLinearizable {
		if op := firstUnexplained(spec, ops, all.stuck); op != nil {
			return op.Return
		}
	}
	return Pending - 1
}

// pinned are the operations whose answers are the state, with no write under way.
func pinned(spec *Spec, ops History) (pins []int) {
	var writes []*Operation
	for i := range ops {
		if !ops[i].Pending() && spec.mayChange(&ops[i]) {
			writes = append(writes, &ops[i])
		}
	}
	slices.SortFunc(writes, func(a, b *Operation) int { return cmp.Compare(a.Call, b.Call) })
	until := make([]int64, len(writes)+1) // when the last of so many writes returned, from 1
	for i, op := range writes {
		until[i+1] = max(until[i], op.Return)
	}
	for i := range ops {
		if ops[i].Pending() || spec.effect(&ops[i]) != Reads {
			continue
		}
		called, _ := slices.BinarySearchFunc(writes, ops[i].Return, func(op *Operation, time int64) int {
			return cmp.Or(cmp.Compare(op.Call, time), -1)
		})
		if called == 0 || until[called] < ops[i].Call {
			pins = append(pins, i)
		}
	}
	return pins
}

// mayChange reports whether an answered operation may leave another state than it found.
func (s *Spec) mayChange(op *Operation) bool {
	switch s.effect(op) {
	case Keeps, Reads, Misses:
		return false
	}
	return s.ReadOnly == nil || !s.ReadOnly(op.Input)
}
