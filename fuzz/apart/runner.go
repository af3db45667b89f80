package apart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Runner runs schedules in a process apart, one after the other. It starts a process when
// it needs one. It is a trial.Executor that judges Survival too.
type Runner struct {
	ctx        context.Context
	program    *Program
	system     raft.System
	services   service.Set
	properties []models.Property
	child      *child // nil if none runs
	property   string // see Narrow
	outcomes   bool   // see OutcomesOnly
	slack      trial.ClockSlack
	bytes      int64 // see Allow
	hung       bool  // the system is known to hang
	signals    bool  // the system is known to end its process by a signal
	err        error
}

// Bug is a panic of the harness in a process apart, with its stack.
type Bug struct{ error }

// NewRunner returns a runner for a system of the program. Once ctx has ended, nothing runs
// any more.
func NewRunner(ctx context.Context, p *Program, system raft.System, set service.Set) *Runner {
	return &Runner{ctx: ctx, program: p, system: system, services: set, properties: propertiesOf(system)}
}

// Close ends the process.
func (r *Runner) Close() {
	if r.child != nil {
		r.child.kill()
		r.child = nil
	}
}

// Err returns the error after which nothing runs any more: that of ctx, of a process that
// could not be started, or a [Bug].
func (r *Runner) Err() error { return r.err }

// CPUTime returns the CPU time of the process that runs.
func (r *Runner) CPUTime() time.Duration {
	if r.child == nil {
		return 0
	}
	return r.child.cpu
}

// System returns the system under test.
func (r *Runner) System() raft.System { return r.system }

// Services returns those that clients can use.
func (r *Runner) Services() service.Set { return r.services }

// OutcomesOnly makes the following runs judge outcomes alone; see [trial.Runner.OutcomesOnly].
func (r *Runner) OutcomesOnly() { r.outcomes = true }

// Narrow limits the following runs to the work for one property.
func (r *Runner) Narrow(property string) { r.property = property }

// ClockSlack returns the slack of the last run; see [trial.Runner.ClockSlack].
func (r *Runner) ClockSlack() trial.ClockSlack { return r.slack }

// ask carries out a request, and returns the death of the process, if it died.
func (r *Runner) ask(q *request, take func(*answer)) (d *death) {
	if r.err != nil {
		return nil
	}
	if r.child == nil {
		if r.child, r.err = r.program.start(); r.err != nil {
			return nil
		}
	}
	q.System, q.Limits, q.Outcomes = r.system.Name(), r.limits(q), r.outcomes || q.Task == "climb"
	var bug error
	d, r.err = r.child.ask(r.ctx, q, func(a *answer) {
		switch a.Sort {
		case broken:
			bug = Bug{errors.New(a.Text)}
		case outage:
			bug = errors.New(a.Text)
		default:
			take(a)
		}
	})
	r.err = cmp.Or(bug, r.err)
	if d != nil || r.err != nil {
		r.child = nil
	}
	if d != nil && !r.signals && d.shared(r.ctx) {
		d, r.err = nil, r.ctx.Err()
	}
	r.hung = r.hung || d != nil && d.kind == hangs
	return d
}

// limits are those of a request.
func (r *Runner) limits(q *request) Limits {
	l := Limits{cmp.Or(r.program.Patience, Patience), max(cmp.Or(r.program.Bytes, MaxBytes), r.bytes)}
	switch {
	case r.hung && r.property == trial.Survival.Name:
		l.Patience = min(l.Patience, brief)
	case r.hung && (q.Careful || q.Task == "numbers"):
		l.Patience = min(l.Patience, known)
	}
	return l
}

// account has the announcements of a careful process.
type account struct {
	schedule *faults.Schedule // with the events so far; nil if no cluster booted
	call     string           // the last call of the system
	result   *result          // nil if it did not come to it
}

// note notes an answer.
func (c *account) note(a *answer, set service.Set) {
	switch a.Sort {
	case begun:
		c.schedule, c.call = parsed(a.Text, set), ""
	case event:
		if c.schedule == nil {
			break
		}
		if e, err := faults.ParseEvent(a.Text, c.schedule.Nodes, c.schedule.Service); err == nil {
			c.schedule.Events = append(c.schedule.Events, e)
		}
	case call:
		c.call = a.Text
	case judged:
		c.result = &a.Result
	}
}

// died returns the result of the run that ended so.
func (c *account) died(d *death) trial.Result {
	detail := d.detail
	if detail == "" && !strings.HasPrefix(d.kind, stayBehind) || d.kind == hangs {
		detail = c.call
	}
	at := 0
	if c.schedule != nil {
		at = len(c.schedule.Events)
	}
	result := trial.Died(strings.TrimSuffix(d.kind+": "+detail, ": "), at)
	result.Stack = d.stack
	return result
}

// last is the last event and the last call, as in a trace.
func (c *account) last() string {
	if c.schedule == nil || len(c.schedule.Events) == 0 {
		return "    " + c.call + "\n"
	}
	n := len(c.schedule.Events)
	return fmt.Sprintf("%d. %s\n    %s\n", n, c.schedule.Events[n-1], c.call)
}

// carefully carries out a request once more, and returns the account.
func (r *Runner) carefully(q *request, take func(*answer)) (*account, *death) {
	c := &account{}
	q.Careful = true
	d := r.ask(q, func(a *answer) {
		c.note(a, r.services)
		take(a)
	})
	r.signals = r.signals || d != nil && d.bySignal()
	return c, d
}

