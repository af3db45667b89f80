package linearizability

import "math/bits"

// farAhead is the number of calls ahead of a config that a search looks at.
const farAhead = 64

// addPuts finds the operations that overwrite, if states grow in between.
func (p *problem) addPuts() {
	if !p.foresee || !p.grows {
		return
	}
	p.nextPut = make([]int32, len(p.returns)+1)
	next := int32(len(p.returns))
	p.nextPut[next] = next
	for level := next - 1; level >= 0; level-- {
		if p.calls[p.returns[level]].effect == Overwrites {
			next = level
		}
		p.nextPut[level] = next
	}
}

// seen reports whether an operation may notice a state, or one that it grows to, before
// another operation overwrites it. Otherwise there is no point in making the state before
// the level ends. In any order that does so, only operations that grow come between that
// one and the next that overwrites, or the end. So it may come just in front of the latter,
// where it is hidden; or after the operation that returns first, if that comes earlier; or
// if it is unknown, never.
//
// Let w overwrite, and be not done. An operation that overwrites comes before w returns, be
// it w or the one that hides w. So nothing that is called later notices the state.
func (s *search) seen(state int32, hides bool) bool {
	for w := range s.done {
		for left := s.opens[w] &^ s.over[w] &^ s.done[w]; left != 0; left &= left - 1 {
			if s.notices(s.calls[s.open[w<<6+bits.TrailingZeros64(left)]].action, state) {
				return true
			}
		}
	}
	for i := range s.unknown {
		if u := &s.unknown[i]; u.effect == maySwap && s.notices(u.action, state) {
			return true
		}
	}
	next, end := s.calledBefore(s.level+1), s.overwritten(hides)
	for i := next; i < min(end, next+farAhead); i++ {
		if s.notices(s.calls[i].action, state) {
			return true
		}
	}
	return end > next+farAhead
}

// notices reports whether an action may depend on a state, or on one that it grows to.
func (s *search) notices(a action, state int32) bool {
	s.budget.take(1)
	switch a.effect {
	case Reads:
		return s.reaches(state, a.arg)
	case Swaps, maySwap:
		return s.reaches(state, a.from)
	case Overwrites, Grows:
		return false
	}
	return true
}

// overwritten counts the calls until the first return of an operation that overwrites and
// is not done; all of them if there is none. hides says that those that are open will be.
func (s *search) overwritten(hides bool) int32 {
	level := s.nextPut[s.level]
	for int(level) < len(s.returns) {
		c := &s.calls[s.returns[level]]
		isOpen := s.open[c.slot] == s.returns[level]
		if !isOpen || !hides && !s.done.has(c.slot) {
			return s.opened[level]
		}
		level = s.nextPut[level+1]
	}
	return int32(len(s.calls))
}

// doomedLater is doomed for operations that are called later.
func (s *search) doomedLater() bool {
	next := s.calledBefore(s.level + 1)
	for i := next; i < min(int32(len(s.calls)), next+farAhead); i++ {
		v, ok := s.calls[i].needs()
		if ok && !s.reaches(s.state, v) && !s.mayBeMade(v, i) {
			return true
		}
	}
	return false
}
