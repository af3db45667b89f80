package models

import (
	"fmt"

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

// Checker judges one property of one run, record by record.
type Checker interface {
	Property() Property
	// Reset forgets the run, keeping memory.
	Reset()
	// Copy makes the checker remember what another of its type does, sharing no
	// memory with it.
	Copy(Checker)
	// AppendMemory appends an encoding of what the checker remembers, nodes named
	// by as: of two memories with equal encodings later verdicts are the same, but
	// for their words and for what Finish says of a run in which nothing broke.
	AppendMemory(b []byte, as *raft.Renaming) []byte
	// Observe looks at a record, which the view already has, and says in one
	// line what it breaks, or nothing. After the first break it is not called
	// again, nor for a step that changed nothing and wanted nothing.
	Observe(*trace.View, *trace.Record) string
	// Finish says, of a run in which nothing broke, whether the property held
	// or could not be checked, and why not. NotChecked without a reason means
	// that the run never asked for it.
	Finish(*trace.View) (Outcome, string)
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
	verdicts []Verdict
	finished []Verdict
}

// NewMonitor returns a monitor of these checkers. Reset it before a run.
func NewMonitor(checkers ...Checker) *Monitor {
	return &Monitor{checkers: checkers, verdicts: make([]Verdict, len(checkers))}
}

// Reset makes the monitor ready for a run of a cluster of these nodes, the first
// of which are the voters of the first configuration.
func (m *Monitor) Reset(all, first raft.NodeSet) {
	m.View.Reset(all, first)
	for i, c := range m.checkers {
		c.Reset()
		m.verdicts[i] = Verdict{Property: c.Property().Name}
	}
}

// Observe shows a record to every checker that has not complained yet. A step
// that changed nothing and wanted nothing cannot break anything and is not
// shown: of the ticks, that is most.
func (m *Monitor) Observe(r *trace.Record) {
	m.View.Observe(r)
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
