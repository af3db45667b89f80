package faults

import (
	"raftcheck/raft"
)

// The kinds of event at a node's clock.
const (
	// Tick passes K ticks of Node's own clock.
	Tick EventKind = 1
	// Timeout fires Node's election timer now.
	Timeout EventKind = 2
	// Skew sets the speed of Node's clock to K percent while time runs.
	Skew EventKind = 17
)

var clockFamily = family{"clock", []descriptor{
	{
		kind: Tick, form: form{name: "tick", parts: parts{aNode}, k: param{"k", 1, MaxK, 1}},
		example: "tick 1 k=3", about: "three ticks of node 1's clock pass",
		act: (*World).tick, at: aListener, enabled: oneTick,
		plainer: func(e Event, _ int) []Event { return e.as(Timeout) },
		timed:   true, hazard: JumpsClock, harm: hurries,
	},
	{
		kind: Timeout, form: form{name: "timeout", parts: parts{aNode}},
		example: "timeout 1", about: "node 1's election timer fires now",
		act: (*World).timeout, at: aListener, hazard: JumpsClock, harm: hurries,
	},
	{
		kind: Skew, form: form{name: "skew", parts: parts{aNode}, k: param{"k", 1, 1000, required}},
		example: "skew 1 k=150", about: "node 1's clock runs at 150 percent while time runs",
		act: (*World).skew, exact: true, harm: harmsNode,
	},
}}

// awake reports whether a node takes input.
func (w *World) awake(id raft.NodeID) bool { return w.up.Has(id) && !w.paused.Has(id) }

func (w *World) tick(e *Event) reason {
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	for range e.K {
		if !w.up.Has(e.Node) {
			break
		}
		w.nodes[e.Node].clock++
		w.nodes[e.Node].ticked++
		w.step(&w.nodes[e.Node], &w.inputs.tick)
	}
	return noReason
}

func oneTick(_ *World, e *Event) bool {
	e.K = 1
	return true
}

func (w *World) timeout(e *Event) reason {
	if why := w.deaf(e.Node); why != noReason {
		return why
	}
	w.step(&w.nodes[e.Node], &w.inputs.timeout)
	return noReason
}

func (w *World) skew(e *Event) reason {
	n := &w.nodes[e.Node]
	if n.rate == int(e.K) {
		return "the clock of NODE has this rate already"
	}
	n.rate = int(e.K)
	w.faulted(e)
	return noReason
}
