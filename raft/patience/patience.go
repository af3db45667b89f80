// Package patience has timers for work that another process or goroutine does in real time.
//
// While this process is suspended (Ctrl-Z, SIGSTOP, a paused container) time passes and no work is
// done. A timer of package time fires as soon as the process goes on, and whoever was waited for
// looks as if it hung. A Timer counts short steps instead: a suspension of any length is one step.
package patience

import (
	"sync"
	"time"
)

// steps is how many steps a duration has. After a suspension all but one of those that were left
// are still left.
const steps = 16

// Timer fires once, as [time.Timer] does, after time in which this process was not suspended.
type Timer struct {
	C <-chan struct{} // of a timer of New

	fire  func() // does not block
	fired chan struct{}

	mu   sync.Mutex
	left int // steps until it fires; 0 if it does not run
	step time.Duration
	next *time.Timer
}

// New returns a timer that sends on C after d.
func New(d time.Duration) *Timer {
	fired := make(chan struct{}, 1)
	t := &Timer{C: fired, fired: fired, fire: func() { fired <- struct{}{} }}
	t.start(d)
	return t
}

// AfterFunc returns a timer that calls f in a goroutine of its own after d.
func AfterFunc(d time.Duration, f func()) *Timer {
	t := &Timer{fire: func() { go f() }}
	t.start(d)
	return t
}

func (t *Timer) start(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.step = steps, d/steps
	t.next = time.AfterFunc(t.step, t.count)
}

// count counts a step.
func (t *Timer) count() {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch t.left {
	case 0: // stopped meanwhile
	case 1:
		t.left = 0
		t.fire()
	default:
		t.left--
		t.next.Reset(t.step)
	}
}

// Reset makes the timer fire after d from now on, and not as it was to fire before.
func (t *Timer) Reset(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain()
	t.left, t.step = steps, d/steps
	t.next.Reset(t.step)
}

// Stop keeps the timer from firing. It reports whether it would have fired.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drain()
	runs := t.left > 0
	t.left = 0
	t.next.Stop()
	return runs
}

func (t *Timer) drain() {
	select {
	case <-t.fired:
	default:
	}
}
