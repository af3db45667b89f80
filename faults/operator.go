package faults

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event that the operator of the cluster causes.
const (
	// Compact hands Node its state machine, so that it may forget its log except for the last K entries.
	Compact EventKind = 25
	// Reconfigure asks Node for the configuration with the voters and learners of Groups.
	Reconfigure EventKind = 26
	// Transfer asks Node to make Peer the leader.
	Transfer EventKind = 27
)

var operatorFamily = family{"operator", []descriptor{
	{
		kind: Compact, form: form{name: "compact", parts: parts{aNode}, k: count},
		example: "compact 1 k=2", about: "node 1 takes a snapshot and keeps the two entries before it",
		act: (*World).compact, at: anOperated, enabled: (*World).compactable,
	},
	{
		kind: Reconfigure, form: form{name: "reconfigure", parts: parts{aNode, aConfiguration}},
		example: "reconfigure 1 to 2 3 + 4", about: "ask node 1 for the voters 2 and 3 and the learner 4",
		act: (*World).reconfigure, at: aTarget, enabled: (*World).oneChange,
		plainer: withoutLearners, request: true, hazard: MovesQuorum,
	},
	{
		kind: Transfer, form: form{name: "transfer", parts: parts{aLink}},
		example: "transfer 1->2", about: "ask node 1 to transfer the leadership to node 2",
		act: (*World).transfer, at: aTarget, enabled: toAnother, request: true,
	},
}}

// operator is the client number of the operator's requests.
const operator = 0

func (w *World) compact(e *Event) reason {
	n := &w.nodes[e.Node]
	if why := w.engaged(e.Node); why != noReason {
		return why
	}
	if !w.compactable(e) {
		return "NODE applied nothing since its last snapshot"
	}
	w.state = n.machine.AppendState(w.state[:0])
	n.compacted = n.applied
	in := &w.inputs.compact
	in.Index, in.Keep, in.State = n.applied, int(e.K), w.state
	w.step(n, in)
	return noReason
}

func (w *World) compactable(e *Event) bool {
	return w.nodes[e.Node].compactable() && w.engaged(e.Node) == noReason
}

// engaged is the reason why a node takes no request of the operator.
func (w *World) engaged(id raft.NodeID) reason {
	if w.nodes[id].batch > 0 {
		return "NODE takes a batch"
	}
	return w.deaf(id)
}

func (w *World) reconfigure(e *Event) reason {
	if why := w.engaged(e.Node); why != noReason {
		return why
	}
	c, in := e.Configuration(), &w.inputs.reconfigure
	in.Voters, in.Learners = c.Voters, c.Learners
	in.Op = w.request(e.Node, "reconfigure to "+c.String())
	w.step(&w.nodes[e.Node], in)
	return noReason
}

// oneChange asks the node to change the role of Peer in the node's configuration: from
// none to learner, from learner to voter, and from one of several voters to none. A node
// becomes a voter at once if the system lacks learners. A removed one comes back unless the
// system does not allow it.
func (w *World) oneChange(e *Event) bool {
	c, of := w.view.Nodes[e.Node].Status.Config, e.Peer
	voters, learners := c.Voters, c.Learners
	switch {
	case voters.Has(of):
		voters = voters.Without(of)
	case learners.Has(of):
		voters, learners = voters.With(of), learners.Without(of)
	case w.Gone(of):
		return false
	case w.limits.Lacks.Has(raft.Learners):
		voters = voters.With(of)
	default:
		learners = learners.With(of)
	}
	*e = ReconfigureTo(e.Node, voters, learners)
	return voters != 0 && w.engaged(e.Node) == noReason
}

// Gone reports whether a node that is no member can never be one again.
func (w *World) Gone(id raft.NodeID) bool {
	return w.limits.Lacks.Has(raft.Rejoins) && w.view.Joined.Has(id)
}

func withoutLearners(e Event, _ int) []Event {
	return []Event{ReconfigureTo(e.Node, e.Configuration().Voters, 0)}
}

func (w *World) transfer(e *Event) reason {
	if why := w.engaged(e.Node); why != noReason {
		return why
	}
	in := &w.inputs.transfer
	in.To = e.Peer
	in.Op = w.request(e.Node, "transfer to "+e.Peer.String())
	w.step(&w.nodes[e.Node], in)
	return noReason
}

func toAnother(w *World, e *Event) bool {
	return e.Node != e.Peer && w.engaged(e.Node) == noReason
}

// request numbers a request of the operator to a node.
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
	seq := reply.Op.Seq
	if seq == 0 || uint64(seq) > uint64(len(w.requests)) {
		w.brokeContract(n, fmt.Sprintf("answered request %d of the operator, which was never asked", seq))
		return
	}
	if w.requests[seq-1] != n.id {
		w.brokeContract(n, fmt.Sprintf("answered request %d of the operator with %s, and owed no answer",
			seq, reply.Outcome))
		return
	}
	w.requests[seq-1] = raft.None
	r := w.begin(trace.Answered, n.id)
	r.Op, r.Outcome = reply.Op, reply.Outcome
	w.emit()
}
