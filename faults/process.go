package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event at a node's process and its machine.
const (
	// Crash stops Node; the K oldest of its pending writes survive.
	Crash EventKind = 10
	// Pause stops Node from taking any input, without a crash.
	Pause EventKind = 14
	// Resume ends a pause.
	Resume EventKind = 15
	// Restart boots Node from its disk.
	Restart EventKind = 16
	// Wipe takes Node and its disk away for good.
	Wipe EventKind = 28
	// Batch makes Node take its next K inputs together.
	Batch EventKind = 41
	// Lag makes Node apply nothing until its K-th input from now.
	Lag EventKind = 42
)

var processFamily = family{"process", []descriptor{
	{
		kind: Crash, form: form{name: "crash", parts: parts{aNode}, k: count},
		example: "crash 1 k=2", about: "node 1 crashes; its two oldest pending writes survive, without k=2 none",
		act: (*World).crash, at: aSurvival, harm: harmsNode,
	},
	{
		kind: Pause, form: form{name: "pause", parts: parts{aNode}},
		example: "pause 1", about: "node 1's process stops, without a crash",
		act: (*World).pause, at: aMachine, enabled: (*World).pausable, hazard: JumpsClock, harm: harmsNode,
	},
	{
		kind: Resume, form: form{name: "resume", parts: parts{aNode}},
		example: "resume 1", about: "node 1's process goes on",
		act: (*World).resume, at: aMachine, enabled: (*World).resumable,
	},
	{
		kind: Restart, form: form{name: "restart", parts: parts{aNode}},
		example: "restart 1", about: "node 1 boots from its disk",
		act: (*World).restart, at: aMachine, enabled: (*World).restartable,
	},
	{
		kind: Wipe, form: form{name: "wipe", parts: parts{aNode}},
		example: "wipe 3", about: "node 3 and its disk are gone for good",
		act: (*World).wipe, at: aMachine, plainer: asCrash, hazard: LosesDisk, harm: harmsNode,
	},
	{
		kind: Batch, form: form{name: "batch", parts: parts{aNode}, k: param{"k", 2, MostPaced, required}},
		example: "batch 1 k=2", about: "node 1 takes two inputs before it hands over its output, if it can",
		act: (*World).batch, at: aMachine, enabled: (*World).paced,
	},
	{
		kind: Lag, form: form{name: "lag", parts: parts{aNode}, k: param{"k", 2, MostPaced, required}},
		example: "lag 1 k=3", about: "node 1 applies what is committed three inputs later, if it can",
		act: (*World).lag, at: aMachine, enabled: (*World).paced,
	},
}}

// MostPaced bounds the inputs of a batch and of a lag, which end soon after every fault.
const MostPaced = 8

// noBatches is the reason of a system that is not [raft.Batching].
const noBatches = "the system takes no batches"

func (w *World) batch(e *Event) reason {
	w.inputs.batch.Inputs = int(e.K)
	return w.pace(e, &w.inputs.batch, int(e.K), w.nodes[e.Node].lag)
}

func (w *World) lag(e *Event) reason {
	w.inputs.lag.Inputs = int(e.K)
	return w.pace(e, &w.inputs.lag, w.nodes[e.Node].batch, int(e.K))
}

// pace steps a node with an input about those that follow it, after which so many are left
// of a batch and of a lag.
func (w *World) pace(e *Event, in raft.Input, batch, lag int) reason {
	if !w.batches {
		return noBatches
	}
	why := w.deaf(e.Node)
	if why == noReason {
		n := &w.nodes[e.Node]
		n.batch, n.lag = batch, lag
		w.step(n, in)
	}
	return why
}

func (w *World) paced(e *Event) bool {
	e.K = 2
	return w.batches && w.awake(e.Node)
}

func (w *World) crash(e *Event) reason {
	if !w.up.Has(e.Node) {
		return w.absent(e.Node)
	}
	w.nodes[e.Node].disk.persist(int(e.K))
	w.crashed(&w.nodes[e.Node])
	return noReason
}

// asCrash lists the crashes that may do in place of an event: without any of the pending
// writes, and with the first K.
func asCrash(e Event, _ int) []Event {
	return []Event{{Kind: Crash, Node: e.Node}, {Kind: Crash, Node: e.Node, K: e.K}}
}

func (w *World) crashed(n *node) {
	r := w.begin(trace.Crashed, n.id)
	r.Durable = n.disk.written()
	r.Lost = n.disk.pending()
	w.stop(n)
	w.emit()
}

// stop takes a node down, running, paused or down already.
func (w *World) stop(n *node) {
	n.stop()
	w.forgive(n.id)
	w.up, w.paused, w.dirty = w.up.Without(n.id), w.paused.Without(n.id), w.dirty.Without(n.id)
}

func (w *World) pause(e *Event) reason {
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	w.paused = w.paused.With(e.Node)
	w.faulted(e)
	return noReason
}

func (w *World) pausable(e *Event) bool { return w.awake(e.Node) }

func (w *World) resume(e *Event) reason {
	if !w.resumable(e) {
		return "NODE is not paused"
	}
	w.paused = w.paused.Without(e.Node)
	w.faulted(e)
	return noReason
}

func (w *World) resumable(e *Event) bool { return w.paused.Has(e.Node) }

func (w *World) restart(e *Event) reason {
	switch {
	case w.up.Has(e.Node):
		return "NODE runs"
	case w.wiped.Has(e.Node):
		return diskGone
	}
	w.boot(&w.nodes[e.Node])
	return noReason
}

func (w *World) restartable(e *Event) bool { return !w.up.Has(e.Node) && !w.wiped.Has(e.Node) }

func (w *World) wipe(e *Event) reason {
	if w.wiped.Has(e.Node) {
		return diskGone
	}
	n := &w.nodes[e.Node]
	w.stop(n)
	n.disk.reset()
	w.wiped = w.wiped.With(e.Node)
	w.begin(trace.Wiped, e.Node)
	w.emit()
	return noReason
}
