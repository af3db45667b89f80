package release170

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/hashicorp"
)

// A campaign finds where the property that the adapter brings is violated. This Raft's
// goroutines make no two runs alike: of twenty seeds, the one that took longest took 22
// schedules. The finding is not shrunk: of those that fail in half of their runs, that takes
// minutes.
func TestCampaign(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: hashicorp.System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 400, Workers: 1,
		Enough: func(r *fuzz.Report) bool { return r.Verdicts["PreVoteToLeader"].Violated > 0 },
		Keep:   func(int, *trial.Result, *faults.Schedule) {}}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.NotNil(t, report.Findings.First("PreVoteToLeader"))
}

func TestFound(t *testing.T) {
	for name, property := range map[string]string{
		"prevote-refused": "Expectation", "prevote-to-leader": "PreVoteToLeader",
	} {
		file := "../../../testdata/found/hashicorp/" + name + ".txt"
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := faults.Parse(file, text, services.All())
		require.NoError(t, err)
		runner, count, replays := trial.NewRunner(hashicorp.System{}, services.All()), 0, 10
		for range replays {
			result := runner.Run(s)
			if result.Of(property).Outcome == models.Violated {
				count++
			}
		}
		t.Logf("violated %s in %d of %d runs", property, count, replays)
		require.NotZero(t, count, name)
	}
}
