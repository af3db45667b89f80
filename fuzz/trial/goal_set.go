package trial

import (
	"iter"
	"math/bits"

	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// GoalSet is a set of goals: those of this package, and after them those of services.
type GoalSet uint64

// MaxGoals is how many goals a GoalSet can have.
const MaxGoals = 64

// Has reports whether a goal is in the set.
func (s GoalSet) Has(g Goal) bool { return s>>g&1 != 0 }

// All iterates over the goals of the set, in ascending order.
func (s GoalSet) All() iter.Seq[Goal] {
	return func(yield func(Goal) bool) {
		for ; s != 0 && yield(Goal(bits.TrailingZeros64(uint64(s)))); s &= s - 1 {
		}
	}
}

// Len is the number of goals in the set.
func (s GoalSet) Len() int { return bits.OnesCount64(uint64(s)) }

// Goals are the goals that runs can reach, by their number in a GoalSet.
type Goals []service.Goal

// GoalsOf lists the goals of runs whose clients use services of a set: those of this
// package, and then those that the services bring. Goals of one name are one goal.
func GoalsOf(set service.Set) Goals {
	list := make(Goals, goals)
	for g := range list {
		list[g] = service.Goal{Name: goalNames[g].name, About: goalNames[g].about}
	}
	for _, s := range set {
		if p, ok := s.(service.Purposeful); ok {
			list = list.with(p.Goals())
		}
	}
	return list
}

// Named returns the goal of a name, and whether there is one.
func (l Goals) Named(name string) (g Goal, ok bool) {
	number := l.number(name)
	return Goal(number), number < len(l)
}

// with is the list with more goals, unless it has them.
func (l Goals) with(more []service.Goal) Goals {
	for _, g := range more {
		if l.number(g.Name) == len(l) {
			l = append(l, g)
		}
	}
	return l
}

// number is the number of the goal of a name, len(l) if there is none.
func (l Goals) number(name string) int {
	for i := range l {
		if l[i].Name == name {
			return i
		}
	}
	return len(l)
}

// Of is the set of the goals that a run whose clients use one of these services can reach.
func (l Goals) Of(services ...service.Service) GoalSet {
	set := GoalSet(1)<<goals - 1
	for _, s := range services {
		for _, number := range l.numbers(s) {
			set |= 1 << number
		}
	}
	return set
}

// numbers are the numbers of a service's goals, in the order of the service.
func (l Goals) numbers(s service.Service) (list []int) {
	if p, ok := s.(service.Purposeful); ok {
		for _, g := range p.Goals() {
			list = append(list, l.number(g.Name))
		}
	}
	return list
}

// In lists the goals of a set.
func (l Goals) In(s GoalSet) (list []service.Goal) {
	for i := range l {
		if s.Has(Goal(i)) {
			list = append(list, l[i])
		}
	}
	return list
}

// Names lists the names of the goals of a set.
func (l Goals) Names(s GoalSet) []string {
	names := []string{}
	for _, g := range l.In(s) {
		names = append(names, g.Name)
	}
	return names
}

// served is the watch of a service of the set.
type served struct {
	name    string
	watch   service.Watch
	numbers []int // of the service's goals
}

// serve shows the service's watch a record about a client.
func (w *goalWatch) serve(r *trace.Record) {
	switch r.Kind {
	case trace.Called, trace.Returned, trace.Declined, trace.Abandoned, trace.Expired,
		trace.Worked, trace.Landed:
		reached := w.serves.watch.Observe(r)
		for i, number := range w.serves.numbers {
			w.reach(Goal(number), reached>>i&1 != 0)
		}
	}
}
