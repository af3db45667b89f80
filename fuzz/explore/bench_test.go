package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/raft/reference"
)

// BenchmarkExplore explores hundreds of thousands of states: of three nodes, and of five whose
// configuration changes.
func BenchmarkExplore(b *testing.B) {
	for _, of := range []struct {
		name   string
		start  faults.Schedule
		bounds Bounds
	}{
		{"three", faults.Schedule{Nodes: 3}, Bounds{Terms: 2, Calls: 1, Messages: 5}},
		{"changes", faults.Schedule{Nodes: 5, Voters: 3}, Bounds{Terms: 1, Calls: 1, Changes: 1, Messages: 5}},
	} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", of.name, workers), func(b *testing.B) {
				e := exploration(reference.System{}, &of.start, of.bounds)
				e.Workers = workers
				benchmark(b, e)
			})
		}
	}
}

func benchmark(b *testing.B, e *Exploration) {
	b.ReportAllocs()
	states, generated, bytes := 0, 0, 0
	for b.Loop() {
		r, err := e.Run(b.Context())
		require.NoError(b, err)
		states, generated, bytes = states+r.Distinct, generated+r.Generated, r.Bytes/r.Distinct
	}
	b.ReportMetric(float64(states)/b.Elapsed().Seconds(), "states/s")
	b.ReportMetric(float64(generated)/b.Elapsed().Seconds(), "generated/s")
	b.ReportMetric(float64(bytes), "bytes/state")
}
