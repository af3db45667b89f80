package hashicorp

import (
	"testing"

	lib "github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// Release 1.7.0 rejects the leader's pre-vote request (release170); this one grants it.
func TestPreVote_grantedToTheLeader(t *testing.T) {
	runner, prng, asked := trial.NewRunner(System{}, services.All()), generate.NewPRNG(1), 0
	for range 200 {
		_, result := generate.Schedule(runner, generate.Swarm, prng)
		verdict := result.Of("PreVoteToLeader")
		require.NotEqual(t, models.Violated, verdict.Outcome, verdict)
		if verdict.Outcome == models.Held {
			asked++
		}
	}
	require.Positive(t, asked, "runs in which a leader asked")
}

// A node rejects a leader that is no voter in its configuration, which may be an old one.
// n4 is made a voter and leads. n3 was cut off: it hears of the leader, and not of the
// change.
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
	s, err := faults.Parse("outside", []byte(outside), services.All())
	require.NoError(t, err)
	var rejections preVoteRejections
	runner := trial.NewRunner(System{}, services.All(), &rejections)
	for range replays {
		result := runner.Run(s)
		require.NotEqual(t, models.Violated, result.Of("PreVoteToLeader").Outcome)
	}
	require.Positive(t, rejections, "pre-vote requests that n3 rejects, in %d runs", replays)
}

// preVoteRejections counts the pre-vote requests that were rejected.
type preVoteRejections int

func (c *preVoteRejections) Observe(r *trace.Record) {
	for _, m := range r.Out.Sends {
		kind, body, err := bubble.Open(m.Payload)
		answer := lib.RequestPreVoteResponse{}
		if err == nil && kind == "PreVoteReply" && msgpack.Decode(body, &answer) == nil && !answer.Granted {
			*c++
		}
	}
}
