package fuzz

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// scenario reads one of testdata/scenarios.
func scenario(t testing.TB, name string) *faults.Schedule {
	t.Helper()
	s, err := trial.ReadSchedule("../testdata/scenarios/"+name+".txt", services.All())
	require.NoError(t, err)
	return s
}

// explore runs a neighbourhood on two workers.
func explore(t *testing.T, n Neighbourhood) *NeighbourReport {
	t.Helper()
	if n.Workers = 2; n.System == nil {
		n.System = reference.System{}
	}
	report, err := n.Run(t.Context())
	require.NoError(t, err)
	require.False(t, report.Stopped, "a complete run must not be reported as stopped")
	return report
}

// TestNeighbourhood_countedByHand: one node, and its timer fires.
//
// Before that it may tick, time out, crash or be paused, and a client may put, get, read
// without the log, or ask for a lease that no node has, and a batch or a lag may begin: 10
// events. There is no second node for messages and transfers, no log to compact, and its disk
// is not wiped as it is the only voter.
//
// Afterwards it has one pending write, its term and vote. That adds persist, fail
// and tear, and a crash that the write survives: 14 events.
//
// One change is the event left out (1), another in its place (9), one before it
// (10), or one after it (14); but a second timeout is the same before and after.
func TestNeighbourhood_countedByHand(t *testing.T) {
	s := fixture.Written(t, "nodes 1\n", "timeout 1\n")
	n := Neighbourhood{Schedule: s, Changes: 1}
	require.Equal(t, []int{1, 1 + 9 + 10 + 14 - 1}, explore(t, n).Away)
	n.AppendOnly = true
	require.Equal(t, []int{1, 14}, explore(t, n).Away)
	n.Changes = 0
	require.Equal(t, []int{1}, explore(t, n).Away)
}

// TestNeighbourhood_hold: no schedule one change away from these scenarios fails.
func TestNeighbourhood_hold(t *testing.T) {
	for name, schedules := range map[string]int{"split-vote": 6717, "torn-write": 2373,
		"lease-within-bound": 2740, "rotten-disk": 1432} {
		report := explore(t, Neighbourhood{Schedule: scenario(t, name), Changes: 1})
		require.Equal(t, models.Held, report.Outcome(), "%s: %v", name, report.Verdicts)
		require.Equal(t, schedules, report.Schedules, name)
		require.Equal(t, schedules, report.Verdicts["ElectionSafety"].Held, name)
		asked := report.Verdicts["Linearizability"]
		require.Equal(t, Counts{Held: asked.Held}, asked, "schedules of %s in which clients called something", name)
		require.Positive(t, asked.Held, name)
		require.Less(t, report.Traces, schedules)
		require.Greater(t, report.Traces, schedules*9/10, "what is put in is enabled")
	}
}

// TestNeighbourhood_findsWhatWasTaken: without some events that it needs, a
// counterexample is as many changes away from a failure.
func TestNeighbourhood_findsWhatWasTaken(t *testing.T) {
	tests := []struct {
		file, property string
		taken          []int // counted from 1
		want           string
	}{
		{"durability-e15088e6", "Durability", nil, ""},
		{"durability-e15088e6", "Durability", []int{3}, "crash 1 k=1 before event 2, settle"},
		{"durability-e15088e6", "Durability", []int{3, 4},
			"crash 1 k=1 before event 2, settle, restart 1 before event 2, settle"},
		{"electionsafety-abd160d3", "ElectionSafety", []int{4}, "tear 1 bytes=1 before event 3, timeout 3"},
		{"statemachinesafety-a45d0107", "StateMachineSafety", []int{3, 5},
			"compact 1 before event 3, persist 1, crash 1 k=1 before event 3, persist 1"},
	}
	for _, test := range tests {
		t.Run(test.file+" "+strings.Repeat("-", len(test.taken)), func(t *testing.T) {
			s, err := trial.ReadSchedule("../testdata/found/"+test.file+".txt", services.All())
			require.NoError(t, err)
			for _, event := range slices.Backward(test.taken) {
				s.Events = slices.Delete(s.Events, event-1, event)
			}
			n := Neighbourhood{System: knownSystem(t, s.System), Schedule: s, Changes: len(test.taken)}
			report := explore(t, n)
			f := report.Findings.First(test.property)
			require.NotNil(t, f)
			require.Equal(t, len(test.taken), f.Changes, "the nearest")
			require.Equal(t, test.want, strings.Join(n.ChangesOf(f), ", "))
			require.Nil(t, slices.Concat(f.Schedule.Prose, f.Schedule.Golden), "which are the centre's")
			require.Empty(t, f.Schedule.Notes)
			again := trial.NewRunner(n.System, services.All()).Run(f.Schedule)
			require.Equal(t, f.Verdict, again.Of(test.property).String())
		})
	}
}

