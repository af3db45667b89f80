package fuzz

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/kv"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// fickle is a system that states that it is not deterministic: every third timeout
// makes its node panic.
type fickle struct {
	raft.System
	timeouts *atomic.Int64
}

func (s fickle) Nondeterminism() string { return "it counts timeouts over all runs" }

func (s fickle) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return fickleNode{n, n.(raft.Inspector), s.timeouts}, err
}

type fickleNode struct {
	raft.Node
	raft.Inspector
	timeouts *atomic.Int64
}

func (n fickleNode) Step(in raft.Input) raft.Output {
	if _, ok := in.(*raft.Timeout); ok && n.timeouts.Add(1)%3 == 0 {
		panic("once more")
	}
	return n.Node.Step(in)
}

// found returns the first finding of a system that violates a property often.
func found(t *testing.T, system raft.System, property string) *Finding {
	t.Helper()
	runner := trial.NewRunner(system, services.All())
	for number := range 100 {
		if s, result := generate.Schedule(runner, generate.Rough,
			generate.Numbered(1, number)); result.Of(property).Outcome == models.Violated {
			return NewFinding(models.Property{Name: property}, s, &result)
		}
	}
	t.Fatal("nothing was found")
	return nil
}

// TestFinding_interrupted: without time for shrinking the finding stays as it was found.
func TestFinding_interrupted(t *testing.T) {
	system := fixture.Saboteur(t, "send-before-persist")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	f := found(t, system, "Durability")
	f.Shrink(ctx, trial.NewRunner(system, services.All()))
	require.False(t, f.Shrunk, "the finding must stay as it was found")
	require.Equal(t, "the campaign was ended first", f.Unshrunk())
	require.Len(t, f.Schedule.Events, f.Events)
	require.Contains(t, f.Verdict, "violated Durability")
	told := -1
	f.Shrink(shrink.Told(t.Context(), func(runs int) {
		require.Equal(t, told+1, runs)
		told = runs
	}), trial.NewRunner(system, services.All()))
	require.Greater(t, told, 10, "the runs are counted")
	require.Empty(t, f.Unshrunk())
	require.Less(t, len(f.Schedule.Events), f.Events)
}

// calming is a system whose first boots panic.
type calming struct {
	raft.System
	boots *atomic.Int64
}

func (s calming) Boot(c raft.NodeConfig) (raft.Node, error) {
	if s.boots.Add(-1) >= 0 {
		panic("not yet calm")
	}
	return s.System.Boot(c)
}

// TestFinding_notFoundAgain: a violation that occurs twice, and then no more, is reported
// as it was found.
func TestFinding_notFoundAgain(t *testing.T) {
	system := calming{reference.System{}, new(atomic.Int64)}
	system.boots.Store(2)
	s := &faults.Schedule{Service: kv.Service{}, Usual: true, System: "reference", Nodes: 1,
		Events: []faults.Event{{Kind: faults.Timeout, Node: 1}}}
	runner := trial.NewRunner(system, services.All())
	result := runner.Run(s)
	f := NewFinding(models.Property{Name: "NoPanic"}, s, &result)
	f.Shrink(t.Context(), runner)
	require.False(t, f.Shrunk, "the finding must stay as it was found")
	require.Contains(t, f.Verdict, "not yet calm (not reproducible: the system is not deterministic)")
	require.Equal(t, "a second run did not show it", f.Unshrunk())
}

// TestFinding_recurrence: a schedule that fails in some runs is shrunk as long as it keeps
// failing, and reported with the number of failing runs. Different runs do not violate
// the contract, because the system states that it is not deterministic.
func TestFinding_recurrence(t *testing.T) {
	system := fickle{reference.System{}, new(atomic.Int64)}
	c := Campaign{Services: services.All(), System: system, Profile: generate.Elections, Seed: 1,
		Schedules: 20, Workers: 1}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, Counts{Held: 20}, report.Verdicts["Contract"])
	f := report.Findings.First("NoPanic")
	require.NotNil(t, f)
	require.True(t, f.Shrunk, "the finding must be shrunk")
	require.GreaterOrEqual(t, f.Recurrence.Violated, 5)
	require.Contains(t, f.Verdict,
		fmt.Sprintf("panicked: once more (in %d of 10 runs: the system is not deterministic)",
			f.Recurrence.Violated))
	require.Equal(t, []string{fmt.Sprintf("violated NoPanic in %d of 10 runs", f.Recurrence.Violated)},
		f.Describe("here").Golden)
	timeouts := strings.Count(f.Schedule.String(), "\ntimeout ")
	require.Contains(t, []int{2, 3}, timeouts, "one fails too seldom:\n%s", f.Schedule)

	f.Schedule.Events = f.Schedule.Events[:1]
	recurrences := trial.Recurrences(t.Context(), trial.NewRunner(system, services.All()), f.Schedule)
	require.Len(t, recurrences, 1)
	require.InDelta(t, 3, recurrences[0].Violated, 1, "one timeout fails in each third run")
	require.Equal(t, 10, recurrences[0].Runs)
	require.Equal(t, models.Violated, recurrences[0].Last.Outcome)

	// One that fails seldom stays: smaller ones would fail by luck.
	runner := trial.NewRunner(system, services.All())
	f.Schedule.Events = append(f.Schedule.Events, faults.Event{Kind: faults.Tick, Node: 1, K: 1})
	result := runner.Run(f.Schedule)
	for result.Outcome() != models.Violated {
		result = runner.Run(f.Schedule)
	}
	seldom := NewFinding(models.Property{Name: "NoPanic"}, f.Schedule, &result)
	seldom.Shrink(t.Context(), runner)
	require.False(t, seldom.Shrunk, "the finding must stay as it was found")
	require.Len(t, seldom.Schedule.Events, 2)
	require.InDelta(t, 3, seldom.Recurrence.Violated, 1)
	require.Equal(t, "it fails in too few of its runs", seldom.Unshrunk())
}

// endsAfter is an executor whose context ends with a number of runs.
type endsAfter struct {
	trial.Executor
	runs int
	end  func()
}

func (e *endsAfter) Run(s *faults.Schedule) trial.Result {
	if e.runs--; e.runs == 0 {
		e.end()
	}
	return e.Executor.Run(s)
}

// TestFinding_recurrenceInterrupted: runs that an interrupt ended count for nothing, and the
// finding stays as it was found, or with the figures of the schedule that it has.
func TestFinding_recurrenceInterrupted(t *testing.T) {
	system := fickle{reference.System{}, new(atomic.Int64)}
	s := found(t, system, "NoPanic")
	for _, runs := range []int{1, 9, 10, 15} {
		f, whole := *s, s.Schedule
		ctx, end := context.WithCancel(t.Context())
		runner := &endsAfter{trial.NewRunner(system, services.All()), runs, end}
		f.Shrink(ctx, runner)
		require.Equal(t, whole, f.Schedule, "after %d runs", runs)
		require.False(t, f.Shrunk)
		if runs <= trial.RecurrenceRuns {
			require.Zero(t, f.Recurrence)
			require.NotContains(t, f.Verdict, " runs")
		}
	}
}
