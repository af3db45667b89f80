package faults

import (
	"raftcheck/models/kv"
	"raftcheck/raft"
)

// fullSpeed is the rate of a clock without skew, in percent.
const fullSpeed = 100

// node is one place in the cluster: the implementation's node while it runs,
// and what belongs to the place whether it runs or not.
type node struct {
	id        raft.NodeID
	running   raft.Node // nil while down
	inspector raft.Inspector
	stopped   bool // its disk failed since it booted
	disk      disk
	held      queue        // messages that wait for a write to become durable
	released  raft.WriteID // what was durable when held was last looked through
	machine   kv.Machine
	rate      int // of its clock, in percent
	owed      int // hundredths of a tick that passed and were not yet ticked
	boots     uint64
}

func (n *node) reset(id raft.NodeID) {
	n.id, n.running, n.inspector, n.stopped = id, nil, nil, false
	n.disk.reset()
	n.held.reset()
	n.released = 0
	n.machine.Reset()
	n.rate, n.owed, n.boots = fullSpeed, 0, 0
}

// stop ends the running node: what it held in memory is gone.
func (n *node) stop() {
	n.running, n.inspector, n.stopped = nil, nil, false
	n.held.reset()
	n.released = 0
	n.disk.lose()
}

// ticks passes one tick of real time and returns how many the node's clock makes of it.
func (n *node) ticks() int {
	n.owed += n.rate
	k := n.owed / fullSpeed
	n.owed %= fullSpeed
	return k
}
