package explore

import (
	"context"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	_ "raftcheck/scripts/garbage"
)

func run(t *testing.T, e *Exploration) *Report {
	t.Helper()
	r, err := e.Run(t.Context())
	require.NoError(t, err)
	return r
}

// TestExplore_sameWithAnyNumberOfWorkers wants one report from one, two and five workers.
func TestExplore_sameWithAnyNumberOfWorkers(t *testing.T) {
	for _, system := range []raft.System{reference.System{}, early{}} {
		e := exploration(system, &faults.Schedule{Nodes: 3},
			Bounds{Terms: 1, Calls: 1, Crashes: 1, Messages: 3, Writes: 1})
		e.Properties, e.KeepGoing = []string{"ElectionSafety", "CommitQuorum"}, true
		var reports []*Report
		for _, workers := range []int{1, 2, 5} {
			e.Workers = workers
			r := run(t, e)
			r.Steps = 0 // how many were needed, which may be more than one worker would
			reports = append(reports, r)
		}
		require.Greater(t, reports[0].Distinct, 10*segmentStates)
		require.Equal(t, reports[0], reports[1])
		require.Equal(t, reports[0], reports[2])
	}
}

// TestExplore_depth stops at the depth that bounds it, and says so.
func TestExplore_depth(t *testing.T) {
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 2, Messages: 4})
	whole := run(t, e)
	require.True(t, whole.Exhausted, "every state must be visited")
	require.Equal(t, []string{"every state within the bounds was visited", "held"}, whole.Lines())
	e.Bounds.Depth = 7
	r := run(t, e)
	require.Equal(t, whole.Levels[:8], r.Levels)
	require.False(t, r.Exhausted, "the depth must end the exploration")
	require.Equal(t, models.Held, r.Outcome())
	require.Equal(t, []string{"every state up to depth 7 was visited", "held"}, r.Lines())
}

// TestExplore_stopped: an exploration that was stopped is not checked, and reports its depth.
func TestExplore_stopped(t *testing.T) {
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 3, Calls: 3, Messages: 6})
	e.Memory = 1 << 20
	r := run(t, e)
	require.Equal(t, models.NotChecked, r.Outcome())
	require.Equal(t, "out of memory: more than 1048576 bytes", r.Stopped)
	require.Regexp(t, `^stopped at depth \d+: out of memory: `, r.Lines()[0])
	require.Positive(t, r.Explored)

	ctx, stop := context.WithCancel(t.Context())
	e.Memory = 1 << 30
	e.Progress = func(r *Report) {
		if r.Distinct > 1000 {
			stop()
		}
	}
	r, err := e.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, "interrupted", r.Stopped)
	require.Equal(t, models.NotChecked, r.Outcome())
}

// TestExplore_shortest finds a double vote in the fewest events, eight, and judges its
// schedule like any other.
func TestExplore_shortest(t *testing.T) {
	e := exploration(early{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Crashes: 1, Messages: 5, Writes: 1})
	e.Properties = []string{"ElectionSafety"}
	r := run(t, e)
	require.Equal(t, models.Violated, r.Outcome())
	require.Len(t, r.Findings, 1)
	f := r.Findings[0]
	require.Equal(t, map[string]int{"ElectionSafety": len(f.Schedule.Events)}, r.Depths)
	result := trial.NewRunner(early{}, services.All()).Run(f.Schedule)
	require.Equal(t, f.Lines, result.Lines())
	require.Equal(t, len(f.Schedule.Events), result.Of("ElectionSafety").Event, "it ends with what breaks")
	for i := range f.Schedule.Events {
		shorter := f.Schedule.Clone()
		shorter.Events = append(shorter.Events[:i:i], shorter.Events[i+1:]...)
		result := trial.NewRunner(early{}, services.All()).Run(shorter)
		require.NotEqual(t, models.Violated, result.Of("ElectionSafety").Outcome,
			"event %d can go:\n%s", i+1, f.Schedule)
	}
}

