package linearizability

import "slices"

// dive is a search that goes as deep as it can and then back. In most histories
// that have an order, it finds one with hardly a wrong turn.
type dive struct {
	*search
	table *table
	path  []frame
	found bool

	deepest int32 // the highest level so far
	reached int   // the steps taken when it was
}

// frame is a config to go on from, and the next move from it.
type frame struct {
	id   int32
	move int32
}

// dive reports whether there is an order. Without one, and if the search is not
// spent, no order gets past the return of the deepest level. patience is the number of
// steps that the search may take without reaching a new level; then it is spent. The wrong
// turn is mostly far behind by then, and a sweep copes with that better.
func (s *search) dive(patience int) (found bool, deepest int32) {
	d := dive{search: s, table: newTable(s.plain)}
	s.begin()
	s.placeKept()
	d.push()
	for len(d.path) > 0 && !d.found && !s.budget.spent {
		f := &d.path[len(d.path)-1]
		s.load(d.table, f.id)
		if d.advance(f) {
			d.push()
		} else {
			d.fan()
		}
		if d.table.count&255 == 0 {
			s.check(d.table.bytes() + 8*len(d.path))
		}
		s.budget.spent = s.budget.spent || s.budget.taken-d.reached > patience
	}
	return d.found, d.deepest
}

// push puts where the search is on the path, if it is new.
func (d *dive) push() {
	for !d.atEnd() && d.settled() {
		if d.doomed() {
			return
		}
		d.up()
	}
	if d.atEnd() {
		d.found = true
		return
	}
	if id, added := d.add(d.table); added {
		d.path = append(d.path, frame{id: id})
	}
}

// up ascends.
func (d *dive) up() {
	d.ascend()
	if d.level > d.deepest {
		d.deepest, d.reached = d.level, d.budget.taken
	}
}

// advance makes the next of the moves that leave the level, or let the operation
// that returns first follow.
func (d *dive) advance(f *frame) bool {
	if f.move == 0 {
		f.move++
		if d.mayAscend() {
			d.up() // without a place of its own for the hidden operation
			return true
		}
	}
	d.look()
	for moves := int32(d.moves()/2 + 1); f.move <= moves; {
		f.move++
		if d.try(int(f.move - 2)) {
			return true
		}
	}
	return false
}

// fan takes the last config off the path and puts in its stead all that the
// other moves lead to. They are all remembered before any is gone on from:
// otherwise a config that used one unknown operation for nothing would be met
// before the one that did not, and so would one that used two.
func (d *dive) fan() {
	id := d.path[len(d.path)-1].id
	d.path = d.path[:len(d.path)-1]
	before := len(d.path)
	d.look()
	for move := d.moves()/2 + 1; move < d.moves() && !d.found; move++ {
		d.load(d.table, id)
		if d.try(move) {
			d.push()
		}
	}
	slices.Reverse(d.path[before:])
}
