package reference

import "raftcheck/raft"

// Beliefs returns the node's timers, its lease, and a leader's knowledge of the others.
func (n *Node) Beliefs() (b raft.Beliefs) {
	if n.stopped {
		return b
	}
	if n.role != raft.Leader {
		if n.elector() {
			b.Election = n.timer.timeout - n.timer.elapsed
		}
		if n.loyalty() {
			b.Loyal = ElectionTicks - n.timer.silence
		}
		return b
	}
	b.Heartbeat = HeartbeatTicks - n.timer.elapsed
	if n.leased() {
		b.Lease = LeaseTicks - int(n.lead.silence())
	}
	if n.loyalty() {
		b.Loyal = ElectionTicks - int(n.lead.silence())
	}
	for id := range n.config().Members().All() {
		b.Match[id] = n.lead.match[id]
	}
	return b
}
