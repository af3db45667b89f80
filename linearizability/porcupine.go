package linearizability

import (
	"hash/maphash"

	"github.com/anishathalye/porcupine"
)

// The bounds of porcupine's search for an order of one key. They are counts, so
// that a verdict depends on the history alone: porcupine's own bound is wall
// time. The second keeps memory small. For every step that it keeps, porcupine remembers
// the operations it had placed (a bit for each operation of the key) and the next state.
const (
	maxPorcupineSteps = 2_000_000 // calls of Spec.Step
	maxPorcupineBytes = 192 << 20 // remembered by kept steps, as estimated by meter

	// memoryOverhead is the memory of a kept step besides the bits and the
	// state: map entry, bucket, headers. Measured: a search that ran into
	// maxPorcupineBytes had allocated 10% more than that.
	memoryOverhead = 256
)

// meter counts the steps and bytes of one search of porcupine. Once it is spent the answers
// of the model mean nothing any more, and neither does porcupine's.
type meter struct {
	steps, bytes int  // left
	stepBytes    int  // the charge for an accepted step, without its state
	charged      int  // the charge for the last accepted step
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
	return &meter{steps: steps, bytes: maxPorcupineBytes, stepBytes: (n+63)/64*8 + memoryOverhead, wave: true}
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
	m.charged = m.stepBytes
	if next == before {
		m.bytes -= m.charged
		return true, state // the same box: a read allocates nothing
	}
	m.charged += len(next)
	m.bytes -= m.charged
	return true, next
}

// refund takes the charge for the last accepted step back: porcupine had been
// there before, and keeps nothing of it.
func (m *meter) refund() {
	m.bytes += m.charged
	m.charged = 0
}

// bounded is the specification for a search. Every operation brings its meter.
// m is the meter of all of them if they have one in common; nil otherwise, and
// then steps that porcupine throws away stay charged.
func bounded(spec Spec, m *meter) porcupine.Model {
	// The place of a state in porcupine's table decides only the time to find it again;
	// without a hash, many orders of the same appends would all share one bucket.
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return spec.Init },
		Step: func(state, input, _ any) (bool, any) { return input.(*placement).step(&spec, state) },
		// Porcupine asks this of the state behind an accepted step, and of those
		// that it kept with the same operations placed.
		Equal: func(next, kept any) bool {
			same := next == kept
			if same && m != nil {
				m.refund()
			}
			return same
		},
		Hash: func(state any) uint64 {
			s, _ := state.(string)
			return maphash.String(seed, s)
		},
	}
}

// byPorcupine looks for an order with porcupine. It does not look whether it
// is wanted.
func byPorcupine(spec *Spec, ops History, _ func() bool) keyVerdict {
	outcome, m := porcupineKey(*spec, ops, maxPorcupineSteps)
	return keyVerdict{outcome: outcome, steps: m.taken}
}

// porcupineKey looks for an order of the operations of one key with porcupine.
// NotChecked means that the meter was spent.
func porcupineKey(spec Spec, ops History, steps int) (Outcome, *meter) {
	calls, m := placements(spec, ops, steps)
	if m.hopeless(len(calls)) {
		m.spent = true
		return NotChecked, m
	}
	found := porcupine.CheckOperations(bounded(spec, m), calls)
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
