package faults

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// operator is the client in whose name the operator of the cluster asks.
const operator = 0

func (w *World) compact(e *Event) bool {
	n := &w.nodes[e.Node]
	if !w.awake(e.Node) || !n.compactable() {
		return false
	}
	w.state = n.machine.AppendState(w.state[:0])
	n.compacted = n.applied
	in := &w.inputs.compact
	in.Index, in.Keep, in.State = n.applied, int(e.K), w.state
	w.step(n, in)
	return true
}

func (w *World) reconfigure(e *Event) bool {
	if !w.awake(e.Node) {
		return false
	}
	c, in := e.Configuration(), &w.inputs.reconfigure
	in.Voters, in.Learners = c.Voters, c.Learners
	in.Op = w.request(e.Node, "reconfigure to "+c.String())
	w.step(&w.nodes[e.Node], in)
	return true
}

func (w *World) transfer(e *Event) bool {
	if !w.awake(e.Node) {
		return false
	}
	in := &w.inputs.transfer
	in.To = e.Peer
	in.Op = w.request(e.Node, "transfer to "+e.Peer.String())
	w.step(&w.nodes[e.Node], in)
	return true
}

// request numbers what the operator asks of a node.
func (w *World) request(id raft.NodeID, text string) raft.OpID {
	w.requests = append(w.requests, id)
	op := raft.OpID{Client: operator, Seq: uint32(len(w.requests))}
	r := w.begin(trace.Asked, id)
	r.Op, r.Text = op, text
	w.emit()
	return op
}

// forgive takes from a node that stops the answers that it owes.
func (w *World) forgive(id raft.NodeID) {
	for i := range w.requests {
		if w.requests[i] == id {
			w.requests[i] = raft.None
		}
	}
	for i := range w.clients {
		for j := range w.clients[i].calls {
			w.clients[i].calls[j].owed[id] = 0
		}
	}
}

// answered takes a node's one answer to a request of the operator.
func (w *World) answered(n *node, reply raft.Reply) {
	seq := int(reply.Op.Seq)
	if seq == 0 || seq > len(w.requests) {
		w.brokeContract(n, fmt.Sprintf("answered request %d of the operator, which was never asked", seq))
		return
	}
	if w.requests[seq-1] != n.id {
		w.brokeContract(n, fmt.Sprintf("answered request %d of the operator with %s, and owed no answer", seq, reply.Outcome))
		return
	}
	w.requests[seq-1] = raft.None
	r := w.begin(trace.Answered, n.id)
	r.Op, r.Outcome = reply.Op, reply.Outcome
	w.emit()
}
