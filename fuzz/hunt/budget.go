package hunt

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// budget is the CPU time that a hunt may take, and the watch over it.
type budget struct {
	ctx      context.Context
	start    time.Duration // of this process's CPU time, when the hunt began
	limit    time.Duration
	patience time.Duration // of CPU time, until a system that does not come back is given up
	beats    atomic.Int64  // grows with every execution
}

// usualPatience is many times what the longest schedule takes.
const usualPatience = time.Minute

func newBudget(ctx context.Context, h *Hunt) *budget {
	limit := time.Duration(h.Seconds * float64(time.Second))
	return &budget{ctx: ctx, start: cpuTime(), limit: limit, patience: cmp.Or(h.patience, usualPatience)}
}

// CPUTime is the CPU time that this process has used. Where the operating system
// does not count it, it is the time since the process started.
func CPUTime() time.Duration { return cpuTime() }

func (b *budget) used() time.Duration { return cpuTime() - b.start }

// spent reports whether nothing more may be begun.
func (b *budget) spent() bool {
	b.beat()
	return b.ctx.Err() != nil || b.used() >= b.limit
}

// beat says that the system came back.
func (b *budget) beat() { b.beats.Add(1) }

// await returns how the hunt ended. It looks from time to time whether the hunt
// gets on: one that has used up the patience since it last did has a system that
// never comes back, which nothing can interrupt.
func (b *budget) await(ended <-chan error) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	beats, since := b.beats.Load(), cpuTime()
	for {
		select {
		case err := <-ended:
			return err
		case <-look.C:
			if now := b.beats.Load(); now != beats {
				beats, since = now, cpuTime()
			}
			if stuck := cpuTime() - since; stuck > b.patience {
				return fmt.Errorf("the system under test did not come back within %v of CPU time", b.patience)
			}
		}
	}
}
