package release010

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
)

// lost has the properties that break when a follower loses entries that it acknowledged.
var lost = []string{"CommitQuorum", "Durability", "LeaderCompleteness", "LogMatching", "StateMachineSafety"}

// A campaign that knows nothing of the bug finds it: of ten seeds, the one that took
// longest took 55 schedules.
func TestCampaign(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 200, Workers: 2}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	c.Found = func(f *fuzz.Finding) {
		if slices.Contains(lost, f.Property) {
			stop() // it is not shrunk
		}
		t.Log(f.Verdict)
	}
	report, err := c.Run(ctx)
	require.NoError(t, err)
	count := 0
	for _, name := range lost {
		count += report.Verdicts[name].Violated
	}
	require.NotZero(t, count)
}

func TestFound(t *testing.T) {
	const file = "../../../testdata/found/hashicorp/stale-append.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := faults.Parse(file, text, services.All())
	require.NoError(t, err)
	runner, count, replays := trial.NewRunner(System{}, services.All()), 0, 10
	for range replays {
		result := runner.Run(s)
		if result.Of("CommitQuorum").Outcome == models.Violated {
			count++
		}
	}
	t.Logf("violated CommitQuorum in %d of %d runs", count, replays)
	require.NotZero(t, count)
}
