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

// A campaign finds where the property that the adapter brings is violated, and makes
// the schedule small.
func TestCampaign(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: hashicorp.System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 10, Workers: 1}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	f := report.Findings["PreVoteToLeader"]
	require.NotNil(t, f)
	require.True(t, f.Shrunk)
	require.Positive(t, f.Recurrence.Violated)
	require.LessOrEqual(t, len(f.Schedule.Events), 30, f.Schedule)
	t.Logf("found in schedule %d, shrunk from %d to %d events, %d of %d runs:\n%s",
		f.Number, f.Events, len(f.Schedule.Events), f.Recurrence.Violated, f.Recurrence.Runs, f.Describe("here"))
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
