package models

import (
	"cmp"
	"fmt"
	"reflect"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Property is a promise that a cluster must keep. Raft's own have the names of the paper.
type Property struct {
	// Name is unique among the properties of a system: letters and digits.
	Name string
	// Rule states the promise in one sentence.
	Rule string
	// Source cites the text that makes the promise.
	Source string
	// Kind tells an outcome from a rule.
	Kind Kind
	// Inspects reports that only nodes that show their state (raft.Inspector) can be
	// judged. The property is not checked if any node hid its state.
	Inspects bool
	// OfRaft reports that the rule is Raft's own. A system that replicates its log by another
	// algorithm ([raft.Limits]) is not asked to keep it.
	OfRaft bool
	// Needs has the classes of record that the checker needs. It is not called for any
	// other one. 0 stands for all but [ClassIdle].
	Needs Class
}

// Needed reports whether the checker of the property needs the records of a class.
func (p *Property) Needed(c Class) bool { return cmp.Or(p.Needs, Classes&^ClassIdle)&c != 0 }

// Kind tells whether a property is an end or a means.
type Kind uint8

// The kinds of property.
const (
	// KindRule: a rule that nodes keep on the way. A node that breaks it may do no harm.
	KindRule Kind = iota
	// KindOutcome: two state machines, or clients, can see that the promise is broken.
	KindOutcome
)

// String returns the kind in one word.
func (k Kind) String() string { return [...]string{"rule", "outcome"}[k] }

// Checker judges one property of one run, record by record. A Checker is a pointer. Each
// run starts with a shallow copy of the value that it pointed to when the monitor was
// made, unless it is a [Resetter].
type Checker interface {
	// Property returns the property that the checker judges.
	Property() Property
	// Observe judges a record, which the view already has. It returns the violation
	// in one line, or "". The monitor does not call it again after a violation, nor
	// for a record of a class that its property does not need.
	Observe(*trace.View, *trace.Record) string
	// Finish judges the end of a run without a violation. It returns Held, or
	// NotChecked with the reason. NotChecked without a reason means that the run
	// never asked for the property; there is no verdict then.
	Finish(*trace.View) (Outcome, string)
}

// Resetter is a Checker that forgets a run by itself. It can keep allocated memory for
// the next run.
type Resetter interface {
	Checker
	// Reset forgets the run.
	Reset()
}

// Rememberer is a Checker whose state can be copied and compared. An exploration, which
// goes on from one state in many ways, judges by no other checkers.
type Rememberer interface {
	Checker
	// Copy takes over the state of another checker of the same type. The two share no
	// memory.
	Copy(Checker)
	// AppendMemory appends an encoding of the checker's state, with nodes named by as.
	// Two checkers with equal encodings find the same later violations. Only the texts
	// of these, and the results of Finish, may differ.
	AppendMemory(b []byte, as *raft.Renaming) []byte
}

// Outcome is the result for one property in one run.
type Outcome uint8

// The outcomes. The zero value is never a pass.
const (
	NotChecked Outcome = iota
	Held
	Violated
)

// String returns the outcome in words.
func (o Outcome) String() string { return [...]string{"not checked", "held", "violated"}[o] }

// Worse returns the worse of two outcomes: violated, then not checked, then held.
func (o Outcome) Worse(p Outcome) Outcome {
	if o == Violated || p == Violated {
		return Violated
	}
	return min(o, p)
}

// Verdict is the outcome of one property in one run.
type Verdict struct {
	Property string // its name
	Outcome  Outcome
	Event    int    // the event of the violation, counted from 1; 0 for the whole run
	Text     string // the violation, or the reason why the property was not checked
}

// String returns the verdict on one line, as in schedule files.
func (v Verdict) String() string {
	s := v.Outcome.String() + " " + v.Property
	if v.Event > 0 {
		s += fmt.Sprintf(" after event %d", v.Event)
	}
	if v.Text != "" {
		s += ": " + v.Text
	}
	return s
}

// Monitor shows a run to checkers and keeps the first violation that each one finds.
type Monitor struct {
	// View is the cluster after the last record. Watch keeps it, or a world does.
	View     trace.View
	checkers []Checker
	needing  [Classes + 1][]int // by class, the positions of the checkers that need it
	resets   []func()           // make each checker forget the run
	verdicts []Verdict
	finished []Verdict
}

// NewMonitor returns a monitor with these checkers. Call Reset before a run.
func NewMonitor(checkers ...Checker) *Monitor {
	m := &Monitor{checkers: checkers, verdicts: make([]Verdict, len(checkers))}
	for i, c := range checkers {
		m.resets = append(m.resets, reset(c))
		p := c.Property()
		for class := Class(1); class <= Classes; class <<= 1 {
			if p.Needed(class) {
				m.needing[class] = append(m.needing[class], i)
			}
		}
	}
	return m
}

// reset returns a function that makes a checker forget the run.
func reset(c Checker) func() {
	if r, ok := c.(Resetter); ok {
		return r.Reset
	}
	is := reflect.ValueOf(c).Elem()
	was := reflect.New(is.Type()).Elem()
	was.Set(is)
	return func() { is.Set(was) }
}

// Reset prepares for a run. The set all has the nodes of the cluster, and first has the
// voters of the first configuration.
func (m *Monitor) Reset(all, first raft.NodeSet) {
	m.View.Reset(all, first)
	for i, c := range m.checkers {
		m.resets[i]()
		m.verdicts[i] = Verdict{Property: c.Property().Name}
	}
}

// Watch folds a record into the view and shows it to the checkers. Use Observe instead
// where a world keeps the monitor's View.
func (m *Monitor) Watch(r *trace.Record) {
	m.View.Observe(r)
	m.Observe(r)
}

// Observe shows a record, which the view already has, to every checker that needs its class
// and has found no violation yet.
func (m *Monitor) Observe(r *trace.Record) {
	for _, i := range m.needing[ClassOf(&m.View, r)] {
		v := &m.verdicts[i]
		if v.Outcome == Violated {
			continue
		}
		if text := m.checkers[i].Observe(&m.View, r); text != "" {
			*v = Verdict{Property: v.Property, Outcome: Violated, Event: r.Event, Text: trace.OneLine(text)}
		}
	}
}

// Finish ends the run and returns the verdicts of the properties that it asked for, in
// the order of the checkers. The verdicts are valid until the next Reset.
func (m *Monitor) Finish() []Verdict {
	asked := m.finished[:0]
	for i, c := range m.checkers {
		v := m.verdicts[i]
		if v.Outcome != Violated {
			v.Outcome, v.Text = m.finish(c)
		}
		if v.Outcome != NotChecked || v.Text != "" {
			asked = append(asked, v)
		}
	}
	m.finished = asked
	return asked
}

func (m *Monitor) finish(c Checker) (Outcome, string) {
	if c.Property().Inspects && !m.View.AllInspected() {
		return NotChecked, "a node does not show its state"
	}
	outcome, why := c.Finish(&m.View)
	if outcome == Held && !m.View.Ran() {
		return NotChecked, "no node ran"
	}
	return outcome, why
}
