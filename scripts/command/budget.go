package command

import (
	"context"
	"errors"
	"time"

	"raftcheck/fuzz/hunt"
)

const (
	// slowest is the number of seconds that a run under way may take beyond a budget.
	slowest = 5
	// waiting is the number of seconds that count as one of CPU time at least: a system that waits
	// uses none.
	waiting = 16
)

// errSpent is the cause of the end of a phase whose budget is spent.
var errSpent = errors.New("the budget is spent")

// usedCPU is the CPU time of this process and those apart.
func usedCPU() time.Duration {
	if processes == nil {
		return hunt.CPUTime()
	}
	return hunt.CPUTime() + processes.CPUTime()
}

// used is how much of its budget the campaign has used, in seconds.
func (c *fuzzRun) used() float64 {
	return max((usedCPU() - c.cpu).Seconds(), time.Since(c.start).Seconds()/waiting)
}

// within returns a context that ends, even amid a run, once the campaign has used so many
// seconds. Without -seconds it goes on.
func (c *fuzzRun) within(ctx context.Context, seconds float64) (context.Context, context.CancelCauseFunc) {
	ctx, end := context.WithCancelCause(ctx)
	if c.flags.seconds > 0 {
		go func() {
			looks := time.NewTicker(100 * time.Millisecond)
			defer looks.Stop()
			for c.used() < seconds && ctx.Err() == nil {
				<-looks.C
			}
			end(errSpent)
		}()
	}
	return ctx, end
}
