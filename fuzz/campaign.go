package fuzz

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"raftcheck/faults"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Campaign runs many generated schedules against one system. Seed and a schedule's
// number alone decide it, so that the outcome is the same with any number of workers.
type Campaign struct {
	System    raft.System
	Services  service.Set // of the clients; a profile names one, and the first is the usual one
	Profile   generate.Profile
	Seed      uint64
	Schedules int
	Workers   int
	Outcomes  bool // judges outcomes alone, and no rule (models.Kind)
	// Climbs is how many climbs, of escalate.Tries schedules each, the campaign ends with if
	// it found a broken rule and no harm.
	Climbs int
	// Apart, if set, is the program in whose processes the schedules run, one for each
	// worker. A system that hangs, grows, or ends its process then violates Survival.
	Apart *apart.Program
	// Take, if set, returns the number of the next schedule to run, and false once there is
	// none; workers call it at any time. Without it the numbers go from 0 to Schedules-1.
	Take func() (int, bool)
	// Keep, if set, is called with the number and the result of each schedule, and with the
	// schedule if it violates a property. The result's memory is used again afterwards.
	// Keep shrinks the findings that it wants; the campaign shrinks none.
	Keep func(int, *trial.Result, *faults.Schedule)
	// Progress, if set, is called with the report after each schedule.
	Progress func(*Report)
	// Shrinking, if set, is called while a finding of a property is shrunk, with the number
	// of smaller schedules that were run.
	Shrinking func(property string, runs int)
	// Enough, if set, is called with the report after each schedule. Once it returns
	// true, workers start no more schedules. Those that were started are finished, so
	// that all schedules up to the highest number were run.
	Enough func(*Report) bool
	// Found, if set, is called at once with a finding that is kept. Schedules with lower numbers
	// may take its place. When the campaign ends it is called again with each shrunk finding.
	Found func(*Finding)
}

// goalsDueAfter is the number of schedules from which on a campaign must reach all goals. A
// sound Raft must not miss one by chance. The rarest goals of the included Raft and of etcd's
// are reached in one schedule of 500 (change-finished, by etcd's), so that fewer than one
// campaign in a million misses any.
const goalsDueAfter = 10_000

// due returns the goals that the campaign must reach: all that it can reach, if its
// profile has every fault and the report has enough schedules.
func (c *Campaign) due(report *Report) trial.GoalSet {
	if !c.Profile.Swarm || report.Schedules < goalsDueAfter {
		return 0
	}
	return report.Reachable
}

// validate returns an error that names the field with which the campaign cannot run.
func (c *Campaign) validate() error {
	switch {
	case trial.ValidateSystem(c.System) != nil:
		return fmt.Errorf("campaign: %w", trial.ValidateSystem(c.System))
	case trial.ValidateServices(c.Services) != nil:
		return fmt.Errorf("campaign: %w", trial.ValidateServices(c.Services))
	case c.Profile.Validate(c.Services) != nil:
		return fmt.Errorf("campaign: %w", c.Profile.Validate(c.Services))
	case c.Schedules < 1 || c.Workers < 1:
		return fmt.Errorf("campaign: expected schedules and workers of 1 at least, found %d and %d",
			c.Schedules, c.Workers)
	}
	return nil
}

// Run runs the campaign until it is done or ctx ends, and returns its report. The
// error is of a campaign that cannot be run, or a [Bug].
func (c *Campaign) Run(ctx context.Context) (*Report, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	report := newReport(c.System, trial.GoalsOf(c.Services))
	if c.Outcomes {
		report.Properties = trial.Outcomes(c.System)
	}
	report.Reachable = report.AllGoals.Of(c.Profile.Services(c.Services)...).Within(raft.LimitsOf(c.System))
	if c.Apart != nil {
		report.Properties = append(report.Properties, trial.Survival)
	}
	free := sync.Pool{New: func() any { return new(outcome) }}
	take := c.Take
	if take == nil {
		take = c.upwards()
	}
	running, end := context.WithCancel(ctx)
	defer end()
	enough := false
	bug := sideBySide(running, c.Workers,
		func(ctx context.Context, out chan<- *outcome) {
			if c.Apart != nil {
				c.workApart(ctx, take, &free, out)
			} else {
				c.work(ctx, take, &free, out)
			}
		},
		func(o *outcome) {
			c.add(report, o)
			free.Put(o)
			if enough = enough || c.Enough != nil && c.Enough(report); enough {
				end()
			}
		})
	if report.Stopped = report.Schedules < c.Schedules && !enough; !report.Stopped {
		report.Missed = c.due(report) &^ report.Goals
	}
	if bug == nil && c.Keep == nil {
		bug = c.shrink(ctx, report)
	}
	return report, bug
}

