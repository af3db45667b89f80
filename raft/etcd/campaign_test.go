package etcd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft/etcd"
)

// stuck is the number of schedules that may violate Liveness. About once in ten
// thousand, a removed node is needed that starts no election, or a node hears of no
// leader (testdata/found/etcd/removed-leader-needed.txt and
// learner-leads-unheard.txt). Where every vote is needed, an election sometimes
// takes longer than the schedule allows.
const stuck = 2

// TestCampaign runs schedules of every kind. They reach every goal, and violate no property
// but, rarely, Liveness.
func TestCampaign(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: etcd.System{}, Profile: generate.Swarm, Seed: 1,
		Schedules: 2500, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings.InTurn() {
		if f.Property != "Liveness" || report.Verdicts[f.Property].Violated > stuck {
			t.Error(f.Describe("TestCampaign"))
		}
	}
	for property, counts := range report.Verdicts {
		require.Zero(t, counts.NotChecked, property)
		require.NotZero(t, counts.Held, property)
	}
	require.Empty(t, report.AllGoals.Names(report.Reachable&^report.Goals))
}

// TestCampaign_reads runs schedules of the kind under which an old release fails.
func TestCampaign_reads(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: etcd.System{}, Profile: generate.Reads, Seed: 4,
		Schedules: 1500, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings.InTurn() {
		t.Error(f.Describe("TestCampaign_reads"))
	}
}

// TestSystem_isDeterministic runs the same schedules ten times, as many at once as
// two, because the library's randomness belongs to the whole process.
func TestSystem_isDeterministic(t *testing.T) {
	hashes := make([]uint64, 10)
	done := make(chan int)
	for half := range 2 {
		go func() {
			for i := half; i < len(hashes); i += 2 {
				hashes[i] = hundred(t)
			}
			done <- half
		}()
	}
	<-done
	<-done
	for _, h := range hashes {
		require.Equal(t, hashes[0], h)
	}
}

// hundred runs a hundred schedules and returns the hash of their traces.
func hundred(t *testing.T) uint64 {
	c := fuzz.Campaign{Services: services.All(), System: etcd.System{}, Profile: generate.Swarm, Seed: 7,
		Schedules: 100, Workers: 1}
	report, err := c.Run(t.Context())
	if err != nil {
		t.Error(err)
		return 0
	}
	return report.TraceHash
}
