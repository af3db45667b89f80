package faults

import (
	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// fullSpeed is the rate of a clock without skew, in percent.
const fullSpeed = 100

// node is one place in the cluster: the implementation's node while it runs, and the
// parts of the place that outlive it.
type node struct {
	id        raft.NodeID
	running   raft.Node // nil while down
	inspector raft.Inspector
	stopped   bool // its disk failed since it booted
	batch     int  // inputs that it still takes together
	lag       int  // inputs until it applies again
	disk      disk
	held      queue        // messages that wait for a write to become durable
	released  raft.WriteID // the last durable write when held was last looked through

	machine   *session.Machine
	applied   raft.Index // of the last entry in the machine
	compacted raft.Index // of the state that the node was last handed since it booted
	placed    int        // the place of the last operation in the machine, in the order of the log
	answers   [MaxClients + 1]outcome

	// clock is the time with which it stamps commands: its ticks, moved forward to
	// the log's time, so that this does not stand still under a new leader.
	clock  uint64
	ticked int // ticks of its clock since the cluster began
	rate   int // of its clock, in percent
	owed   int // hundredths of a tick that passed and were not yet ticked
	boots  uint64
}

func (n *node) reset(id raft.NodeID) {
	n.end()
	n.id, n.running, n.inspector, n.stopped, n.batch, n.lag = id, nil, nil, false, 0, 0
	n.disk.reset()
	n.held.reset()
	n.released = 0
	n.forget()
	n.clock, n.ticked, n.rate, n.owed, n.boots = 0, 0, fullSpeed, 0, 0
}

// stop ends the running node, and everything that it held in memory.
func (n *node) stop() {
	n.end()
	n.running, n.inspector, n.stopped, n.batch, n.lag = nil, nil, false, 0, 0
	n.held.reset()
	n.released = 0
	n.disk.lose()
	n.forget()
}

// count counts an input, unless it is about others, and returns its part in a batch. A node
// whose disk fails in the middle of a batch never comes to the end of it.
func (n *node) count(in raft.Input) trace.BatchPart {
	batched := n.batch > 0
	switch in.(type) {
	case *raft.Batch, *raft.Lag:
	default:
		if !n.stopped {
			n.batch, n.lag = max(n.batch-1, 0), max(n.lag-1, 0)
		}
	}
	switch {
	case n.batch > 0:
		return trace.Amid
	case batched:
		return trace.Ending
	}
	return trace.Alone
}

// end stops a running node that implements [raft.Stopper].
func (n *node) end() {
	if s, ok := n.running.(raft.Stopper); ok {
		s.Stop()
	}
}

// forget empties the state machine.
func (n *node) forget() {
	n.machine.Reset()
	n.applied, n.compacted, n.placed = 0, 0, 0
	clear(n.answers[:])
}

// compactable reports whether the machine has applied more than the node was handed.
func (n *node) compactable() bool { return n.applied > n.compacted }

// ticks passes one tick of real time and returns how many the node's clock makes of it.
func (n *node) ticks() int {
	n.owed += n.rate
	k := n.owed / fullSpeed
	n.owed %= fullSpeed
	return k
}
