package linearizability

import "math/bits"

// search looks for an order of the operations of one key. It is Wing and Gong's
// search ("Testing and verifying concurrent objects", 1993) with Lowe's memory
// of visited configs ("Testing for linearizability", 2017). A config holds only
// the operations that are open. Five shortcuts lose no order:
//
//   - An operation that keeps the state is placed as soon as the state accepts
//     it. In any order it can be moved there, as no other operation notices.
//   - An operation that overwrites, or only grows the state, is done once one that
//     overwrites is placed while it is open: its place may be just in front, where
//     nobody sees it. It may still be given a place of its own instead.
//   - An unknown operation that changes nothing is never placed, as it may
//     never have happened.
//   - An operation that overwrites, grows, or is unknown, is placed before the last one
//     of its level only if another one may notice its state, see wanted and seen.
//   - A config is left if an answer needs a state that nothing can lead to any
//     more, see doomed and mayLose.
//
// Where no operation is in flight, a config is a state and the unknown
// operations used so far. So the history is cut there, and the configs met
// there are all that is carried over.
type search struct {
	*problem
	config           // where the search is
	sets   *usedSets // the values of used
	open   []int32   // of each slot, the call that is open at the level; free if none is
	opens  slotSet   // the slots in which one is
	aim    aim       // of the config that the search goes on from
	budget budget
}

const free = -1

// budget is the means of a search. They are counts, so that a verdict depends
// on the history alone.
type budget struct {
	steps  int // left: placements tried, and configs compared
	bytes  int // the most that tables and states may hold
	taken  int // steps so far
	spent  bool
	wanted func() bool // asked now and then; false ends the search. nil: always true
}

// take charges steps.
func (b *budget) take(steps int) {
	b.steps -= steps
	b.taken += steps
	if b.steps < 0 {
		b.spent = true
	}
}

func newSearch(p *problem, b budget) *search {
	words := len(p.plain)
	s := &search{
		problem: p, sets: newUsedSets(len(p.unknown)), budget: b,
		config: config{done: make(slotSet, words), placed: make(slotSet, words)},
		open:   make([]int32, p.slots), opens: make(slotSet, words),
	}
	for i := range s.open {
		s.open[i] = free
	}
	s.enter(0)
	return s
}

// begin puts the search in front of everything.
func (s *search) begin() {
	s.moveTo(0)
	clear(s.done)
	clear(s.placed)
	s.state, s.used = 0, 0
}

// enter opens the calls between the last return and that of a level.
func (s *search) enter(level int32) {
	for i := s.calledBefore(level); i < s.calledBefore(level+1); i++ {
		slot := s.calls[i].slot
		s.open[slot] = i
		s.opens.set(slot)
	}
}

// leave undoes enter.
func (s *search) leave(level int32) {
	for i := s.calledBefore(level); i < s.calledBefore(level+1); i++ {
		slot := s.calls[i].slot
		s.open[slot] = free
		s.opens.clear(slot)
	}
}

// moveTo opens and closes calls until the search is at a level.
func (s *search) moveTo(level int32) {
	for s.level < level {
		slot := s.calls[s.returns[s.level]].slot
		s.open[slot] = free
		s.opens.clear(slot)
		s.level++
		s.enter(s.level)
	}
	for s.level > level {
		s.leave(s.level)
		s.level--
		i := s.returns[s.level]
		s.open[s.calls[i].slot] = i
		s.opens.set(s.calls[i].slot)
	}
}

// next is the call whose return ends the level, and its slot.
func (s *search) next() (call, slot int32) {
	call = s.returns[s.level]
	return call, s.calls[call].slot
}

// atEnd reports whether everything that must be placed is.
func (s *search) atEnd() bool { return int(s.level) == len(s.returns) }

// settled reports whether the operation that returns first is done, and can have
// no place any more. Nothing is left to do at this level then.
func (s *search) settled() bool {
	_, slot := s.next()
	return s.done.has(slot) && (s.placed.has(slot) || !s.over.has(slot))
}

// moves counts the placements that there may be in a config: of the operation that
// returns first, of those in the slots, of the unknown ones. The latter two are
// there twice, first for those that let the first operation follow.
func (s *search) moves() int { return 1 + 2*(s.slots+s.aim.classes(s)) }

// try makes a placement. ok is false if that is not possible, or leads nowhere.
func (s *search) try(move int) (ok bool) {
	first, _ := s.next()
	if move == 0 {
		return s.place(first, true)
	}
	move--
	others := s.moves() / 2
	enables := move < others
	if !enables {
		move -= others
	}
	if move < s.slots {
		return s.tryCall(int32(move), first, enables)
	}
	return s.tryUnknown(s.aim.class(move-s.slots), first, enables)
}

// tryCall places the call in a slot, if it lets the first one follow or not.
func (s *search) tryCall(slot, first int32, enables bool) (ok bool) {
	i := s.open[slot]
	if i == free || i == first || s.placed.has(slot) || s.keeps.has(slot) {
		return false
	}
	s.budget.take(1)
	next, ok := s.step(s.state, s.calls[i].action)
	return ok && s.lets(next, first) == enables && s.place(i, false)
}

