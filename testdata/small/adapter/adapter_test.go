package adapter

import (
	"testing"

	"raftcheck/fuzz"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
)

func TestConform(t *testing.T) { conform.Test(t, System{}, services.All()) }

// TestCampaign runs random schedules: every property must be judged, and must hold. The
// small Raft has no leases.
func TestCampaign(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 300, Workers: 2}
	report, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range trial.Properties(nil) {
		if f := report.Findings[p.Name]; f != nil {
			t.Errorf("%s\n%s", f.Verdict, f.Schedule)
		}
		if report.Verdicts[p.Name].Held == 0 && p.Name != "Leases" {
			t.Errorf("%s was not judged", p.Name)
		}
	}
}
