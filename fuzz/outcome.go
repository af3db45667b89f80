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
)

// A Bug is an error that is the harness's own.
type Bug struct{ error }

// BugIn is the bug that a panic tells of, and where the harness was.
func BugIn(what string, panicked any) Bug {
	return Bug{fmt.Errorf("%s: %v\n%s", what, panicked, debug.Stack())}
}

// outcome is what a worker reports of one schedule.
type outcome struct {
	number   int
	changes  int // see Finding
	result   trial.Result
	verdicts []models.Verdict
	schedule *faults.Schedule // there at least if something is violated
	bug      error
}

// sideBySide has so many workers run schedules and takes in what they report,
// one outcome at a time, in whatever order they arrive. A bug ends the work of all.
func sideBySide(ctx context.Context, workers int, work func(context.Context, chan<- *outcome), take func(*outcome)) (bug error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	outcomes := make(chan *outcome, aside*workers)
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

// aside is how much a worker may have waiting, so that it seldom waits itself.
const aside = 64

// send runs a schedule and reports its outcome, even if the system under test
// ends the goroutine; ok says that the next may follow.
func (o *outcome) send(out chan<- *outcome, run func() error) (ok bool) {
	defer func() { out <- o }()
	o.bug = errGone
	o.bug = run()
	return o.bug == nil
}

// errGone is what is left of a schedule during which the system under test
// ended the goroutine that ran it.
var errGone = errors.New("the system under test ended the goroutine that it was called on (runtime.Goexit)")

// run makes a panic an error: the implementation's own panics are verdicts,
// so that what arrives here is a bug of the harness.
//
// What is violated, and one schedule in so many, is run once more: a system that
// is not deterministic breaks the contract.
func (o *outcome) run(again *trial.Runner, first func() (*faults.Schedule, trial.Result)) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = BugIn(fmt.Sprintf("schedule %d", o.number), bug)
		}
	}()
	s, result := first()
	o.result, o.verdicts = result, append(o.verdicts[:0], result.Verdicts...)
	o.result.History = nil // the runner's own memory
	o.result.Verdicts = o.verdicts
	if result.Outcome() == models.Violated || o.number%runTwiceEach == 0 {
		again.Again(s, &o.result)
	}
	if o.result.Outcome() == models.Violated {
		o.schedule = s
	}
	return nil
}

// runTwiceEach is of how many schedules one is run twice.
const runTwiceEach = 16