// TestExplore_before reports properties that the start violates.
func TestExplore_before(t *testing.T) {
	start := &faults.Schedule{Nodes: 3, Events: []faults.Event{{Kind: faults.Timeout, Node: 1}}}
	r := run(t, exploration(early{}, start, Bounds{Terms: 1, Messages: 3, Writes: 1}))
	require.Equal(t, models.Violated, r.Outcome())
	require.Equal(t, []string{"Durability"}, r.Before)
	require.Contains(t, r.Lines(), "violated Durability before the exploration begins")
}

func TestExplore_error(t *testing.T) {
	for _, test := range []struct {
		change func(*Exploration)
		want   string
	}{
		{func(e *Exploration) { e.Bounds.Messages = 0 }, "expected messages of 1 at least, found 0"},
		{func(e *Exploration) { e.Bounds.Terms = -1 }, "expected terms from 0 to 10000, found -1"},
		{func(e *Exploration) { e.Bounds.Drops = 16 }, "expected drops from 0 to 15, found 16"},
		{func(e *Exploration) { e.Properties = []string{"Fencing"} }, `found "Fencing"`},
		{func(e *Exploration) { e.Properties = []string{"Liveness"} },
			"expected heal of 1 at least to judge Liveness, found 0"},
		{func(e *Exploration) { e.Properties = []string{"Linearizability"} },
			"expected reads, leasereads or retries of 1 at least to judge Linearizability, found 0"},
		{func(e *Exploration) { e.Bounds.Ticks, e.Bounds.Retries = 1, 1 },
			"expected no ticks or time with retries"},
		{func(e *Exploration) { e.Bounds.Ticks, e.Bounds.Time, e.Bounds.Ahead = 1, 1, 1 },
			"expected no ticks of leaders alone together with time"},
		{func(e *Exploration) { e.Bounds.Time = 1 }, "expected ahead of 1 at least together with time"},
		{func(e *Exploration) { e.Properties = []string{"Leases"} },
			"expected leasereads of 1 at least to judge Leases, found 0"},
		{func(e *Exploration) { e.Workers = 0 }, "expected workers and memory of 1 at least, found 0"},
		{func(e *Exploration) { e.Start.Nodes = 0 }, "expected nodes from 1 to 9, found 0"},
		{func(e *Exploration) { e.Start.Voters = 4 }, "expected voters from 0 to 3, found 4"},
		{func(e *Exploration) {
			e.Bounds.Calls = 15
			e.Start.Events = []faults.Event{{Kind: faults.Call, Client: 2, Node: 1, Op: "get x"}}
		}, "expected at most 16 clients, found 2 after the schedule and 15 calls to come"},
	} {
		e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 1})
		test.change(e)
		_, err := e.Run(t.Context())
		require.ErrorContains(t, err, test.want)
	}
}

// TestExplore_notJudged: the package comment lists the properties that no bound makes an exploration
// judge.
func TestExplore_notJudged(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var documented []string
	for _, match := range regexp.MustCompile(`(?m)^//\t([A-Z]\w+)  +[A-Z]`).FindAllSubmatch(text, -1) {
		documented = append(documented, string(match[1]))
	}
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Reads: 1, LeaseReads: 1, Heal: 1})
	require.Equal(t, e.NotJudged(), documented)
}

// TestExplore_bug: a panic of the explorer is a Bug, on any worker.
func TestExplore_bug(t *testing.T) {
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 2})
	e.Progress = func(*Report) { panic("broken") }
	_, err := e.Run(t.Context())
	require.ErrorAs(t, err, &fuzz.Bug{})
	require.ErrorContains(t, err, "exploring: broken")

	e = exploration(early{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 2})
	x, err := e.begin()
	require.NoError(t, err)
	defer func() {
		err, ok := recover().(error)
		require.True(t, ok, "the panic must be a Bug")
		require.ErrorContains(t, err, "a worker: overworked")
		require.ErrorContains(t, err, "TestExplore_bug", "with its stack")
	}()
	x.each(3, func(*worker, int) { panic("overworked") })
}
