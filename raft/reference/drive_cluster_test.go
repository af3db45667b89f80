package reference

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// cluster drives nodes directly. Their writes are durable when step returns. Their
// messages arrive in order during settle, except at nodes that are cut off.
type cluster struct {
	t       testing.TB
	voters  raft.NodeSet // at first
	preVote bool
	nodes   []*Node // by NodeID
	disks   [][][]byte
	queue   []raft.Message
	cut     raft.NodeSet
	done    []raft.OpID
	replies []raft.Reply
	states  [][]byte // the restored state, and the data of the entries applied after it
}

func newCluster(t testing.TB, size int) *cluster {
	return newClusterOf(t, size, raft.FirstNodes(size), false)
}

// newClusterOf returns a cluster of size nodes of which only voters vote at first.
func newClusterOf(t testing.TB, size int, voters raft.NodeSet, preVote bool) *cluster {
	c := &cluster{
		t: t, voters: voters, preVote: preVote,
		nodes: make([]*Node, size+1), disks: make([][][]byte, size+1), states: make([][]byte, size+1),
	}
	for id := range c.all() {
		c.restart(id)
	}
	return c
}

func (c *cluster) all() func(func(raft.NodeID) bool) { return raft.FirstNodes(len(c.nodes) - 1).All() }

// restart boots a node from its disk alone.
func (c *cluster) restart(id raft.NodeID) {
	n, err := bootWith(raft.NodeConfig{ID: id, Voters: c.voters, PreVote: c.preVote, Disk: c.disks[id]},
		uint64(id)+uint64(len(c.disks[id]))<<8)
	require.NoError(c.t, err)
	c.nodes[id], c.states[id] = n, nil
}

// step makes all writes durable at once.
func (c *cluster) step(id raft.NodeID, in raft.Input) {
	out := c.nodes[id].Step(in)
	for {
		c.note(id, &out)
		if len(out.Writes) == 0 {
			return
		}
		for _, w := range out.Writes {
			if w.Checkpoint {
				c.disks[id] = nil
			}
			c.disks[id] = append(c.disks[id], bytes.Clone(w.Data))
		}
		out = persist(c.nodes[id])
	}
}

func (c *cluster) note(id raft.NodeID, out *raft.Output) {
	for _, m := range out.Sends {
		m.Payload = bytes.Clone(m.Payload)
		c.queue = append(c.queue, m)
	}
	if out.Restore.ID.Index > 0 {
		c.states[id] = bytes.Clone(out.Restore.State)
	}
	for _, e := range out.Applied {
		if e.Kind == raft.Command {
			c.states[id] = append(c.states[id], e.Data...)
		}
	}
	c.replies = append(c.replies, out.Replies...)
	for _, r := range out.Replies {
		if r.Outcome == raft.Done {
			c.done = append(c.done, r.Op)
		}
	}
}

// settle delivers messages until no node sends any more.
func (c *cluster) settle() {
	for len(c.queue) > 0 {
		m := c.queue[0]
		c.queue = c.queue[1:]
		if !c.cut.Has(m.From) && !c.cut.Has(m.To) {
			c.step(m.To, &raft.Receive{Msg: m})
		}
	}
}

// elect makes id a leader and reports the opened term to all nodes.
func (c *cluster) elect(id raft.NodeID) {
	for other := range c.all() { // nobody heard a leader for long
		c.nodes[other].timer.silence = ElectionTicks
	}
	c.step(id, &raft.Timeout{})
	c.settle()
	require.Equal(c.t, raft.Leader, c.nodes[id].role)
	c.heartbeat(id)
}

func (c *cluster) heartbeat(id raft.NodeID) {
	for range HeartbeatTicks {
		c.step(id, &raft.Tick{})
	}
	c.settle()
}

// pass lets time pass for all.
func (c *cluster) pass(ticks int) {
	for range ticks {
		for id := range c.all() {
			c.step(id, &raft.Tick{})
		}
		c.settle()
	}
}

func (c *cluster) propose(id raft.NodeID, seq uint32) {
	c.step(id, &raft.Propose{Op: client(seq), Data: []byte{byte(seq)}})
	c.settle()
}

// client is a client's operation, operator the operator's.
func client(seq uint32) raft.OpID   { return raft.OpID{Client: 1, Seq: seq} }
func operator(seq uint32) raft.OpID { return raft.OpID{Seq: seq} }

// reconfigure asks id for another configuration, as operation number seq.
func (c *cluster) reconfigure(id raft.NodeID, seq uint32, config raft.Configuration) {
	c.step(id, &raft.Reconfigure{Op: operator(seq), Voters: config.Voters, Learners: config.Learners})
	c.settle()
}

// compact makes a node drop its applied entries except for the last ones.
func (c *cluster) compact(id raft.NodeID, keep int) {
	c.step(id, &raft.Compact{Index: c.nodes[id].applied, Keep: keep, State: c.states[id]})
}

// outcomes are the replies to an operation.
func (c *cluster) outcomes(op raft.OpID) (outcomes []raft.Outcome) {
	for _, r := range c.replies {
		if r.Op == op {
			outcomes = append(outcomes, r.Outcome)
		}
	}
	return outcomes
}
