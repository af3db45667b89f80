package fuzz

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// nameless is a system that panics at the n-th call of Name. No node runs then, so that
// the panic does not count as the system's.
type nameless struct {
	raft.System
	n     int64
	asked *atomic.Int64
}

func (s nameless) Name() string {
	if s.asked.Add(1) == s.n {
		panic("no name")
	}
	return s.System.Name()
}

// TestCampaign_bugInASchedule: a panic that is not the system's is a Bug, names
// the schedule and stops the campaign.
func TestCampaign_bugInASchedule(t *testing.T) {
	for _, workers := range []int{1, 2} {
		// Validation calls Name three times, and then every schedule calls it once.
		system := nameless{reference.System{}, 6, new(atomic.Int64)}
		c := Campaign{Services: services.All(), System: system, Profile: generate.Calm, Seed: 1,
			Schedules: 5000, Workers: workers}
		report, err := c.Run(t.Context())
		require.ErrorAs(t, err, &Bug{})
		require.ErrorContains(t, err, "no name\n")
		require.ErrorContains(t, err, "nameless.Name(", "the stack")
		require.NotNil(t, report)
		require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
		require.Less(t, report.Schedules, 1000)
		require.Equal(t, models.NotChecked, report.Outcome())
		if workers == 1 {
			require.ErrorContains(t, err, "schedule 2: ")
			require.Equal(t, 2, report.Schedules)
		}
	}
}

// TestCampaign_bugWhileShrinking: a panic while findings are shrunk is a Bug, too. The
// report still has the findings.
func TestCampaign_bugWhileShrinking(t *testing.T) {
	c := Campaign{Services: services.All(), System: brittle{reference.System{}}, Profile: generate.Calm,
		Seed: 1, Schedules: 3, Workers: 1}
	c.Found = func(f *Finding) {
		if f.Shrunk {
			panic("no room")
		}
	}
	report, err := c.Run(t.Context())
	require.ErrorAs(t, err, &Bug{})
	require.ErrorContains(t, err, "while shrinking: no room\n")
	require.Equal(t, 3, report.Schedules)
	require.Equal(t, models.Violated, report.Outcome())
	require.Contains(t, report.Findings, "NoPanic")
}

// shy is a system whose nodes do not show their state.
type shy struct{ raft.System }

func (s shy) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return struct{ raft.Node }{n}, err
}

// TestCampaign_withoutInspectorIsNotChecked: properties that need an Inspector are not
// checked, and the others are judged.
func TestCampaign_withoutInspectorIsNotChecked(t *testing.T) {
	// Of all profiles, so that each property is asked for.
	c := Campaign{Services: services.All(), System: shy{reference.System{}}, Profile: generate.Swarm, Seed: 1,
		Schedules: 100, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, models.NotChecked, report.Outcome())
	require.Empty(t, report.Findings)
	for _, p := range trial.Properties(nil) {
		v := report.Verdicts[p.Name]
		require.Zero(t, v.Violated, p.Name)
		if p.Inspects {
			require.Equal(t, Counts{NotChecked: 100}, v, p.Name)
		} else {
			require.Positive(t, v.Held, p.Name)
			require.Zero(t, v.NotChecked, p.Name)
		}
	}
}

// TestCampaign_stoppedIsNotChecked stops a campaign in which everything held so far.
func TestCampaign_stoppedIsNotChecked(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Calm, Seed: 1,
		Schedules: 5000, Workers: 1}
	c.Progress = func(r *Report) {
		if r.Schedules == 3 {
			stop()
		}
	}
	report, err := c.Run(ctx)
	require.NoError(t, err)
	require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
	require.GreaterOrEqual(t, report.Schedules, 3)
	require.Less(t, report.Schedules, 1000)
	require.Equal(t, report.Schedules, report.Verdicts["ElectionSafety"].Held)
	require.Equal(t, models.NotChecked, report.Outcome())
}

// misnamed is a system whose name no schedule can have.
type misnamed struct{ raft.System }

func (misnamed) Name() string { return "My Raft" }

// TestCampaign_thatCannotBeRun: it is an error of the caller, and not a Bug.
func TestCampaign_thatCannotBeRun(t *testing.T) {
	tests := map[string]struct {
		spoil func(*Campaign)
		want  string
	}{
		"no system":         {func(c *Campaign) { c.System = nil }, "expected a system with a name"},
		"a bad name":        {func(c *Campaign) { c.System = misnamed{c.System} }, "expected a system with a name"},
		"no profile":        {func(c *Campaign) { c.Profile = generate.Profile{} }, "expected a profile"},
		"no workers":        {func(c *Campaign) { c.Workers = 0 }, "found 1 and 0"},
		"no schedules":      {func(c *Campaign) { c.Schedules = 0 }, "found 0 and 1"},
		"minus one worker":  {func(c *Campaign) { c.Workers = -1 }, "found 1 and -1"},
		"nothing is amiss":  {func(*Campaign) {}, ""},
		"a profile's parts": {func(c *Campaign) { c.Profile = generate.Swarm }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Calm,
				Seed: 1, Schedules: 1, Workers: 1}
			test.spoil(&c)
			report, err := c.Run(t.Context())
			if test.want == "" {
				require.NoError(t, err)
				require.Equal(t, models.Held, report.Outcome())
				return
			}
			require.ErrorContains(t, err, test.want)
			bug := Bug{}
			require.NotErrorAs(t, err, &bug)
			require.Nil(t, report)
		})
	}
}

