package fuzz

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// Campaign is many generated schedules against one system. Each is decided by
// Seed and its number alone, so that a campaign has the same outcome with any
// number of workers.
type Campaign struct {
	System    raft.System
	Profile   Profile
	Seed      uint64
	Schedules int
	Workers   int
	// Progress, if set, is told of the report as it grows, schedule by schedule.
	Progress func(*Report)
	// Found, if set, is told at once of a schedule that is the first, by
	// number, of those seen that violate a property, and once more of the
	// shrunk one when the campaign ends.
	Found func(*Finding)
}

// Finding is a schedule that violates a property.
type Finding struct {
	Property string
	Number   int // of the schedule in its campaign, from 0
	Schedule *faults.Schedule
	Hash     uint64   // of the schedule as it was found, which names its file
	Verdict  string   // of the property
	Lines    []string // of all that is not held
	Events   int      // how many events it had when it was found
	Shrunk   bool

	traceHash uint64 // of the run that found it
}

// Counts says how often a property had each outcome.
type Counts struct{ Held, Violated, NotChecked int }

// Report is what a campaign has to tell.
type Report struct {
	Schedules int
	Events    int // plain events carried out, those that macro events stand for included
	// TraceHash is over every trace and the number of its schedule.
	TraceHash uint64
	Goals     GoalSet
	Missed    GoalSet // of the goals that the campaign was held to
	Verdicts  map[string]Counts
	Findings  map[string]*Finding // the first of each property
	Stopped   bool                // before all schedules were run
}

// goalsDueAfter is how many schedules a campaign must have to be held to its goals.
const goalsDueAfter = 3000

// due has the goals that the campaign is held to: all of them, under a profile
// that has every fault, in enough schedules.
func (c *Campaign) due() GoalSet {
	if !c.Profile.Swarm || c.Schedules < goalsDueAfter {
		return 0
	}
	return AllGoals
}

// validate says what of a campaign cannot be run.
func (c *Campaign) validate() error {
	switch {
	case c.System == nil || !faults.ValidName(c.System.Name()):
		return errors.New("campaign: expected a system with a name of a-z 0-9 - + . only")
	case len(c.Profile.Nodes) == 0 && len(c.Profile.Of) == 0:
		return errors.New("campaign: expected a profile with sizes of clusters, such as Swarm")
	case c.Schedules < 1 || c.Workers < 1:
		return fmt.Errorf("campaign: expected schedules and workers of 1 at least, found %d and %d", c.Schedules, c.Workers)
	}
	return nil
}

// A Bug is an error that is the harness's own.
type Bug struct{ error }

// BugIn is the bug that a panic tells of, and where the harness was.
func BugIn(what string, panicked any) Bug {
	return Bug{fmt.Errorf("%s: %v\n%s", what, panicked, debug.Stack())}
}

// Outcome is the worst of the campaign's verdicts. A campaign that did not run
// all its schedules, or missed its goals, did not check what it claims.
func (r *Report) Outcome() models.Outcome {
	worst := models.Held
	if len(r.Verdicts) == 0 || r.Stopped || r.Missed != 0 {
		worst = models.NotChecked
	}
	for _, c := range r.Verdicts {
		if c.NotChecked > 0 {
			worst = worst.Worse(models.NotChecked)
		}
		if c.Violated > 0 {
			worst = worst.Worse(models.Violated)
		}
	}
	return worst
}

// outcome is what a worker reports of one schedule.
type outcome struct {
	number   int
	result   Result
	verdicts []models.Verdict
	schedule *faults.Schedule // if something is violated
	bug      error
}

// Run runs the campaign until it is done or ctx ends, and returns its report.
// An error is a campaign that cannot be run, or a Bug.
func (c *Campaign) Run(ctx context.Context) (*Report, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	outcomes := make(chan *outcome, 64*c.Workers)
	free := sync.Pool{New: func() any { return new(outcome) }}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() { c.work(ctx, &next, &free, outcomes) })
	}
	go func() { workers.Wait(); close(outcomes) }()

	report := &Report{Verdicts: map[string]Counts{}, Findings: map[string]*Finding{}}
	var bug error
	for o := range outcomes {
		if o.bug != nil {
			bug = o.bug
			stop()
			continue
		}
		c.add(report, o)
		free.Put(o)
	}
	if report.Stopped = report.Schedules < c.Schedules; !report.Stopped {
		report.Missed = c.due() &^ report.Goals
	}
	if bug == nil {
		bug = c.shrink(ctx, report)
	}
	return report, bug
}

