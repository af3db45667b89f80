package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// silent is the reference whose nodes answer no reads.
type silent struct{ reference.System }

type silentNode struct{ *reference.Node }

func (silent) Name() string { return "silent" }

func (s silent) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return silentNode{n.(*reference.Node)}, nil
}

func (n silentNode) Step(in raft.Input) raft.Output {
	out := n.Node.Step(in)
	out.Replies = nil
	return out
}

func (n silentNode) Clone() raft.Node { return silentNode{n.Node.Clone().(*reference.Node)} }

// TestExplore_stuck wants the shortest way to a cluster that never answers a read from the
// explorer, one without symmetry, and the naive one, and the events that it repeats.
func TestExplore_stuck(t *testing.T) {
	e := exploration(silent{}, &faults.Schedule{Nodes: 2}, Bounds{Terms: 1, Reads: 1, Messages: 3, Heal: 400})
	e.Properties = []string{"Liveness"}
	r := run(t, e)
	require.Equal(t, models.Violated, r.Outcome())
	require.Contains(t, r.Findings[0].Verdict, "CallUnanswered within 400 ticks of healing")
	require.Contains(t, r.Findings[0].Verdict, "comes back every 60")
	events := r.Findings[0].Schedule.Events
	require.Equal(t, faults.Heal, events[len(events)-1].Kind)
	require.Contains(t, r.Loop, "retry c1 1")
	require.Contains(t, r.Loop, "deliver 2->1")

	e.KeepGoing = true
	want := map[string]int{"Liveness": 9}
	require.Equal(t, want, violated(t, e))
	require.Equal(t, want, exploreNaively(e).violated)
	e.NoReduction = true
	require.Equal(t, want, violated(t, e))
}

// TestExplore_heals: the reference works after a heal, wherever it comes from.
func TestExplore_heals(t *testing.T) {
	for _, start := range []*faults.Schedule{{Nodes: 3}, {Nodes: 3, PreVote: true}} {
		e := exploration(reference.System{}, start,
			Bounds{Terms: 1, Crashes: 1, Drops: 1, Messages: 3, Heal: 400})
		e.Workers = 2
		r := run(t, e)
		require.Equal(t, models.Held, r.Outcome())
		require.Empty(t, r.Loop)
		require.Greater(t, r.Healed, 20)
	}
}
