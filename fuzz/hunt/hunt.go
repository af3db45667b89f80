package hunt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Hunt looks for a schedule that violates a property of a system.
type Hunt struct {
	Engine   Engine
	System   raft.System
	Services service.Set // of the clients
	Seconds  float64     // of CPU time for the search; shrinking has a budget of its own
	Seed     uint64      // decides which schedules a seeded engine tries
	// Outcomes makes outcomes alone count, and no rule (models.Kind). An exploration still
	// ends at the first broken rule.
	Outcomes bool
	Root     string // the folder of this module, which holds scenarios and corpora
	// Progress, if set, is called with the report after each execution, and after each
	// round of an exploration.
	Progress func(*Report)
	// Watch, if set, returns the functions that runners call; Before is that of explorations.
	Watch  func() trial.Watch
	Before func(func() *faults.Schedule) bool

	patience time.Duration // as in budget; 0 means usualPatience
}

// Report is the result of a hunt, also as JSON.
type Report struct {
	Engine string `json:"engine"`
	System string `json:"system"`
	Seed   uint64 `json:"seed"` // 0 if the engine is not seeded
	// Killed is set if a property was violated.
	Killed   bool   `json:"killed"`
	Property string `json:"property"` // the one that was violated first
	// Executions is the number of schedules that were run, or, for explore, the number
	// of visited states. The execution that found a violation counts.
	Executions   int     `json:"executions"`
	Explorations int     `json:"explorations,omitempty"` // that were started
	NotChecked   int     `json:"not_checked"`            // executions with a property that was not checked
	CPUSeconds   float64 `json:"cpu_seconds"`            // until the find, or the end
	Spent        bool    `json:"spent"`                  // the budget ended before everything was tried
	Origin       string  `json:"origin"`                 // the number of the schedule, or the name of its file
	FoundEvents  int     `json:"found_events"`           // the number of events before shrinking
	Events       int     `json:"events"`                 // the number of events after shrinking
	Verdict      string  `json:"verdict"`                // on Property
	Schedule     string  `json:"schedule"`               // the counterexample file
}

// MaxSeconds is the largest budget of a hunt.
const MaxSeconds = 24 * 60 * 60

// validate returns an error that names the field with which the hunt cannot run.
func (h *Hunt) validate() error {
	switch {
	case h.Engine.search == nil:
		return errors.New("hunt: expected an engine, such as those of Engines")
	case trial.ValidateSystem(h.System) != nil:
		return fmt.Errorf("hunt: %w", trial.ValidateSystem(h.System))
	case trial.ValidateServices(h.Services) != nil:
		return fmt.Errorf("hunt: %w", trial.ValidateServices(h.Services))
	case generate.Swarm.Validate(h.Services) != nil:
		return fmt.Errorf("hunt: %w", generate.Swarm.Validate(h.Services))
	case !(h.Seconds > 0 && h.Seconds <= MaxSeconds):
		return fmt.Errorf("hunt: expected more than 0 and at most %d seconds, found %v", MaxSeconds, h.Seconds)
	}
	return nil
}

// Run hunts until a violation is found, nothing is left to try, the budget is spent, or
// ctx ends. The error is of a hunt that cannot run or was interrupted, or a [fuzz.Bug].
// A system that never returns from a call is an error, too; the goroutine that called
// it stays behind.
func (h *Hunt) Run(ctx context.Context) (*Report, error) {
	if err := h.validate(); err != nil {
		return nil, err
	}
	s := &search{
		Hunt: h, budget: newBudget(ctx, h),
		runner: trial.NewRunner(h.System, h.Services), again: trial.NewRunner(h.System, h.Services),
		report: &Report{Engine: h.Engine.Name, System: h.System.Name()},
	}
	if h.Watch != nil {
		s.runner.Watch(h.Watch())
		s.again.Watch(h.Watch())
	}
	if h.Outcomes {
		s.runner.OutcomesOnly()
		s.again.OutcomesOnly()
	}
	if h.Engine.Seeded {
		s.report.Seed = h.Seed
	}
	ended := make(chan error, 1)
	go func() {
		err := fuzz.ErrGone
		defer func() {
			if p := recover(); p != nil {
				err = fuzz.BugIn("hunting with "+h.Engine.Name, p)
			}
			ended <- err
		}()
		err = s.run()
	}()
	if err := s.budget.await(ended); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", h.Engine.Name, h.System.Name(), err)
	}
	return s.report, nil
}

