package faults

import (
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event that clusters of real servers have, and simulations have too. Only
// people, and the schedules of real servers, have them.
const (
	// Kill ends the process of Node alone: its machine keeps the writes that are pending,
	// and they become durable. A [Crash] is a loss of power.
	Kill EventKind = 34
	// Stall makes every fsync of Node hang: no write becomes durable.
	Stall EventKind = 35
	// Unstall ends the Stall of Node.
	Unstall EventKind = 36
	// Lossy makes every K-th message of the link Node->Peer get lost, and every K-th be
	// doubled; 0 ends it, and so does a Mend.
	Lossy EventKind = 37
	// Load makes the first K clients call, whenever they do not wait, while time runs.
	Load EventKind = 38
	// Fill makes the disk of Node full: every write fails, after a restart too.
	Fill EventKind = 43
	// Free ends the Fill of Node.
	Free EventKind = 44
)

var realFamily = family{"real", []descriptor{
	{
		kind: Kill, form: form{name: "kill", parts: parts{aNode}},
		example: "kill 1", about: "node 1's process ends, and its machine goes on: no pending write is lost",
		act: (*World).kill, plainer: asCrash, byHand: true, harm: harmsNode,
	},
	{
		kind: Stall, form: form{name: "stall", parts: parts{aNode}},
		example: "stall 1", about: "node 1's fsyncs hang: no write becomes durable",
		act: (*World).stall, byHand: true, harm: harmsNode,
	},
	{
		kind: Unstall, form: form{name: "unstall", parts: parts{aNode}},
		example: "unstall 1", about: "node 1's fsyncs go on",
		act: (*World).unstall, byHand: true,
	},
	{
		kind: Fill, form: form{name: "fill", parts: parts{aNode}},
		example: "fill 1", about: "node 1's disk is full: every write fails, and node 1 is informed",
		act: (*World).fill, byHand: true, harm: harmsNode,
	},
	{
		kind: Free, form: form{name: "free", parts: parts{aNode}},
		example: "free 1", about: "node 1's disk has room again",
		act: (*World).free, byHand: true,
	},
	{
		kind: Lossy, form: form{name: "lossy", parts: parts{aLink}, k: param{"k", 0, MaxK, required}},
		example: "lossy 1->3 k=5", about: "every fifth message from 1 to 3 is lost, and every fifth doubled",
		act: (*World).lossy, byHand: true, exact: true, harm: harmsLink,
	},
	{
		kind: Load, form: form{name: "load", k: param{"k", 0, MaxClients, required}},
		example: "load k=5", about: "five clients call again and again while time runs",
		act: (*World).load, byHand: true,
	},
}}

func (w *World) kill(e *Event) reason {
	if !w.up.Has(e.Node) {
		return w.absent(e.Node)
	}
	n := &w.nodes[e.Node]
	n.disk.persist(n.disk.pending())
	w.crashed(n)
	return noReason
}

func (w *World) stall(e *Event) reason { return w.mark(&w.real.stalled, e, true, hangs) }

func (w *World) unstall(e *Event) reason {
	return w.mark(&w.real.stalled, e, false, "the fsyncs of NODE do not hang")
}

func (w *World) fill(e *Event) reason {
	return w.mark(&w.real.full, e, true, "the disk of NODE is full already")
}

func (w *World) free(e *Event) reason {
	return w.mark(&w.real.full, e, false, "the disk of NODE has room")
}

// mark begins or ends a lasting fault of the node, which the set has while it lasts.
func (w *World) mark(set *raft.NodeSet, e *Event, begins bool, already reason) reason {
	if set.Has(e.Node) == begins {
		return already
	}
	*set = set.Without(e.Node)
	if begins {
		*set = set.With(e.Node)
	}
	w.faulted(e)
	return noReason
}

func (w *World) lossy(e *Event) reason {
	l := &w.real.losses[e.Node][e.Peer]
	if l.every == int(e.K) {
		return "NODE->PEER loses as many messages already"
	}
	*l = losses{every: int(e.K)}
	w.faulted(e)
	return noReason
}

func (w *World) load(e *Event) reason {
	if w.real.calling == int(e.K) {
		return "as many clients call already"
	}
	w.real.calling = int(e.K)
	w.faulted(e)
	return noReason
}

// losses is how a link loses and doubles messages.
type losses struct{ every, sent int }

// fate is the number of copies of the next message that arrive.
func (l *losses) fate() int {
	if l.every == 0 {
		return 1
	}
	l.sent++
	switch {
	case l.sent%l.every == 0:
		return 0
	case l.sent%l.every == l.every/2:
		return 2
	}
	return 1
}

// draws is the source of the operations that clients under [Load] choose.
type draws struct{ splitMix }

// Below draws a number from 0 to n-1.
func (d *draws) Below(n int) int { return int(d.next() % uint64(n)) }

// callAll lets each of the calling clients call, unless it waits, some node that takes input.
func (w *World) callAll() {
	listening := w.listening()
	for i := 1; i <= w.real.calling && listening != 0; i++ {
		if w.clients[i].open {
			continue
		}
		w.real.caller.Client, w.real.caller.History = uint32(i), w.history
		w.plain(Event{
			Kind: Call, Client: uint8(i), Node: listening.Nth(w.real.draws.Below(listening.Len())),
			Op: service.Draw(w.service, &w.real.caller),
		})
	}
}

// realFaults are the lasting faults of this file, and the clients under [Load].
type realFaults struct {
	stalled raft.NodeSet // nodes whose fsyncs hang
	full    raft.NodeSet // nodes whose disks are full
	losses  [MaxNodes + 1][MaxNodes + 1]losses
	calling int // how many clients call while time runs
	draws   draws
	caller  service.Caller
}

// reset begins a run of a schedule with this seed.
func (f *realFaults) reset(seed uint64) {
	*f = realFaults{draws: draws{splitMix{trace.Mix(seed, loadSeed)}}}
	f.caller.Source = &f.draws
}

// loadSeed tells the stream of the clients' choices from those of the nodes.
const loadSeed = 1 << 32

// Leading stands, in a schedule, for the node that leads at that time; of several, the one
// of the latest term.
const Leading raft.NodeID = MaxNodes + 1

// leaderWord is the text of Leading.
const leaderWord = "leader"

// Named reports whether the event names the leader instead of a node.
func (e *Event) Named() bool {
	return e.Node == Leading || e.Peer == Leading || e.Groups[raft.None] != 0
}

// Resolved returns the event with a node in the place of the leader's name; without one,
// the event as it is, which fits no cluster.
func (e Event) Resolved(leader raft.NodeID) Event {
	if leader == raft.None {
		return e
	}
	if e.Node == Leading {
		e.Node = leader
	}
	if e.Peer == Leading {
		e.Peer = leader
	}
	if group := e.Groups[raft.None]; group != 0 {
		e.Groups[leader], e.Groups[raft.None] = group, 0
	}
	return e
}

// leader is the node of the latest term that leads and takes input; None if none does.
func (w *World) leader() raft.NodeID {
	found, latest := raft.None, raft.Term(0)
	for id := range w.listening().All() {
		if s := &w.view.Nodes[id].Status; s.Role == raft.Leader && s.Term >= latest {
			found, latest = id, s.Term
		}
	}
	return found
}

// loses reports whether any link loses messages.
func (w *World) loses() bool { return w.real.losses != [MaxNodes + 1][MaxNodes + 1]losses{} }
