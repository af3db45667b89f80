package faults

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The macro events: each stands for a series of plain events.
const (
	// Settle delivers and persists everything, in order, until nothing is left to do. With
	// nodes in a group it does so at these and between them only.
	Settle EventKind = 29
	// Run passes K ticks everywhere, at each node's own rate; messages arrive after their link's delay.
	Run EventKind = 30
	// Heal ends every fault and then passes time until the cluster is well, or stuck. It is stuck if K
	// ticks pass without an election and its state comes back, or its elections were too many.
	Heal EventKind = 31
	// Probe asks a cluster for something new that the heal before it made well, and passes at
	// most K ticks for each task.
	Probe EventKind = 39
	// Steady makes some nodes a core: their disks and clocks, and the links between them, are
	// whole from here on, while the rest of the cluster goes on failing. It lasts until a
	// heal, or until a Steady without nodes. While time runs, a client writes again and
	// again, and no write may take K ticks.
	Steady EventKind = 40
)

var macroFamily = family{"macro", []descriptor{
	{
		kind: Settle, form: form{name: "settle", parts: parts{someNodes}},
		example: "settle",
		about:   "deliver and persist everything, in order, until quiet; settle 1 2 at these two only",
		macro:   (*World).settle, plainer: func(Event, int) []Event { return []Event{{Kind: Settle}} },
	},
	{
		kind: Run, form: form{name: "run", k: param{"k", 1, MaxK, required}},
		example: "run k=50", about: "fifty ticks everywhere, at each node's own rate",
		macro: (*World).run, plainer: withoutTime, timed: true,
	},
	{
		kind: Heal, form: form{name: "heal", k: count},
		example: "heal k=400",
		about:   "all faults end; the cluster works, or is stuck for 400 ticks (heal alone: no bound)",
		macro:   (*World).heal, timed: true, exact: true, // K is the bound of Liveness
	},
	{
		kind: Probe, form: form{name: "probe", k: param{"k", 1, MaxK, required}},
		example: "probe k=400",
		about:   "after a heal: the cluster writes, reads, hands over, changes, and catches up a node",
		macro:   (*World).probe, timed: true, exact: true, closing: true, // K is the bound of Liveness
	},
	{
		kind: Steady, form: form{name: "steady", parts: parts{someNodes}, k: param{"k", 1, MaxK, required}},
		example: "steady 1 2 3 k=400",
		about:   "nodes 1 to 3 and their links are whole from here on, and commit within 400 ticks",
		act:     (*World).steadied, exact: true, closing: true, // K is a bound of Liveness
	},
}}

// withoutTime lists events that may do in place of time.
func withoutTime(_ Event, nodes int) []Event {
	list := []Event{{Kind: Settle}}
	for id := range raft.FirstNodes(nodes).All() {
		list = append(list, Event{Kind: Timeout, Node: id})
	}
	return list
}

// maxSettle bounds the plain events of one settle: a cluster that sends
// messages for ever without a tick never becomes quiet.
const maxSettle = 10_000

// settle persists and delivers everything, in order, round after round: a round
// persists every node's writes and then delivers the messages that every link had. If the
// event names nodes, that is at these nodes and between them. After a settle that did not
// end it does nothing in the same run.
func (w *World) settle(e Event) {
	if w.unquiet {
		return
	}
	nodes := e.nodes(w.all)
	start := w.events
	for before := -1; before != w.events; {
		before = w.events
		w.persistAll(nodes)
		for from := range nodes.All() {
			for to := range (w.Deliverable(from) & nodes).All() {
				for range w.links[from][to].len() {
					w.plain(Event{Kind: Deliver, Node: from, Peer: to})
				}
			}
		}
		if w.events-start > maxSettle {
			w.begin(trace.Unquiet, raft.None).Text = fmt.Sprintf("after %d events", w.events-start)
			w.emit()
			w.unquiet = true
			return
		}
	}
}

func (w *World) persistAll(nodes raft.NodeSet) {
	for id := range (w.dirty & nodes &^ w.real.stalled).All() {
		w.plain(Event{Kind: Persist, Node: id})
	}
}

func (w *World) run(e Event) {
	for range e.K {
		w.pass()
	}
}

// pass lets one tick of time pass: the clocks tick, the disks finish, the messages that
// are due arrive, and clients that waited for retryTicks ask again.
func (w *World) pass() {
	w.now++
	for id := range w.all.All() {
		if k := w.nodes[id].ticks(); k > 0 {
			w.plain(Event{Kind: Tick, Node: id, K: int32(k)})
		}
	}
	w.persistAll(w.all)
	for from := range w.all.All() {
		for to := range w.Deliverable(from).All() {
			w.deliverDue(from, to)
		}
	}
	for i := range w.clients {
		if c := &w.clients[i]; c.open && w.now-c.since >= retryTicks {
			w.askNext(c)
		}
	}
	w.callAll()
	w.demand()
}

func (w *World) deliverDue(from, to raft.NodeID) {
	q := &w.links[from][to]
	for i := 0; i < q.len(); {
		if q.packets[i].due > w.now || !w.plain(Event{Kind: Deliver, Node: from, Peer: to, K: int32(i)}) {
			i++
		}
	}
}

// askNext lets a client ask the next node that takes input, after the one it asked last. The
// client of the core knows the leader.
func (w *World) askNext(c *client) {
	if leader := w.leader(); w.core.nodes != 0 && c.id == coreClient && leader != raft.None {
		w.plain(Event{Kind: Retry, Client: coreClient, Node: leader})
		return
	}
	next := int(c.asked)
	for range w.all.Len() {
		next = next%w.all.Len() + 1
		if w.plain(Event{Kind: Retry, Client: uint8(c.id), Node: raft.NodeID(next)}) {
			return
		}
	}
}

// Finish ends the run: it compares every node's log with its shadow in full, gives
// reads their place in the history, and removes operations that certainly never took
// effect. It stops nodes that implement [raft.Stopper]: no event may follow.
func (w *World) Finish() {
	w.placeReads()
	w.forget()
	for id := range w.up.All() {
		w.verify(&w.nodes[id])
	}
	for id := range w.up.All() {
		w.nodes[id].end()
	}
}
