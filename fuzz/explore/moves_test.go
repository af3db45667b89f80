package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// lacking is the reference that states that it lacks abilities.
type lacking struct {
	reference.System
	lacks raft.Abilities
}

func (s lacking) Limits() raft.Limits { return raft.Limits{Lacks: s.lacks} }

// TestExplore_lacks: no node is asked to become a learner, or to come back, if the system
// states that it cannot.
func TestExplore_lacks(t *testing.T) {
	for _, lacks := range []raft.Abilities{0, raft.Learners, raft.Rejoins, raft.Learners | raft.Rejoins} {
		start := &faults.Schedule{Nodes: 3, Voters: 2, Events: []faults.Event{
			{Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle},
		}}
		e := exploration(lacking{lacks: lacks}, start, Bounds{Changes: 3, Messages: 3, Depth: 10})
		x, err := e.begin()
		require.NoError(t, err)
		require.NoError(t, x.run(t.Context()))
		learns, comesBack, joins := false, false, false
		for key := range x.shared.known {
			if key.choice.kind != faults.Reconfigure {
				continue
			}
			p := x.parts.places.at(key.place)
			to := x.workers[0].neighbours(p)[key.choice.k]
			learns = learns || to.Learners != 0
			comesBack = comesBack || (to.Members() &^ p.View().Status.Config.Members()).Has(2)
			joins = joins || to.Voters.Has(3)
		}
		require.True(t, joins, "a new node becomes a voter")
		require.Equal(t, !lacks.Has(raft.Learners), learns)
		require.Equal(t, !lacks.Has(raft.Rejoins), comesBack)
	}
}
