package linearizability

import "math/bits"

// aim is the states that a config may have a use for: those that an open operation
// which does not overwrite accepts, and those from which unknown operations lead there.
// Any other state is overwritten before anybody notices, see search.wanted.
type aim struct {
	any     bool    // there is no telling
	leave   bool    // any other state than the config's, which is in states if it counts too
	number  int32   // of the aim, among those of the search
	marks   []int32 // of each state, the number of the last aim that it was in
	states  []int32 // the states of the aim
	unknown []int32 // the unknown classes that lead from the state of the config towards one
}

// classes counts the unknown classes that may be placed.
func (a *aim) classes(s *search) int {
	if a.any || a.leave {
		return len(a.unknown) + len(s.unknown)
	}
	return len(a.unknown)
}

func (a *aim) class(i int) int32 {
	if i >= len(a.unknown) {
		return int32(i - len(a.unknown))
	}
	return a.unknown[i]
}

func (a *aim) has(state int32) bool {
	return int(state) < len(a.marks) && a.marks[state] == a.number
}

func (a *aim) add(state int32) {
	for int(state) >= len(a.marks) {
		a.marks = append(a.marks, make([]int32, 1+len(a.marks))...)
	}
	if a.marks[state] != a.number {
		a.marks[state] = a.number
		a.states = append(a.states, state)
	}
}

// look finds the aim of the config at which the search is.
func (s *search) look() {
	a := &s.aim
	a.number++
	a.states, a.unknown = a.states[:0], a.unknown[:0]
	a.any, a.leave = s.makers == nil || s.grows, false
	for w := range s.done {
		for left := s.opens[w] &^ s.over[w] &^ s.done[w]; left != 0; left &= left - 1 {
			switch c := &s.calls[s.open[w<<6+bits.TrailingZeros64(left)]]; c.effect {
			case Reads:
				a.add(c.arg)
			case Swaps:
				a.add(c.from)
			case Misses:
				a.leave = a.leave || c.from == s.state
			default:
				a.any = true
			}
		}
	}
	for i := 0; i < len(a.states) && !a.any; i++ {
		for _, class := range s.makers[a.states[i]] {
			s.budget.take(1)
			if c := &s.unknown[class]; s.left(class) {
				if c.effect == Overwrites || c.from == s.state {
					a.unknown = append(a.unknown, class)
				}
				if c.effect != Overwrites {
					a.add(c.from)
				}
			}
		}
	}
	if a.leave && s.dependent(s.state) {
		a.add(s.state) // what writes it once more may have to come before it is left
	}
}

// wanted reports whether an operation that does not overwrite may come next in
// a state. Otherwise there is no point in making the state before the level
// ends: one that overwrites comes next, and an operation in front of it may be
// hidden there, or if it is unknown left out. hides says that it overwrites.
func (s *search) wanted(state int32, hides bool) bool {
	if s.foresee && s.grows {
		return s.seen(state, hides)
	}
	if !s.aim.any {
		return s.aim.has(state) || s.aim.leave && state != s.state
	}
	if s.dependent(state) {
		return true
	}
	for w := range s.done {
		for left := s.opens[w] &^ s.over[w] &^ s.done[w]; left != 0; left &= left - 1 {
			s.budget.take(1)
			c := &s.calls[s.open[w<<6+bits.TrailingZeros64(left)]]
			if _, ok := s.step(state, c.action); ok {
				return true
			}
		}
	}
	return false
}

// doomed reports whether some open operation, which state v alone accepts, can have no
// place any more. In any order, take the last operation in front of it that leads to
// one state only. Behind that operation the state only grows, to v. So it leads to v or a
// state that reaches v, and is not placed yet; or there is none, and the state here reaches v.
func (s *search) doomed() bool {
	if !s.foresee || s.atEnd() {
		return false
	}
	for w := range s.done {
		for left := s.opens[w] &^ s.over[w] &^ s.done[w]; left != 0; left &= left - 1 {
			i := s.open[w<<6+bits.TrailingZeros64(left)]
			v, ok := s.calls[i].needs()
			if ok && !s.reaches(s.state, v) && !s.mayBeMade(v, i) {
				return true
			}
		}
	}
	return s.grows && s.doomedLater()
}

// mayLose reports whether the search may go on without a state, and without call i that
// leads to it: no later call needs the state, or another operation may lead to it.
func (s *search) mayLose(state, i int32) bool {
	return !s.foresee || s.grows || s.readers[state] < s.calledBefore(s.level+1) || s.mayBeMade(state, i)
}

// reaches reports whether operations that Grow may lead from one state to another.
func (p *problem) reaches(state, v int32) bool {
	return state == v || p.grows && p.spec.Reaches(p.states.text[state], p.states.text[v])
}

// mayBeMade reports whether an operation that may be placed before call i leads to a state
// that reaches v.
func (s *search) mayBeMade(v, i int32) bool {
	for w := range s.done {
		for left := s.opens[w] &^ s.keeps[w] &^ s.placed[w]; left != 0; left &= left - 1 {
			if o := s.open[w<<6+bits.TrailingZeros64(left)]; o != i && s.makes(s.calls[o].action, v) {
				return true
			}
		}
	}
	if s.grows {
		return s.mayComeTo(v, i)
	}
	if s.writers[v] >= s.calledBefore(s.level+1) {
		return true
	}
	for _, class := range s.makers[v] {
		if s.sets.count(s.used, class) < len(s.unknown[class].levels) {
			return true
		}
	}
	return false
}

// mayComeTo reports whether an operation that is called before call i returns, or an
// unknown one, leads to a state that reaches v.
func (s *search) mayComeTo(v, i int32) bool {
	next, end := s.calledBefore(s.level+1), s.opened[s.calls[i].level]
	if int(end-next)+len(s.unknown) > farAhead {
		return true
	}
	for ; next < end; next++ {
		if s.makes(s.calls[next].action, v) {
			return true
		}
	}
	for u := range s.unknown {
		if s.makes(s.unknown[u].action, v) {
			return true
		}
	}
	return false
}

func (p *problem) makes(a action, v int32) bool { return a.leads() && p.reaches(a.arg, v) }
