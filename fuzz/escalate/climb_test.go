package escalate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// climbed is a climb of so many schedules.
func climbed(
	t *testing.T, system raft.System, header, events string, number, runs int,
) (*Climb, []trial.Result) {
	t.Helper()
	r := trial.NewRunner(system, services.All())
	r.OutcomesOnly()
	c := NewClimb(r)
	s := fixture.Written(t, header, events)
	s.System = system.Name()
	c.Begin(1, number)
	results := []trial.Result{c.Add(s)}
	for range runs - 1 {
		_, result := c.Next()
		results = append(results, result)
	}
	return c, results
}

const write = "timeout 1\nsettle\ncall c1 1 put x 1\nsettle\n"

// TestClimb_findsTheHarm: a node that forgets its vote has broken a rule. It does no harm
// before it loses entries as well, and the node that lacks them is elected.
func TestClimb_findsTheHarm(t *testing.T) {
	system := fixture.Saboteur(t, "forget-disk")
	c, results := climbed(t, system, "nodes 3\n",
		"timeout 1\npersist 1\ndeliver 1->2\npersist 2\ncrash 2\nrestart 2\n", 0, 60)
	require.Empty(t, results[0].Violated(), "the schedule itself does no harm")
	require.NotZero(t, c.Reached()&RuleBroken)
	require.NotZero(t, c.Reached()&LatestBehind)
	harms := 0
	for _, r := range results {
		if r.Violated() != "" {
			harms++
		}
	}
	require.Greater(t, harms, 5)
}

// TestClimb_isDecidedByItsNumber: the same number gives the same runs, another one others.
func TestClimb_isDecidedByItsNumber(t *testing.T) {
	hashes := func(number int) (sums []uint64) {
		_, results := climbed(t, reference.System{}, "nodes 3\n", write, number, 12)
		for _, r := range results {
			sums = append(sums, r.TraceHash)
		}
		return sums
	}
	one, other := hashes(1), hashes(2)
	require.Equal(t, one, hashes(1))
	require.NotEqual(t, one, other)
	require.Equal(t, one[0], other[0], "both begin with the schedule itself")
}

// TestClimb_soundSystem: a Raft that keeps the rules is never near to a harm.
func TestClimb_soundSystem(t *testing.T) {
	c, results := climbed(t, reference.System{}, "nodes 5\nvoters 4\n",
		write+"cut 1 5 | 2 3 4\nreconfigure 1 to 1 2 3\ntimeout 2\nsettle\nreconfigure 2 to 2 3 4\n", 1, 100)
	require.NotZero(t, c.Reached()&(TwoLead|LeaderBehind|DisjointQuorums))
	require.Empty(t, (c.Reached() & Unsound).Names())
	for _, r := range results {
		require.Empty(t, r.Violated())
	}
}

// TestClimb_endsWithTheFaults: what follows the end of the faults is not continued.
func TestClimb_endsWithTheFaults(t *testing.T) {
	const rivals = "timeout 1\nsettle\ncut 1 | 2 3\ntimeout 2\nsettle 2 3\n"
	c, _ := climbed(t, reference.System{}, "nodes 3\n", rivals, 0, 1)
	require.Equal(t, TwoLead, c.Reached()&TwoLead)
	for _, end := range []string{"heal k=1\n", "probe k=400\n", "steady 1 2 k=9\n"} {
		c, _ = climbed(t, reference.System{}, "nodes 3\n", end+rivals, 0, 1)
		require.Zero(t, c.Reached(), end)
	}
}

// TestLedge_keepsTheShortest schedules.
func TestLedge_keepsTheShortest(t *testing.T) {
	l := &ledge{}
	for i := range 3 * kept {
		s := fixture.Written(t, "nodes 1\n", "")
		s.Rand = uint64(i)
		s.Events = append(s.Events, fixture.Written(t, "nodes 1\n", write+write).Events[:8-i%8]...)
		l.keep(s)
	}
	require.Len(t, l.starts, kept)
	for _, s := range l.starts {
		require.LessOrEqual(t, len(s.schedule.Events), 3)
	}
}

// TestLarger: three climbs of four have more nodes, voters or not.
func TestLarger(t *testing.T) {
	of := fixture.Written(t, "nodes 3\n", write)
	clusters := func() (list [][2]int) {
		for number := range 12 {
			s := Larger(reference.System{}, of, number)
			require.NoError(t, s.Suits(reference.System{}))
			require.Equal(t, of.Events, s.Events)
			list = append(list, [2]int{s.Nodes, s.First().Len()})
		}
		return list
	}
	require.Equal(t, [][2]int{
		{3, 3}, {4, 4}, {5, 5}, {6, 6}, {3, 3}, {4, 3}, {5, 4}, {6, 5}, {3, 3}, {4, 4}, {5, 3}, {6, 4},
	}, clusters())
	require.Equal(t, 3, of.Nodes)
	of.Learners, of.Voters = raft.NodeSetOf(3), 2
	require.Equal(t, [2]int{4, 2}, clusters()[1])
	of.Nodes = faults.MaxNodes
	require.Equal(t, [2]int{faults.MaxNodes, 2}, clusters()[1])
}
