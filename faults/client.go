package faults

import (
	"fmt"
	"slices"

	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/kv"
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
	op    string
	asked raft.NodeID // whom it asked last
	since int         // when, in ticks
	calls []call      // of each operation, by number
}

// call is what became of an operation, beside what its history says.
type call struct {
	at     int                  // where it stands in the history
	doubts [MaxNodes + 1]uint16 // attempts that each node took and did not reject
}

// doubtful reports whether a node has an attempt that it did not reject.
func (c *call) doubtful() bool { return c.doubts != [MaxNodes + 1]uint16{} }

func (c *client) reset(id uint32) { *c = client{id: id, calls: c.calls[:0]} }

func (w *World) call(e *Event) bool {
	c := &w.clients[e.Client]
	op, err := kv.ParseOp(e.Op)
	if e.Client == 0 || e.Node == raft.None || c.open || err != nil {
		return false
	}
	c.seq++
	c.open, c.op = true, e.Op
	c.calls = append(c.calls, call{at: len(w.history)})
	r := w.begin(models.Called, e.Node)
	r.Op, r.Text = raft.OpID{Client: c.id, Seq: c.seq}, e.Op
	w.emit()
	w.history = append(w.history, linearizability.Operation{
		Client: int(c.id), Key: op.Key, Input: op.Input(), Call: w.clock, Return: linearizability.Pending,
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

// ask proposes the client's operation to a node, if it takes input.
func (w *World) ask(c *client, id raft.NodeID) {
	c.asked, c.since = id, w.now
	if !w.awake(id) {
		return
	}
	c.calls[c.seq-1].doubts[id]++
	w.proposal = kv.AppendCommand(w.proposal[:0], c.id, c.seq, c.op)
	in := &w.inputs.propose
	in.Op, in.Data = raft.OpID{Client: c.id, Seq: c.seq}, w.proposal
	w.step(&w.nodes[id], in)
}

func (w *World) abandon(e *Event) bool {
	c := &w.clients[e.Client]
	if !c.open {
		return false
	}
	c.open = false
	r := w.begin(models.Abandoned, raft.None)
	r.Op = raft.OpID{Client: c.id, Seq: c.seq}
	w.emit()
	return true
}

// reply gives a node's answers to the clients that wait for them.
func (w *World) reply(n *node, replies []raft.Reply) {
	for _, reply := range replies {
		c := w.caller(reply.Op)
		switch {
		case c == nil:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d, which was never called", reply.Op.Seq, reply.Op.Client))
		case reply.Outcome > raft.Rejected:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d with outcome %d, which is none", reply.Op.Seq, reply.Op.Client, reply.Outcome))
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

func (w *World) done(n *node, c *client, op raft.OpID) {
	if !c.open || c.seq != op.Seq {
		return // the client waits no longer
	}
	result, ok := n.machine.Result(op.Client, op.Seq)
	if !ok {
		w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d as done without applying it", op.Seq, op.Client))
		return
	}
	c.open = false
	r := w.begin(models.Returned, n.id)
	r.Op, r.Outcome, r.Text = op, raft.Done, result
	w.emit()
	h := &w.history[c.calls[op.Seq-1].at]
	h.Return, h.Output = w.clock, result
}

func (w *World) declined(n *node, c *client, reply raft.Reply) {
	if reply.Outcome == raft.Rejected && !w.rejected(n, c, reply.Op) {
		return
	}
	if !c.open || c.seq != reply.Op.Seq {
		return
	}
	r := w.begin(models.Declined, n.id)
	r.Op, r.Outcome = reply.Op, reply.Outcome
	w.emit()
}

// rejected takes back a doubt about an operation, and reports whether that is
// what can be: a node rejects an attempt once, and none that took effect.
func (w *World) rejected(n *node, c *client, op raft.OpID) bool {
	at := &c.calls[op.Seq-1]
	if at.doubts[n.id] == 0 {
		w.brokeContract(n, fmt.Sprintf("rejected operation %d of client c%d more often than it was asked", op.Seq, op.Client))
		return false
	}
	at.doubts[n.id]--
	if !at.doubtful() && w.history[at.at].Position != 0 {
		w.brokeContract(n, fmt.Sprintf("rejected operation %d of client c%d, which took effect", op.Seq, op.Client))
		return false
	}
	return true
}

// place gives an operation its place in the order in which the log applied them.
func (w *World) place(n *node, k *kv.Command) {
	op := raft.OpID{Client: k.Client, Seq: k.Seq}
	c := w.caller(op)
	if c == nil {
		w.brokeContract(n, fmt.Sprintf("applied operation %d of client c%d, which was never called", op.Seq, op.Client))
		return
	}
	at := &c.calls[op.Seq-1]
	h := &w.history[at.at]
	if h.Position != 0 {
		return // this node is not the first, or applies its log again
	}
	w.placed++
	h.Position = w.placed
	if !at.doubtful() {
		w.brokeContract(n, fmt.Sprintf("applied operation %d of client c%d, which every node it asked had rejected", op.Seq, op.Client))
	}
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
