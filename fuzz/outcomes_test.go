package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// TestCampaign_outcomes: a campaign that judges outcomes alone reports no broken rule, and
// the same outcomes.
func TestCampaign_outcomes(t *testing.T) {
	var broken [2]Report
	for i := range broken {
		c := Campaign{Services: services.All(), System: sabotage.Systems(reference.System{})[0],
			Profile: generate.Crashes, Seed: 5, Schedules: 60, Workers: 1, Outcomes: i == 1,
			Keep: func(int, *trial.Result, *faults.Schedule) {}} // shrinks nothing
		report, err := c.Run(t.Context())
		require.NoError(t, err)
		broken[i] = *report
	}
	require.Positive(t, broken[0].Verdicts["Durability"].Violated)
	for _, p := range trial.Properties(nil) {
		if p.Kind == models.KindOutcome {
			require.Equal(t, broken[0].Verdicts[p.Name], broken[1].Verdicts[p.Name], p.Name)
			require.Contains(t, broken[1].Properties, p)
		} else {
			require.NotContains(t, broken[1].Verdicts, p.Name)
			require.NotContains(t, broken[1].Findings, p.Name)
		}
	}
	require.Equal(t, broken[0].TraceHash, broken[1].TraceHash)
}
