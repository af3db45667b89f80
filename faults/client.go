package faults

import (
	"fmt"
	"slices"

	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// retryTicks is how long a client waits for an answer before it tries the next
// node, while time runs.
const retryTicks = 10

// client is one client: at most one operation at a time, numbered from 1.
type client struct {
	id    uint32
	seq   uint32
	open  bool // it waits for an answer
	op    service.Op
	text  string      // of op
	born  uint64      // the clock of the node that it first asked for op
	asked raft.NodeID // whom it asked last
	since int         // when, in ticks
	calls []call      // of each operation, by number
}

// call is what became of an operation, beside what its history says.
type call struct {
	at     int                  // where it stands in the history
	kind   EventKind            // Call, Read or LeaseRead
	doubts [MaxNodes + 1]uint16 // Call: attempts that each node took and did not reject
	owed   [MaxNodes + 1]uint16 // attempts that each node took since it booted and did not answer
}

// doubtful reports whether a node has an attempt that it did not reject.
func (c *call) doubtful() bool { return c.doubts != [MaxNodes + 1]uint16{} }

func (c *client) reset(id uint32) { *c = client{id: id, calls: c.calls[:0]} }

// answered takes note of a node's answer. It reports whether the node owed one.
func (c *call) answered(id raft.NodeID) bool {
	owed := c.owed[id] > 0
	if owed {
		c.owed[id]--
	}
	return owed
}

// opID names the client's latest operation.
func (c *client) opID() raft.OpID { return raft.OpID{Client: c.id, Seq: c.seq} }

func (w *World) call(e *Event) bool {
	c := &w.clients[e.Client]
	if c.open || !w.takes(e.Kind) {
		return false
	}
	op, err := w.service.ParseOp(e.Op)
	if err != nil || e.Kind != Call && !op.ReadOnly() {
		return false
	}
	c.seq++
	c.open, c.op, c.text = true, op, e.Op
	c.born = w.nodes[e.Node].clock
	c.calls = append(c.calls, call{at: len(w.history), kind: e.Kind})
	r := w.begin(trace.Called, e.Node)
	r.Op, r.Text = c.opID(), e.Op
	w.emit()
	w.history = append(w.history, linearizability.Operation{
		Client: int(c.id), Key: op.Key(), Input: op.Input(), Call: w.clock, Return: linearizability.Pending,
	})
	w.ask(c, e.Node)
	return true
}

func (w *World) retry(e *Event) bool {
	c := &w.clients[e.Client]
	if !c.open || !w.awake(e.Node) {
		return false
	}
	w.ask(c, e.Node)
	return true
}

// ask has a node that takes input hear of the client's operation.
func (w *World) ask(c *client, id raft.NodeID) {
	c.asked, c.since = id, w.now
	if !w.awake(id) {
		return
	}
	n, at := &w.nodes[id], &c.calls[c.seq-1]
	at.owed[id]++
	if at.kind == Call {
		at.doubts[id]++
		w.proposal = session.AppendCommand(w.proposal[:0], c.id, c.seq, c.born, n.clock, c.text)
		in := &w.inputs.propose
		in.Op, in.Data = c.opID(), w.proposal
		w.step(n, in)
		return
	}
	in := &w.inputs.read
	in.Op, in.Lease = c.opID(), at.kind == LeaseRead
	w.step(n, in)
}

func (w *World) abandon(e *Event) bool {
	c := &w.clients[e.Client]
	if !c.open {
		return false
	}
	c.open = false
	r := w.begin(trace.Abandoned, raft.None)
	r.Op = c.opID()
	w.emit()
	return true
}

// reply gives a node's answers to those who wait for them.
func (w *World) reply(n *node, replies []raft.Reply) {
	for _, reply := range replies {
		c := w.caller(reply.Op)
		switch {
		case reply.Outcome > raft.Rejected:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d with outcome %d, which is none", reply.Op.Seq, reply.Op.Client, reply.Outcome))
		case reply.Op.Client == operator:
			w.answered(n, reply)
		case c == nil:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d, which was never called", reply.Op.Seq, reply.Op.Client))
		case !c.calls[reply.Op.Seq-1].answered(n.id):
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d with %s, and owed no answer", reply.Op.Seq, reply.Op.Client, reply.Outcome))
		case c.calls[reply.Op.Seq-1].kind != Call:
			w.answeredRead(n, c, reply)
		case reply.Outcome == raft.Done:
			w.done(n, c, reply.Op)
		default:
			w.declined(n, c, reply)
		}
	}
}

func (w *World) caller(op raft.OpID) *client {
	if op.Client == 0 || op.Client > MaxClients || op.Seq == 0 || op.Seq > w.clients[op.Client].seq {
		return nil
	}
	return &w.clients[op.Client]
}

// waitsFor reports whether the client waits for an answer to an operation of it.
func (c *client) waitsFor(op raft.OpID) bool { return c.open && c.seq == op.Seq }

func (w *World) done(n *node, c *client, op raft.OpID) {
	if !c.waitsFor(op) {
		return
	}
	result, did := n.answerTo(op)
	switch did {
	case session.Executed:
		w.returned(n, c, result)
	case session.Expired:
		c.open = false
		w.begin(trace.Expired, n.id).Op = op
		w.emit()
	default:
		w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d as done without applying it", op.Seq, op.Client))
	}
}

// returned gives the client the result of its operation.
func (w *World) returned(n *node, c *client, result string) {
	c.open = false
	r := w.begin(trace.Returned, n.id)
	r.Op, r.Outcome, r.Text = c.opID(), raft.Done, result
	w.emit()
	h := &w.history[c.calls[c.seq-1].at]
	h.Return, h.Output = w.clock, result
	if w.outside != nil {
		w.outside.Heard(c.id, c.op, result, uint64(w.now))
	}
}

func (w *World) declined(n *node, c *client, reply raft.Reply) {
	if reply.Outcome == raft.Rejected && !w.rejected(n, c, reply.Op) {
		return
	}
	if c.waitsFor(reply.Op) {
		w.decline(n, reply)
	}
}

func (w *World) decline(n *node, reply raft.Reply) {
	r := w.begin(trace.Declined, n.id)
	r.Op, r.Outcome = reply.Op, reply.Outcome
	w.emit()
}

// rejected takes back a doubt about an operation, and reports whether that is
// what can be: a node rejects no attempt that took effect.
func (w *World) rejected(n *node, c *client, op raft.OpID) bool {
	at := &c.calls[op.Seq-1]
	at.doubts[n.id]--
	if !at.doubtful() && w.history[at.at].Position != 0 {
		w.brokeContract(n, fmt.Sprintf("rejected operation %d of client c%d, which took effect", op.Seq, op.Client))
		return false
	}
	return true
}

// forget leaves out of the history every operation that certainly never took
// effect: its client heard nothing, and no node has it that did not reject it.
func (w *World) forget() {
	for i := range w.clients {
		for _, c := range w.clients[i].calls {
			if h := &w.history[c.at]; !c.doubtful() && h.Position == 0 && h.Return == linearizability.Pending {
				h.Client = 0
			}
		}
	}
	w.history = slices.DeleteFunc(w.history, func(o linearizability.Operation) bool { return o.Client == 0 })
}
