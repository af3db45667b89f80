package linearizability

import "slices"

// tighten narrows the intervals of operations of unknown outcome, where the
// specification declares enough. It returns the intervals that are left.
//
// Let every operation of the key either read the state or overwrite it. Let w, of
// unknown outcome, be the only one that makes the state v, and let v not be the first
// state. Then only w can come before a read of v, with nothing but reads of v between
// the two:
//
//   - If v was never read, the operation after w in any order overwrites v, so
//     the order without w is one too: w is dropped.
//   - Otherwise w is in any order, and the operation behind it may be taken to
//     be the first read of v, r: an operation between them would have overwritten v. So
//     w takes effect when r does, which is no earlier than the earliest call of
//     a read of v. And r, and w with it, takes effect before the read of v that
//     returned first does. The interval of w shrinks to these two bounds.
//
// An order of the remaining intervals, with w appended where it was dropped, is
// an order of all, and the other way round; so the verdict is the same. With operations
// that do more, it would not be: that a compare-and-swap was answered "no" may
// be explained by w alone, though nobody read v.
func (p *problem) tighten(ins []interval) []interval {
	more := func(in interval) bool { return in.effect != Reads && in.effect != Overwrites }
	unknown := func(in interval) bool { return !in.known }
	if slices.ContainsFunc(ins, more) || !slices.ContainsFunc(ins, unknown) {
		return ins
	}
	seen := p.seenValues(ins)
	kept := ins[:0]
	for _, in := range ins {
		v := seen[in.arg]
		switch {
		case in.known || in.arg == 0 || v.writes > 1 || v.reads > 0 && v.returned < in.call:
			kept = append(kept, in) // the last: read before it was called, which the search finds
		case v.reads > 0:
			in.call, in.end = max(in.call, v.called), v.returned
			kept = append(kept, in)
		}
	}
	return kept
}

// seenValue has the numbers and the times of a state's writes and reads.
type seenValue struct {
	writes, reads int32
	called        int64 // the earliest call of a read
	returned      int64 // the earliest return of a read
}

func (p *problem) seenValues(ins []interval) []seenValue {
	seen := make([]seenValue, len(p.states.text))
	for i := range ins {
		in, v := &ins[i], &seen[ins[i].arg]
		switch {
		case in.effect == Overwrites:
			v.writes++
		case v.reads == 0:
			v.reads, v.called, v.returned = 1, in.call, in.end
		default:
			v.called, v.returned = min(v.called, in.call), min(v.returned, in.end)
			v.reads++
		}
	}
	return seen
}
