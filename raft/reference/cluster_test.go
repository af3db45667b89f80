package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

func TestCluster_replicatesAndRestartsFromRecordsAlone(t *testing.T) {
	c := newCluster(t, 3)
	c.elect(1)
	for seq := range uint32(5) {
		c.propose(1, seq)
	}
	c.heartbeat(1)
	require.Len(t, c.done, 5)
	for id := raft.NodeID(1); id <= 3; id++ {
		status := c.nodes[id].Status()
		require.Equal(t, raft.Index(6), status.Applied)
		log := terms(c.nodes[id])
		c.restart(id)
		require.Equal(t, log, terms(c.nodes[id]))
		after := c.nodes[id].Status()
		require.Equal(t, raft.Status{Term: 1, Vote: 1, Last: status.Last, Config: voters(1, 2, 3)},
			after, "commit and leader are volatile")
	}
	c.elect(2)
	require.Equal(t, raft.Index(7), c.nodes[3].Status().Applied, "applied again from the start")
}

func TestCluster_repairsDivergentLogs(t *testing.T) {
	c := newCluster(t, 3)
	c.elect(1)
	c.cut = raft.NodeSetOf(1)
	for seq := range uint32(3) {
		c.propose(1, seq)
	}
	require.Empty(t, c.done)
	c.elect(2)
	c.propose(2, 9)
	require.Len(t, c.done, 1)
	c.cut = 0
	c.heartbeat(2)
	c.heartbeat(2)
	require.Equal(t, []raft.Term{1, 2, 2}, terms(c.nodes[1]))
	require.Equal(t, raft.Index(3), c.nodes[1].Status().Commit)
	c.restart(1)
	require.Equal(t, []raft.Term{1, 2, 2}, terms(c.nodes[1]), "the truncation is on the disk")
}

func TestCluster_ofOneNeedsNobody(t *testing.T) {
	c := newCluster(t, 1)
	c.elect(1)
	c.propose(1, 1)
	require.Len(t, c.done, 1)
}

func TestCluster_electsByTicksAlone(t *testing.T) {
	c := newCluster(t, 5)
	for range 20 * ElectionTicks {
		for id := raft.NodeID(1); id <= 5; id++ {
			c.step(id, &raft.Tick{})
		}
		c.settle()
	}
	leaders := 0
	for _, n := range c.nodes[1:] {
		if n.role == raft.Leader {
			leaders++
		}
		require.Equal(t, n.log.lastIndex(), n.commit)
	}
	require.Equal(t, 1, leaders)
}
