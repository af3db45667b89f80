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
	Seconds  float64     // of CPU time until something is found; shrinking has a budget of its own
	Seed     uint64      // decides what engines that are Seeded try
	Root     string      // the folder of this module, where scenarios and corpora are
	// Progress, if set, is told of the report as it grows.
	Progress func(*Report)

	patience time.Duration // with a system that does not come back; 0 is the usual one
}

// Report is what a hunt came to, also as JSON.
type Report struct {
	Engine string `json:"engine"`
	System string `json:"system"`
	Seed   uint64 `json:"seed"` // 0 if the engine is not seeded
	// Killed says that a property was violated, and the ones after it what and how.
	Killed   bool   `json:"killed"`
	Property string `json:"property"` // that broke first
	// Executions is how many schedules were run, or, of an exploration, how many
	// states were visited, the last one included.
	Executions   int     `json:"executions"`
	Explorations int     `json:"explorations,omitempty"` // that were begun
	NotChecked   int     `json:"not_checked"`            // executions of which not all was checked
	CPUSeconds   float64 `json:"cpu_seconds"`            // until the find, or the end
	Spent        bool    `json:"spent"`                  // the budget, so that not all was tried that could be
	Origin       string  `json:"origin"`                 // of the schedule: its number, or the name of its file
	FoundEvents  int     `json:"found_events"`           // how many events it had before it was shrunk
	Events       int     `json:"events"`                 // ... and after
	Verdict      string  `json:"verdict"`                // of the property
	Schedule     string  `json:"schedule"`               // the text of the counterexample, with its prose and verdicts
}

// MaxSeconds bounds the budget of a hunt.
const MaxSeconds = 24 * 60 * 60

func (h *Hunt) validate() error {
	switch {
	case h.Engine.search == nil:
		return errors.New("hunt: expected an engine, such as those of Engines")
	case h.System == nil || !faults.ValidName(h.System.Name()):
		return errors.New("hunt: expected a system with a name of a-z 0-9 - + . only")
	case trial.ValidateServices(h.Services) != nil:
		return fmt.Errorf("hunt: %w", trial.ValidateServices(h.Services))
	case generate.Swarm.Validate(h.Services) != nil:
		return fmt.Errorf("hunt: %w", generate.Swarm.Validate(h.Services))
	case !(h.Seconds > 0 && h.Seconds <= MaxSeconds):
		return fmt.Errorf("hunt: expected more than 0 and at most %d seconds, found %v", MaxSeconds, h.Seconds)
	}
	return nil
}

// errGone is what is left of a hunt whose system ended the goroutine that ran it.
var errGone = errors.New("the system under test ended the goroutine that it was called on (runtime.Goexit)")

// Run hunts until something is found, nothing is left, the budget is spent or ctx
// ends. An error is a hunt that cannot be carried out, or was interrupted, or a
// [fuzz.Bug]. A system that does not come back from a step is an error, too: the
// goroutine that waits for it is left behind.
func (h *Hunt) Run(ctx context.Context) (*Report, error) {
	if err := h.validate(); err != nil {
		return nil, err
	}
	s := &search{
		Hunt: h, budget: newBudget(ctx, h), runner: trial.NewRunner(h.System, h.Services), again: trial.NewRunner(h.System, h.Services),
		report: &Report{Engine: h.Engine.Name, System: h.System.Name()},
	}
	if h.Engine.Seeded {
		s.report.Seed = h.Seed
	}
	ended := make(chan error, 1)
	go func() {
		err := errGone
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
	again  *trial.Runner // runs once more what must not differ
	report *Report
	find   *fuzz.Finding // nil until something is found
}

func (s *search) run() error {
	if err := s.Engine.search(s); err != nil {
		return err
	}
	if s.find == nil {
		s.report.CPUSeconds = s.budget.used().Seconds()
		if err := s.budget.ctx.Err(); err != nil {
			return fmt.Errorf("interrupted: %w", err)
		}
		return nil
	}
	s.shrink()
	return nil
}

// over reports whether the hunt is at its end: something is found, or the budget is spent.
func (s *search) over() bool {
	if s.find != nil {
		return true
	}
	spent := s.budget.spent()
	s.report.Spent = s.report.Spent || spent
	return spent
}

// twiceEach is of how many schedules one is run twice, as in a campaign.
const twiceEach = 16

// judge counts a schedule that was run, and takes it for a find if it violates a
// property, other than those that are excused.
func (s *search) judge(schedule *faults.Schedule, result trial.Result, origin string, excused ...string) {
	s.report.Executions++
	if slices.ContainsFunc(result.Verdicts, func(v models.Verdict) bool { return v.Outcome == models.NotChecked }) {
		s.report.NotChecked++
	}
	result.Verdicts = slices.DeleteFunc(slices.Clone(result.Verdicts), func(v models.Verdict) bool {
		return slices.Contains(excused, v.Property)
	})
	if result.Outcome() == models.Violated || s.report.Executions%twiceEach == 0 {
		s.again.Again(schedule, &result)
	}
	s.see(schedule, &result, origin)
	s.progress()
}

// see takes a schedule for the find if its result has a violation.
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

func (s *search) progress() {
	if s.Progress != nil {
		s.report.CPUSeconds = s.budget.used().Seconds()
		s.Progress(s.report)
	}
}

// shrinkTries bounds how often a smaller schedule is tried, and so is the same on
// every machine. Most are as small as they get after a tenth of it.
const shrinkTries = 20_000

// shrink makes the find small and puts it into the report.
func (s *search) shrink() {
	s.find.Shrink(&tries{Context: s.budget.ctx, left: shrinkTries, tried: s.budget.beat}, s.runner)
	r := s.report
	r.Events, r.Verdict = len(s.find.Schedule.Events), s.find.Verdict
	r.Schedule = s.find.Describe(r.Found()).String()
}

// Found says how the schedule was found, as counterexample files have it.
func (r *Report) Found() string {
	if r.Seed == 0 {
		return fmt.Sprintf("hunt engine=%s %s", r.Engine, r.Origin)
	}
	return fmt.Sprintf("hunt engine=%s seed=%d %s", r.Engine, r.Seed, r.Origin)
}

// tries is a context that ends after it was asked so often whether it has.
type tries struct {
	context.Context
	left  int
	tried func() // is told of each
}

// Err is nil until the tries are used up.
func (t *tries) Err() error {
	t.tried()
	if t.left--; t.left < 0 {
		return context.DeadlineExceeded
	}
	return t.Context.Err()
}
