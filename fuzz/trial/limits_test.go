package trial

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// TestGoalSet_within: goals about an ability, and about those that need it, go together.
func TestGoalSet_within(t *testing.T) {
	all := GoalSet(1)<<goals - 1
	require.Equal(t, all, all.Within(raft.Limits{Least: 2}))
	left := all.Within(raft.Limits{Lacks: raft.Snapshots | raft.PreVotes})
	require.Equal(t, GoalSet(1<<LogCompacted|1<<SnapshotBooted|1<<SnapshotInstalled|1<<SnapshotReplacedEntries|
		1<<CanvassFailed), all&^left)
	require.Equal(t, GoalSet(1<<OutcomeUnknown), all&^all.Within(raft.Limits{Lacks: raft.Unknowns}))
	require.Len(t, needs, len(raft.AbilityNames))
	require.Equal(t, GoalSet(1<<CandidateYielded|1<<SplitVote), all&^all.Within(raft.Limits{Algorithm: "Paxos"}))
	ofService := GoalSet(1) << goals
	require.Equal(t, all|ofService, (all | ofService).Within(raft.Limits{Entries: 3}))
	require.Equal(t, ofService|1<<ThreeTermsInLog|1<<CaughtUp|1<<CommandRepeated,
		(all|ofService)&^(all|ofService).Within(raft.Limits{Entries: 1}))
}
