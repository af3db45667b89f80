package v360

import (
	"os"
	"strconv"
	"testing"
	"time"

	"raftcheck/fuzz"
)

func TestTry(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	p, ok := fuzz.ProfileNamed(os.Getenv("P"))
	if !ok {
		t.Skip()
	}
	p.Swarm = true
	c := fuzz.Campaign{System: System{}, Profile: p, Seed: 1, Schedules: n, Workers: 2}
	start := time.Now()
	report, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Log(f.Number, f.Describe("Try"))
	}
	t.Logf("%s %v %d %+v %s missed %v", p.Name, time.Since(start), report.Schedules, report.Verdicts["Linearizability"], report.Outcome(), (fuzz.AllGoals &^ report.Goals).Names())
}