// upwards returns a function that counts up to the number of schedules.
func (c *Campaign) upwards() func() (int, bool) {
	var next atomic.Int64
	return func() (int, bool) {
		number := int(next.Add(1)) - 1
		return number, number < c.Schedules
	}
}

// pair returns the runners for the campaign's schedules.
func (c *Campaign) pair() *trial.Pair {
	p := trial.NewPair(c.System, c.Services)
	if c.Outcomes {
		p.OutcomesOnly()
	}
	return p
}

// apart returns a runner for the campaign's schedules in a process apart.
func (c *Campaign) apart(ctx context.Context) *apart.Runner {
	r := apart.NewRunner(ctx, c.Apart, c.System, c.Services)
	if c.Outcomes {
		r.OutcomesOnly()
	}
	return r
}

// work runs the next schedule until none is left.
func (c *Campaign) work(ctx context.Context, take func() (int, bool), free *sync.Pool, out chan<- *outcome) {
	pair := c.pair()
	prng := generate.NewPRNG(0)
	for ctx.Err() == nil {
		number, ok := take()
		if !ok {
			return
		}
		prng.Number(c.Seed, number)
		o := free.Get().(*outcome)
		o.number, o.schedule = number, nil
		generate := func() (*faults.Schedule, trial.Result) {
			return generate.Schedule(pair.First, c.Profile, prng)
		}
		if !o.send(out, func() error { return o.run(pair, generate) }) {
			return
		}
	}
}

// add adds an outcome to the report and reports progress.
func (c *Campaign) add(report *Report, o *outcome) {
	report.add(o, c.Found)
	if c.Keep != nil {
		c.Keep(o.number, &o.result, o.schedule)
	}
	if c.Progress != nil {
		c.Progress(report)
	}
}

// shrink shrinks the findings until ctx ends. A schedule that runs differently the second time
// stays as it was found.
func (c *Campaign) shrink(ctx context.Context, report *Report) (bug error) {
	defer func() {
		if p := recover(); p != nil {
			bug = BugIn("while shrinking", p)
		}
	}()
	runner := trial.Executor(c.pair().First)
	if c.Apart != nil {
		other := c.apart(ctx)
		defer other.Close()
		defer func() { bug = cmp.Or(bug, bugApart("while shrinking", other.Err())) }()
		runner = other
	}
	c.escalate(ctx, runner, report)
	for _, f := range report.Findings.InTurn() {
		within := ctx
		if c.Shrinking != nil {
			within = shrink.Told(ctx, func(runs int) { c.Shrinking(f.Property, runs) })
		}
		if f.Shrink(within, runner); f.Shrunk && c.Found != nil {
			c.Found(f)
		}
	}
	report.Findings.compact()
	return nil
}

// escalate searches the harm of broken rules, if the campaign has found none: it continues the
// first finding of each rule, before that is shrunk, until one of them violates an outcome. The
// rules share the climbs.
func (c *Campaign) escalate(ctx context.Context, runner trial.Executor, report *Report) {
	for _, p := range trial.Outcomes(c.System) {
		if report.Findings.First(p.Name) != nil {
			return
		}
	}
	var broken []*Finding
	for _, p := range report.Properties {
		if f := report.Findings.First(p.Name); f != nil && p.Name != trial.Survival.Name {
			broken = append(broken, f)
		}
	}
	for i, f := range broken {
		climbs := c.Climbs*(i+1)/len(broken) - c.Climbs*i/len(broken)
		if climbs == 0 || ctx.Err() != nil {
			continue
		}
		if s := c.climb(ctx, runner, f.Schedule, climbs); s != nil {
			result := runner.Run(s)
			report.harm(f, s, &result)
			return
		}
	}
}

// climb returns a continuation of a schedule that violates an outcome, nil if none was found.
func (c *Campaign) climb(
	ctx context.Context, runner trial.Executor, of *faults.Schedule, climbs int,
) *faults.Schedule {
	if r, ok := runner.(*apart.Runner); ok {
		return r.Climb(of, c.Seed, climbs)
	}
	e := Escalation{System: c.System, Schedule: of, Seed: c.Seed, Climbs: climbs, Workers: 1}
	report, err := e.Run(ctx)
	if err != nil || report.Finding == nil {
		return nil
	}
	return report.Finding.Schedule
}