// TestNeighbourhood_sameWithAnyNumberOfWorkers wants one report, with the same findings,
// from one, two and five workers.
func TestNeighbourhood_sameWithAnyNumberOfWorkers(t *testing.T) {
	s, err := trial.ReadSchedule("../testdata/found/electionsafety-eea8bb75.txt", services.All())
	require.NoError(t, err)
	for _, further := range []bool{false, true} {
		var first *NeighbourReport
		for _, workers := range []int{1, 2, 5} {
			n := Neighbourhood{System: knownSystem(t, s.System), Schedule: s, Changes: 1, AppendOnly: further,
				Workers: workers}
			report, err := n.Run(t.Context())
			require.NoError(t, err)
			require.Greater(t, len(report.Findings), 1)
			report.system = nil // it has functions, which no comparison calls equal
			if first == nil {
				first = report
			}
			require.Equal(t, first, report, "with %d workers", workers)
		}
	}
}

// TestNeighbourhood_nearestFirst: Found is called at once, and again for each nearer
// finding; the centre is the nearest of all.
func TestNeighbourhood_nearestFirst(t *testing.T) {
	s, err := trial.ReadSchedule("../testdata/found/durability-e15088e6.txt", services.All())
	require.NoError(t, err)
	centre := s.Clone()
	s.Events = s.Events[:3] // it breaks at the fourth
	numbers := []int{}
	n := Neighbourhood{System: knownSystem(t, s.System), Schedule: s, Changes: 2, AppendOnly: true}
	n.Found = func(f *Finding) { numbers = append(numbers, f.Number) }
	report := explore(t, n)
	f := report.Findings.First("Durability")
	require.Equal(t, 1, f.Changes)
	require.Equal(t, centre.Events, f.Schedule.Events)
	require.Equal(t, "restart 1 at the end", strings.Join(n.ChangesOf(f), ", "))
	nearer := slices.IsSortedFunc(numbers, func(a, b int) int { return b - a })
	require.True(t, nearer, "Found must be called with nearer and nearer findings, got the numbers %v", numbers)
	require.Equal(t, f.Number, numbers[len(numbers)-1])
	require.Greater(t, report.Verdicts["Durability"].Violated, 1)

	n.Schedule = centre
	require.Equal(t, 0, explore(t, n).Findings.First("Durability").Number)
}

// TestNeighbourhood_stopped: an interrupted run reports its results so far and does not pass.
func TestNeighbourhood_stopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := Neighbourhood{System: reference.System{}, Schedule: scenario(t, "torn-write"),
		Changes: shrink.MaxChanges, Workers: 2}
	n.Progress = func(r *NeighbourReport) {
		if r.Schedules == 100 {
			stop()
		}
	}
	report, err := n.Run(ctx)
	require.NoError(t, err)
	require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
	require.GreaterOrEqual(t, report.Schedules, 100)
	require.Less(t, report.Schedules, 1000)
	require.Equal(t, models.NotChecked, report.Outcome())
}

// TestNeighbourhood_systemThatEndsItsGoroutine: the system may end the goroutine that
// lists the schedules, or one that runs them.
func TestNeighbourhood_systemThatEndsItsGoroutine(t *testing.T) {
	for _, where := range []string{"(*Neighbours).walk", "(*Runner).Run"} {
		var ended atomic.Bool
		n := Neighbourhood{Schedule: fixture.Written(t, "nodes 2\n", "timeout 1\ntick 2\n"),
			Changes: shrink.MaxChanges, Workers: 2}
		n.System = fixture.Trap{OnStep: func(*fixture.Trapped, raft.Input) raft.Output {
			if strings.Contains(string(debug.Stack()), where) && ended.CompareAndSwap(false, true) {
				runtime.Goexit()
			}
			return raft.Output{}
		}}
		report, err := n.Run(t.Context())
		require.ErrorContains(t, err, "goroutine", where)
		require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
		require.Equal(t, models.NotChecked, report.Outcome())
	}
}

