package shrink

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// credulous is our Raft, but that whoever leads answers reads from a lease that never ends.
type credulous struct{ reference.System }

type credulousNode struct{ raft.Inspector }

func (c credulous) Boot(config raft.NodeConfig) (raft.Node, error) {
	node, err := c.System.Boot(config)
	if err != nil || !config.PreVote {
		return node, err
	}
	return &credulousNode{node.(raft.Inspector)}, nil
}

func (n *credulousNode) Step(in raft.Input) raft.Output {
	if read, ok := in.(*raft.Read); ok && read.Lease && n.Status().Role == raft.Leader {
		return raft.Output{Replies: []raft.Reply{{Op: read.Op, Outcome: raft.Done}}}
	}
	return n.Inspector.(raft.Node).Step(in)
}

// TestShrink_leavesClocksAlone: what a lease that is too long breaks while clocks
// keep within their bound shrinks to what a lease of the right length survives,
// though timers that fire out of turn, or clocks that differ by more, make for smaller ones.
func TestShrink_leavesClocksAlone(t *testing.T) {
	story, err := trial.ReadSchedule("../../testdata/scenarios/lease-within-bound.txt", services.All())
	require.NoError(t, err)
	story.Prose, story.Notes, story.Golden = nil, nil, nil
	runner := trial.NewRunner(credulous{}, services.All())
	for _, property := range []string{trial.Linearizability.Name, "Leases", "Loyalty"} {
		finds := []*faults.Schedule{story}
		for number := 0; len(finds) < 3; number++ {
			s, result := generate.Schedule(runner, generate.Leases, generate.Numbered(11, number))
			if result.Of(property).Outcome == models.Violated {
				finds = append(finds, s)
			}
		}
		for _, s := range finds {
			small, _ := Schedule(t.Context(), runner, s, property)
			result := runner.Run(small)
			require.Equal(t, models.Violated, result.Of(property).Outcome, small)
			require.Less(t, len(small.Events), min(len(s.Events), 25), small)
			require.True(t, slack(runner, small, property).Within(slack(runner, s, property)), small)
			sound := trial.NewRunner(reference.System{}, services.All()).Run(small)
			require.Equal(t, models.Held, sound.Outcome(), "%s%s", small, sound.Lines())
		}
	}
}

// slack returns how far clocks differ in a run, as far as a property needs it.
func slack(r *trial.Runner, s *faults.Schedule, property string) trial.ClockSlack {
	r.Narrow(property)
	defer r.Narrow("")
	r.Run(s)
	return r.ClockSlack()
}
