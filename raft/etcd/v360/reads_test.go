package v360

import (
	"os"
	"strconv"
	"testing"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz"
)

func w(name string, def int) int {
	if v, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return v
	}
	return def
}

func TestReads(t *testing.T) {
	p := fuzz.Profile{Name: "reads", Nodes: []int{3}, Clients: w("CL", 6), Events: w("E", 600), Swarm: w("SW", 1) == 1, Anybody: w("AN", 1) == 1,
		Weights: fuzz.Weights{faults.Deliver: 90, faults.Persist: w("PE", 36), faults.Tick: 2, faults.Timeout: w("TO", 4), faults.Call: w("CA", 14), faults.Settle: w("SE", 2),
			faults.Cut: w("CU", 3), faults.Mend: w("ME", 3), faults.Duplicate: w("DU", 8), faults.Read: w("RE", 24), faults.Retry: w("RT", 12), faults.Run: w("RU", 1), faults.Abandon: 1}}
	for seed := range uint64(w("SEEDS", 2)) {
		c := fuzz.Campaign{System: System{}, Profile: p, Seed: seed + 1, Schedules: w("N", 20000), Workers: 2}
		start := time.Now()
		report, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			t.Log(f.Number, f.Describe("Try"))
		}
		t.Logf("%s %v %d %+v %s", p.Name, time.Since(start), report.Schedules, report.Verdicts["Linearizability"], report.Outcome())
	}
}
