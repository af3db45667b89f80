package fuzz

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Neighbourhood is every schedule that is at most so many changes away from one,
// its centre: how near is a failure, or how far does it hold? A change is an event
// left out, put in, or replaced by another one. What is put in is enabled where it
// stands (see [faults.World.Enabled]), whatever it does to the events that follow.
//
// Not put in is what excuses any Raft: the disk of a node that a quorum may need is
// not wiped, and leases are read only where the schedule reads them, and clocks
// then neither jump nor stand still. What the schedule itself does to clocks stays:
// where it fires a timer, a change before that may make it fire too early for a
// lease, and a stale read is then what must be seen.
type Neighbourhood struct {
	System   raft.System
	Schedule *faults.Schedule // the centre
	Changes  int              // at most, 0 to MaxChanges
	// Further has events put in at the end only, and none left out or replaced.
	Further bool
	Workers int
	// Progress, if set, is told of the report as it grows, schedule by schedule.
	Progress func(*NeighbourReport)
	// Found, if set, is told at once of a schedule that is the nearest of those
	// seen that violate a property.
	Found func(*Finding)
}

// NeighbourReport is what a neighbourhood has to tell. Its schedules are numbered
// from the centre outwards, so that the first finding of a property is a nearest
// one. It is the same with any number of workers.
type NeighbourReport struct {
	Report
	Away   []int // how many of the schedules are so many changes away, from 0
	Traces int   // how many of the traces differ
}

// validate says what of a neighbourhood cannot be run.
func (n *Neighbourhood) validate() error {
	switch {
	case n.System == nil || !faults.ValidName(n.System.Name()):
		return errors.New("neighbourhood: expected a system with a name of a-z 0-9 - + . only")
	case trial.ValidateProperties(n.System) != nil:
		return fmt.Errorf("neighbourhood: %w", trial.ValidateProperties(n.System))
	case n.Schedule == nil || n.Schedule.Service == nil:
		return errors.New("neighbourhood: expected a schedule, with the service of its clients")
	case n.Changes < 0 || n.Changes > shrink.MaxChanges:
		return fmt.Errorf("neighbourhood: expected changes of 0 to %d, found %d", shrink.MaxChanges, n.Changes)
	case len(n.Schedule.Events)+n.Changes > faults.MaxEvents:
		return fmt.Errorf("neighbourhood: expected at most %d events with the changes, found %d", faults.MaxEvents, len(n.Schedule.Events)+n.Changes)
	case n.Workers < 1:
		return fmt.Errorf("neighbourhood: expected workers of 1 at least, found %d", n.Workers)
	}
	return nil
}

// services has the service of the centre's clients, which those of its neighbours use too.
func (n *Neighbourhood) services() service.Set { return service.Set{n.Schedule.Service} }

