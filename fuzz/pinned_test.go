package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// pinnedHash is the trace hash of pinnedSchedules schedules of swarm under seed 1.
const (
	pinnedSchedules = 200
	pinnedHash      = uint64(0xc7e5666eb8d383f8)
)

// TestCampaign_pinned compares a campaign with the same one on another machine, on
// another day. Two runs of one process agree on much that two machines may not: the
// width of an int, the order of bytes, fused floating-point operations.
func TestCampaign_pinned(t *testing.T) {
	c := Campaign{
		Services: services.All(), System: reference.System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: pinnedSchedules, Workers: 2,
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, pinnedSchedules, report.Schedules)
	if report.TraceHash != pinnedHash {
		t.Fatalf("trace hash %#016x, expected %#016x.\n"+
			"A change may alter schedules or traces on purpose: generator, profile, event, reference, hash.\n"+
			"Then set pinnedHash in fuzz/pinned_test.go to the first number, and update README.md's trace hash.\n"+
			"Otherwise a run depends on something besides its schedule, or on the machine.",
			report.TraceHash, pinnedHash)
	}
}