func ignore(*answer) {}

// notTwice is about a death that did not come again.
const notTwice = "but not in a second run"

// Run runs a schedule and judges it, Survival included. Where the runs are narrowed, the
// event at which the process ended is not found out.
func (r *Runner) Run(s *faults.Schedule) (result trial.Result) {
	q := &request{Task: "schedule", Schedule: s.String(), Property: r.property}
	d := r.ask(q, func(a *answer) { result, r.slack = a.Result.unpacked(r.properties), a.Slack })
	switch {
	case d == nil:
		return result
	case r.property != "":
		return (&account{}).died(d)
	}
	c, again := r.carefully(q, ignore)
	switch {
	case r.err != nil:
		return result // nobody knows how the second run ends
	case again == nil && d.bySignal():
		return c.result.unpacked(r.properties)
	case again == nil:
		return d.once(notTwice)
	}
	return c.died(again)
}

// Trace runs a schedule and writes its trace for people, as trial.Trace does. If the
// process ends, the trace ends with the event.
func (r *Runner) Trace(s *faults.Schedule, w io.Writer) (result trial.Result, err error) {
	c, d := r.carefully(&request{Task: "trace", Schedule: s.String()}, func(a *answer) {
		if a.Sort == text && err == nil {
			_, err = io.WriteString(w, a.Text)
		}
	})
	switch {
	case err != nil:
	case d != nil:
		result = c.died(d)
		_, err = io.WriteString(w, c.last())
	case c.result != nil:
		result = c.result.unpacked(r.properties)
	}
	return result, cmp.Or(err, r.err)
}

// Rule tries a rule of conform.Rules by its place.
func (r *Runner) Rule(i int) (result conform.Result) {
	result.Rule = conform.Rules()[i]
	q := &request{Task: "rule", Rule: i}
	ruled := func(a *answer) {
		if a.Sort == ruled {
			result.Outcome, result.Text, result.Stated = a.Outcome, a.Text, a.Stated
		}
	}
	d := r.ask(q, ruled)
	if d == nil {
		return result
	}
	c, again := r.carefully(q, ruled)
	switch {
	case again == nil && d.bySignal():
		return result
	case again == nil:
		again, c = d, &account{}
	}
	died := c.died(again)
	result.Outcome, result.Text, result.Hangs = models.Violated, died.Verdicts[0].Text, again.kind == hangs
	if died.Stack != "" {
		result.Text += "\n" + died.Stack
	}
	if c.schedule != nil {
		result.Text = fmt.Sprintf("%s\nafter these events:\n%s", result.Text, c.schedule)
	}
	return result
}

// Numbers runs generated schedules of a campaign by their numbers, and passes on each
// result; the schedule is not nil if it violates a property.
func (r *Runner) Numbers(
	p generate.Profile, seed uint64, numbers []int, take func(int, *faults.Schedule, trial.Result),
) {
	for len(numbers) > 0 && r.err == nil {
		q := request{Task: "numbers", Seed: seed, Numbers: numbers}
		if r.child == nil {
			q.Profile = &p
		}
		d := r.ask(&q, func(a *answer) {
			take(a.Number, parsed(a.Result.Schedule, r.services), a.Result.unpacked(r.properties))
			numbers = numbers[1:]
		})
		if d != nil {
			q.Profile = &p
			numbers = r.investigate(d, q, numbers, take)
		}
	}
}

// Climb climbs from a schedule, so many times, and returns a continuation that violates an
// outcome, nil if none was found (package escalate). A process that dies ends the climbs.
func (r *Runner) Climb(of *faults.Schedule, seed uint64, climbs int) (found *faults.Schedule) {
	q := &request{Task: "climb", Schedule: of.String(), Seed: seed}
	for number := range climbs {
		q.Numbers = append(q.Numbers, number)
	}
	r.ask(q, func(a *answer) { found = parsed(a.Result.Schedule, r.services) })
	return found
}

// investigate runs the schedules again during which a process died, each carefully, up to
// the one that ends the process again, and returns the numbers after it. If none does, the
// first one gets the death, unless that was by a signal, which may come from outside.
func (r *Runner) investigate(
	d *death, q request, numbers []int, take func(int, *faults.Schedule, trial.Result),
) (rest []int) {
	var survived []*account
	pass := func() {
		for i, c := range survived {
			take(numbers[i], parsed(c.result.Schedule, r.services), c.result.unpacked(r.properties))
		}
	}
	for i := range numbers {
		q.Numbers = numbers[i : i+1]
		c, again := r.carefully(&q, ignore)
		switch {
		case again != nil:
			pass()
			take(numbers[i], r.orEmpty(c.schedule), c.died(again))
			return numbers[i+1:]
		case c.result == nil:
			return nil // nothing runs any more
		}
		survived = append(survived, c)
	}
	if !d.bySignal() {
		take(numbers[0], r.orEmpty(survived[0].schedule), d.once("in one run of several"))
		numbers, survived = numbers[1:], survived[1:]
	}
	pass()
	return nil
}

// orEmpty returns a schedule, or one without events for a process that died before it
// announced any.
func (r *Runner) orEmpty(s *faults.Schedule) *faults.Schedule {
	if s == nil {
		s = &faults.Schedule{System: r.system.Name(), Nodes: 1}
		s.Use(r.services, "")
	}
	return s
}