// TestNeighbourhood_changesOf describes the fewest changes between two schedules.
func TestNeighbourhood_changesOf(t *testing.T) {
	tests := []struct{ from, to, want string }{
		{"timeout 1", "timeout 1", ""},
		{"timeout 1", "", "without event 1, timeout 1"},
		{"", "timeout 1", "timeout 1 at the end"},
		{"timeout 1, tick 1, settle", "timeout 1, settle", "without event 2, tick 1"},
		{"timeout 1, tick 1, settle", "timeout 1, tick 2, settle", "tick 2 instead of event 2, tick 1"},
		{"timeout 1, tick 1, settle", "timeout 1, tick 2, tick 1, settle", "tick 2 before event 2, tick 1"},
		{"tick 1, tick 1, settle", "tick 1, settle, tick 2", "without event 2, tick 1; tick 2 at the end"},
		{"tick 1, tick 2, settle", "tick 2, settle, tick 1", "without event 1, tick 1; tick 1 at the end"},
		{"tick 1, tick 2, settle", "settle, tick 2, settle", "settle instead of event 1, tick 1"},
		{"settle", "tick 1, tick 2, tick 3, settle",
			"tick 1 before event 1, settle; tick 2 before event 1, settle; tick 3 before event 1, settle"},
		{"tick 1, tick 2, settle", "timeout 1, tick 2, timeout 2",
			"timeout 1 instead of event 1, tick 1; timeout 2 instead of event 3, settle"},
	}
	for _, test := range tests {
		events := func(list string) *faults.Schedule {
			return fixture.Written(t, "nodes 3\n", strings.ReplaceAll(list, ", ", "\n")+"\n")
		}
		n := Neighbourhood{Schedule: events(test.from)}
		require.Equal(t, test.want,
			strings.Join(n.ChangesOf(&Finding{Schedule: events(test.to), Changes: 3}), "; "))
	}
}

// machineless is a service whose machine cannot be made.
type machineless struct{ kv.Service }

func (machineless) NewMachine() service.Machine { panic("there is no machine") }

// TestNeighbourhood_bug: a panic of the harness is a Bug, with its stack.
func TestNeighbourhood_bug(t *testing.T) {
	n := Neighbourhood{System: reference.System{},
		Schedule: &faults.Schedule{Nodes: 1, Service: machineless{}}, Changes: 1, Workers: 2}
	report, err := n.Run(t.Context())
	require.ErrorAs(t, err, &Bug{})
	require.ErrorContains(t, err, "there is no machine")
	require.ErrorContains(t, err, "faults.(*World).Reset(", "the stack")
	require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
}

// TestNeighbourhood_thatCannotBeRun: it is an error of the caller, and not a Bug.
func TestNeighbourhood_thatCannotBeRun(t *testing.T) {
	tests := map[string]struct {
		spoil func(*Neighbourhood)
		want  string
	}{
		"no system": {func(n *Neighbourhood) { n.System = nil }, "expected a system with a name"},
		"a bad name": {func(n *Neighbourhood) { n.System = misnamed{n.System} },
			"expected a system with a name"},
		"no schedule": {func(n *Neighbourhood) { n.Schedule = nil }, "expected a schedule"},
		"no service": {func(n *Neighbourhood) { n.Schedule = &faults.Schedule{Nodes: 1} },
			"with the service of its clients"},
		"fewer changes":    {func(n *Neighbourhood) { n.Changes = -1 }, "expected changes of 0 to 8, found -1"},
		"too many changes": {func(n *Neighbourhood) { n.Changes = 9 }, "expected changes of 0 to 8, found 9"},
		"no workers":       {func(n *Neighbourhood) { n.Workers = 0 }, "expected workers of 1 at least, found 0"},
		"too many events": {
			func(n *Neighbourhood) {
				n.Schedule = &faults.Schedule{Service: kv.Service{}, Nodes: 1,
					Events: make([]faults.Event, faults.MaxEvents)}
			},
			"expected at most 20000 events with the changes, found 20001",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := Neighbourhood{System: reference.System{},
				Schedule: &faults.Schedule{Service: kv.Service{}, Nodes: 1}, Changes: 1, Workers: 1}
			test.spoil(&n)
			report, err := n.Run(t.Context())
			require.ErrorContains(t, err, test.want)
			bug := Bug{}
			require.NotErrorAs(t, err, &bug)
			require.Nil(t, report)
		})
	}
}

// BenchmarkNeighbourhood runs every schedule one change away from a scenario.
func BenchmarkNeighbourhood(b *testing.B) {
	for _, name := range []string{"torn-write", "split-vote"} {
		b.Run(name, func(b *testing.B) {
			n := Neighbourhood{System: reference.System{}, Schedule: scenario(b, name), Changes: 1,
				Workers: runtime.GOMAXPROCS(0)}
			b.ReportAllocs()
			schedules := 0
			for b.Loop() {
				report, err := n.Run(b.Context())
				require.NoError(b, err)
				schedules += report.Schedules
			}
			b.ReportMetric(float64(schedules)/b.Elapsed().Seconds(), "schedules/s")
		})
	}
}