// TestCampaign_keepsTheFirstByNumber: of the schedules that violate a property
// the one with the lowest number is the finding, in whatever order they end.
func TestCampaign_keepsTheFirstByNumber(t *testing.T) {
	told := []int{}
	c := Campaign{Services: services.All(), Found: func(f *Finding) { told = append(told, f.Number) }}
	report := &Report{Verdicts: map[string]Counts{}, Findings: Findings{}}
	violated := models.Verdict{Property: "NoPanic", Outcome: models.Violated}
	for _, number := range []int{5, 2, 9} {
		o := &outcome{number: number}
		o.keep(&faults.Schedule{}, trial.Result{Verdicts: []models.Verdict{violated}})
		c.add(report, o)
	}
	require.Equal(t, 2, report.Findings.First("NoPanic").Number)
	require.Equal(t, []int{5, 2}, told)
	require.Equal(t, Counts{Violated: 3}, report.Verdicts["NoPanic"])
}

// moody is a system that is not deterministic: the 40th boot panics, of any node.
type moody struct {
	raft.System
	boots *atomic.Int64
}

func (s moody) Boot(c raft.NodeConfig) (raft.Node, error) {
	if s.boots.Add(1) == 40 {
		panic("in a mood")
	}
	return s.System.Boot(c)
}

// TestCampaign_leavesWhatIsNotReproducible: a schedule that runs differently the second
// time is reported as it was found, with the reason.
func TestCampaign_leavesWhatIsNotReproducible(t *testing.T) {
	c := Campaign{Services: services.All(), System: moody{reference.System{}, new(atomic.Int64)},
		Profile: generate.Calm, Seed: 1, Schedules: 100, Workers: 1}
	told := 0
	c.Found = func(f *Finding) { told++ }
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, models.Violated, report.Outcome())
	require.Equal(t, Counts{Held: 99, Violated: 1}, report.Verdicts["NoPanic"])
	f := report.Findings.First("NoPanic")
	require.False(t, f.Shrunk, "the finding must stay as it was found")
	contract := report.Findings.First("Contract")
	require.NotNil(t, contract, "the same inputs gave other outputs")
	require.False(t, contract.Shrunk, "the finding must stay as it was found")
	require.Contains(t, contract.Verdict, "two runs of the schedule differ")
	require.Len(t, report.Findings, 2)
	require.Equal(t, 2, told, "of each finding once, as it was found")
	require.Len(t, f.Schedule.Events, f.Events)
	require.Greater(t, f.Events, 10, "as it was found")
	require.Contains(t, f.Verdict, "violated NoPanic: ")
	require.Contains(t, f.Verdict,
		"panicked: while booting: in a mood (not reproducible: the system is not deterministic)")
	require.NotContains(t, strings.Join(f.Describe("here").Prose, "\n"), "shrunk")
}

// lucky is a system whose nodes use randomness that no schedule decides.
type lucky struct {
	raft.System
	boots *atomic.Int64
}

func (s lucky) Boot(c raft.NodeConfig) (raft.Node, error) {
	c.Rand = rand.NewChaCha8([32]byte{byte(s.boots.Add(1))})
	return s.System.Boot(c)
}

// TestCampaign_notDeterministicIsAVerdict: a system that keeps every other
// promise and runs differently a second time does not pass.
func TestCampaign_notDeterministicIsAVerdict(t *testing.T) {
	c := Campaign{Services: services.All(), System: lucky{reference.System{}, new(atomic.Int64)},
		Profile: generate.Clocks, Seed: 3, Schedules: 20, Workers: 1}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, models.Violated, report.Outcome())
	require.Len(t, report.Findings, 1)
	f := report.Findings.First("Contract")
	require.Contains(t, f.Verdict, "two runs of the schedule differ")
	require.True(t, f.Shrunk, "two runs of a smaller schedule differ as well")
	require.Less(t, len(f.Schedule.Events), 4, f.Schedule)
	require.Regexp(t, `differ (from event \d+ on|in a way).*: the system is not deterministic$`, f.Verdict)
}

// TestCampaign_systemThatEndsItsGoroutine: the campaign ends with an error that says so.
func TestCampaign_systemThatEndsItsGoroutine(t *testing.T) {
	system := fixture.Trap{OnStep: func(*fixture.Trapped, raft.Input) raft.Output {
		runtime.Goexit()
		return raft.Output{}
	}}
	c := Campaign{Services: services.All(), System: system, Profile: generate.Calm, Seed: 1, Schedules: 50,
		Workers: 2}
	report, err := c.Run(t.Context())
	require.ErrorContains(t, err, "goroutine")
	require.True(t, report.Stopped, "an interrupted run must be reported as stopped")
	require.Equal(t, models.NotChecked, report.Outcome())
}

// TestCampaign_enough: a campaign that ends early has run all schedules up to the
// highest number, and is not called stopped.
func TestCampaign_enough(t *testing.T) {
	for _, workers := range []int{1, 4} {
		c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Calm, Seed: 5,
			Schedules: 1_000_000, Workers: workers}
		c.Enough = func(r *Report) bool { return r.Schedules >= 20 }
		early, err := c.Run(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, early.Schedules, 20)
		require.Less(t, early.Schedules, 1000)
		require.False(t, early.Stopped, "a run that Enough ended must not be reported as stopped")
		require.Equal(t, models.Held, early.Outcome())

		c.Schedules, c.Enough = early.Schedules, nil
		all, err := c.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, all, early)
	}
}

// TestCampaign_enoughIsHeldToGoals once as many schedules were run as a campaign needs for them.
func TestCampaign_enoughIsHeldToGoals(t *testing.T) {
	c := Campaign{Services: services.All(), Profile: generate.Swarm, Schedules: 1_000_000}
	report := &Report{Reachable: 7, Schedules: goalsDueAfter - 1}
	require.Zero(t, c.due(report))
	report.Schedules++
	require.Equal(t, report.Reachable, c.due(report))
	c.Profile = generate.Calm
	require.Zero(t, c.due(report))
}
