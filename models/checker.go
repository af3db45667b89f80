package models

import (
	"fmt"
	"reflect"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Property is a promise of Raft, by the name that the field has for it.
type Property struct {
	Name string
	// Source is where the promise is made.
	Source string
	// Inspects says that it can be judged only on nodes that are inspectors.
	Inspects bool
}

// Checker judges one property of one run, record by record. It is a pointer. Each run
// begins with what it pointed to when the monitor was made, unless it is a [Resetter].
type Checker interface {
	Property() Property
	// Observe looks at a record, which the view already has, and says in one
	// line what it breaks, or nothing. After the first break it is not called
	// again, nor for a step that changed nothing and wanted nothing.
	Observe(*trace.View, *trace.Record) string
	// Finish says, of a run in which nothing broke, whether the property held
	// or could not be checked, and why not. NotChecked without a reason means
	// that the run never asked for it.
	Finish(*trace.View) (Outcome, string)
}

// Resetter is a Checker that forgets a run by itself, and so keeps its memory for the
// next one.
type Resetter interface {
	Checker
	Reset()
}

// Rememberer is a Checker whose memory can be compared and copied. Explorations, which
// go on from one state in many ways, judge by no others.
type Rememberer interface {
	Checker
	// Copy makes the checker remember what another of its type does, sharing no
	// memory with it.
	Copy(Checker)
	// AppendMemory appends an encoding of the checker's memory, nodes named by as.
	// Two memories with equal encodings lead to the same later verdicts, apart from
	// their words and from what Finish says of a run in which nothing broke.
	AppendMemory(b []byte, as *raft.Renaming) []byte
}

// Outcome is what became of a property in a run.
type Outcome uint8

// The outcomes. The zero value is never a pass.
const (
	NotChecked Outcome = iota
	Held
	Violated
)

// String is the outcome in words.
func (o Outcome) String() string { return [...]string{"not checked", "held", "violated"}[o] }

// Worse is the worse of two outcomes: violated, then not checked, then held.
func (o Outcome) Worse(p Outcome) Outcome {
	if o == Violated || p == Violated {
		return Violated
	}
	return min(o, p)
}

// Verdict is the outcome of one property in one run.
type Verdict struct {
	Property string
	Outcome  Outcome
	Event    int    // the event that broke it, counted from 1; 0 for the whole run
	Text     string // what broke, or why it was not checked
}

// String is the verdict on one line, as schedule files have it.
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

// Monitor shows a run to checkers and keeps the first thing that each complains about.
type Monitor struct {
	View     trace.View
	checkers []Checker
	resets   []func() // of each checker
	verdicts []Verdict
	finished []Verdict
}

// NewMonitor returns a monitor of these checkers. Reset it before a run.
func NewMonitor(checkers ...Checker) *Monitor {
	m := &Monitor{checkers: checkers, verdicts: make([]Verdict, len(checkers))}
	for _, c := range checkers {
		m.resets = append(m.resets, reset(c))
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

// Reset makes the monitor ready for a run of a cluster of these nodes, the first
// of which are the voters of the first configuration.
func (m *Monitor) Reset(all, first raft.NodeSet) {
	m.View.Reset(all, first)
	for i, c := range m.checkers {
		m.resets[i]()
		m.verdicts[i] = Verdict{Property: c.Property().Name}
	}
}

// Watch folds a record into the view and shows it to the checkers: it is Observe for
// a monitor whose View no world keeps.
func (m *Monitor) Watch(r *trace.Record) {
	m.View.Observe(r)
	m.Observe(r)
}

// Observe shows a record, which the view already has, to every checker that has not
// complained yet. A step that changed nothing and wanted nothing cannot break anything
// and is not shown: most ticks are such steps.
func (m *Monitor) Observe(r *trace.Record) {
	if r.Kind == trace.Stepped && r.Idle(&m.View.Nodes[r.Node]) {
		return
	}
	for i, c := range m.checkers {
		if m.verdicts[i].Outcome == Violated {
			continue
		}
		if text := c.Observe(&m.View, r); text != "" {
			m.verdicts[i] = Verdict{Property: m.verdicts[i].Property, Outcome: Violated, Event: r.Event, Text: trace.OneLine(text)}
		}
	}
}

// Finish ends the run and returns the verdicts of the properties that it asked
// for, in the order of the checkers. They are valid until the next Reset.
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
