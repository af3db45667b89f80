package reference

import "raftcheck/raft"

// transfer is a leadership transfer in progress (thesis, section 3.10).
type transfer struct {
	to    raft.NodeID // None if there is none
	op    raft.OpID
	since uint64 // the leader's clock when it began
	sent  bool   // TimeoutNow was sent for it
	asked bool   // TimeoutNow was sent in this term, for it or an earlier one
}

// transfer begins to hand over the leadership. From now on the leader rejects
// proposals, so that the target can catch up. The target must be a voter of the
// latest configuration: no other node can lead under it.
func (n *Node) transfer(op raft.OpID, to raft.NodeID) {
	if n.role != raft.Leader || n.lead.transfer.to != raft.None || to == n.id || !n.config().Voters.Has(to) {
		n.out.reply(op, raft.Rejected)
		return
	}
	n.lead.transfer = transfer{to: to, op: op, since: n.lead.clock, asked: n.lead.transfer.asked}
	n.sendTimeoutNow()
}

// sendTimeoutNow sends TimeoutNow to the target of a transfer, once its log equals
// the leader's. The target then starts an election.
func (n *Node) sendTimeoutNow() {
	t := &n.lead.transfer
	if t.to == raft.None || t.sent || n.lead.match[t.to] < n.log.lastIndex() {
		return
	}
	t.sent, t.asked = true, true
	m := message{kind: kindTimeoutNow}
	n.send(t.to, &m, raft.Promise{}, 0)
}

// abandonTransfer accepts proposals again if the target does not lead after an
// election timeout.
func (n *Node) abandonTransfer() {
	if t := &n.lead.transfer; t.to != raft.None && n.lead.clock-t.since >= ElectionTicks {
		n.endTransfer()
	}
}

// endTransfer ends a transfer and answers the operator. If TimeoutNow was sent the
// answer is Unknown, because the target may still start its election.
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
