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

// The kinds of event at clients.
const (
	// Call is Client asking Node for the operation Op, through the log.
	Call EventKind = 18
	// Retry is Client asking Node again, for the operation it waits for.
	Retry EventKind = 19
	// Abandon ends Client's wait; it never learns the outcome.
	Abandon EventKind = 20
	// Read is Client asking Node for the read-only operation Op, without the log.
	Read EventKind = 21
	// LeaseRead is a Read that Node may answer by its lease.
	LeaseRead EventKind = 22
)

var (
	callParts = parts{aClient, aNode, anOperation}
	readParts = parts{aClient, aNode, aReadOnlyOperation}
)

var clientFamily = family{"client", []descriptor{
	{
		kind: Call, form: form{name: "call", parts: callParts},
		example: "call c1 2 put x 7", about: "client 1 asks node 2; also get x, append x 3, cas x 7 8, delete x",
		act: (*World).call, at: aCaller,
	},
	{
		kind: Read, form: form{name: "read", parts: readParts},
		example: "read c1 2 get x", about: "a linearizable read without a log entry",
		act: (*World).call, at: aCaller, enabled: (*World).readable,
	},
	{
		kind: LeaseRead, form: form{name: "leaseread", parts: readParts},
		example: "leaseread c1 2 get x", about: "the same, and a leader may answer it from its lease",
		act: (*World).call, at: aCaller, enabled: (*World).readable,
		plainer: asRead, hazard: TrustsClocks,
	},
	{
		kind: Retry, form: form{name: "retry", parts: parts{aClient, aNode}},
		example: "retry c1 3", about: "client 1 asks again for the same operation, at node 3",
		act: (*World).retry, at: anAttempt,
	},
	{
		kind: Abandon, form: form{name: "abandon", parts: parts{aClient}},
		example: "abandon c1", about: "client 1 stops waiting; the outcome stays unknown",
		act: (*World).abandon, at: aWaiting,
	},
}}

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
	asked raft.NodeID // the node that it asked last
	since int         // when, in ticks
	calls []call      // of each operation, by number
}

// call has the fate of an operation, as far as the history does not have it.
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

func (w *World) call(e *Event) reason {
	c := &w.clients[e.Client]
	switch {
	case c.open:
		return "CLIENT waits for an answer"
	case !w.takes(e.Kind):
		return "the system has no reads"
	}
	op, err := w.service.ParseOp(e.Op)
	if err != nil || e.Kind != Call && !op.ReadOnly() {
		return noEvent
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
	return noReason
}

// readable reports whether the system has reads, and the operation is read-only.
func (w *World) readable(e *Event) bool {
	op, err := w.service.ParseOp(e.Op)
	return err == nil && op.ReadOnly() && w.takes(e.Kind)
}

func asRead(e Event, _ int) []Event {
	e.Kind = Read
	return []Event{e}
}

func (w *World) retry(e *Event) reason {
	c := &w.clients[e.Client]
	if !c.open {
		return waitsForNothing
	}
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	w.ask(c, e.Node)
	return noReason
}

// ask sends the client's operation to a node, if that takes input.
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

func (w *World) abandon(e *Event) reason {
	c := &w.clients[e.Client]
	if !c.open {
		return waitsForNothing
	}
	c.open = false
	r := w.begin(trace.Abandoned, raft.None)
	r.Op = c.opID()
	w.emit()
	return noReason
}

// reply gives a node's answers to the clients that wait for them.
func (w *World) reply(n *node, replies []raft.Reply) {
	for _, reply := range replies {
		c := w.caller(reply.Op)
		switch {
		case reply.Outcome > raft.Rejected:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d with outcome %d, which is none",
				reply.Op.Seq, reply.Op.Client, reply.Outcome))
		case reply.Op.Client == operator:
			w.answered(n, reply)
		case c == nil:
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d, which was never called",
				reply.Op.Seq, reply.Op.Client))
		case !c.calls[reply.Op.Seq-1].answered(n.id):
			w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d with %s, and owed no answer",
				reply.Op.Seq, reply.Op.Client, reply.Outcome))
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
		w.brokeContract(n, fmt.Sprintf("answered operation %d of client c%d as done without applying it",
			op.Seq, op.Client))
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

// rejected takes back a doubt about an operation, and reports whether the contract
// allows the rejection: a node rejects no attempt that took effect.
func (w *World) rejected(n *node, c *client, op raft.OpID) bool {
	at := &c.calls[op.Seq-1]
	at.doubts[n.id]--
	if !at.doubtful() && w.history[at.at].Position != 0 {
		w.brokeContract(n, fmt.Sprintf("rejected operation %d of client c%d, which took effect", op.Seq, op.Client))
		return false
	}
	return true
}

// forget removes from the history every operation that certainly never took effect:
// its client heard no answer, and each node that was asked rejected it.
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
