package fuzz

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// forgotten is a schedule in which node 2 forgets that it voted, which does no harm.
const forgotten = "timeout 1\npersist 1\ndeliver 1->2\npersist 2\ncrash 2\nrestart 2\n"

func escalation(t *testing.T, system raft.System, events string, workers int) Escalation {
	t.Helper()
	s := fixture.Written(t, "nodes 3\n", events)
	s.System = system.Name()
	return Escalation{System: system, Schedule: s, Seed: 1, Climbs: 2, Workers: workers}
}

// TestEscalation_finds: the finding has the broken rule and its harm, and shows both again.
func TestEscalation_finds(t *testing.T) {
	system := fixture.Saboteur(t, "forget-disk")
	var reports []*EscalationReport
	for _, workers := range []int{1, 3} {
		e := escalation(t, system, forgotten, workers)
		report, err := e.Run(t.Context())
		require.NoError(t, err)
		reports = append(reports, report)
	}
	require.Equal(t, reports[0], reports[1], "with any number of workers")
	f := reports[0].Finding
	require.NotNil(t, f)
	require.False(t, reports[0].Stopped)
	require.Equal(t, models.KindOutcome, trial.PropertyOf(system, f.Property).Kind)
	require.Contains(t, strings.Join(f.Lines, "\n"), "violated Durability after event ")
	runner := trial.NewRunner(system, services.All())
	result := runner.Run(f.Schedule)
	require.Equal(t, models.Violated, result.Of(f.Property).Outcome)
	f.Shrink(t.Context(), runner)
	require.True(t, f.Shrunk)
}

// TestEscalation_largerClusters: every second climb has more nodes, voters or not.
func TestEscalation_largerClusters(t *testing.T) {
	e := escalation(t, reference.System{}, forgotten, 1)
	clusters := func() (list [][2]int) {
		for number := range 10 {
			s := e.schedule(number)
			require.NoError(t, s.Suits(e.System))
			require.Equal(t, e.Schedule.Events, s.Events)
			list = append(list, [2]int{s.Nodes, s.First().Len()})
		}
		return list
	}
	same := [2]int{3, 3}
	require.Equal(t, [][2]int{same, {4, 4}, same, {5, 3}, same, {6, 6}, same, {4, 3}, same, {5, 5}}, clusters())
	e.Schedule.Learners = raft.NodeSetOf(3)
	e.Schedule.Voters = 2
	require.Equal(t, [2]int{4, 2}, clusters()[1])
	e.Schedule.Nodes = faults.MaxNodes
	require.Equal(t, [2]int{faults.MaxNodes, 2}, clusters()[1])
	require.Equal(t, 3, escalation(t, reference.System{}, forgotten, 1).Schedule.Nodes)
}

// TestEscalation_soundSystem: there is nothing to find, and all climbs are done.
func TestEscalation_soundSystem(t *testing.T) {
	e := escalation(t, reference.System{}, "timeout 1\n", 2)
	e.Climbs = 1
	calls := 0
	e.Progress = func(*EscalationReport) { calls++ }
	report, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Nil(t, report.Finding)
	require.False(t, report.Stopped)
	require.Equal(t, 1, report.Climbs)
	require.Equal(t, 1, calls)
}

// TestEscalation_ends with its context, and says so.
func TestEscalation_ends(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	e := escalation(t, reference.System{}, forgotten, 2)
	report, err := e.Run(ctx)
	require.NoError(t, err)
	require.True(t, report.Stopped)
	require.Nil(t, report.Finding)
}

// TestEscalation_validates what it is given.
func TestEscalation_validates(t *testing.T) {
	for want, change := range map[string]func(*Escalation){
		"expected a system":        func(e *Escalation) { e.System = nil },
		"expected a schedule":      func(e *Escalation) { e.Schedule = &faults.Schedule{} },
		"found 0 and 1":            func(e *Escalation) { e.Climbs = 0 },
		"1 at least, found 2 and ": func(e *Escalation) { e.Workers = -1 },
	} {
		e := escalation(t, reference.System{}, forgotten, 1)
		change(&e)
		_, err := e.Run(t.Context())
		require.ErrorContains(t, err, want)
	}
}
