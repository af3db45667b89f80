package reference

import (
	"raftcheck/raft"
)

// transfer is a leadership that is to be handed over (thesis, section 3.10).
type transfer struct {
	to    raft.NodeID // None if there is none
	op    raft.OpID
	since uint64 // the leader's clock when it began
	sent  bool   // TimeoutNow was sent for it
	asked bool   // TimeoutNow was sent in this term, for it or an earlier one
}

// transfer begins to hand over the leadership, and to turn proposals away, so
// that the target can catch up. Who has no vote in the configuration to come
// cannot lead.
func (n *Node) transfer(op raft.OpID, to raft.NodeID) {
	if n.role != raft.Leader || n.lead.transfer.to != raft.None || to == n.id || !n.config().Voters.Has(to) {
		n.out.reply(op, raft.Rejected)
		return
	}
	n.lead.transfer = transfer{to: to, op: op, since: n.lead.clock, asked: n.lead.transfer.asked}
	n.handOver()
}

// handOver asks the target to stand for election, once its log is the leader's.
func (n *Node) handOver() {
	t := &n.lead.transfer
	if t.to == raft.None || t.sent || n.lead.match[t.to] < n.log.lastIndex() {
		return
	}
	t.sent, t.asked = true, true
	m := message{kind: kindTimeoutNow}
	n.send(t.to, &m, raft.Promise{}, 0)
}

// abandonTransfer takes proposals again if the target does not lead after an
// election timeout.
func (n *Node) abandonTransfer() {
	if t := &n.lead.transfer; t.to != raft.None && n.lead.clock-t.since >= ElectionTicks {
		n.endTransfer()
	}
}

// endTransfer answers the operator: an election that was asked for may yet come.
func (n *Node) endTransfer() {
	t := &n.lead.transfer
	switch {
	case t.to == raft.None:
		return
	case t.sent:
		n.out.reply(t.op, raft.Unknown)
	default:
		n.out.reply(t.op, raft.Rejected)
	}
	*t = transfer{asked: t.asked}
}
