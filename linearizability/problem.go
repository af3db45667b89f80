package linearizability

import (
	"cmp"
	"slices"
)

// problem is the history of one key, prepared for a search.
//
// The returns, in their order, are the levels of the search. At a level all
// earlier returns are of operations that are placed, and the operations that
// may be placed next are those called until this return: they are open. Calls
// of the same time as a return come before it, as intervals are closed.
type problem struct {
	spec    *Spec
	states  states
	classes []Operation // one of each class of operations that only Step understands
	steps   stepCache
	worked  int // steps that stand for the time of Step, not charged yet

	calls   []call  // the operations that must be placed, in order of their calls
	returns []int32 // of each level, the index in calls
	ends    []int64 // of each level, the time of the return
	opened  []int32 // of each level, how many of calls were called until then
	slots   int     // places for the calls that are open at a level
	plain   slotSet // the slots of those that do anything
	keeps   slotSet // the slots of those that read or keep the state
	over    slotSet // the slots of those that may be hidden: they overwrite, or grow if all is foreseen

	unknown []unknownClass    // the operations that may be placed, or never
	makers  map[int32][]int32 // of a state, those of unknown that lead there; nil if one leads anywhere
	follows []int8            // of each state, see dependent; 0 if not looked at yet
	foresee bool              // no operation does Anything, see doomed
	grows   bool              // some operation Grows
	nextPut []int32           // if foreseen growth: of each level, the next whose operation overwrites
	readers []int32           // of each state, the last of calls that accepts it alone, or -1
	writers []int32           // of each state, the last of calls that leads there alone, or -1
}

// call is an operation that must be placed before its return.
type call struct {
	action
	slot  int32 // among those that are open, no other has it
	level int32 // of its return
}

// unknownClass is operations of unknown outcome that act the same. Which of
// them is placed makes no difference, so the one called first is.
type unknownClass struct {
	action
	levels []int32 // of each, the first level at which it is open; in order
}

// interval is an operation on its way into a problem.
type interval struct {
	action
	call, end int64 // end is Pending for an operation that may never be placed
	known     bool
}

// newProblem prepares the operations of one key.
func newProblem(spec *Spec, ops History) *problem {
	p := &problem{spec: spec, states: newStates(spec.Init)}
	ins := p.intervals(ops)
	ins = p.tighten(ins)
	p.merge(ins)
	p.steps = newStepCache(len(ins))
	slices.SortStableFunc(ins, func(a, b interval) int { return cmp.Compare(a.call, b.call) })
	must := 0
	for i := range ins {
		if ins[i].end != Pending {
			must++
		}
	}
	p.foresee = !slices.ContainsFunc(ins, func(in interval) bool { return in.effect == Anything })
	p.grows = slices.ContainsFunc(ins, func(in interval) bool { return in.effect == Grows })
	p.addCalls(ins, must)
	p.assignSlots()
	p.addUnknown(ins)
	p.addMakers()
	p.addPuts()
	p.addLast()
	return p
}

// intervals are the operations that constrain anything.
func (p *problem) intervals(ops History) []interval {
	ins := make([]interval, 0, len(ops))
	classes := make(map[classKey]int32)
	for i := range ops {
		op := &ops[i]
		if !p.spec.drops(op) {
			ins = append(ins, interval{
				action: p.action(op, classes), call: op.Call, end: op.Return, known: !op.Pending(),
			})
		}
	}
	return ins
}

// addCalls adds the operations that must be placed, must of them, from
// intervals in order of their calls.
func (p *problem) addCalls(ins []interval, must int) {
	p.calls = make([]call, 0, must)
	p.returns = make([]int32, must)
	called := make([]int64, 0, must)
	ends := make([]int64, 0, must)
	for i := range ins {
		if ins[i].end != Pending {
			p.calls = append(p.calls, call{action: ins[i].action})
			called = append(called, ins[i].call)
			ends = append(ends, ins[i].end)
		}
	}
	for i := range p.returns {
		p.returns[i] = int32(i)
	}
	slices.SortFunc(p.returns, func(a, b int32) int {
		return cmp.Or(cmp.Compare(ends[a], ends[b]), cmp.Compare(a, b))
	})
	p.ends = make([]int64, must)
	p.opened = make([]int32, must)
	n := 0
	for level, i := range p.returns {
		p.calls[i].level = int32(level)
		p.ends[level] = ends[i]
		for n < must && called[n] <= ends[i] {
			n++
		}
		p.opened[level] = int32(n)
	}
}

