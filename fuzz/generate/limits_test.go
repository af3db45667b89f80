package generate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// limited is the reference with limits.
type limited struct {
	reference.System
	limits raft.Limits
}

func (s limited) Limits() raft.Limits { return s.limits }

// TestSchedule_withinLimits: a system is asked for nothing that it lacks, in no cluster
// that it does not allow.
func TestSchedule_withinLimits(t *testing.T) {
	lacks := raft.Snapshots | raft.Membership | raft.Transfers | raft.PreVotes
	runner := trial.NewRunner(limited{limits: raft.Limits{Least: 3, Most: 4, Lacks: lacks}}, services.All())
	sizes := map[int]bool{}
	for number := range 60 {
		s, _ := Schedule(runner, Swarm, Numbered(1, number))
		sizes[s.Nodes] = true
		require.False(t, s.PreVote)
		require.NoError(t, s.Suits(runner.System()))
		for _, e := range s.Events {
			require.NotContains(t, []faults.EventKind{faults.Compact, faults.Reconfigure, faults.Transfer}, e.Kind)
		}
	}
	require.Equal(t, map[int]bool{3: true, 4: true}, sizes)
}

// TestSchedule_withoutRejoins: no node is asked for a configuration with a node that was removed.
func TestSchedule_withoutRejoins(t *testing.T) {
	runner := trial.NewRunner(limited{limits: raft.Limits{Lacks: raft.Rejoins}}, services.All())
	profile, _ := ProfileNamed("members")
	joined := 0
	for number := range 20 {
		s, _ := Schedule(runner, profile, Numbered(1, number))
		runner.Begin(s)
		for _, e := range s.Events {
			if e.Kind == faults.Reconfigure {
				v := runner.World().View()
				came := e.Configuration().Members() &^ v.Config(e.Node).Members()
				joined += came.Len()
				require.Zero(t, came&v.Joined, e)
			}
			runner.Apply(e)
		}
		runner.Finish()
	}
	require.NotZero(t, joined)
}

// TestSchedule_withoutLearners: configurations then have voters alone.
func TestSchedule_withoutLearners(t *testing.T) {
	runner := trial.NewRunner(limited{limits: raft.Limits{Lacks: raft.Learners}}, services.All())
	profile, _ := ProfileNamed("members")
	changes := 0
	for number := range 10 {
		s, _ := Schedule(runner, profile, Numbered(1, number))
		for _, e := range s.Events {
			if e.Kind == faults.Reconfigure {
				changes++
				require.NotContains(t, e.String(), "+")
			}
		}
	}
	require.Greater(t, changes, 10)
}
