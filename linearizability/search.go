package linearizability

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/anishathalye/porcupine"
)

// The bounds of the search for an order of one key. They are counts, so that a
// verdict depends on the history alone: porcupine's own bound is wall time.
// Both count what the search does; the second is what keeps memory small, as
// porcupine remembers for every accepted step which operations it had placed
// (a bit for each operation of the key) and the state that followed.
const (
	maxSteps       = 2_000_000 // calls of Spec.Step
	maxSearchBytes = 192 << 20 // remembered by accepted steps, as estimated by meter
	maxProbeSteps  = 200_000   // of one search among those that look for a reason

	// memoryOverhead is what porcupine keeps for an accepted step besides the
	// bits and the state: map entry, bucket, headers. Measured: a search that
	// ran into maxSearchBytes had allocated 10% more than that.
	memoryOverhead = 256
)

// meter counts what one search spends. Once it is spent the answers of the
// model mean nothing any more, and neither does porcupine's.
type meter struct {
	steps, bytes int  // left
	stepBytes    int  // what an accepted step costs without its state
	taken        int  // steps so far, those after the end included
	spent        bool // a step was refused, or waved through, for lack of means

	// wave says how to end a search that is spent. Waving every further step
	// through ends it in as many steps as operations are left, where refusing
	// them walks back through everything placed. Only the second leaves
	// partial orders that mean something, which a picture needs.
	wave bool
}

// newMeter returns a meter for a search among n operations.
func newMeter(n, steps int) *meter {
	return &meter{steps: steps, bytes: maxSearchBytes, stepBytes: (n+63)/64*8 + memoryOverhead, wave: true}
}

// hopeless reports whether not even a search that never errs would end.
func (m *meter) hopeless(n int) bool { return n > m.steps || n > m.bytes/m.stepBytes }

// spentState is the state behind steps that were waved through. It equals no
// state of a specification, so porcupine has not been there before.
type spentState struct{}

// placement is an operation as the model gets it, as porcupine's input.
type placement struct {
	op    *Operation
	meter *meter // nil: unbounded
}

func (p *placement) step(spec *Spec, state any) (bool, any) {
	m := p.meter
	m.taken++
	if m.spent || m.steps == 0 || m.bytes < 0 {
		m.spent = true
		return m.wave, spentState{}
	}
	m.steps--
	before := state.(string)
	next, ok := spec.Step(before, p.op.Input, p.op.Output, !p.op.Pending())
	if !ok {
		return false, state
	}
	m.bytes -= m.stepBytes
	if next == before {
		return true, state // the same box: a read allocates nothing
	}
	m.bytes -= len(next)
	return true, next
}

// bounded is the specification for a search. Every operation brings its meter.
func bounded(spec Spec) porcupine.Model {
	// Where a state lands in porcupine's table decides nothing but the time to
	// find it again; without a hash, many orders of the same appends would
	// all share one bucket.
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return spec.Init },
		Step: func(state, input, _ any) (bool, any) { return input.(*placement).step(&spec, state) },
		Hash: func(state any) uint64 {
			s, _ := state.(string)
			return maphash.String(seed, s)
		},
	}
}

// searchKeys looks for an order of each key that is wanted.
func searchKeys(spec Spec, h History, wanted func(key string) bool) Result {
	r := Result{Outcome: Linearizable}
	for _, part := range partition(h, wanted) {
		outcome, m := search(spec, part.ops, maxSteps)
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

// search looks for an order of the operations of one key. The meter says what
// it took; NotChecked means that it was spent.
func search(spec Spec, ops History, steps int) (Outcome, *meter) {
	calls, m := placements(spec, ops, steps)
	if m.hopeless(len(calls)) {
		m.spent = true
		return NotChecked, m
	}
	found := porcupine.CheckOperations(bounded(spec), calls)
	switch {
	case m.spent:
		return NotChecked, m
	case found:
		return Linearizable, m
	default:
		return NotLinearizable, m
	}
}

// placements are the operations as porcupine takes them: in the operation API,
// because its event API misjudges calls that never return; pending operations
// return at the end of time; unknown reads are dropped.
func placements(spec Spec, ops History, steps int) ([]porcupine.Operation, *meter) {
	kept := make([]placement, 0, len(ops))
	for i := range ops {
		if !spec.drops(&ops[i]) {
			kept = append(kept, placement{op: &ops[i]})
		}
	}
	m := newMeter(len(kept), steps)
	calls := make([]porcupine.Operation, len(kept))
	for i := range kept {
		kept[i].meter = m
		calls[i] = porcupine.Operation{Input: &kept[i], Call: kept[i].op.Call, Return: kept[i].op.Return}
	}
	return calls, m
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
		outcome, _ := search(spec, until(ops, op.Return), maxProbeSteps)
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
