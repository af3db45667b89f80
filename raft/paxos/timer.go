package paxos

import "raftcheck/raft"

// The times of a node, in ticks of its own clock. A node that heard of no leader for
// electionTicks to twice as many begins a ballot (section 2.4).
const (
	electionTicks  = 10
	heartbeatTicks = 3
)

// timer counts the ticks since the node last heard of a leader, promised or began a ballot;
// at a leader, since its last heartbeat.
type timer struct {
	elapsed int
	seed    uint64
}

// patience is the number of ticks after which a node begins a ballot. It is random, and
// another one in each ballot, so that two proposers do not outbid each other for ever.
func (t *timer) patience(ballot raft.Term) int {
	z := t.seed + uint64(ballot)*0x9e3779b97f4a7c15 // a step of splitmix64 (Steele and others, 2014)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return electionTicks + int((z^z>>31)%electionTicks)
}

// tick counts a tick. A leader's heartbeat proposes again everything that a node has not
// acknowledged.
func (n *Node) tick() {
	n.timer.elapsed++
	switch {
	case n.role != raft.Leader && n.timer.elapsed >= n.timer.patience(n.promised):
		n.campaign()
	case n.role == raft.Leader && n.timer.elapsed >= heartbeatTicks:
		n.timer.elapsed = 0
		for id := range n.voters.Without(n.id).All() {
			p := &n.peers[id]
			p.next = p.acked + 1
			n.sendAccept(id, p)
		}
	}
}
