package linearizability

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/anishathalye/porcupine"
)

// The bounds of a picture. A browser draws no more than that either.
const (
	maxDrawnOperations = 10_000
	maxDrawnSteps      = 200_000 // model steps of the search for orders, of each key
	maxDrawnPlaces     = 100_000 // operations in all the partial orders of a key
)

// Annotation is something to draw besides the operations: a fault, a leader.
type Annotation struct {
	Row   string // annotations of one row share a line; empty is "notes"
	Start int64  // logical time
	End   int64  // logical time; before Start means Start
	Text  string
}

// WritePicture draws the history as an HTML page: the operations of each client, and for
// each key the order of the log if that explains it, else the order that a
// search finds, else the longest partial orders. A pending operation has a row
// of its own and ends where the history does. The verdict does not matter: a
// history that is not linearizable, or whose search is given up, is drawn too.
// The page is a function of the arguments. It is an error if the specification
// or the history is not valid, if there are more than 10,000 operations (draw
// those of one key, then), or if w fails.
func WritePicture(w io.Writer, spec Spec, h History, notes []Annotation) error {
	if err := errors.Join(spec.validate(), h.Validate()); err != nil {
		return fmt.Errorf("picture of a history: %w", err)
	}
	if len(h) > maxDrawnOperations {
		return fmt.Errorf("picture of a history: expected at most %d operations, found %d",
			maxDrawnOperations, len(h))
	}
	d := newDrawing(spec, h)
	model := bounded(spec, nil)
	model.Partition = func([]porcupine.Operation) [][]porcupine.Operation { return d.calls }
	_, info := porcupine.CheckOperationsVerbose(model, nil, 0)
	for i, partials := range info.PartialLinearizations() {
		// The slice is porcupine's own, and the page draws its elements.
		info.PartialLinearizations()[i] = d.orders(i, partials)
	}
	info.AddAnnotations(append(d.unknownReads(), annotations(notes)...))
	if err := porcupine.Visualize(d.model(), info, w); err != nil {
		return fmt.Errorf("picture of a history: %w", err)
	}
	return nil
}

// drawing is a history prepared for porcupine's page.
type drawing struct {
	spec  Spec
	parts []keyHistory
	calls [][]porcupine.Operation // of each part; the index there is the id in orders
	log   [][]int                 // of each part, the order of the log; nil if it explains nothing
	rows  map[int]int             // client -> row
	free  int                     // the first row without operations
	end   int64                   // where pending operations are drawn to end
	reads []placement             // unknown reads: drawn, but in no order
}

func newDrawing(spec Spec, h History) *drawing {
	d := &drawing{spec: spec, rows: make(map[int]int)}
	clients := make([]int, 0, len(h))
	for i := range h {
		clients = append(clients, h[i].Client)
		d.end = max(d.end, h[i].Call+1)
		if !h[i].Pending() {
			d.end = max(d.end, h[i].Return)
		}
	}
	// Client numbers may be anything, and the page has a row for every number
	// up to the highest.
	slices.Sort(clients)
	for row, client := range slices.Compact(clients) {
		d.rows[client] = row
	}
	d.free = len(d.rows)
	d.parts = partition(h, func(string) bool { return true })
	refused := make(map[string]bool)
	for _, k := range followLog(spec, h).refused() {
		refused[k.key] = true
	}
	for i := range d.parts {
		d.addPart(&d.parts[i], refused[d.parts[i].key])
	}
	return d
}

// addPart prepares the operations of one key.
func (d *drawing) addPart(part *keyHistory, refused bool) {
	calls, m := placements(d.spec, part.ops, maxDrawnSteps)
	m.wave = false
	if !refused {
		m.steps = 0 // the order is known already
	}
	d.calls = append(d.calls, calls)
	for i := range part.ops {
		if d.spec.drops(&part.ops[i]) {
			d.reads = append(d.reads, placement{op: &part.ops[i]})
		}
	}
	for i := range calls {
		op := calls[i].Input.(*placement).op
		calls[i].ClientId = d.row(op)
		if op.Pending() {
			// No call is later, so for the search this is the end of time too.
			calls[i].Return = d.end
		}
	}
	var log []int
	if !refused {
		log = logPlaces(calls)
	}
	d.log = append(d.log, log)
}

// row returns the row of op. The client of a pending operation may go on, and boxes of
// one row must not lie on each other.
func (d *drawing) row(op *Operation) int {
	if !op.Pending() {
		return d.rows[op.Client]
	}
	d.free++
	return d.free - 1
}

// logPlaces is the order of the log, and behind it the operations that were never applied.
func logPlaces(calls []porcupine.Operation) []int {
	places := make([]int, len(calls))
	for i := range places {
		places[i] = i
	}
	position := func(i int) uint { return uint(calls[i].Input.(*placement).op.Position) - 1 }
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(position(a), position(b)) })
	return places
}

// orders returns the orders to draw among those that porcupine found for a part.
// Porcupine collects them from a map keyed by pointers, and sorts by length
// only and not stably: pages of histories with two longest orders would differ
// from run to run.
func (d *drawing) orders(part int, found [][]int) [][]int {
	if d.log[part] != nil {
		return [][]int{d.log[part]}
	}
	slices.SortFunc(found, func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), slices.Compare(a, b))
	})
	places := 0
	for i, order := range found {
		if places += len(order); places > maxDrawnPlaces && i > 0 {
			return found[:i]
		}
	}
	return found
}

// unknownReads are drawn as notes in rows of their own, as they are in no order.
func (d *drawing) unknownReads() []porcupine.Annotation {
	var notes []porcupine.Annotation
	for i := range d.reads {
		op := d.reads[i].op
		notes = append(notes, porcupine.Annotation{
			ClientId: d.row(op), Start: op.Call, End: d.end, Description: describe(op),
		})
	}
	return notes
}

func annotations(notes []Annotation) []porcupine.Annotation {
	drawn := make([]porcupine.Annotation, len(notes))
	for i, n := range notes {
		drawn[i] = porcupine.Annotation{Tag: cmp.Or(n.Row, "notes"), Start: n.Start, End: n.End,
			Description: n.Text}
	}
	return drawn
}

// model is the specification as the page replays it. It refuses no step: the
// orders were checked when they were found, and porcupine panics otherwise.
func (d *drawing) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return d.spec.Init },
		Step: func(state, input, _ any) (bool, any) {
			op := input.(*placement).op
			next, ok := d.spec.Step(state.(string), op.Input, op.Output, !op.Pending())
			if !ok {
				return true, state
			}
			return true, next
		},
		DescribeOperation: func(input, _ any) string { return describe(input.(*placement).op) },
		DescribeState:     func(state any) string { return shorten(state.(string)) },
	}
}

// describe is an operation as a box of the page shows it.
func describe(op *Operation) string {
	text := fmt.Sprintf("c%d %s %s", op.Client, op.Key, op.Input)
	if op.Pending() {
		return shorten(text) + " -> ?"
	}
	return shorten(text) + " -> " + shorten(op.Output)
}
