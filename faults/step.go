package faults

import (
	"cmp"
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// step gives a node one input and carries out its output.
func (w *World) step(n *node, in raft.Input) {
	r := w.begin(trace.Stepped, n.id)
	r.Input = in
	r.Batch = n.count(in)
	r.Lags = n.lag > 0
	if c, ok := in.(*raft.Compact); ok {
		r.Compact = trace.HashBytes(0, c.State)
	}
	w.released, w.applied, w.appended, w.spilled = w.released[:0], w.applied[:0], w.appended[:0], w.spilled[:0]
	w.executed, w.problems = w.executed[:0], w.problems[:0]
	if text, ok := w.drive(n, in); !ok {
		w.panicked(n, text)
		return
	}
	if problem := w.excess(n); problem != "" {
		w.brokeContract(n, problem)
		w.crashed(n)
		return
	}
	problem := cmp.Or(w.hasty(n), w.carryOut(n))
	w.soil(n)
	out := r.Out
	w.apply(n, &out)
	r.Released, r.Applied, r.Executed, r.Appended = w.released, w.applied, w.executed, w.appended
	r.Durable = n.disk.written()
	w.emit()
	for _, to := range w.spilled {
		w.begin(trace.Lost, n.id).Peer = to
		w.emit()
	}
	for _, text := range w.problems {
		w.brokeContract(n, text)
	}
	w.reply(n, out.Replies)
	if problem != "" {
		w.brokeContract(n, problem)
	}
}

// drive runs the implementation's code; a panic in it becomes a text.
func (w *World) drive(n *node, in raft.Input) (text string, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			text = w.panicText(p)
		}
	}()
	if w.calling != nil {
		w.calling(n.id, in)
	}
	w.record.Out = n.running.Step(in)
	return "", w.inspect(n)
}

// panicText describes the value of a panic of the implementation, while it unwinds, and
// notes whether it is a [raft.Breach]. A [raft.Outage] unwinds the run as well.
func (w *World) panicText(p any) string {
	if _, out := p.(raft.Outage); out {
		panic(p)
	}
	if _, w.breach = p.(raft.Breach); w.breach {
		return trace.PanicText(p)
	}
	if w.panicking != nil {
		w.panicking()
	}
	return trace.PanicText(p)
}

// hasty returns the breach of the contract in output that comes before its time, or "".
func (w *World) hasty(n *node) string {
	out := &w.record.Out
	switch {
	case w.record.Batch == trace.Amid && !silent(out):
		return "output in the middle of a batch"
	case n.lag > 0 && len(out.Applied) > 0:
		return "an entry was applied before the end of a lag"
	}
	return ""
}

// silent reports whether an output is empty.
func silent(out *raft.Output) bool {
	return len(out.Writes)+len(out.Sends)+len(out.Applied)+len(out.Replies) == 0 && out.Restore.ID.Index == 0
}

// carryOut passes the output of a step to the disk and the links. It returns the breach of
// the contract in it, or "".
func (w *World) carryOut(n *node) string {
	out := &w.record.Out
	for i := range out.Applied {
		w.applied = append(w.applied, trace.DigestOf(&out.Applied[i]))
	}
	for i := range out.Writes {
		if next := n.disk.issued() + 1; out.Writes[i].ID != next {
			return fmt.Sprintf("write %d where write %d was due", out.Writes[i].ID, next)
		}
		n.disk.write(&out.Writes[i])
	}
	w.release(n)
	for i := range out.Sends {
		if problem := w.send(n, &out.Sends[i]); problem != "" {
			return problem
		}
	}
	return ""
}

// soil notes whether a node has pending writes.
func (w *World) soil(n *node) {
	if n.disk.pending() > 0 {
		w.dirty = w.dirty.With(n.id)
	} else {
		w.dirty = w.dirty.Without(n.id)
	}
}

// release sends the held messages whose writes became durable.
func (w *World) release(n *node) {
	n.held.recycle() // what left at an earlier step; the record shows what leaves at this one
	if n.released == n.disk.written() {
		return
	}
	n.released = n.disk.written()
	n.held.popWhere(func(m *raft.Message) bool {
		leaves := m.After <= n.released
		if leaves {
			w.leave(m)
		}
		return leaves
	})
}

func (w *World) send(n *node, m *raft.Message) string {
	switch {
	case m.From != n.id:
		return fmt.Sprintf("a message in the name of %s", m.From)
	case m.To == n.id || !w.all.Has(m.To):
		return fmt.Sprintf("a message to %s", m.To)
	case m.After > n.disk.issued():
		return fmt.Sprintf("a message after write %d, of %d writes", m.After, n.disk.issued())
	case m.After > n.disk.written() && n.held.len() == maxHeld:
		w.spilled = append(w.spilled, m.To)
	case m.After > n.disk.written():
		n.held.push(m, 0)
	default:
		w.leave(m)
	}
	return ""
}

// leave puts a message on its link; a link that is full loses it.
func (w *World) leave(m *raft.Message) {
	w.released = append(w.released, *m)
	q := &w.links[m.From][m.To]
	copies := w.real.losses[m.From][m.To].fate()
	if copies == 0 || q.len() == maxInFlight {
		w.spilled = append(w.spilled, m.To)
		return
	}
	for range min(copies, maxInFlight-q.len()) {
		q.push(m, w.now+1+w.delay[m.From][m.To])
	}
	w.loaded[m.From] = w.loaded[m.From].With(m.To)
}

// panicked takes down a node that panicked.
func (w *World) panicked(n *node, text string) {
	if w.breach {
		w.breach = false
		w.brokeContract(n, text)
		w.crashed(n)
		return
	}
	r := w.begin(trace.Panicked, n.id)
	r.Text, r.Durable = text, n.disk.written()
	w.stop(n)
	w.emit()
}

func (w *World) brokeContract(n *node, text string) {
	w.begin(trace.BrokeContract, n.id).Text = trace.OneLine(text)
	w.emit()
}

// boot starts a node from what its disk holds.
func (w *World) boot(n *node) {
	n.boots++
	n.disk.begin()
	w.records = n.disk.records(w.records[:0])
	w.appended = w.appended[:0]
	r := w.begin(trace.Booted, n.id)
	panicked, refusal := w.start(n)
	switch {
	case panicked != "":
		w.panicked(n, panicked)
	case refusal != "":
		w.stop(n)
		w.begin(trace.BootFailed, n.id).Text = refusal
		w.emit()
	default:
		w.up = w.up.With(n.id)
		r.Appended = w.appended
		w.emit()
	}
}

// start runs the implementation's code that boots a node. A panic of it becomes
// a text, and so does the error with which it refuses the disk.
func (w *World) start(n *node) (panicked, refusal string) {
	defer func() {
		if p := recover(); p != nil {
			panicked = "while booting: " + w.panicText(p)
		}
	}()
	if w.calling != nil {
		w.calling(n.id, nil)
	}
	seed := splitMix{trace.Mix(trace.Mix(w.seed, uint64(n.id)), n.boots)}
	running, err := w.system.Boot(raft.NodeConfig{
		ID: n.id, Voters: w.first, Learners: w.learners, PreVote: w.preVote, Disk: w.records, Rand: &seed,
	})
	if err != nil {
		return "", cmp.Or(trace.OneLine(err.Error()), "an error without a text")
	}
	n.running = running
	n.inspector, w.record.Inspected = running.(raft.Inspector)
	if w.record.Inspected {
		w.record.Status = n.inspector.Status()
		w.digest(n, 0, w.view.Nodes[n.id].Stored.Log)
	}
	return "", ""
}
