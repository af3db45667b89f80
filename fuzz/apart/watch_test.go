package apart

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStuck: work that waits for the CPU of a busy machine is not stuck. Work that is blocked is,
// and work that used the CPU for nothing.
func TestStuck(t *testing.T) {
	const blocked, waits = "goroutine 7 [select (no cases)]:\nmain.f()", "goroutine 8 [IO wait]:\nmain.g()"
	for _, one := range []struct {
		state string
		used  time.Duration
		want  bool
	}{
		{"select (no cases)", 0, true},
		{"sync.Mutex.Lock, 2 minutes", 0, true},
		{"syscall", 0, true},
		{"runnable", 0, false},
		{"running", 0, false},
		{"preempted", 0, false},
		{"GC assist wait", 0, false},
		{"runnable", Patience * interval, true},
		{"running", Patience * interval, true},
	} {
		got := stuck(one.used, Patience, []string{waits, "goroutine 9 [" + one.state + "]:\nmain.h()", blocked})
		require.Equal(t, one.want, got, one.state)
	}
}

// TestStuck_states: the states of goroutines are those that the runtime writes.
func TestStuck_states(t *testing.T) {
	var over atomic.Bool
	defer over.Store(true)
	end := make(chan bool)
	defer close(end)
	go spins(&over)
	go waits(end)
	for blocked := false; !blocked; { // it may not have begun
		for _, one := range dump()[1:] {
			switch {
			case strings.Contains(one, "apart.spins("):
				require.True(t, canRun(one), one)
			case strings.Contains(one, "apart.waits("):
				blocked = !canRun(one)
			}
		}
	}
}

func spins(over *atomic.Bool) {
	for !over.Load() {
	}
}

func waits(end chan bool) { <-end }

// TestNewestFrames_many: the newest goroutines are seen, however many an earlier run left behind.
// They are more than the numbers that the runtime may give out late.
func TestNewestFrames_many(t *testing.T) {
	const earlier, newest = 8_000, 1_000
	end := make(chan bool)
	var begun, over sync.WaitGroup // over, as goroutines that this package creates do not count
	defer over.Wait()
	defer close(end)
	begun.Add(newest)
	for range earlier {
		over.Go(func() { waits(end) })
	}
	for range newest {
		over.Go(func() { waitsToo(&begun, end) })
	}
	begun.Wait()
	require.Contains(t, newestFrames(), "apart.waitsToo")
}

func waitsToo(begun *sync.WaitGroup, end chan bool) {
	begun.Done()
	<-end
}
