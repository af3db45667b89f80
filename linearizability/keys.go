package linearizability

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// The bounds of the search for an order of one key, see budget. Searches of
// different keys go on side by side, as many as there are processors, and each
// has these means.
const (
	maxSteps       = 10_000_000 // and maxStepsEach more for each operation
	maxStepsEach   = 512
	briefSteps     = 100_000 // of a first look at every key, and briefStepsEach
	briefStepsEach = 64
	maxSearchBytes = 192 << 20
	maxProbeSteps  = 2_000_000 // of one search among those that look for a reason
)

// keyVerdict is the verdict of a judge on one key.
type keyVerdict struct {
	outcome Outcome
	steps   int
	stuck   int64 // not linearizable: nothing answered before this time is unexplained
}

// judge looks for an order of the operations of one key. wanted is asked now and
// then; once it is false, any answer will do.
type judge func(spec *Spec, ops History, wanted func() bool) keyVerdict

// briefly is a search with means that one wrong turn may exhaust.
func briefly(spec *Spec, ops History, wanted func() bool) keyVerdict {
	return searchWithin(spec, ops, budget{
		steps: briefSteps + briefStepsEach*len(ops), bytes: maxSearchBytes, wanted: wanted,
	})
}

// thoroughly is a search with all means. A key that it gives up is porcupine's,
// which tries orders in another order and may be lucky.
func thoroughly(spec *Spec, ops History, wanted func() bool) keyVerdict {
	v := searchWithin(spec, ops, budget{
		steps: maxSteps + maxStepsEach*len(ops), bytes: maxSearchBytes, wanted: wanted,
	})
	if v.outcome != NotChecked || !wanted() {
		return v
	}
	w := byPorcupine(spec, ops, wanted)
	w.steps += v.steps
	return w
}

// searchWithin dives, and sweeps if that led nowhere.
func searchWithin(spec *Spec, ops History, b budget) keyVerdict {
	p := newProblem(spec, ops)
	s := newSearch(p, b)
	found, deepest := s.dive(b.steps / 8)
	taken := s.budget.taken
	if !found && s.budget.spent && (b.wanted == nil || b.wanted()) {
		b.steps -= taken
		s = newSearch(p, b)
		found, deepest = s.sweep()
		taken += s.budget.taken
	}
	switch {
	case found:
		return keyVerdict{outcome: Linearizable, steps: taken}
	case s.budget.spent:
		return keyVerdict{outcome: NotChecked, steps: taken}
	default:
		return keyVerdict{outcome: NotLinearizable, steps: taken, stuck: p.ends[deepest]}
	}
}

// searchKeys looks for an order of each key that is wanted. Each judge in turn
// looks at the keys that those before it gave up. A brief look at all keys finds most
// violations, however much the first key would have cost.
func searchKeys(spec Spec, h History, wanted func(key string) bool, judges ...judge) Result {
	left := partition(h, wanted)
	r := Result{Outcome: Linearizable}
	for _, look := range judges {
		verdicts := lookAt(&spec, left, look)
		given := left[:0]
		for i, v := range verdicts {
			part := left[i]
			r.Steps += v.steps
			switch v.outcome {
			case NotLinearizable:
				r.Outcome, r.Key = NotLinearizable, part.key
				r.Unchecked = len(given)
				r.Reason = reason(spec, part, v.stuck)
				return r
			case NotChecked:
				part.steps += v.steps
				given = append(given, part)
			}
		}
		left = given
	}
	if len(left) > 0 {
		r.Outcome, r.Key, r.Unchecked = NotChecked, left[0].key, len(left)
		r.Reason = fmt.Sprintf("key %s: the search for an order of %d operations was given up after %d model steps",
			left[0].key, len(left[0].ops), left[0].steps)
	}
	return r
}

// sideBySide is the least number of operations of a history whose keys are searched side
// by side. For fewer, starting goroutines takes longer than searching.
const sideBySide = 2000

// lookAt runs a judge on keys, up to the first that has no order. The keys in front of
// that one are all judged, so the result does not depend on which goroutine is faster.
func lookAt(spec *Spec, parts []keyHistory, look judge) []keyVerdict {
	verdicts := make([]keyVerdict, len(parts))
	var taken, failed atomic.Int64 // how many keys were begun; the first one without an order
	failed.Store(int64(len(parts)))
	work := func() {
		for {
			i := taken.Add(1) - 1
			if i >= int64(len(parts)) || i > failed.Load() {
				return
			}
			v := look(spec, parts[i].ops, func() bool { return i <= failed.Load() })
			verdicts[i] = v
			for first := failed.Load(); v.outcome == NotLinearizable && i < first; first = failed.Load() {
				failed.CompareAndSwap(first, i)
			}
		}
	}
	operations := 0
	for i := range parts {
		operations += len(parts[i].ops)
	}
	var others sync.WaitGroup
	if operations >= sideBySide {
		for range min(runtime.GOMAXPROCS(0), len(parts)) - 1 {
			others.Go(work)
		}
	}
	work()
	others.Wait()
	return verdicts[:min(len(parts), int(failed.Load())+1)]
}

// keyHistory is the operations on one key.
type keyHistory struct {
	key   string
	ops   History
	steps int // of the searches so far, all given up
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
	if !op.Pending() {
		return false
	}
	if s.ReadOnly != nil && s.ReadOnly(op.Input) {
		return true
	}
	if s.Effect == nil {
		return false
	}
	effect := s.Effect(op)
	return effect == Keeps || effect == Reads || effect == Misses
}

// reason names the first answer of a key without an order that no order explains: up to
// the answers before it there was an order.
func reason(spec Spec, part keyHistory, stuck int64) string {
	if op := firstUnexplained(spec, part.ops, stuck); op != nil {
		return fmt.Sprintf("key %s: no order of the operations called so far explains %v", part.key, op)
	}
	return fmt.Sprintf("key %s: no order explains its %d operations", part.key, len(part.ops))
}

// firstUnexplained finds, by bisection, the earliest answer up to which the
// history already has no order. Having an order is closed under prefixes, where a prefix
// has the operations called until then, and those not answered yet are pending. No answer
// before stuck is unexplained; as a rule the answer at that time is. Nil if a search was
// given up.
func firstUnexplained(spec Spec, ops History, stuck int64) *Operation {
	var answers []*Operation
	for i := range ops {
		if !ops[i].Pending() && ops[i].Return >= stuck {
			answers = append(answers, &ops[i])
		}
	}
	slices.SortStableFunc(answers, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Return, b.Return), cmp.Compare(a.Client, b.Client))
	})
	gaveUp := false
	explained := func(op *Operation) bool {
		v := searchWithin(&spec, until(ops, op.Return), budget{
			steps: probeSteps(ops), bytes: maxSearchBytes,
		})
		gaveUp = gaveUp || v.outcome == NotChecked
		return v.outcome == Linearizable
	}
	if len(answers) > 0 && !explained(answers[0]) && !gaveUp {
		return answers[0]
	}
	i, _ := slices.BinarySearchFunc(answers, true, func(op *Operation, _ bool) int {
		if !gaveUp && explained(op) {
			return -1
		}
		return 1
	})
	if gaveUp || i == len(answers) {
		return nil
	}
	return answers[i]
}

func probeSteps(ops History) int { return maxProbeSteps + briefStepsEach*len(ops) }

// until returns the history as it was known at a time: the operations called until then,
// closed, and the answers heard until then.
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
