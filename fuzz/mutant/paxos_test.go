package mutant

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/paxos"
)

// paxosCorpus has the bugs of raft/paxos.
const paxosCorpus = corpus + "/paxos"

// The starts of explorations.
const (
	threeAcceptors = "system paxos\nnodes  3\nrand   0\n"
	// ballotLed has n1 lead ballot 1.
	ballotLed = threeAcceptors + "\ntimeout 1\nsettle\n"
	// acceptedAlone has n1 accept in ballot 1 a value that no other node heard of.
	acceptedAlone = ballotLed + "call c1 1 put x 1\npersist 1\nlose 1->2\nlose 1->3\n"
)

// ofPaxos has the explorations that find each mutant, with the number of events of the shortest
// counterexample after the start.
var ofPaxos = map[string][]struct {
	exploration
	depth int
}{
	"value-of-latest-promise": {
		{exploration{acceptedAlone, explore.Bounds{Terms: 2, Calls: 1, Messages: 8}, "StateMachineSafety"}, 11},
	},
	"promise-not-durable": {
		{exploration{threeAcceptors, explore.Bounds{Terms: 1, Messages: 4, Writes: 1}, "Durability"}, 3},
		{exploration{ballotLed, explore.Bounds{Terms: 1, Calls: 2, Crashes: 1, Messages: 4, Writes: 1},
			"StateMachineSafety"}, 16},
	},
	"accepted-not-durable": {
		{exploration{threeAcceptors, explore.Bounds{Terms: 1, Calls: 1, Messages: 4, Writes: 1}, "Durability"}, 7},
		{exploration{ballotLed, explore.Bounds{Terms: 1, Calls: 2, Crashes: 1, Messages: 4, Writes: 1},
			"StateMachineSafety"}, 15},
	},
	"quorum-off-by-one": {
		{exploration{threeAcceptors, explore.Bounds{Terms: 2, Calls: 2, Messages: 8}, "StateMachineSafety"}, 4},
	},
}

// TestPaxos: explorations find the classic mistakes, with the shortest counterexample, which
// the node without the mistake survives. Random schedules find them as well.
func TestPaxos(t *testing.T) {
	mutants, err := Read(paxosCorpus)
	require.NoError(t, err)
	require.Len(t, mutants, len(ofPaxos))
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, ofPaxos[m.Name])
			for _, test := range ofPaxos[m.Name] {
				s := explored(t, m.Name, test.exploration, test.depth)
				sound := trial.NewRunner(paxos.Single{}, services.All()).Run(s)
				require.Equal(t, models.Held, sound.Outcome(), sound.Lines())
			}
			for _, system := range []string{"paxos", "multi-paxos"} {
				var hunted struct{ Property string }
				require.NoError(t, json.Unmarshal(together(t, m.Name, "hunt", system), &hunted))
				require.Contains(t, m.Properties, hunted.Property)
			}
		})
	}
}
