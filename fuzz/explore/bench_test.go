package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/raft/reference"
)

// BenchmarkExplore explores a million states of three nodes.
func BenchmarkExplore(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 2, Calls: 1, Messages: 5})
			e.Workers = workers
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
		})
	}
}