// search is a hunt under way.
type search struct {
	*Hunt
	budget *budget
	runner *trial.Runner
	again  *trial.Runner // runs schedules a second time
	report *Report
	find   *fuzz.Finding // nil until a violation is found
}

// run searches, and shrinks the find.
func (s *search) run() error {
	if err := s.Engine.search(s); err != nil {
		return err
	}
	if s.find == nil {
		s.report.CPUSeconds = s.budget.used().Seconds()
		return s.budget.ctx.Err()
	}
	s.shrink()
	return nil
}

// over reports whether the search must end: a violation is found, or the budget is spent.
func (s *search) over() bool {
	if s.find != nil {
		return true
	}
	spent := s.budget.spent()
	s.report.Spent = s.report.Spent || spent
	return spent
}

// twiceEach is the interval, in schedules, at which one is run twice, as in a campaign.
const twiceEach = 16

// judge counts a schedule that was run. The schedule is the find if it violates a
// property that is not excused.
func (s *search) judge(schedule *faults.Schedule, result trial.Result, origin string, excused ...string) {
	s.report.Executions++
	notChecked := func(v models.Verdict) bool { return v.Outcome == models.NotChecked }
	if slices.ContainsFunc(result.Verdicts, notChecked) {
		s.report.NotChecked++
	}
	result.Verdicts = slices.DeleteFunc(slices.Clone(result.Verdicts), func(v models.Verdict) bool {
		return slices.Contains(excused, v.Property)
	})
	if result.Outcome() == models.Violated || s.report.Executions%twiceEach == 0 {
		trial.Again(s.again, schedule, &result)
	}
	s.see(schedule, &result, origin)
	s.progress()
}

// see keeps the schedule as the find if its result has a violation.
func (s *search) see(schedule *faults.Schedule, result *trial.Result, origin string) {
	property := result.Violated()
	if property == "" {
		return
	}
	s.find = fuzz.NewFinding(trial.PropertyOf(s.System, property), schedule, result)
	r := s.report
	r.Killed, r.Property, r.Origin = true, property, origin
	r.FoundEvents, r.CPUSeconds = s.find.Events, s.budget.used().Seconds()
}

// progress calls the hunt's Progress.
func (s *search) progress() {
	if s.Progress != nil {
		s.report.CPUSeconds = s.budget.used().Seconds()
		s.Progress(s.report)
	}
}

// shrinkTries limits the runs of smaller schedules, and is the same on every machine.
// Most schedules stop getting smaller after a tenth of it.
const shrinkTries = 20_000

// shrink shrinks the find and puts it into the report.
func (s *search) shrink() {
	s.find.Shrink(&tries{Context: s.budget.ctx, left: shrinkTries, tried: s.budget.beat}, s.runner)
	r := s.report
	r.Events, r.Verdict = len(s.find.Schedule.Events), s.find.Verdict
	r.Schedule = s.find.Describe(r.Found()).String()
}

// Found returns the origin of the schedule in the form of counterexample files.
func (r *Report) Found() string {
	if r.Seed == 0 {
		return fmt.Sprintf("hunt engine=%s %s", r.Engine, r.Origin)
	}
	return fmt.Sprintf("hunt engine=%s seed=%d %s", r.Engine, r.Seed, r.Origin)
}

// tries is a context that ends after a number of calls of Err.
type tries struct {
	context.Context
	left  int
	tried func() // called on each call of Err
}

// Err returns nil until no tries are left, or the context within ends.
func (t *tries) Err() error {
	t.tried()
	if t.left--; t.left < 0 {
		return context.DeadlineExceeded
	}
	return t.Context.Err()
}
