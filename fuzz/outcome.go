package fuzz

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// Bug is an error of the harness, or of a system outside of its steps: the stack tells.
type Bug struct {
	error
	stack string
}

// Stack is the stack of the panic, in the form of [debug.Stack].
func (b Bug) Stack() string { return b.stack }

// BugIn returns the bug of a recovered panic, with the stack. The text activity names
// the work of the harness at that time. The panic of a [raft.Outage] is no bug, and its
// error is returned.
func BugIn(activity string, panicked any) error {
	if outage, ok := panicked.(raft.Outage); ok {
		return fmt.Errorf("%s: %w", activity, outage.Err)
	}
	var earlier Bug
	if err, ok := panicked.(error); ok && errors.As(err, &earlier) {
		return Bug{fmt.Errorf("%s: %w", activity, err), earlier.stack}
	}
	stack := string(debug.Stack())
	return Bug{fmt.Errorf("%s: %v\n%s", activity, panicked, stack), stack}
}

// outcome is the report of a worker on one schedule.
type outcome struct {
	number   int
	changes  int // as in Finding
	result   trial.Result
	verdicts []models.Verdict
	states   []trial.State
	heals    []int
	schedule *faults.Schedule // not nil if a property is violated
	bug      error
	// Of an escalation alone.
	climbed climbed
	harm    *Finding // nil if the climb found none
}

// sideBySide starts workers that run schedules, and passes their outcomes to take,
// one at a time, in any order. A bug stops all workers and is returned.
func sideBySide(
	ctx context.Context, workers int, work func(context.Context, chan<- *outcome), take func(*outcome),
) (bug error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	outcomes := make(chan *outcome, queuedPerWorker*workers)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() { work(ctx, outcomes) })
	}
	go func() { working.Wait(); close(outcomes) }()
	for o := range outcomes {
		if o.bug != nil {
			bug = o.bug
			stop()
			continue
		}
		take(o)
	}
	return bug
}

// queuedPerWorker is the room in a queue for each worker, so that workers seldom wait.
const queuedPerWorker = 64

// send calls run and sends the outcome, even if the system under test ends the
// goroutine. It reports whether the worker may go on.
func (o *outcome) send(out chan<- *outcome, run func() error) (ok bool) {
	defer func() { out <- o }()
	o.bug = ErrGone
	o.bug = run()
	return o.bug == nil
}

// ErrGone is the error of a schedule during which the system under test ended the
// goroutine that ran it.
var ErrGone = errors.New("the system under test ended the goroutine that it was called on (runtime.Goexit)")

// run calls first, which runs a schedule, and keeps its result. The world turns
// panics of the system into verdicts, so a panic that arrives here is a [Bug].
func (o *outcome) run(pair *trial.Pair, first func() (*faults.Schedule, trial.Result)) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = BugIn(fmt.Sprintf("schedule %d", o.number), bug)
		}
	}()
	s, result := first()
	pair.Again(o.number, s, &result)
	o.keep(s, result)
	return nil
}

// keep copies a result, and keeps the schedule if it violates a property.
func (o *outcome) keep(s *faults.Schedule, result trial.Result) {
	o.result, o.verdicts = result, append(o.verdicts[:0], result.Verdicts...)
	o.result.History = nil // it is the runner's memory
	o.states = append(o.states[:0], result.States...)
	o.heals = append(o.heals[:0], result.Heals...)
	o.result.Verdicts, o.result.States, o.result.Heals = o.verdicts, o.states, o.heals
	if o.result.Outcome() == models.Violated {
		o.schedule = s
	}
}
