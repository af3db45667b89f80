package linearizability

import (
	"cmp"
	"errors"
	"slices"

	"github.com/anishathalye/porcupine"
)

// Points returns, for each operation of a history, a time at which it may have taken
// effect: between its call and its return, in one order of the operations of its key that
// explains the answers. That is the order of the log where it explains them, and otherwise
// the one that a search of porcupine finds. A point is -1 if the order has no need of the
// operation, if there is no order, or if the bounded search for it was given up.
func Points(spec Spec, h History) []int64 {
	points := make([]int64, len(h))
	for i := range points {
		points[i] = -1
	}
	if errors.Join(spec.validate(), h.Validate()) != nil {
		return points
	}
	w := followLog(spec, h)
	byKey := make([][]int, len(w.keys))
	for i, slot := range w.slot {
		byKey[slot] = append(byKey[slot], i)
	}
	for slot, ops := range byKey {
		order := byPosition(h, ops)
		if w.keys[slot].err != nil {
			order = searchedOrder(spec, h, ops)
		}
		place(h, order, points)
	}
	return points
}

// byPosition is the operations that the log applied, in its order.
func byPosition(h History, ops []int) []int {
	order := slices.DeleteFunc(slices.Clone(ops), func(i int) bool { return h[i].Position == 0 })
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(h[a].Position, h[b].Position) })
	return order
}

// searchedOrder is an order of the operations of one key, nil if none was found. Those of
// unknown outcome at its end are left out: no answer needs them.
func searchedOrder(spec Spec, h History, ops []int) []int {
	ops = slices.DeleteFunc(slices.Clone(ops), func(i int) bool { return spec.drops(&h[i]) })
	list := make(History, len(ops))
	for n, i := range ops {
		list[n] = h[i]
	}
	calls, m := placements(spec, list, maxDrawnSteps)
	m.wave = false
	_, info := porcupine.CheckOperationsVerbose(bounded(spec, m), calls, 0)
	for _, found := range info.PartialLinearizations()[0] {
		if len(found) < len(calls) {
			continue
		}
		for len(found) > 0 && list[found[len(found)-1]].Pending() {
			found = found[:len(found)-1]
		}
		order := make([]int, len(found))
		for n, i := range found {
			order[n] = ops[i]
		}
		return order
	}
	return nil
}

// place gives the operations of an order points midway between the earliest and the latest
// times that the order allows. Operations that follow each other may have one point.
func place(h History, order []int, points []int64) {
	earliest, latest := int64(0), int64(0)
	for _, i := range order {
		earliest = max(earliest, h[i].Call)
		points[i] = earliest
		latest = max(latest, h[i].Call)
		if !h[i].Pending() {
			latest = max(latest, h[i].Return)
		}
	}
	for _, i := range slices.Backward(order) {
		latest = min(latest, h[i].Return)
		points[i] += (latest - points[i]) / 2
	}
}
