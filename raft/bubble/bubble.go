package bubble

import (
	"testing"
	"testing/synctest"
	"time"

	"raftcheck/raft"
	"raftcheck/raft/patience"
)

// Bubble is a place with a clock of its own, in which goroutines run only while
// Do is under way.
type Bubble struct {
	todo  chan func() // closed when the bubble is to end
	done  chan done
	name  string // that the stacks of its goroutines have
	burst bool
	left  []string
}

// done reports that a function returned or panicked, or that the bubble has burst.
type done struct {
	panicked any
	burst    bool
}

// New returns a bubble in which no function runs yet.
func New() *Bubble {
	b := &Bubble{todo: make(chan func()), done: make(chan done, 1)}
	go b.run()
	return b
}

// run runs the bubble until it ends. The zero testing.T is all that synctest needs, in a
// test or elsewhere: synctest hands it on and does not use it.
func (b *Bubble) run() {
	defer close(b.done)
	defer func() {
		if p := recover(); p != nil {
			b.done <- done{p, true}
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		b.name = bubbleOf()
		for f := range b.todo {
			b.done <- done{panicked: attempt(f)}
		}
	})
}

// attempt runs f and waits until every goroutine of the bubble is blocked. It returns the
// value of f's panic, nil without one.
func attempt(f func()) (panicked any) {
	return try(func() {
		f()
		synctest.Wait()
	})
}

// try calls f and returns the value of its panic, nil without one.
func try(f func()) (panicked any) {
	defer func() { panicked = recover() }()
	f()
	return nil
}

// stepTime is the real time that a step may take. Of a bubble's own time it costs nothing.
var stepTime = 10 * time.Second

// Do runs f at the bubble's root, and returns when every goroutine of the bubble is
// blocked. It panics with the value of f's panic, and if no goroutine can ever run again:
// then the bubble has burst. It panics with a [raft.Breach] that has the stacks of those
// that do not come to rest if that takes seconds: then they are left behind.
func (b *Bubble) Do(f func()) {
	if b.burst {
		panic("the bubble has burst")
	}
	b.todo <- f
	d := b.await()
	b.settle(d)
	if d.panicked != nil {
		panic(d.panicked)
	}
}

// await waits for the root, within stepTime.
func (b *Bubble) await() done {
	timer := patience.New(stepTime)
	defer timer.Stop()
	select {
	case d := <-b.done:
		return d
	case <-timer.C:
	}
	b.burst, b.left = true, stacksOf(b.name)
	leave(b.left)
	panic(raft.Breach("its step does not come to rest: " + restless(b.left)))
}

// settle takes note of the goroutines that a bubble which burst leaves behind. A
// bubble bursts for no other reason.
func (b *Bubble) settle(d done) {
	if b.burst = d.burst; !b.burst {
		return
	}
	if b.left = stacksOf(b.name); len(b.left) == 0 {
		panic(d.panicked)
	}
	leave(b.left)
}

// End ends the bubble and returns when its last goroutine has ended, or when the
// goroutines that are left can never run again: then it has burst. It does nothing to a
// bubble that has burst before.
func (b *Bubble) End() {
	if !b.burst {
		close(b.todo)
		b.settle(b.await())
	}
}

// Left returns the stacks of the goroutines that the bubble left behind when it burst.
func (b *Bubble) Left() []string { return b.left }
