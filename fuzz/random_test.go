package fuzz

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	_ "raftcheck/scripts/garbage"
)

var (
	seed  = flag.Uint64("seed", 0, "decides the random schedules; 0 draws a fresh one")
	count = flag.Int("schedules", 100, "how many random schedules to run under each profile")
)

func TestMain(m *testing.M) {
	flag.Parse()
	for *seed == 0 {
		*seed = uint64(rand.Uint32())
	}
	fmt.Printf("random schedules: -seed=%d -schedules=%d\n", *seed, *count)
	os.Exit(m.Run())
}

// TestRandomSchedules runs schedules that nobody has run before against the
// reference, each of them twice: once while it is generated, and once from its text.
func TestRandomSchedules(t *testing.T) {
	for _, p := range generate.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			generator := trial.NewRunner(reference.System{}, services.All())
			replayer := trial.NewRunner(reference.System{}, services.All())
			for i := range *count {
				s, result := generate.Schedule(generator, p, generate.Numbered(*seed, i))
				requireHeld(t, generator, s, result,
					fmt.Sprintf("schedule %d of seed %d (-seed=%d -schedules=%d)", i, *seed, *seed, i+1))
				requireSameAgain(t, replayer, s, result)
			}
		})
	}
}

// requireHeld fails with the smallest schedule that fails, with where it came
// from, and with how to run it again.
func requireHeld(
	t require.TestingT, r *trial.Runner, s *faults.Schedule, result trial.Result, origin string,
) {
	if result.Outcome() == models.Held {
		return
	}
	lines := result.Lines()
	if property := result.Violated(); property != "" {
		s, _ = shrink.Schedule(context.Background(), r, s, property)
	}
	require.FailNow(t, fmt.Sprintf(
		"%s: %q\nput this in a file and run 'go run ./scripts/raftcheck replay FILE':\n%s", origin, lines, s))
}

// requireSameAgain runs a schedule from its text and wants the same result.
func requireSameAgain(t require.TestingT, r *trial.Runner, s *faults.Schedule, result trial.Result) {
	text := s.String()
	parsed, err := faults.Parse("generated", []byte(text), services.All())
	require.NoError(t, err)
	again := r.Run(parsed)
	if again.TraceHash != result.TraceHash || again.Events != result.Events || again.Goals != result.Goals {
		require.FailNow(t, fmt.Sprintf("two runs of one schedule differ, trace hashes %016x and %016x:\n%s",
			result.TraceHash, again.TraceHash, text))
	}
	require.Equal(t, text, parsed.String())
}

// TestCampaign_sameWithAnyNumberOfWorkers wants one report from one, two and five workers.
func TestCampaign_sameWithAnyNumberOfWorkers(t *testing.T) {
	var reports []*Report
	for _, workers := range []int{1, 2, 5} {
		c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Swarm,
			Seed: *seed, Schedules: 200, Workers: workers}
		report, err := c.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, 200, report.Schedules)
		require.False(t, report.Stopped, "a complete run must not be reported as stopped")
		reports = append(reports, report)
	}
	require.Equal(t, reports[0], reports[1])
	require.Equal(t, reports[0], reports[2])
}

// TestCampaign_reachesItsGoals wants every goal from fewer schedules than a campaign is held
// to. The rarest one, write-fenced, is reached in one schedule of 220. The campaign ends once it
// has all.
func TestCampaign_reachesItsGoals(t *testing.T) {
	c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Swarm, Seed: *seed,
		Schedules: 3000, Workers: 2}
	c.Enough = func(r *Report) bool { return r.Reachable&^r.Goals == 0 }
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, models.Held, report.Outcome())
	require.Empty(t, allGoals.Names(report.Reachable&^report.Goals))
}

// TestCampaign_missesGoalsWithoutFaults shows that goals can be missed. Its schedules are short,
// as it needs many.
func TestCampaign_missesGoalsWithoutFaults(t *testing.T) {
	short := generate.Calm
	short.Events, short.Nodes = 40, []int{1, 2}
	p := generate.Swarm
	p.Of = []generate.Profile{short}
	c := Campaign{Services: services.All(), System: reference.System{}, Profile: p, Seed: *seed,
		Schedules: goalsDueAfter, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Contains(t, allGoals.Names(report.Missed), allGoals[trial.CrashLostWrites].Name)
	verdicts := report.Verdicts["Linearizability"]
	require.Equal(t, Counts{Held: verdicts.Held}, verdicts)
	require.Greater(t, verdicts.Held, goalsDueAfter*9/10, "few schedules have no operations")
	require.Empty(t, report.Findings)
	require.Equal(t, models.NotChecked, report.Outcome(), "what it claims was not tested")
}

// brittle is a system that boots nil nodes.
type brittle struct{ raft.System }

func (brittle) Boot(raft.NodeConfig) (raft.Node, error) { return nil, nil }

// TestCampaign_panicOfTheSystemIsAVerdict: a panic of the system is a violation, and the
// campaign ends with a report.
func TestCampaign_panicOfTheSystemIsAVerdict(t *testing.T) {
	c := Campaign{Services: services.All(), System: brittle{reference.System{}}, Profile: generate.Calm,
		Seed: 1, Schedules: 5, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, models.Violated, report.Outcome())
	require.Contains(t, report.Findings, "NoPanic")
}
