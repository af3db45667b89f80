package hashicorp

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
)

func TestConform(t *testing.T) { conform.Test(t, System{}, services.All()) }

// read reads a schedule of the root module's testdata.
func read(t *testing.T, path ...string) *faults.Schedule {
	t.Helper()
	file := filepath.Join(append([]string{"..", "..", "testdata"}, path...)...)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := faults.Parse(file, text, services.All())
	require.NoError(t, err)
	return s
}

// breaks has the scenarios that break a property. The service does not check fencing
// tokens. VerifyLeader counts the answer to a heartbeat that was sent before it was called
// as evidence that the node still leads (testdata/found/hashicorp).
var breaks = map[string]string{
	"double-writer.txt":             "Fencing",
	"lease-void-after-transfer.txt": "Linearizability",
}

// The scenarios were written for another implementation, and their runs differ here. They
// must still break no other property.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenarios/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	runner := trial.NewRunner(System{}, services.All())
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			result := runner.Run(read(t, "scenarios", name).WithoutChecks())
			for _, v := range result.Verdicts {
				if v.Outcome == models.Violated && v.Property != breaks[name] {
					t.Error(v)
				}
			}
		})
	}
}

// campaign runs schedules of a profile and returns the report.
func campaign(t *testing.T, p generate.Profile, schedules int) *fuzz.Report {
	t.Helper()
	c := fuzz.Campaign{Services: services.All(), System: System{}, Profile: p, Seed: 1, Schedules: schedules,
		Workers: 2}
	report, err := c.Run(context.Background())
	require.NoError(t, err)
	require.Equal(t, schedules, report.Schedules)
	return report
}

// Without compaction, no property breaks.
func TestCampaigns(t *testing.T) {
	for _, p := range []generate.Profile{generate.Calm, generate.Elections, generate.Crashes} {
		t.Run(p.Name, func(t *testing.T) {
			report := campaign(t, p, 60)
			for name, counts := range report.Verdicts {
				require.Zero(t, counts.Violated, name)
			}
		})
	}
}