// work runs schedule after schedule until none is left.
func (c *Campaign) work(ctx context.Context, next *atomic.Int64, free *sync.Pool, out chan<- *outcome) {
	runner, again, prng := NewRunner(c.System), NewRunner(c.System), NewPRNG(0)
	for ctx.Err() == nil {
		number := int(next.Add(1)) - 1
		if number >= c.Schedules {
			return
		}
		prng.Seed(scheduleSeed(c.Seed, number))
		o := free.Get().(*outcome)
		o.number, o.schedule, o.bug = number, nil, errGone
		if !o.send(out, func() error { return o.run(runner, again, c.Profile, prng) }) {
			return
		}
	}
}

// send runs a schedule and reports its outcome, even if the system under test
// ends the goroutine; ok says that the next may follow.
func (o *outcome) send(out chan<- *outcome, run func() error) (ok bool) {
	defer func() { out <- o }()
	o.bug = run()
	return o.bug == nil
}

// scheduleSeed is the seed of a schedule in a campaign.
func scheduleSeed(seed uint64, number int) uint64 {
	return models.Mix(models.Mix(1, seed), uint64(number))
}

// run makes a panic an error: the implementation's own panics are verdicts,
// so that what arrives here is a bug of the harness.
//
// What is violated, and one schedule in so many, is run once more: a system that
// is not deterministic breaks the contract.
func (o *outcome) run(runner, again *Runner, p Profile, src Source) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = BugIn(fmt.Sprintf("schedule %d", o.number), bug)
		}
	}()
	s, result := runner.Generate(p, src)
	o.result, o.verdicts = result, append(o.verdicts[:0], result.Verdicts...)
	o.result.History = nil // the runner's own memory
	o.result.Verdicts = o.verdicts
	if result.Outcome() == models.Violated || o.number%runTwiceEach == 0 {
		if second := again.Run(s); second.TraceHash != result.TraceHash {
			o.result.Differs(&second)
		}
	}
	if o.result.Outcome() == models.Violated {
		o.schedule = s
	}
	return nil
}

// runTwiceEach is of how many schedules of a campaign one is run twice.
const runTwiceEach = 16

// errGone is what is left of a schedule during which the system under test
// ended the goroutine that ran it.
var errGone = errors.New("the system under test ended the goroutine that it was called on (runtime.Goexit)")

// add takes one schedule's outcome into the report. The order in which
// outcomes arrive leaves no trace in it.
func (c *Campaign) add(report *Report, o *outcome) {
	report.Schedules++
	report.Events += o.result.Events
	report.TraceHash += models.Mix(models.Mix(2, uint64(o.number)), o.result.TraceHash)
	report.Goals |= o.result.Goals
	for _, v := range o.verdicts {
		counts := report.Verdicts[v.Property]
		switch v.Outcome {
		case models.Held:
			counts.Held++
		case models.Violated:
			counts.Violated++
			c.found(report, o, v)
		case models.NotChecked:
			counts.NotChecked++
		}
		report.Verdicts[v.Property] = counts
	}
	if c.Progress != nil {
		c.Progress(report)
	}
}

func (c *Campaign) found(report *Report, o *outcome, v models.Verdict) {
	if first := report.Findings[v.Property]; first != nil && first.Number < o.number {
		return
	}
	f := &Finding{
		Property: v.Property, Number: o.number, Schedule: o.schedule, Hash: scheduleHash(o.schedule),
		Verdict: v.String(), Lines: o.result.Lines(), Events: len(o.schedule.Events), traceHash: o.result.TraceHash,
	}
	report.Findings[v.Property] = f
	if c.Found != nil {
		c.Found(f)
	}
}

// shrink makes the first schedule of each violated property small, as far as
// ctx lets it. A schedule that does not run alike again is left as it was found.
func (c *Campaign) shrink(ctx context.Context, report *Report) (bug error) {
	defer func() {
		if p := recover(); p != nil {
			bug = BugIn("while shrinking", p)
		}
	}()
	runner := NewRunner(c.System)
	for _, p := range Properties() {
		f := report.Findings[p.Name]
		if f == nil {
			continue
		}
		if !f.shrink(ctx, runner) {
			f.Verdict += " (not reproducible: the system is not deterministic)"
		} else if f.Shrunk && c.Found != nil {
			c.Found(f)
		}
	}
	return nil
}

// shrink makes the finding small, if ctx leaves it the time, and reports whether
// it is the same finding each time it is run.
func (f *Finding) shrink(ctx context.Context, runner *Runner) (reproducible bool) {
	if again := runner.Run(f.Schedule); again.TraceHash != f.traceHash {
		return false
	}
	smallest, _ := Shrink(ctx, runner, f.Schedule, f.Property)
	result := runner.Run(smallest)
	if result.Of(f.Property).Outcome != models.Violated {
		return false
	}
	if ctx.Err() == nil || len(smallest.Events) < f.Events {
		f.Schedule, f.Shrunk = smallest, true
		f.Verdict, f.Lines = result.Of(f.Property).String(), result.Lines()
	}
	return true
}
