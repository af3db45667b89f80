package mutant

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// exploration is an order to explore a mutant, for the program of all mutants.
type exploration struct {
	Start    string
	Bounds   explore.Bounds
	Property string // that is judged
}

const (
	threeNodes = "system reference\nnodes 3\nrand 0\n"
	oneLeads   = threeNodes + "\ntimeout 1\nsettle\n"
	// ledAlone is a cluster whose first leader has an entry that no other node received, as S1 has
	// in figure 8 of the paper.
	ledAlone = threeNodes + `
timeout 1
persist 1
deliver 1->2
persist 2
deliver 2->1
drop 1->3
persist 1
drop 1->2
drop 1->3
`
	// fourServers is the start of the published bug in single-server membership changes, as
	// package hunt has it (D. Ongaro, raft-dev, 2015).
	fourServers = `system reference
nodes 5
voters 4
rand 1

timeout 1
settle
reconfigure 1 to 1 2 3 4 + 5
settle
tick 1 k=3
settle
cut 1 5 | 2 3
reconfigure 1 to 1 2 3 4 5
deliver 1->5
`
	// deposedSoon is a cluster whose leader is cut off right after a round of messages.
	deposedSoon = `system reference
nodes  3
prevote on
rand   2

tick 3 k=10
timeout 1
settle
tick 1 k=3
settle
cut 1 | 2 3
`
)

// TestExplore wants bugs that Rafts had found by exploration alone, each with a shortest
// counterexample, which the reference survives.
func TestExplore(t *testing.T) {
	tests := []struct {
		mutant string
		exploration
		depth int // of the shortest counterexample
	}{
		{"vote-not-persisted",
			exploration{threeNodes, explore.Bounds{Terms: 1, Crashes: 1, Messages: 5}, "ElectionSafety"}, 8},
		{"commit-previous-term-by-counting",
			exploration{ledAlone, explore.Bounds{Terms: 3, Messages: 4}, "LeaderCompleteness"}, 17},
		{"commit-beyond-last-new-entry", exploration{threeNodes,
			explore.Bounds{Terms: 2, Drops: 2, Ticks: 3, Messages: 4}, "StateMachineSafety"}, 15},
		{"single-server-change-without-term-commit",
			exploration{fourServers, explore.Bounds{Terms: 2, Changes: 1, Messages: 4}, "LeaderCompleteness"}, 15},
		{"read-before-quorum-confirmation",
			exploration{oneLeads, explore.Bounds{Terms: 1, Calls: 1, Reads: 1, Messages: 4}, "Linearizability"}, 9},
		{"lost-append-not-sent-again", exploration{threeNodes,
			explore.Bounds{Terms: 1, Calls: 1, Drops: 1, Messages: 4, Heal: 400}, "Liveness"}, 13},
		{"vote-no-log-check", exploration{threeNodes, explore.Bounds{Terms: 2, Messages: 4}, "Voting"}, 5},
		{"transfer-done-at-once",
			exploration{threeNodes, explore.Bounds{Terms: 1, Transfers: 1, Messages: 4}, "Contract"}, 4},
		{"change-done-when-appended",
			exploration{oneLeads, explore.Bounds{Changes: 1, Messages: 4}, "Contract"}, 1},
		{"deposed-leader-rejects-change",
			exploration{oneLeads, explore.Bounds{Terms: 1, Changes: 1, Messages: 4}, "Contract"}, 3},
		{"lease-too-long", exploration{deposedSoon, explore.Bounds{Terms: 1, Calls: 1, LeaseReads: 1, Time: 11,
			Ahead: 1, Messages: 3}, "Linearizability"}, 39},
	}
	for _, test := range tests {
		t.Run(test.mutant, func(t *testing.T) {
			t.Parallel()
			s := explored(t, test.mutant, test.exploration, test.depth)
			sound := trial.NewRunner(reference.System{}, services.All()).Run(s)
			require.Equal(t, models.Held, sound.Outcome(), sound.Lines())
		})
	}
}

// explored explores a mutant, and returns the shortest counterexample.
func explored(t *testing.T, name string, e exploration, depth int) *faults.Schedule {
	t.Helper()
	order, err := json.Marshal(e)
	require.NoError(t, err)
	var found struct {
		Depths   map[string]int
		Loop     int // events that come back for ever
		Schedule string
	}
	require.NoError(t, json.Unmarshal(together(t, name, "explore", string(order)), &found))
	require.Equal(t, map[string]int{e.Property: depth}, found.Depths)
	require.Equal(t, e.Property == "Liveness", found.Loop > 0)
	s, err := faults.Parse("found", []byte(found.Schedule), services.All())
	require.NoError(t, err)
	return s
}
