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

// Neighbourhood is the set of schedules that are at most Changes changes away from a
// centre. It answers how near the nearest failure is, or how far the schedule can be
// changed without one. A change removes, inserts or replaces one event. An inserted
// event is enabled where it stands (see [faults.World.Enabled]); later events may be
// ignored because of it.
//
// Events that would let a sound Raft fail are not inserted:
//
//   - a wipe of a disk that a quorum may need;
//   - a lease read in a schedule without one;
//   - in a schedule with lease reads, an event that makes a clock jump or stand still.
//
// The schedule's own events stay. Where it fires a timer, an earlier change may make
// the timer fire too early for a lease, and then a stale read is expected.
type Neighbourhood struct {
	System   raft.System
	Schedule *faults.Schedule // the centre
	Changes  int              // the largest distance, 0 to shrink.MaxChanges
	// AppendOnly limits changes to events inserted after the last one.
	AppendOnly bool
	Workers    int
	// Progress, if set, is called with the report after each schedule.
	Progress func(*NeighbourReport)
	// Found, if set, is called at once with a finding that is the nearest so far of
	// those that violate its property.
	Found func(*Finding)
	// Watch, if set, returns the functions that the runners of a worker call.
	Watch func() trial.Watch
}

// NeighbourReport is the result of a neighbourhood. Schedules are numbered from the
// centre outwards, so that the finding with the lowest number is a nearest one. The
// report is the same with any number of workers.
type NeighbourReport struct {
	Report
	Away   []int // the number of schedules by their distance, 0 first
	Traces int   // the number of different traces
}

// validate returns an error that names the field with which the neighbourhood cannot run.
func (n *Neighbourhood) validate() error {
	switch {
	case trial.ValidateSystem(n.System) != nil:
		return fmt.Errorf("neighbourhood: %w", trial.ValidateSystem(n.System))
	case n.Schedule == nil || n.Schedule.Service == nil:
		return errors.New("neighbourhood: expected a schedule, with the service of its clients")
	case n.Changes < 0 || n.Changes > shrink.MaxChanges:
		return fmt.Errorf("neighbourhood: expected changes of 0 to %d, found %d", shrink.MaxChanges, n.Changes)
	case len(n.Schedule.Events)+n.Changes > faults.MaxEvents:
		return fmt.Errorf("neighbourhood: expected at most %d events with the changes, found %d",
			faults.MaxEvents, len(n.Schedule.Events)+n.Changes)
	case n.Workers < 1:
		return fmt.Errorf("neighbourhood: expected workers of 1 at least, found %d", n.Workers)
	}
	return nil
}

// services returns the service of the centre's clients, which those of its neighbours use too.
func (n *Neighbourhood) services() service.Set { return service.Set{n.Schedule.Service} }

// Run runs the schedules of the neighbourhood until all are run or ctx ends, and
// returns their report. The error is of a neighbourhood that cannot be run, or a [Bug].
func (n *Neighbourhood) Run(ctx context.Context) (*NeighbourReport, error) {
	if err := n.validate(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l := &listing{ctx: ctx, of: n, jobs: make(chan *outcome, queuedPerWorker*n.Workers)}
	l.free.New = func() any { return &outcome{schedule: new(faults.Schedule)} }
	listed := make(chan error, 1)
	go l.send(listed)

	report := &NeighbourReport{Report: *newReport(n.System, trial.GoalsOf(n.services())),
		Away: make([]int, n.Changes+1)}
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

// listing enumerates the schedules of a neighbourhood and queues them for workers. It
// waits while the queue is full.
type listing struct {
	ctx      context.Context
	of       *Neighbourhood
	jobs     chan *outcome
	free     sync.Pool
	number   int  // of the next schedule
	complete bool // all were queued
}

// send queues the schedules, and then sends the bug that ended it, or nil.
func (l *listing) send(done chan<- error) {
	err := ErrGone
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

// all queues the schedules from the centre outwards.
func (l *listing) all() {
	changes := 0
	near := shrink.NewNeighbours(l.of.System, l.of.Schedule, func(head, tail []faults.Event) bool {
		return l.one(changes, head, tail)
	})
	walk := near.Within
	if l.of.AppendOnly {
		walk = near.Beyond
	}
	for ; changes <= l.of.Changes; changes++ {
		if !walk(changes) {
			return
		}
	}
	l.complete = true
}

// one queues the schedule with the events of head and tail. It reports whether
// the walk may go on.
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

// work runs queued schedules until there are no more.
func (l *listing) work(ctx context.Context, out chan<- *outcome) {
	pair := trial.NewPair(l.of.System, l.of.services())
	if l.of.Watch != nil {
		pair.Watch(l.of.Watch())
	}
	for o := range l.jobs {
		run := func() (*faults.Schedule, trial.Result) { return o.schedule, pair.First.Run(o.schedule) }
		if ctx.Err() != nil || !o.send(out, func() error { return o.run(pair, run) }) {
			return
		}
	}
}

// recycle returns an outcome to the pool, without the schedule if a finding keeps it.
func (l *listing) recycle(o *outcome) {
	if o.result.Outcome() == models.Violated {
		o.schedule = new(faults.Schedule)
	}
	l.free.Put(o)
}

// ChangesOf describes how a finding's schedule differs from the centre, one text for
// each change, such as "without event 4, crash 1", in the order of the events.
func (n *Neighbourhood) ChangesOf(f *Finding) []string {
	for most := range f.Changes + 1 {
		if changes, ok := changed(n.Schedule.Events, f.Schedule.Events, 0, most); ok {
			return changes
		}
	}
	return nil
}

// change is one change at the start of two lists of events: it takes the first out
// events of the one list and the first in events of the other.
type change struct {
	out, in int
	text    string
}

// changed describes at most most changes that turn one list of events into another.
// The first event of from has the number at+1 in its schedule.
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
	for _, c := range firstChanges(from, to, at) {
		if rest, enough := changed(from[c.out:], to[c.in:], at+c.out, most-1); enough {
			return append([]string{c.text}, rest...), true
		}
	}
	return nil, false
}

// firstChanges lists the changes that two lists which begin differently can begin
// with, in the order in which they are tried.
func firstChanges(from, to []faults.Event, at int) []change {
	if len(from) == 0 {
		return []change{{0, 1, fmt.Sprintf("%s at the end", to[0])}}
	}
	event := fmt.Sprintf("event %d, %s", at+1, from[0])
	changes := []change{{1, 0, "without " + event}}
	if len(to) > 0 {
		changes = append(changes,
			change{1, 1, fmt.Sprintf("%s instead of %s", to[0], event)},
			change{0, 1, fmt.Sprintf("%s before %s", to[0], event)})
	}
	return changes
}
