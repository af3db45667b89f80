package page

import (
	"fmt"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// watch judges the run a second time, to learn the step at which a property was violated.
type watch struct {
	recorder *recorder
	checkers []models.Checker
	at       map[string]int // the step of the violation of each property
}

func newWatch(system raft.System, r *recorder) *watch {
	return &watch{
		recorder: r, checkers: append(models.CheckersOf(system), new(models.Expectation)), at: map[string]int{},
	}
}

// Observe shows a record to the checkers that have found no violation, as a
// [models.Monitor] does.
func (w *watch) Observe(rec *trace.Record) {
	view := w.recorder.view
	class := models.ClassOf(view, rec)
	for _, c := range w.checkers {
		p := c.Property()
		if _, found := w.at[p.Name]; !found && p.Needed(class) && c.Observe(view, rec) != "" {
			w.at[p.Name] = w.recorder.now()
		}
	}
}

// finish adds the verdicts of the run.
func (r *recorder) finish(system raft.System, s *faults.Schedule, result *trial.Result, w *watch) {
	r.run.Outcome, r.run.Lines = result.Outcome().String(), result.Lines()
	r.order(s.Service.Spec(), result.History, result.Of(trial.Linearizability.Name).Outcome == models.Violated)
	for _, v := range result.Verdicts {
		p := propertyOf(system, v.Property)
		shown := Verdict{
			Property: v.Property, Rule: p.Rule, Source: p.Source, Outcome: v.Outcome.String(), Text: v.Text,
			Event: v.Event, Step: -1,
		}
		if at, found := w.at[v.Property]; found {
			shown.Step = at
		}
		if v.Property == trial.Linearizability.Name && v.Outcome == models.Violated {
			shown.Step = r.clash()
		}
		shown.At = r.run.name(shown.Step)
		r.run.Verdicts = append(r.run.Verdicts, shown)
	}
}

// name returns the name of a step in links: its event, and its number among the steps of
// the event.
func (r *Run) name(step int) string {
	if step < 0 {
		return ""
	}
	first := step
	for first > 0 && r.Steps[first-1].Event == r.Steps[step].Event {
		first--
	}
	return fmt.Sprintf("%d.%d", r.Steps[step].Event, step-first+1)
}

// clash is the step from which on the operations have no order: the last of those that
// have none returned then.
func (r *recorder) clash() int {
	step := -1
	for i := range r.run.Operations {
		if op := &r.run.Operations[i]; op.Clashes {
			step = max(step, op.Ended)
		}
	}
	if step < 0 {
		step = len(r.run.Steps) - 1
	}
	return step
}

// propertyOf returns the property of a verdict.
func propertyOf(system raft.System, name string) models.Property {
	if name == trial.Expectation.Name {
		return trial.Expectation
	}
	return trial.PropertyOf(system, name)
}
