package apart_test

import (
	"cmp"
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/internal/hostile"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

// TestMain makes the binary of the tests the program of processes apart.
func TestMain(m *testing.M) {
	if os.Getenv(apart.Variable) != "" {
		systems := []raft.System{reference.System{}}
		for _, d := range hostile.Deadlies() {
			systems = append(systems, d)
		}
		apart.Serve(append(systems, sabotage.Systems(reference.System{})...), services.All(), nil)
	}
	flag.Set("test.parallel", "8") // tests with t.Parallel wait for processes
	os.Exit(m.Run())
}

// program is that of the tests.
func program() *apart.Program { return &apart.Program{Path: os.Args[0]} }

func campaign(system raft.System, schedules int) fuzz.Campaign {
	return fuzz.Campaign{
		System: system, Services: services.All(), Profile: generate.Swarm, Seed: 1,
		Schedules: schedules, Workers: 2, Apart: program(),
	}
}

// TestCampaign_asInOneProcess: an honest system has the same report, and survives.
func TestCampaign_asInOneProcess(t *testing.T) {
	c := campaign(reference.System{}, 200)
	other, err := c.Run(t.Context())
	require.NoError(t, err)
	c.Apart = nil
	one, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, one.TraceHash, other.TraceHash)
	require.Equal(t, one.Events, other.Events)
	require.Equal(t, one.Goals, other.Goals)
	require.Equal(t, fuzz.Counts{Held: 200}, other.Verdicts["Survival"])
	delete(other.Verdicts, "Survival")
	require.Equal(t, one.Verdicts, other.Verdicts)
}

// TestCampaign_escalates: a campaign that found a broken rule and no harm continues that
// schedule until it does harm, in processes apart or in its own.
func TestCampaign_escalates(t *testing.T) {
	var files []string
	for _, program := range []*apart.Program{program(), nil} {
		c := campaign(fixture.Saboteur(t, "forget-disk"), 1)
		c.Profile, c.Seed, c.Apart, c.Climbs = generate.Crashes, 4, program, 4
		report, err := c.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, report.Verdicts["Durability"].Violated)
		harms := 0
		for _, p := range trial.Outcomes(c.System) {
			require.Zero(t, report.Verdicts[p.Name].Violated, "the schedule itself does no harm")
			f := report.Findings.First(p.Name)
			if f == nil {
				continue
			}
			harms++
			require.True(t, f.Continues)
			require.True(t, f.Shrunk)
			require.Contains(t, f.Verdict, "violated "+p.Name)
			files = append(files, f.Describe("").String())
		}
		require.Equal(t, 1, harms)
	}
	require.Equal(t, files[0], files[1])
}

var many = flag.Int("deadly", 0, "the number of schedules of the swarm against each deadly system, "+
	"in place of few short ones")

// deadlyCampaign is one of few events, with little patience, or one of usual length.
func deadlyCampaign(d hostile.Deadly) fuzz.Campaign {
	c := campaign(d, 2)
	c.Workers = 1
	if *many > 0 {
		c.Schedules = *many
		return c
	}
	c.Profile = generate.Calm
	c.Profile.Events = 12
	c.Seed = 35 // one of the two schedules does harm, and the other none
	switch d.Kind {
	case "a call does not return":
		c.Apart.Patience = 5
	case "the process grows beyond":
		c.Apart.Bytes = 200 << 20
	}
	return c
}

// TestCampaign_deadly: a system that harms its process is found, and the rest of the
// campaign is judged.
func TestCampaign_deadly(t *testing.T) {
	for _, d := range hostile.Deadlies() {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			c, start, found := deadlyCampaign(d), time.Now(), time.Duration(0)
			c.Found = func(f *fuzz.Finding) { found = cmp.Or(found, time.Since(start)) }
			report, err := c.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.Schedules, report.Schedules)
			require.Positive(t, report.Verdicts[d.Property].Held, "the other schedule is judged")
			f := report.Findings.First(d.Property)
			require.NotNil(t, f)
			require.Contains(t, f.Verdict, ": "+d.Kind)
			require.True(t, f.Shrunk, f.Verdict)
			t.Logf("%.1f s, shrunk from %d to %d events after %.1f s: %s\n%s", found.Seconds(), f.Events,
				len(f.Schedule.Events), time.Since(start).Seconds(), f.Verdict, strings.Join(f.Stack, "\n"))
		})
	}
}

// vanishing is a context under which the program is gone once its first process was asked.
type vanishing struct {
	context.Context
	program *apart.Program
}

func (v vanishing) Done() <-chan struct{} {
	v.program.Path = "nowhere"
	return v.Context.Done()
}

// TestRunner_secondRunMissing: a death whose second run cannot begin gets no verdict. One that
// says that a second run survived would be wrong.
func TestRunner_secondRunMissing(t *testing.T) {
	list := hostile.Deadlies()
	exits := list[slices.IndexFunc(list, func(d hostile.Deadly) bool { return d.Name() == "exit-0" })]
	const text = "nodes 1\nrand 1\n\ntimeout 1\nsettle\ncall c1 1 put x 1\nsettle\ncall c1 1 put x 2\n"
	s, err := faults.Parse("test", []byte("system exit-0\n"+text), services.All())
	require.NoError(t, err)
	p := program()
	whole := apart.NewRunner(t.Context(), p, exits, services.All()).Run(s)
	require.Contains(t, whole.Of("Survival").Text, exits.Kind)
	runner := apart.NewRunner(vanishing{t.Context(), p}, p, exits, services.All())
	result := runner.Run(s)
	require.ErrorContains(t, runner.Err(), "nowhere")
	require.Empty(t, result.Verdicts)
}

// TestRunner_bug: a panic of the harness in a process apart ends all work, with its stack.
func TestRunner_bug(t *testing.T) {
	runner := apart.NewRunner(t.Context(), program(), reference.System{}, services.All())
	defer runner.Close()
	runner.Do("a task that there is not", 1, func(apart.Part) {})
	require.ErrorAs(t, runner.Err(), &apart.Bug{})
	require.ErrorContains(t, runner.Err(), "fuzz/apart.(*server).task")
}
