package faults

import (
	"fmt"

	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// command is the command applied at an index, decoded once for all nodes.
type command struct {
	digest  trace.Digest
	session session.Command
	err     error
	placed  int // the place of the last operation up to this index, in the order of the log
}

// dids translates a machine's outcome into the words of records.
var dids = [...]trace.Did{
	session.Executed: trace.Executed, session.Repeated: trace.Repeated, session.Expired: trace.OutOfTime,
}

// problem notes a breach of the contract in a step; it is recorded after the step.
func (w *World) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

// apply gives a step's snapshot and committed entries to the node's state machine.
func (w *World) apply(n *node, out *raft.Output) {
	w.restore(n, &out.Restore)
	for i := range out.Applied {
		e := &out.Applied[i]
		at := w.at(e.ID.Index)
		if e.Kind == raft.Command {
			w.execute(n, e, w.applied[i], at)
		}
		n.applied, at.placed = e.ID.Index, n.placed
	}
	n.clock = max(n.clock, n.machine.Now())
}

// restore puts a snapshot in the place of the node's state machine.
func (w *World) restore(n *node, s *raft.Snapshot) {
	if s.ID.Index == 0 {
		return
	}
	if err := n.machine.Restore(s.State); err != nil {
		w.problem("restored %s from what is no state: %v", s.ID, err)
	}
	w.scratch = n.machine.AppendState(w.scratch[:0])
	w.record.Restored = trace.HashBytes(0, w.scratch)
	n.applied, n.placed = s.ID.Index, 0
	if s.ID.Index < raft.Index(len(w.commands)) {
		n.placed = w.commands[s.ID.Index].placed
	}
}

// execute gives the command in an entry to the node's state machine.
func (w *World) execute(n *node, e *raft.Entry, d trace.Digest, c *command) {
	if c.digest != d {
		c.digest = d
		c.session, c.err = session.DecodeCommand(w.service, e.Data)
	}
	if c.err != nil {
		w.problem("applied %s, which no client proposed: %v", e.ID, c.err)
		return
	}
	result, did := n.machine.Apply(&c.session)
	op := raft.OpID{Client: c.session.Client, Seq: c.session.Seq}
	w.executed = append(w.executed, trace.Execution{
		Index: e.ID.Index, Op: op, Did: dids[did], Result: w.hash(result),
	})
	n.remember(op, result, did)
	if did == session.Executed {
		w.place(n, op)
	}
}

// hash is the hash of a text.
func (w *World) hash(s string) uint64 {
	w.scratch = append(w.scratch[:0], s...)
	return trace.HashBytes(0, w.scratch)
}

// maxSkip is how far beyond the others an entry may be applied before commands are decoded each time.
const maxSkip = 1 << 10

// at has the command decoded last at an index. Nodes apply the same entries, unless one
// of them is broken, so it is mostly the one that the next node applies.
func (w *World) at(i raft.Index) *command {
	if i > raft.Index(len(w.commands))+maxSkip {
		i = 0 // a broken node must not cost memory
	}
	for raft.Index(len(w.commands)) <= i {
		w.commands = append(w.commands, command{})
	}
	return &w.commands[i]
}

// place gives an operation its place in the order in which the log applied them.
func (w *World) place(n *node, op raft.OpID) {
	c := w.caller(op)
	if c == nil {
		w.problem("applied operation %d of client c%d, which was never called", op.Seq, op.Client)
		return
	}
	at := &c.calls[op.Seq-1]
	if at.kind != Call {
		w.problem("applied operation %d of client c%d, which is a read", op.Seq, op.Client)
		return
	}
	h := &w.history[at.at]
	if h.Position == 0 { // else this node is not the first, or applies its log again
		w.placed++
		h.Position = w.placed
		if !at.doubtful() {
			w.problem("applied operation %d of client c%d, which every node it asked had rejected", op.Seq, op.Client)
		}
	}
	n.placed = h.Position
}

// outcome is a machine's outcome for a client's latest operation since the node booted.
// The machine itself may have forgotten it by the time that the node answers the client.
type outcome struct {
	seq    uint32
	did    session.Outcome
	result string
}

// remember keeps the machine's outcome for an operation.
func (n *node) remember(op raft.OpID, result string, did session.Outcome) {
	if op.Client > MaxClients {
		return
	}
	a := &n.answers[op.Client]
	if op.Seq > a.seq || op.Seq == a.seq && a.did == session.Expired {
		*a = outcome{op.Seq, did, result}
	}
}

// answerTo is the result of an operation that the machine executed, or
// whether it expired; otherwise the machine does not have the operation.
func (n *node) answerTo(op raft.OpID) (string, session.Outcome) {
	if result, ok := n.machine.Result(op.Client, op.Seq); ok {
		return result, session.Executed
	}
	switch a := &n.answers[op.Client]; {
	case a.seq != op.Seq:
		return "", 0
	case a.did == session.Expired:
		return "", session.Expired
	default:
		return a.result, session.Executed
	}
}
