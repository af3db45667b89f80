package hunt

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"raftcheck/fuzz/internal/process"
)

// budget is the CPU time that a hunt may take, and a watchdog for systems that hang.
type budget struct {
	ctx      context.Context
	start    time.Duration // this process's CPU time when the hunt began
	limit    time.Duration
	patience time.Duration // the CPU time after which a system that hangs is given up
	beats    atomic.Int64  // grows with every execution
}

// usualPatience is many times the CPU time of the longest schedule.
const usualPatience = time.Minute

// newBudget starts the budget of a hunt.
func newBudget(ctx context.Context, h *Hunt) *budget {
	limit := time.Duration(h.Seconds * float64(time.Second))
	return &budget{ctx: ctx, start: process.CPUTime(), limit: limit, patience: cmp.Or(h.patience, usualPatience)}
}

// CPUTime is the CPU time that this process has used. Where the operating system
// does not count it, it is the time since the process started.
func CPUTime() time.Duration { return process.CPUTime() }

// used returns the CPU time since the hunt began.
func (b *budget) used() time.Duration { return process.CPUTime() - b.start }

// spent reports whether the hunt must not start anything more.
func (b *budget) spent() bool {
	b.beat()
	return b.ctx.Err() != nil || b.used() >= b.limit
}

// beat notes that the system returned from a call.
func (b *budget) beat() { b.beats.Add(1) }

// await waits for the end of the hunt and returns its error. It checks at intervals
// whether the hunt makes progress. If none was made for the CPU time of its patience,
// the system hangs in a call that nothing can interrupt, and await returns an error.
func (b *budget) await(ended <-chan error) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	beats, since := b.beats.Load(), process.CPUTime()
	for {
		select {
		case err := <-ended:
			return err
		case <-look.C:
			if now := b.beats.Load(); now != beats {
				beats, since = now, process.CPUTime()
			}
			if stuck := process.CPUTime() - since; stuck > b.patience {
				return fmt.Errorf("the system under test did not come back within %v of CPU time", b.patience)
			}
		}
	}
}
