package linearizability

import (
	"cmp"
	"math"
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
	over    slotSet // the slots of those that overwrite

	unknown []unknownClass // the operations that may be placed, or never
	follows []int8         // of each state, see dependent; 0 if not looked at yet
}

// action is how an operation acts on a state.
type action struct {
	effect Effect
	arg    int32 // Reads, Overwrites: a state; otherwise an index in classes
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
	p.steps = newStepCache(len(ins))
	slices.SortStableFunc(ins, func(a, b interval) int { return cmp.Compare(a.call, b.call) })
	must := 0
	for i := range ins {
		if ins[i].end != Pending {
			must++
		}
	}
	p.addCalls(ins, must)
	p.assignSlots()
	p.addUnknown(ins)
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

// classKey has the arguments of Step for an operation.
type classKey struct {
	input, output string
	known         bool
}

// action is how op acts. A declared effect that the specification contradicts
// for the first state is not believed.
func (p *problem) action(op *Operation, classes map[classKey]int32) action {
	effect := Anything
	if p.spec.Effect != nil {
		effect = p.spec.Effect(op)
	}
	switch effect {
	case Reads:
		return action{Reads, p.states.id(op.Output)}
	case Overwrites:
		next, ok := p.spec.Step(p.spec.Init, op.Input, op.Output, !op.Pending())
		if ok {
			return action{Overwrites, p.states.id(next)}
		}
		effect = Anything
	}
	key := classKey{op.Input, op.Output, !op.Pending()}
	if op.Pending() {
		key.output = ""
	}
	id, ok := classes[key]
	if !ok {
		id = int32(len(p.classes))
		classes[key] = id
		p.classes = append(p.classes, *op)
	}
	return action{effect, id}
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
			k := p.calls[n].effect.slots()
			if len(free[k]) == 0 {
				free[k] = append(free[k], int32(len(kind)))
				kind = append(kind, k)
			}
			last := len(free[k]) - 1
			p.calls[n].slot = free[k][last]
			free[k] = free[k][:last]
		}
		k := p.calls[i].effect.slots()
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

// slots returns the slots that an operation of this effect takes.
func (e Effect) slots() uint8 {
	switch e {
	case Anything:
		return 0
	case Overwrites:
		return 2
	default:
		return 1
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

// step is the state after an action; ok is false if the state refuses it.
func (p *problem) step(state int32, a action) (next int32, ok bool) {
	switch a.effect {
	case Reads:
		return state, state == a.arg
	case Overwrites:
		return a.arg, true
	}
	next, found := p.steps.find(state, a.arg)
	if !found {
		next = refused
		op := &p.classes[a.arg]
		if text, ok := p.spec.Step(p.states.text[state], op.Input, op.Output, !op.Pending()); ok {
			next = p.states.id(text)
			p.worked += len(text) / 8
		}
		p.worked++
		p.steps.keep(state, a.arg, next)
	}
	return next, next != refused
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

// refused stands for the state after a step that was refused.
const refused = -1

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

// stepCache remembers steps. Where two meet in the cache, the later one stays.
type stepCache []cachedStep

type cachedStep struct {
	state, class, next int32
}

// newStepCache returns a cache for a search among n operations.
func newStepCache(n int) stepCache {
	size := 16
	for size < 2*n && size < 1<<14 {
		size *= 2
	}
	c := make(stepCache, size)
	for i := range c {
		c[i].state = math.MinInt32
	}
	return c
}

func (c stepCache) at(state, class int32) *cachedStep {
	return &c[mix(uint64(uint32(state))<<32|uint64(uint32(class)))&uint64(len(c)-1)]
}

func (c stepCache) find(state, class int32) (next int32, found bool) {
	s := c.at(state, class)
	return s.next, s.state == state && s.class == class
}

func (c stepCache) keep(state, class, next int32) {
	*c.at(state, class) = cachedStep{state, class, next}
}

// mix spreads a number over all its bits (the finalizer of SplitMix64: Steele,
// Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
