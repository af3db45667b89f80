package fuzz

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/trial"
)

const (
	// maxBatch is the most schedules that a process is asked for at once.
	maxBatch = 64
	// batchTime is the CPU time that a batch should take: long beside the time that a request
	// takes, and short for those that wait for its end.
	batchTime = 20 * time.Millisecond
)

// workApart runs the next schedules in a process apart until none is left.
func (c *Campaign) workApart(
	ctx context.Context, next func() (int, bool), free *sync.Pool, out chan<- *outcome,
) {
	runner := c.apart(ctx)
	defer runner.Close()
	batch, numbers := 1, []int(nil)
	for ctx.Err() == nil && runner.Err() == nil {
		numbers = numbers[:0]
		for len(numbers) < batch {
			number, ok := next()
			if !ok {
				break
			}
			numbers = append(numbers, number)
		}
		if len(numbers) == 0 {
			return
		}
		start := runner.CPUTime()
		runner.Numbers(c.Profile, c.Seed, numbers,
			func(number int, s *faults.Schedule, result trial.Result) {
				o := free.Get().(*outcome)
				o.number, o.schedule, o.bug = number, nil, nil
				o.keep(s, result)
				out <- o
			})
		batch = sized(batch, runner.CPUTime()-start)
	}
	if bug := bugApart(fmt.Sprintf("with seed %d", c.Seed), runner.Err()); bug != nil {
		out <- &outcome{bug: bug}
	}
}

// sized returns the size of the next batch after one that took so much CPU time.
func sized(batch int, took time.Duration) int {
	switch {
	case took > batchTime:
		return max(batch/2, 1)
	case took < batchTime/2:
		return min(2*batch, maxBatch)
	}
	return batch
}

// bugApart returns an error of a process apart as that of a campaign, nil for an interruption.
func bugApart(activity string, err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil
	case errors.As(err, &apart.Bug{}):
		return Bug{error: fmt.Errorf("%s: %w", activity, err)}
	}
	return err
}
