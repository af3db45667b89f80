package release170

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft/hashicorp"
	"raftcheck/raft/hashicorp/loyal"
)

// A campaign that knows the rule and no schedule finds where it is broken.
func TestCampaign(t *testing.T) {
	w := &loyal.Watch{}
	runner, prng := trial.NewRunner(hashicorp.System{}, w), generate.NewPRNG(1)
	schedules := 0
	for w.Refused == 0 && schedules < 200 {
		generate.Schedule(runner, generate.Swarm, prng)
		schedules++
	}
	require.NotZero(t, w.Refused)
	t.Logf("found in schedule %d", schedules)
}

func TestFound(t *testing.T) {
	const file = "../../../testdata/found/hashicorp/prevote-refused.txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := faults.Parse(file, text)
	require.NoError(t, err)
	runner, count, replays := trial.NewRunner(hashicorp.System{}), 0, 10
	for range replays {
		result := runner.Run(s)
		if result.Of("Liveness").Outcome == models.Violated {
			count++
		}
	}
	t.Logf("violated Liveness in %d of %d runs", count, replays)
	require.NotZero(t, count)
}
