package linearizability

// sweep goes up level by level with all configs of a level, and forgets those
// below: it takes the memory of the widest level, however long the history is.
// It reports whether there is an order; without one, no order gets past the
// return of the deepest level.
func (s *search) sweep() (found bool, deepest int32) {
	s.begin()
	s.placeKept()
	now, then := newTable(s.plain), newTable(s.plain)
	s.add(now)
	var leaving []int32
	for !s.atEnd() {
		leaving = s.fill(now, leaving[:0])
		if len(leaving) == 0 || s.budget.spent {
			return false, s.level
		}
		level := s.level
		for _, id := range leaving {
			s.load(now, id)
			s.ascend()
			s.add(then)
		}
		s.moveTo(level + 1)
		s.check(now.bytes() + then.bytes())
		now, then = then, now
		then.reset()
	}
	return true, s.level
}

// fill adds to t every config of its level that can be reached, and returns
// those from which the search can leave the level.
func (s *search) fill(t *table, leaving []int32) []int32 {
	for id := int32(0); int(id) < t.count && !s.budget.spent; id++ {
		s.load(t, id)
		if s.mayAscend() {
			leaving = append(leaving, id)
		}
		if s.settled() {
			continue
		}
		s.look()
		for move := range s.moves() {
			if s.try(move) {
				s.add(t)
				s.load(t, id)
			}
		}
		if id&255 == 255 {
			s.check(t.bytes())
		}
	}
	return leaving
}
