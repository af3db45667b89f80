package fuzz

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"raftcheck/faults"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Escalation searches continuations of a schedule for a harm: an outcome that clients or two
// state machines can see. The schedule breaks a rule, or comes near to it (package escalate).
type Escalation struct {
	System   raft.System
	Schedule *faults.Schedule
	Seed     uint64
	Climbs   int // of escalate.Tries continuations each, at most
	Workers  int
	// Progress, if set, is called with the report after each climb.
	Progress func(*EscalationReport)
	// Watch, if set, returns the functions that the runners of a worker call.
	Watch func() trial.Watch
}

// EscalationReport is the result of an escalation. It is the same with any number of workers,
// once the escalation has ended.
type EscalationReport struct {
	Climbs  int                 // that were needed
	Runs    int                 // of schedules, in these climbs
	Reached escalate.Situations // in these climbs
	Finding *Finding            // the harm; nil if there is none
	Stopped bool                // ended before all climbs, without a finding
}

// climbed is the work of one climb.
type climbed struct {
	runs    int
	reached escalate.Situations
}

// validate returns an error that names the field with which the escalation cannot run.
func (e *Escalation) validate() error {
	switch {
	case trial.ValidateSystem(e.System) != nil:
		return fmt.Errorf("escalation: %w", trial.ValidateSystem(e.System))
	case e.Schedule == nil || e.Schedule.Service == nil:
		return errors.New("escalation: expected a schedule, with the service of its clients")
	case e.Climbs < 1 || e.Workers < 1:
		return fmt.Errorf("escalation: expected climbs and workers of 1 at least, found %d and %d",
			e.Climbs, e.Workers)
	}
	return nil
}

// Run climbs until a harm is found, all climbs are done, or ctx ends. The error is of an
// escalation that cannot be run, or a [Bug].
func (e *Escalation) Run(ctx context.Context) (*EscalationReport, error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	var next atomic.Int64
	var ended atomic.Bool
	take := func() (int, bool) {
		number := int(next.Add(1)) - 1
		return number, number < e.Climbs && !ended.Load()
	}
	done, report := map[int]*outcome{}, &EscalationReport{}
	bug := sideBySide(ctx, e.Workers,
		func(ctx context.Context, out chan<- *outcome) { e.work(ctx, take, out) },
		func(o *outcome) {
			done[o.number] = o
			report.sum(done)
			if report.Finding != nil {
				ended.Store(true)
			}
			if e.Progress != nil {
				e.Progress(report)
			}
		})
	report.Stopped = report.Finding == nil && report.Climbs < e.Climbs
	return report, bug
}

// sum adds up the climbs with the lowest numbers, up to the first that found a harm.
func (r *EscalationReport) sum(done map[int]*outcome) {
	*r = EscalationReport{}
	for number := 0; done[number] != nil && r.Finding == nil; number++ {
		o := done[number]
		r.Climbs++
		r.Runs += o.climbed.runs
		r.Reached |= o.climbed.reached
		r.Finding = o.harm
	}
}

// work climbs until there is nothing left to climb.
func (e *Escalation) work(ctx context.Context, take func() (int, bool), out chan<- *outcome) {
	set := service.Set{e.Schedule.Service}
	ends, all := trial.NewRunner(e.System, set), trial.NewRunner(e.System, set)
	ends.OutcomesOnly()
	if e.Watch != nil {
		ends.Watch(e.Watch())
		all.Watch(e.Watch())
	}
	climb := escalate.NewClimb(ends)
	for ctx.Err() == nil {
		number, ok := take()
		if !ok {
			return
		}
		o := &outcome{number: number}
		if !o.send(out, func() error { return e.climb(ctx, climb, all, o) }) {
			return
		}
	}
}

// climb carries out one climb. Its harm must show again in a run that judges everything.
func (e *Escalation) climb(
	ctx context.Context, c *escalate.Climb, all *trial.Runner, o *outcome,
) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = BugIn(fmt.Sprintf("climb %d", o.number), bug)
		}
	}()
	more := func() bool { return ctx.Err() == nil }
	s, result, runs := c.Run(escalate.Larger(e.System, e.Schedule, o.number), e.Seed, o.number, more)
	o.climbed = climbed{runs, c.Reached()}
	o.harm = harmOf(all, s, result.Violated())
	return nil
}

// harmOf returns the finding of a schedule that violates a property, which may be "".
func harmOf(all trial.Executor, s *faults.Schedule, property string) *Finding {
	if property == "" {
		return nil
	}
	result := all.Run(s)
	if result.Of(property).Outcome != models.Violated {
		return nil
	}
	return NewFinding(trial.PropertyOf(all.System(), property), s.Clone(), &result)
}
