package paxos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/gotest"
	"raftcheck/fuzz/page"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/paxos"
	_ "raftcheck/scripts/garbage"
)

var systems = []raft.System{paxos.Single{}, paxos.Multi{}}

// TestConform: both systems keep the rules of the seam that they are asked for.
func TestConform(t *testing.T) {
	for _, s := range systems {
		t.Run(s.Name(), func(t *testing.T) { conform.Test(t, s, services.All()) })
	}
}

// TestSchedules runs random schedules under a fresh seed. Under another one, and more of them:
// go test ./raft/paxos -run Schedules -seed 7 -schedules 10000.
func TestSchedules(t *testing.T) {
	for _, s := range systems {
		t.Run(s.Name(), func(t *testing.T) { gotest.Schedules(t, s, services.All()) })
	}
}

// TestExplore: within these bounds no order of events breaks a property. The numbers of states
// change with the behaviour of the node.
func TestExplore(t *testing.T) {
	for _, test := range []struct {
		name   string
		system raft.System
		bounds explore.Bounds
		states int
	}{
		{name: "pending writes", system: paxos.Single{}, states: 159_339,
			bounds: explore.Bounds{Terms: 2, Calls: 1, Crashes: 1, Messages: 3, Writes: 1}},
		{name: "two slots", system: paxos.Multi{}, states: 87_415,
			bounds: explore.Bounds{Terms: 2, Calls: 2, Messages: 4}},
		{name: "a retry", system: paxos.Multi{}, states: 41_727,
			bounds: explore.Bounds{Terms: 2, Calls: 1, Retries: 1, Messages: 4}},
		{name: "three ballots and a heartbeat", system: paxos.Multi{}, states: 49_519,
			bounds: explore.Bounds{Terms: 3, Calls: 1, Ticks: 1, Messages: 3}},
		{name: "a lost message, healed", system: paxos.Multi{}, states: 6_004,
			bounds: explore.Bounds{Terms: 2, Calls: 1, Drops: 1, Messages: 3, Heal: 400}},
	} {
		t.Run(test.system.Name()+" "+test.name, func(t *testing.T) {
			t.Parallel()
			start := &faults.Schedule{System: test.system.Name(), Nodes: 3}
			start.Use(services.All(), "")
			e := explore.Exploration{
				System: test.system, Start: start, Bounds: test.bounds, Memory: 1 << 30, Workers: 1,
			}
			report, err := e.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, models.Held, report.Outcome(), report.Lines())
			require.True(t, report.Exhausted)
			require.False(t, report.Replayed)
			require.Equal(t, test.states, report.Distinct)
		})
	}
}

// TestNotAsked: neither system is judged by a rule of Raft's own, and pages say so.
func TestNotAsked(t *testing.T) {
	for _, s := range systems {
		require.Equal(t, []string{
			"ElectionSafety", "LeaderAppendOnly", "LogMatching", "LeaderCompleteness", "Voting", "ElectionQuorum",
			"CommitQuorum", "Configuration",
		}, models.NotAsked(s))
		var judged []string
		for _, p := range models.PropertiesOf(s) {
			require.False(t, p.OfRaft)
			judged = append(judged, p.Name)
		}
		require.Equal(t, []string{
			"StateMachineSafety", "Durability", "Monotonicity", "NoPanic", "Contract", "ExactlyOnce", "Fencing",
			"Membership", "Leases", "Liveness",
		}, judged)
		events := []faults.Event{{Kind: faults.Timeout, Node: 1}}
		start := &faults.Schedule{System: s.Name(), Nodes: 3, Events: events}
		start.Use(services.All(), "")
		drawn, result := page.Record(s, services.All(), start, "a title")
		require.Equal(t, models.Held, result.Outcome())
		var written strings.Builder
		require.NoError(t, drawn.Write(&written))
		require.Contains(t, written.String(), "It replicates its log by Paxos, so that")
	}
}
