package apart

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/process"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

const (
	// interval is the time between two looks of the watch.
	interval = 50 * time.Millisecond
	// Patience is the number of looks without a call of the system that returned, after
	// which it hangs, if it is stuck: five seconds at least.
	Patience = 100
	// known is the patience with a system that is known to hang, and brief that with smaller
	// schedules that may hang too: the one that is left is run with patience again.
	known, brief = 20, 3
	// harnessPatience is how many times longer the harness may take itself.
	harnessPatience = 12
	// MaxBytes is the most memory that a process may take.
	MaxBytes = 1 << 30
	// aliveEach is the number of looks between two signs of life.
	aliveEach = 20
	// idleShare is the part of its patience in which a system that is not blocked uses the CPU.
	idleShare = 5
	// growth is the number of bytes that show a call at work: it ends at MaxBytes, and does
	// not hang.
	growth = 4 << 20
	// exitDead is the exit code of a process that its watch ended.
	exitDead = 4
)

// hangs is the kind of death of a system that does not return from a call.
const hangs = "a call does not return"

// watch looks at the work of a process.
type watch struct {
	busy     atomic.Bool
	patience atomic.Int64
	bytes    atomic.Int64
	beats    atomic.Int64
	idle     int  // the number of goroutines between two runs
	leaks    bool // a run left some
}

// begin begins a request.
func (w *watch) begin(l Limits) {
	w.patience.Store(int64(l.Patience))
	w.bytes.Store(l.Bytes)
	w.beats.Add(1)
	w.busy.Store(true)
}

// beatEach is the number of calls of the system that are one beat.
const beatEach = 16

// beat notes that the system returned from a call, and gets another.
func (w *watch) beat() { w.beats.Add(1) }

// calls returns a function that notes the calls of one goroutine.
func (w *watch) calls() func(raft.NodeID, raft.Input) {
	calls := 0
	return func(raft.NodeID, raft.Input) {
		if calls++; calls%beatEach == 0 {
			w.beat()
		}
	}
}

// look looks at the work until it ends the process.
func (w *watch) look(to *sender) {
	var still, last, from int64
	var used time.Duration // of CPU time, at the last beat
	for looks := 1; ; looks++ {
		time.Sleep(interval)
		if looks%aliveEach == 0 {
			to.send(answer{Sort: alive})
		}
		if !w.busy.Load() {
			still, last = 0, 0
			continue
		}
		beats, size := w.beats.Load(), memory()
		if size > w.bytes.Load() {
			end(to, fmt.Sprintf("the process grows beyond %d MB", w.bytes.Load()>>20), calledFrames())
		}
		if still++; beats != last || size > from+growth {
			still, last, from, used = 0, beats, size, process.CPUTime()
		}
		patience := w.patience.Load()
		if still < patience || !stuck(process.CPUTime()-used, patience, dump()[1:]) {
			continue
		}
		if stack := calledFrames(); stack != "" {
			end(to, hangs, stack)
		}
		if still >= harnessPatience*patience {
			end(to, "a run does not end", "")
		}
	}
}

// stuck reports whether work without a beat cannot go on, or used so much CPU time for nothing.
// On a busy machine work that could go on does neither: it waits for the CPU.
func stuck(used time.Duration, patience int64, goroutines []string) bool {
	return used >= time.Duration(patience)*interval/idleShare || !slices.ContainsFunc(goroutines, canRun)
}

// ready are the states of goroutines that need the CPU alone to go on, or a collection.
var ready = []string{" [running", " [runnable", " [preempted", " [GC "}

// canRun reports whether a goroutine, with its stack, is ready.
func canRun(stack string) bool {
	state, _, _ := strings.Cut(stack, "\n")
	return slices.ContainsFunc(ready, func(of string) bool { return strings.Contains(state, of) })
}

// memory is the number of bytes that the process has.
func memory() int64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return int64(m[0].Value.Uint64() - m[1].Value.Uint64())
}

// end reports a death, with the stack of the system, and ends the process.
func end(to *sender, text, stack string) {
	to.send(answer{Sort: dead, Text: text, Stack: stack})
	os.Exit(exitDead)
}

// settled waits until so many goroutines are left, for so many milliseconds, and returns
// how many there are.
func settled(want, patience int) int {
	n := runtime.NumGoroutine()
	for i := -10; n > want && i < patience; i++ {
		if i >= 0 {
			time.Sleep(time.Millisecond)
		}
		runtime.Gosched()
		n = runtime.NumGoroutine()
	}
	return n
}

// stayBehind is the kind of death of a system that leaves goroutines.
const stayBehind = "goroutines stay behind"

// patient is the number of milliseconds in which goroutines must end.
const patient = 100

// stays describes that there are so many goroutines.
func (w *watch) stays(n int) string { return fmt.Sprintf("%s: %d after the run", stayBehind, n-w.idle) }

// leftBehind ends the process before a run of careful work if runs before it left goroutines,
// more than once: see leftovers.
func (w *watch) leftBehind(to *sender) {
	n := settled(w.idle, patient)
	switch {
	case n <= w.idle:
	case w.leaks:
		end(to, w.stays(n), newestFrames())
	default:
		w.idle, w.leaks = n, true
	}
}

// leftovers judges Survival after a run that came to its end: no goroutine may be left. A
// goroutine that a system starts once for good is none that a run leaves, so that a
// second run has to leave some too.
func (w *watch) leftovers(runner *trial.Runner, s *faults.Schedule, r *trial.Result) {
	v := models.Verdict{Property: trial.Survival.Name, Outcome: models.Held}
	patience := patient
	if w.leaks {
		patience = 10
	}
	if first := settled(w.idle, patience); first > w.idle {
		kept := *r
		kept.Verdicts = append([]models.Verdict(nil), r.Verdicts...)
		runner.Run(s)
		if w.idle = settled(first, patience); w.idle > first {
			v.Outcome, w.leaks = models.Violated, true
			v.Text = stayBehind + fmt.Sprintf(": %d after the run", w.idle-first)
			kept.Stack = newestFrames()
		}
		*r = kept
	}
	r.Verdicts = append(r.Verdicts, v)
}
