package etcd

import (
	"testing"

	"raftcheck/fuzz"
)

func TestTry(t *testing.T) {
	c := fuzz.Campaign{System: System{}, Profile: fuzz.Swarm, Seed: 1, Schedules: 20000, Workers: 2}
	report, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Log(f.Describe("Try"))
	}
	t.Logf("%+v %s missed %v", report.Verdicts, report.Outcome(), (fuzz.AllGoals &^ report.Goals).Names())
}
