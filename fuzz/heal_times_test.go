package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

func TestHealTimes(t *testing.T) {
	var h HealTimes
	require.Zero(t, h.Count()+h.Most()+h.Within(500)+h.Within(1000))
	for ticks := 1; ticks <= 1000; ticks++ {
		h.add(ticks)
	}
	require.Equal(t, []int{1000, 1000, 500, 990, 999, 1000},
		[]int{h.Count(), h.Most(), h.Within(500), h.Within(990), h.Within(999), h.Within(1000)})
	h = HealTimes{}
	h.add(7)
	require.Equal(t, []int{1, 7, 7, 7}, []int{h.Count(), h.Most(), h.Within(1), h.Within(1000)})
}

// TestCampaign_healTimes: every schedule of swarm ends with a heal, and the times do not
// depend on the number of workers.
func TestCampaign_healTimes(t *testing.T) {
	var times [2]HealTimes
	for i := range times {
		c := Campaign{Services: services.All(), System: reference.System{}, Profile: generate.Swarm, Seed: 5,
			Schedules: 100, Workers: 1 + 2*i}
		report, err := c.Run(t.Context())
		require.NoError(t, err)
		times[i] = report.Heals
	}
	require.Equal(t, times[0], times[1])
	require.Greater(t, times[0].Count(), 100)
	require.Less(t, times[0].Within(500), times[0].Most())
	require.Less(t, times[0].Most(), generate.LivenessTicks)
}
