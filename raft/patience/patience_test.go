package patience

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTimer: a timer fires after its duration, once, and Reset and Stop undo what it did.
func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, called := time.Now(), make(chan time.Duration, 2)
		timer := New(time.Second)
		AfterFunc(2*time.Second, func() { called <- time.Since(start) })
		<-timer.C
		if after := time.Since(start); after != time.Second {
			t.Errorf("fired after %v", after)
		}
		timer.Reset(time.Second)
		time.Sleep(900 * time.Millisecond)
		timer.Reset(time.Second)
		time.Sleep(900 * time.Millisecond)
		if !timer.Stop() {
			t.Error("it runs")
		}
		time.Sleep(time.Minute)
		if timer.Stop() {
			t.Error("it does not run")
		}
		timer.Reset(time.Second)
		time.Sleep(time.Minute)
		timer.Reset(time.Second) // it fired, and nobody looked
		select {
		case <-timer.C:
			t.Error("fired early")
		default:
		}
		<-timer.C
		if after := <-called; after != 2*time.Second || len(called) > 0 {
			t.Errorf("called after %v, and %d times more", after, len(called))
		}
	})
}

// TestTimer_suspended: the time until the timer of a step fires is one step, however long it was.
func TestTimer_suspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timer := New(time.Second)
		timer.next.Stop() // the process is suspended,
		time.Sleep(time.Hour)
		timer.count() // and goes on
		on := time.Now()
		<-timer.C
		if after := time.Since(on); after != (steps-1)*time.Second/steps {
			t.Errorf("fired %v after the suspension", after)
		}
	})
}
