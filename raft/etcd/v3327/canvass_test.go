package v3327

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

func TestCanvass(t *testing.T) {
	p := fuzz.Profile{Name: "canvass", Nodes: []int{w("NO", 3)}, Clients: w("CL", 2), Events: w("E", 300), Swarm: w("SW", 0) == 1,
		Weights: fuzz.Weights{faults.Deliver: w("DE", 60), faults.Persist: w("PE", 36), faults.Tick: w("TI", 16), faults.Timeout: w("TO", 14), faults.Call: w("CA", 8), faults.Settle: w("SE", 2),
			faults.Drop: w("DR", 20), faults.Wipe: w("WI", 1), faults.Run: w("RU", 1), faults.Transfer: w("TR", 0), faults.Duplicate: w("DU", 0), faults.Cut: w("CU", 2), faults.Mend: w("ME", 2)}}
	for seed := range uint64(w("SEEDS", 1)) {
		c := fuzz.Campaign{System: System{}, Profile: p, Seed: seed + 1, Schedules: w("N", 20000), Workers: 2}
		start := time.Now()
		report, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings {
			t.Log(f.Number, f.Describe("Try"))
		}
		t.Logf("%s %v %d %+v %s", p.Name, time.Since(start), report.Schedules, report.Verdicts["Liveness"], report.Outcome())
	}
}