// Run runs every schedule of the neighbourhood, or those that it comes to before
// ctx ends, and returns their report. An error is a neighbourhood that cannot be
// run, or a Bug.
func (n *Neighbourhood) Run(ctx context.Context) (*NeighbourReport, error) {
	if err := n.validate(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l := &listing{ctx: ctx, of: n, jobs: make(chan *outcome, aside*n.Workers)}
	l.free.New = func() any { return &outcome{schedule: new(faults.Schedule)} }
	listed := make(chan error, 1)
	go l.send(listed)

	report := &NeighbourReport{Report: *newReport(n.System, trial.GoalsOf(n.services())), Away: make([]int, n.Changes+1)}
	traces := map[uint64]struct{}{}
	bug := sideBySide(ctx, n.Workers, l.work, func(o *outcome) {
		report.Away[o.changes]++
		traces[o.result.TraceHash] = struct{}{}
		report.Traces = len(traces)
		report.add(o, n.Found)
		if n.Progress != nil {
			n.Progress(report)
		}
		l.recycle(o)
	})
	stop()
	if err := <-listed; bug == nil {
		bug = err
	}
	report.Stopped = !l.complete || report.Schedules < l.number
	return report, bug
}

// listing hands the schedules of a neighbourhood out to workers, none before there is room for it.
type listing struct {
	ctx      context.Context
	of       *Neighbourhood
	jobs     chan *outcome
	free     sync.Pool
	number   int // how many there were so far
	complete bool
}

// send lists the schedules and ends with an error if it is a bug that ended it.
func (l *listing) send(done chan<- error) {
	err := errGone
	defer func() {
		if bug := recover(); bug != nil {
			err = BugIn(fmt.Sprintf("while listing schedule %d", l.number), bug)
		}
		close(l.jobs)
		done <- err
	}()
	l.all()
	err = nil
}

// all lists the schedules from the centre outwards.
func (l *listing) all() {
	changes := 0
	near := shrink.NewNeighbours(l.of.System, l.of.Schedule, func(head, tail []faults.Event) bool {
		return l.one(changes, head, tail)
	})
	walk := near.Within
	if l.of.Further {
		walk = near.Beyond
	}
	for ; changes <= l.of.Changes; changes++ {
		if !walk(changes) {
			return
		}
	}
	l.complete = true
}

// one hands out a schedule, unless nobody wants more.
func (l *listing) one(changes int, head, tail []faults.Event) bool {
	o := l.free.Get().(*outcome)
	events := append(append(o.schedule.Events[:0], head...), tail...)
	*o.schedule = *l.of.Schedule
	s := o.schedule
	s.Prose, s.Notes, s.Golden, s.Events = nil, nil, nil, events
	o.number, o.changes = l.number, changes
	select {
	case l.jobs <- o:
		l.number++
		return true
	case <-l.ctx.Done():
		return false
	}
}

// work runs what is handed out.
func (l *listing) work(ctx context.Context, out chan<- *outcome) {
	runner, again := trial.NewRunner(l.of.System, l.of.services()), trial.NewRunner(l.of.System, l.of.services())
	for o := range l.jobs {
		run := func() (*faults.Schedule, trial.Result) { return o.schedule, runner.Run(o.schedule) }
		if ctx.Err() != nil || !o.send(out, func() error { return o.run(again, run) }) {
			return
		}
	}
}

// recycle takes back what nobody keeps: a finding keeps its schedule.
func (l *listing) recycle(o *outcome) {
	if o.result.Outcome() == models.Violated {
		o.schedule = new(faults.Schedule)
	}
	l.free.Put(o)
}

// ChangesOf tells how a finding's schedule differs from the centre, in the order
// of the events, each change in words such as "without event 4, crash 1".
func (n *Neighbourhood) ChangesOf(f *Finding) []string {
	for most := range f.Changes + 1 {
		if changes, ok := changed(n.Schedule.Events, f.Schedule.Events, 0, most); ok {
			return changes
		}
	}
	return nil
}

// changed tells what makes of one list another, in so many changes at most; at
// is how many events are before the lists.
func changed(from, to []faults.Event, at, most int) (changes []string, ok bool) {
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to, at = from[1:], to[1:], at+1
	}
	switch {
	case len(from) == 0 && len(to) == 0:
		return nil, true
	case most == 0:
		return nil, false
	}
	try := func(out, in int, format string, args ...any) bool {
		rest, enough := changed(from[out:], to[in:], at+out, most-1)
		if enough {
			changes, ok = append([]string{fmt.Sprintf(format, args...)}, rest...), true
		}
		return enough
	}
	switch {
	case len(from) > 0 && try(1, 0, "without event %d, %s", at+1, from[0]):
	case len(from) > 0 && len(to) > 0 && try(1, 1, "%s instead of event %d, %s", to[0], at+1, from[0]):
	case len(from) > 0 && len(to) > 0 && try(0, 1, "%s before event %d, %s", to[0], at+1, from[0]):
	case len(from) == 0 && try(0, 1, "%s at the end", to[0]):
	}
	return changes, ok
}
