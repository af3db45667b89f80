package bubble

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// waits are the ways in which a goroutine can wait for ever.
var waits = map[string]func(){
	"a channel that is nil": func() { <-(chan int)(nil) },
	"a select of nothing":   func() { select {} },
	"receiving":             func() { <-make(chan int) },
	"sending":               func() { make(chan int) <- 1 },
	"a select": func() {
		a, b := make(chan int), make(chan int)
		select {
		case <-a:
		case b <- 1:
		}
	},
	"a condition": func() {
		c := sync.NewCond(&sync.Mutex{})
		c.L.Lock()
		c.Wait()
	},
	"a group": func() {
		g := &sync.WaitGroup{}
		g.Add(1)
		g.Wait()
	},
	"a context": func() {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		<-ctx.Done()
	},
	"a timer": func() { time.Sleep(1000 * time.Hour) },
	"a ticker": func() {
		for range time.NewTicker(time.Hour).C {
			runtime.Gosched()
		}
	},
}

// A goroutine that is left behind ends no run, and is known by its stack.
func TestBubble_leavesGoroutines(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			before, _ := Left()
			b := New()
			b.Do(func() { go wait(); go wait() })
			b.End()
			require.Len(t, b.Left(), 2)
			for _, s := range b.Left() {
				require.Contains(t, Place(s), "left_test.go:", s)
				require.Contains(t, s, "TestBubble_leavesGoroutines")
			}
			after, _ := Left()
			require.Equal(t, before+1, after)
		})
	}
}

func TestBubble_leavesNothing(t *testing.T) {
	before, _ := Left()
	b := New()
	b.Do(func() { go time.Sleep(time.Hour); time.Sleep(2 * time.Hour) })
	b.End()
	after, _ := Left()
	require.Empty(t, b.Left())
	require.Equal(t, before, after)
}

// A goroutine that is left behind stays where it waits, while other bubbles begin and end.
// Some of these run at the same time and leave goroutines behind too.
func TestBubble_leftBehindForGood(t *testing.T) {
	before, earlier := Left()
	const workers, rounds = 4, 5
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				for _, wait := range waits {
					b := New()
					b.Do(func() { go wait() })
					b.End()
				}
				runtime.GC()
			}
		})
	}
	group.Wait()
	after, at := Left()
	require.Equal(t, workers*rounds*len(waits), after-before)
	for place, n := range at {
		if n > earlier[place] { // tests before this one leave goroutines in other places
			require.Contains(t, place, "_test.go:")
		}
	}
}

func TestCore_stopLeavesGoroutines(t *testing.T) {
	for name, shutdown := range map[string]func(){
		"shutdown returns":       func() { go func() { select {} }() },
		"shutdown never returns": func() { select {} },
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := Left()
			c := newCore()
			c.Stop(shutdown)
			require.Len(t, c.Left(), 1)
			require.True(t, strings.HasPrefix(Place(c.Left()[0]), "bubble.TestCore_stopLeavesGoroutines"), c.Left())
			c.Stop(shutdown)
			after, _ := Left()
			require.Equal(t, before+1, after)
		})
	}
}

// A node that ends for longer than its timers run on is waited for.
func TestCore_stopWaits(t *testing.T) {
	c := newCore()
	c.Stop(func() { go time.Sleep(grace); time.Sleep(grace / 2) })
	require.Empty(t, c.Left())
}

func TestCore_stopPanics(t *testing.T) {
	c := newCore()
	require.PanicsWithValue(t, "no", func() { c.Stop(func() { panic("no") }) })
	require.Empty(t, c.Left())
	c.Stop(func() {})
}
