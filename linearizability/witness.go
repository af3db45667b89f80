package linearizability

import (
	"cmp"
	"fmt"
	"slices"
)

// keyWitness is the part of one key that the order of the log explains so far.
type keyWitness struct {
	key    string
	state  string
	latest int   // of the operations placed so far, the one called last; -1 if none
	err    error // why the order is no linearization of this key
}

// logOrder follows the order of the log through a history, all keys at once.
type logOrder struct {
	spec Spec
	h    History
	keys []keyWitness
	slot []int32 // operation -> its key, in keys
}

// followLog replays the history in the order of its positions.
func followLog(spec Spec, h History) *logOrder {
	w := &logOrder{spec: spec, h: h, slot: make([]int32, len(h))}
	slots := make(map[string]int32, 16)
	for i := range h {
		slot, ok := slots[h[i].Key]
		if !ok {
			slot = int32(len(w.keys))
			slots[h[i].Key] = slot
			w.keys = append(w.keys, keyWitness{key: h[i].Key, state: spec.Init, latest: -1})
		}
		w.slot[i] = slot
	}
	for _, i := range w.order() {
		w.place(int(i))
	}
	return w
}

// refused lists the keys that the order of the log does not explain, sorted.
func (w *logOrder) refused() []keyWitness {
	var refused []keyWitness
	for _, k := range w.keys {
		if k.err != nil {
			refused = append(refused, k)
		}
	}
	slices.SortFunc(refused, func(a, b keyWitness) int { return cmp.Compare(a.key, b.key) })
	return refused
}

// refuse keeps the first reason of a key.
func (w *logOrder) refuse(i int, format string, args ...any) {
	if k := &w.keys[w.slot[i]]; k.err == nil {
		k.err = fmt.Errorf(format, args...)
	}
}

// order is the operations by position. It refuses the keys of operations that
// have none though they returned, and of those that share one.
func (w *logOrder) order() []int32 {
	placed, last := 0, 0
	for i := range w.h {
		switch op := &w.h[i]; {
		case op.Position > 0:
			placed++
			last = max(last, op.Position)
		case !op.Pending():
			w.refuse(i, "%v returned, and has no position in the log", op)
		}
	}
	order := make([]int32, 0, placed)
	// A recorder numbers the operations it applies, so positions are dense and one
	// pass over an array sorts them. A file may hold any numbers.
	if last <= 4*len(w.h)+1024 {
		return w.spread(order, last)
	}
	return w.sorted(order)
}

// spread sorts operations whose positions go up to last, in linear time.
func (w *logOrder) spread(order []int32, last int) []int32 {
	at := make([]int32, last+1) // operation + 1; 0 is none
	for i := range w.h {
		p := w.h[i].Position
		switch {
		case p == 0:
		case at[p] == 0:
			at[p] = int32(i) + 1
		default:
			w.refuse(i, "%v and %v have the same position in the log", w.h[at[p]-1], w.h[i])
		}
	}
	for _, i := range at {
		if i != 0 {
			order = append(order, i-1)
		}
	}
	return order
}

// sorted sorts operations whose positions are anything.
func (w *logOrder) sorted(order []int32) []int32 {
	for i := range w.h {
		if w.h[i].Position > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(w.h[a].Position, w.h[b].Position) })
	distinct := order[:0]
	for _, i := range order {
		if n := len(distinct); n > 0 && w.h[distinct[n-1]].Position == w.h[i].Position {
			w.refuse(int(i), "%v and %v have the same position in the log", w.h[distinct[n-1]], w.h[i])
			continue
		}
		distinct = append(distinct, i)
	}
	return distinct
}

// place puts the operation behind all that were placed before it.
func (w *logOrder) place(i int) {
	op, k := &w.h[i], &w.keys[w.slot[i]]
	if k.err != nil {
		return
	}
	// Invariant: it is enough to look at the latest call. If op returned before
	// any operation that was placed earlier was called, then before that one.
	// A pending operation returns after everything.
	if k.latest >= 0 && op.Return < w.h[k.latest].Call {
		w.refuse(i, "the log has %v before %v, which had returned before the other was called", w.h[k.latest], op)
		return
	}
	if k.latest < 0 || op.Call > w.h[k.latest].Call {
		k.latest = i
	}
	next, ok := w.spec.Step(k.state, op.Input, op.Output, !op.Pending())
	if !ok {
		w.refuse(i, "in the order of the log %v found the state %q, which does not answer so", op, shorten(k.state))
		return
	}
	k.state = next
}

// shorten cuts a text that a message quotes to a readable length.
func shorten(s string) string {
	const enough = 64
	if len(s) <= enough {
		return s
	}
	return s[:enough] + "..."
}
