package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// TestReport_outcome: a report passes only if all schedules were run, all properties
// held, and no goal was missed.
func TestReport_outcome(t *testing.T) {
	verdicts := func(counts ...Counts) map[string]Counts {
		m := map[string]Counts{}
		for i, c := range counts {
			m[trial.Properties(nil)[i].Name] = c
		}
		return m
	}
	tests := map[string]struct {
		report Report
		want   models.Outcome
	}{
		"zero":     {Report{}, models.NotChecked},
		"all held": {Report{Schedules: 2, Verdicts: verdicts(Counts{Held: 2}, Counts{Held: 2})}, models.Held},
		"stopped": {Report{Schedules: 2, Verdicts: verdicts(Counts{Held: 2}), Stopped: true},
			models.NotChecked},
		"missed goals": {Report{Schedules: 2, Verdicts: verdicts(Counts{Held: 2}), Missed: 1 << trial.SplitVote},
			models.NotChecked},
		"one not checked": {
			Report{Schedules: 2, Verdicts: verdicts(Counts{Held: 2}, Counts{Held: 1, NotChecked: 1})},
			models.NotChecked,
		},
		"one violated": {
			Report{Schedules: 3, Verdicts: verdicts(Counts{Held: 3}, Counts{Held: 1, Violated: 1, NotChecked: 1})},
			models.Violated,
		},
		"violated, and stopped": {
			Report{Schedules: 3, Verdicts: verdicts(Counts{Violated: 1, Held: 2}), Stopped: true}, models.Violated,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, test.report.Outcome()) })
	}
}
