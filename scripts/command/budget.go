package command

import (
	"context"
	"errors"
	"time"

	"raftcheck/fuzz/hunt"
)

// waiting is the number of seconds that count as one of CPU time at least: a system that waits
// uses none.
const waiting = 16

// overtime is how long a run under way may take once the budget is spent.
var overtime = 5 * time.Second

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

// within returns a context that ends, even amid a run, at overtime after the campaign has used so
// many seconds. Without -seconds it goes on.
func (c *fuzzRun) within(ctx context.Context, seconds float64) (context.Context, context.CancelCauseFunc) {
	ctx, end := context.WithCancelCause(ctx)
	if c.flags.seconds > 0 {
		go func() {
			looks := time.NewTicker(100 * time.Millisecond)
			defer looks.Stop()
			for c.used() < seconds && ctx.Err() == nil {
				<-looks.C
			}
			time.AfterFunc(overtime, func() { end(errSpent) })
		}()
	}
	return ctx, end
}