// tryUnknown places an operation of an unknown class, if it lets the first call follow or not.
func (s *search) tryUnknown(class, first int32, enables bool) (ok bool) {
	if !s.left(class) {
		return false
	}
	s.budget.take(1)
	next, ok := s.step(s.state, s.unknown[class].action)
	return ok && s.lets(next, first) == enables && s.placeUnknown(class, next)
}

// left reports whether an operation of an unknown class was called, and is not used.
func (s *search) left(class int32) bool {
	c := &s.unknown[class]
	n := s.sets.count(s.used, class)
	return n < len(c.levels) && c.levels[n] <= s.level
}

// lets reports whether a state lets call first follow.
func (s *search) lets(state, first int32) bool {
	_, ok := s.step(state, s.calls[first].action)
	return ok
}

// place places an open call. leaves says that it is the last of the level.
func (s *search) place(i int32, leaves bool) (ok bool) {
	c := &s.calls[i]
	if s.placed.has(c.slot) || s.keeps.has(c.slot) {
		return false
	}
	s.budget.take(1)
	next, ok := s.step(s.state, c.action)
	if !ok || next != s.state && !s.mayLose(s.state, free) {
		return false
	}
	if s.over.has(c.slot) && !leaves && !s.wanted(next, c.effect == Overwrites) {
		return false
	}
	if c.effect == Overwrites {
		s.hide()
	}
	s.state = next
	s.done.set(c.slot)
	s.placed.set(c.slot)
	s.placeKept()
	return true
}

// hide makes the open operations that overwrite or grow done, as one that overwrites is placed.
func (s *search) hide() (changed bool) {
	for i := range s.done {
		hidden := s.over[i] & s.opens[i] &^ s.done[i]
		changed = changed || hidden != 0
		s.done[i] |= hidden
	}
	return changed
}

// placeUnknown places the first operation of an unknown class that is left,
// which leads to state next.
func (s *search) placeUnknown(class, next int32) (ok bool) {
	hides := s.unknown[class].effect == Overwrites
	if next == s.state && !hides || !s.wanted(next, hides) {
		return false
	}
	if next != s.state && !s.mayLose(s.state, free) {
		return false
	}
	hid := hides && s.hide()
	if next == s.state && !hid {
		return false
	}
	s.state = next
	s.used = s.sets.with(s.used, class)
	s.budget.take(s.sets.depth)
	s.placeKept()
	return true
}

// placeKept places the open operations that keep the state and accept it.
func (s *search) placeKept() {
	for w := range s.done {
		for left := s.keeps[w] & s.opens[w] &^ s.done[w]; left != 0; left &= left - 1 {
			slot := int32(w<<6 + bits.TrailingZeros64(left))
			s.keep(&s.calls[s.open[slot]])
		}
	}
}

// keep places a call that keeps the state if the state accepts it.
func (s *search) keep(c *call) {
	s.budget.take(1)
	if _, ok := s.step(s.state, c.action); ok {
		s.done.set(c.slot)
	}
}

// mayAscend reports whether the operation that returns first is done, and may go without
// a place of its own. One that has a place may always go: its state was left only where
// something else was to lead to it.
func (s *search) mayAscend() bool {
	first, slot := s.next()
	c := &s.calls[first]
	return s.done.has(slot) && (c.effect != Overwrites || c.arg == s.state || s.mayLose(c.arg, first))
}

// ascend goes one level up, as the operation that returns first is done.
func (s *search) ascend() {
	_, slot := s.next()
	s.done.clear(slot)
	s.placed.clear(slot)
	s.moveTo(s.level + 1)
	for i := s.calledBefore(s.level); i < s.calledBefore(s.level+1); i++ {
		if c := &s.calls[i]; s.keeps.has(c.slot) {
			s.keep(c)
		}
	}
}

// load goes to a config of a table.
func (s *search) load(t *table, id int32) {
	at := t.at(id)
	s.moveTo(int32(at[0] >> 32))
	s.state, s.used = int32(uint32(at[0])), int32(at[1]>>32)
	copy(s.done, at[2:2+t.words])
	copy(s.placed, at[2+t.words:])
}

// add remembers where the search is; added is false if that leads nowhere, if it
// has been at one as good, or is spent.
func (s *search) add(t *table) (id int32, added bool) {
	if s.doomed() {
		return 0, false
	}
	id, added, steps := t.add(&s.config, s.sets)
	s.budget.take(steps + s.worked)
	s.worked = 0
	return id, added && !s.budget.spent
}

// check ends the search if it holds too much, or is no longer wanted.
func (s *search) check(held int) {
	b := &s.budget
	b.spent = b.spent || held+s.states.bytes+s.sets.bytes() > b.bytes || b.wanted != nil && !b.wanted()
}
