package v360_test

import (
	"os"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/etcd/v360"
)

func TestConform(t *testing.T) { conform.Test(t, v360.System{}, services.All()) }

const kept = "../../../testdata/found/etcd/duplicate-read-context.txt"

// TestFound replays the counterexample that was kept.
func TestFound(t *testing.T) {
	s, err := trial.ReadSchedule(kept, services.All())
	require.NoError(t, err)
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Equal(t, string(text), s.String(), "not as it would be written")
	result := trial.NewRunner(v360.System{}, services.All()).Run(s)
	require.Equal(t, s.Golden, result.Lines())
}

// TestCampaign_findsIt finds the stale read among 200 schedules of a seed, and the
// schedule shrinks to a short story.
func TestCampaign_findsIt(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: v360.System{}, Profile: generate.Reads, Seed: 103,
		Schedules: 200, Workers: 2}
	var taken atomic.Int64
	c.Take = func() (int, bool) { // the schedules around the one that is known to find it
		n := int(taken.Add(1))
		return 300 + n, n <= c.Schedules
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	found := report.Findings.First("Linearizability")
	require.NotNil(t, found)
	require.LessOrEqual(t, len(found.Schedule.Events), 20)
	again := trial.NewRunner(v360.System{}, services.All()).Run(found.Schedule)
	require.Equal(t, found.Lines, again.Lines())
}
