package hashicorp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/raft/hashicorp/loyal"
)

// Release 1.7.0 refuses pre-votes to the leader (release170); this one never does.
func TestPreVote_grantedToTheLeader(t *testing.T) {
	w := &loyal.Watch{}
	runner, prng := trial.NewRunner(System{}, w), generate.NewPRNG(1)
	for range 200 {
		generate.Schedule(runner, generate.Swarm, prng)
	}
	require.Zero(t, w.Refused)
}

// A node refuses a leader that is no voter in its configuration, which may be an old one.
// n4 is made a voter and leads. n3 was cut off: it hears of the leader, and not of the change.
const outside = `system hashicorp
nodes  4
voters 3
prevote on
rand   1

timeout 1
settle
cut 1 2 4 | 3
reconfigure 1 to 1 2 3 4
run k=40
transfer 1->4
run k=40
mend 4->3
run k=8
cut 1 2 | 4
run k=12
timeout 4
deliver 4->3
`

func TestPreVote_refusedOutsideOfTheConfiguration(t *testing.T) {
	s, err := faults.Parse("outside", []byte(outside))
	require.NoError(t, err)
	w := &loyal.Watch{}
	runner := trial.NewRunner(System{}, w)
	for range replays {
		runner.Run(s)
	}
	require.Zero(t, w.Refused)
	require.NotZero(t, w.Outside)
	t.Logf("%d refused in %d runs", w.Outside, replays)
}
