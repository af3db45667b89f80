package linearizability

import "math"

// action is how an operation acts on a state.
type action struct {
	effect Effect
	arg    int32 // Reads, Overwrites, Swaps: the state afterwards; otherwise an index in classes
	from   int32 // Swaps, Misses: the state that Spec.Before has
}

// needs returns the state that alone accepts the action, if there is one.
func (a action) needs() (state int32, ok bool) {
	switch a.effect {
	case Reads:
		return a.arg, true
	case Swaps:
		return a.from, true
	}
	return 0, false
}

// leads reports whether there is but one state that the action may change the state to.
func (a action) leads() bool {
	return a.effect == Overwrites || a.effect == Swaps || a.effect == maySwap
}

// slots returns the slots that an operation of an effect takes.
func (p *problem) slotsOf(e Effect) uint8 {
	switch {
	case e == Keeps || e == Reads || e == Misses:
		return 1
	case e == Overwrites || e == Grows && p.foresee:
		return 2
	default:
		return 0
	}
}

// classKey has the arguments of Step for an operation.
type classKey struct {
	input, output string
	known         bool
}

// action is how op acts. A declared effect that the specification contradicts
// where it is looked at is not believed.
func (p *problem) action(op *Operation, classes map[classKey]int32) action {
	effect := p.spec.effect(op)
	switch effect {
	case Reads:
		return action{effect: Reads, arg: p.states.id(op.Output)}
	case Overwrites:
		next, ok := p.spec.Step(p.spec.Init, op.Input, op.Output, !op.Pending())
		if ok {
			return action{effect: Overwrites, arg: p.states.id(next)}
		}
		effect = Anything
	case Swaps:
		before := p.spec.Before(op)
		next, ok := p.spec.Step(before, op.Input, op.Output, !op.Pending())
		if ok {
			return action{swapOf(op, next == before), p.states.id(next), p.states.id(before)}
		}
		effect = Anything
	case Misses:
		before := p.spec.Before(op)
		if _, ok := p.spec.Step(before, op.Input, op.Output, true); !ok {
			return action{effect: Misses, from: p.states.id(before)}
		}
		effect = Anything
	case Grows:
		if _, ok := p.spec.Step(p.spec.Init, op.Input, op.Output, !op.Pending()); !ok {
			effect = Anything
		}
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
	return action{effect: effect, arg: id}
}

// swapOf is how a search has a swap; same says that it swaps a state for the same one.
func swapOf(op *Operation, same bool) Effect {
	switch {
	case op.Pending():
		return maySwap
	case same:
		return Reads
	}
	return Swaps
}

// effect is the declared effect of op, as far as its own declarations are there.
func (s *Spec) effect(op *Operation) Effect {
	if s.Effect == nil {
		return Anything
	}
	e := s.Effect(op)
	if (e == Swaps || e == Misses) && s.Before == nil || e == Grows && s.Reaches == nil {
		return Anything
	}
	return e
}

// step is the state after an action; ok is false if the state refuses it.
func (p *problem) step(state int32, a action) (next int32, ok bool) {
	switch a.effect {
	case Reads:
		return state, state == a.arg
	case Overwrites:
		return a.arg, true
	case Swaps:
		return a.arg, state == a.from
	case Misses:
		return state, state != a.from
	case maySwap:
		if state == a.from {
			return a.arg, true
		}
		return state, true
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

// refused stands for the state after a step that was refused.
const refused = -1

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
