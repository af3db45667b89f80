package hashicorp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/raft/hashicorp/loyal"
)

// Release 1.7.0 refuses pre-votes to the leader (release170); this one never does.
func TestPreVote_grantedToTheLeader(t *testing.T) {
	w := &loyal.Watch{}
	runner, prng := fuzz.NewRunner(System{}, w), fuzz.NewPRNG(1)
	for range 200 {
		runner.Generate(fuzz.Swarm, prng)
	}
	require.Zero(t, w.Refused)
}
