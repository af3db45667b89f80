package faults

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

// busy is a schedule of a thousand events on three nodes: a leader, clients
// that write, and now and then a message lost, a crash and a cut.
func busy(t testing.TB) *Schedule {
	s := &Schedule{Service: store, System: "reference", Nodes: 3, Rand: 7}
	add := func(format string, args ...any) {
		e, err := ParseEvent(fmt.Sprintf(format, args...), s.Nodes, store)
		require.NoError(t, err)
		s.Events = append(s.Events, e)
	}
	add("timeout 1")
	add("settle")
	for i := 0; len(s.Events) < 1000; i++ {
		client := i%4 + 1
		add("call c%d 1 put x %d", client, i)
		add("persist 1")
		add("deliver 1->2")
		add("persist 2")
		add("deliver 2->1")
		switch i % 16 {
		case 3:
			add("duplicate 1->3")
		case 7:
			add("drop 1->3")
		case 11:
			add("crash 3 k=1")
			add("restart 3")
		case 15:
			add("cut 1 2 | 3")
			add("run k=4")
			add("mend")
		}
		add("tick 1")
		add("settle")
	}
	s.Events = s.Events[:1000]
	return s
}

// mostAllocs bounds what a run of the busy schedule allocates in a world that
// has run it before: what booting nodes costs the reference, and the strings
// that commands and faults are told by.
const mostAllocs = 800

func TestWorld_hardlyAllocates(t *testing.T) {
	s := busy(t)
	w, run := bareRun(s)
	run()
	require.Greater(t, w.Events(), 1000)
	require.NotEmpty(t, w.History())
	for _, o := range w.History()[:4] {
		require.False(t, o.Pending(), "the schedule does something")
	}
	allocs := testing.AllocsPerRun(20, run)
	t.Logf("%.0f allocations in %d plain events", allocs, w.Events())
	require.LessOrEqual(t, allocs, float64(mostAllocs))
}

// bareRun returns a world without checkers and what runs the schedule in it.
func bareRun(s *Schedule) (*World, func()) {
	view := new(trace.View)
	w := NewWorld(view)
	return w, func() {
		w.Reset(reference.System{}, s)
		for i := range s.Events {
			w.Apply(s.Events[i])
		}
	}
}

func BenchmarkWorld_steps(b *testing.B) {
	timed := func(text string) *Schedule {
		s, err := Parse("timed", []byte(text), house)
		require.NoError(b, err)
		return s
	}
	schedules := map[string]*Schedule{
		"busy":  busy(b),
		"storm": timed(header + storm),
		"time":  timed("system reference\nnodes 5\nrand 7\nrun k=1000\n"),
	}
	for _, name := range []string{"busy", "storm", "time"} {
		b.Run(name, func(b *testing.B) {
			w, run := bareRun(schedules[name])
			run()
			b.ReportAllocs()
			steps := 0
			for b.Loop() {
				run()
				steps += w.Events()
			}
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
