package bubble

import (
	"testing"
	"testing/synctest"
)

// Bubble is a place with a clock of its own, in which goroutines run only while
// Do is under way.
type Bubble struct {
	todo  chan func() // closed when the bubble is to end
	done  chan done
	name  string // by which stacks tell its goroutines
	burst bool
	left  []string
}

// done tells that something was done, or, of a bubble that burst, that nothing ever will be.
type done struct {
	panicked any
	burst    bool
}

// New returns a bubble in which nothing happens yet.
func New() *Bubble {
	b := &Bubble{todo: make(chan func()), done: make(chan done)}
	go b.run()
	return b
}

// run is the bubble's life. The zero testing.T is all that synctest needs, in a
// test or elsewhere: it hands it on and asks it for nothing.
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

// attempt does f and waits until every goroutine of the bubble waits for
// something. It returns what f panicked with.
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

// Do has the root do f, and returns when nothing moves in the bubble any more. It
// panics with what f panics with, and if nothing can ever move any more: then the
// bubble has burst.
func (b *Bubble) Do(f func()) {
	if b.burst {
		panic("the bubble has burst")
	}
	b.todo <- f
	d := <-b.done
	b.settle(d)
	if d.panicked != nil {
		panic(d.panicked)
	}
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

// End ends the bubble and returns when its last goroutine has ended, or when those that
// are left can never move again: then it has burst. It does nothing to a bubble that
// has burst before.
func (b *Bubble) End() {
	if !b.burst {
		close(b.todo)
		b.settle(<-b.done)
	}
}

// Left returns the stacks of the goroutines that the bubble left behind when it burst.
func (b *Bubble) Left() []string { return b.left }