// calledBefore counts the calls before the levels from level on:
// until the return in front of it.
func (p *problem) calledBefore(level int32) int32 {
	n := min(int(level), len(p.opened))
	if n == 0 {
		return 0
	}
	return p.opened[n-1]
}

// assignSlots gives operations that are open at the same level different slots,
// and operations of different effects slots of their own.
func (p *problem) assignSlots() {
	const kinds = 3
	var free [kinds][]int32
	var kind []uint8 // of each slot
	n := int32(0)
	for level, i := range p.returns {
		for ; n < p.opened[level]; n++ {
			k := p.slotsOf(p.calls[n].effect)
			if len(free[k]) == 0 {
				free[k] = append(free[k], int32(len(kind)))
				kind = append(kind, k)
			}
			last := len(free[k]) - 1
			p.calls[n].slot = free[k][last]
			free[k] = free[k][:last]
		}
		k := p.slotsOf(p.calls[i].effect)
		free[k] = append(free[k], p.calls[i].slot)
	}
	p.slots = len(kind)
	sets := [kinds]*slotSet{&p.plain, &p.keeps, &p.over}
	for k, set := range sets {
		*set = make(slotSet, (len(kind)+63)/64)
		for slot := range kind {
			if int(kind[slot]) == k {
				set.set(int32(slot))
			}
		}
	}
}

// addUnknown adds the operations that may be placed. After the last return
// nothing is to be explained, so those called later are left out.
func (p *problem) addUnknown(ins []interval) {
	slots := make(map[action]int)
	level := int32(0)
	for i := range ins {
		for int(level) < len(p.ends) && p.ends[level] < ins[i].call {
			level++
		}
		if ins[i].end != Pending || int(level) == len(p.ends) {
			continue
		}
		slot, ok := slots[ins[i].action]
		if !ok {
			slot = len(p.unknown)
			slots[ins[i].action] = slot
			p.unknown = append(p.unknown, unknownClass{action: ins[i].action})
		}
		p.unknown[slot].levels = append(p.unknown[slot].levels, level)
	}
}

// merge makes all states one that no operation tells from the others. So the operations
// that lead there are of one class.
func (p *problem) merge(ins []interval) {
	told := make([]bool, len(p.states.text))
	for i := range ins {
		switch in := &ins[i]; in.effect {
		case Reads:
			told[in.arg] = true
		case Swaps, maySwap, Misses:
			told[in.from] = true
		case Overwrites:
		default:
			return
		}
	}
	other := int32(slices.Index(told, false))
	for i := range ins {
		if in := &ins[i]; in.leads() && !told[in.arg] {
			in.arg = other
		}
	}
}

// addMakers finds, of each state, the unknown operations that lead there.
func (p *problem) addMakers() {
	makers := make(map[int32][]int32)
	for class := range p.unknown {
		if !p.unknown[class].leads() {
			return
		}
		to := p.unknown[class].arg
		makers[to] = append(makers[to], int32(class))
	}
	p.makers = makers
}

// addLast finds, of each state, the calls after which nothing needs it or leads to it.
func (p *problem) addLast() {
	p.readers = slices.Repeat([]int32{-1}, len(p.states.text))
	p.writers = slices.Clone(p.readers)
	for i := range p.calls {
		c := &p.calls[i]
		if v, ok := c.needs(); ok {
			p.readers[v] = int32(i)
		}
		if c.leads() {
			p.writers[c.arg] = int32(i)
		}
	}
}

// dependent reports whether an unknown operation that does not overwrite can
// change the state.
func (p *problem) dependent(state int32) bool {
	for int(state) >= len(p.follows) {
		p.follows = append(p.follows, make([]int8, len(p.states.text)-len(p.follows))...)
	}
	if p.follows[state] == 0 {
		p.follows[state] = -1
		for i := range p.unknown {
			if p.unknown[i].effect == Overwrites {
				continue
			}
			if next, ok := p.step(state, p.unknown[i].action); ok && next != state {
				p.follows[state] = 1
				break
			}
		}
	}
	return p.follows[state] > 0
}

// states numbers states; 0 is the first state of the specification.
type states struct {
	ids   map[string]int32
	text  []string
	bytes int
}

func newStates(first string) states {
	s := states{ids: make(map[string]int32)}
	s.id(first)
	return s
}

func (s *states) id(text string) int32 {
	id, ok := s.ids[text]
	if !ok {
		id = int32(len(s.text))
		s.ids[text] = id
		s.text = append(s.text, text)
		s.bytes += len(text) + stateOverhead
	}
	return id
}

// stateOverhead is the memory for a state besides its text: a string and a
// number in a map, and a string in a slice.
const stateOverhead = 80
