package faults

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// The kinds of event at links and at the messages on them.
const (
	// Deliver hands the message at position K of the link Node->Peer to Peer. A message
	// that arrives at a node that is down is lost.
	Deliver EventKind = 3
	// Drop loses the message at position K of the link Node->Peer.
	Drop EventKind = 4
	// Duplicate puts a copy of the message at position K of the link Node->Peer at the link's end.
	Duplicate EventKind = 5
	// Cut separates the groups of nodes from one another, both ways, or cuts the one-way
	// link Node->Peer. Messages wait on a cut link.
	Cut EventKind = 6
	// Mend ends every cut and every delay, or those of the one-way link Node->Peer.
	Mend EventKind = 7
	// Slow makes messages of the link Node->Peer take K ticks more while time runs.
	Slow EventKind = 8
	// Lose loses every message of the link Node->Peer.
	Lose EventKind = 33
)

var linkFamily = family{"link", []descriptor{
	{
		kind: Deliver, form: form{name: "deliver", parts: parts{aLink}, k: count},
		example: "deliver 1->2", about: "the oldest message from 1 to 2 arrives; k=1 is the one after it",
		act: (*World).deliver, at: aMessage, enabled: (*World).deliverable,
	},
	{
		kind: Drop, form: form{name: "drop", parts: parts{aLink}, k: count},
		example: "drop 1->2", about: "the oldest message from 1 to 2 is lost",
		act: (*World).drop, at: aMessage,
	},
	{
		kind: Lose, form: form{name: "lose", parts: parts{aLink}},
		example: "lose 1->2", about: "every message from 1 to 2 is lost",
		act:     (*World).lose,
		plainer: func(e Event, _ int) []Event { return []Event{{Kind: Drop, Node: e.Node, Peer: e.Peer}} },
	},
	{
		kind: Duplicate, form: form{name: "duplicate", parts: parts{aLink}, k: count},
		example: "duplicate 1->2", about: "a copy of the oldest message from 1 to 2 joins the end of the link",
		act: (*World).duplicate, at: aMessage, enabled: (*World).duplicable,
	},
	{
		kind: Cut, form: form{name: "cut", parts: parts{aCut}},
		example: "cut 1 2 | 3", about: "a partition; cut 1->3 is one way",
		act: (*World).cutLinks, at: everyLink, enabled: (*World).cuttable,
	},
	{
		kind: Mend, form: form{name: "mend", parts: parts{aLinkOrAll}},
		example: "mend", about: "every link is whole and fast again; mend 1->3 is one way",
		act: (*World).mend, at: everyLink, enabled: (*World).mendable,
	},
	{
		kind: Slow, form: form{name: "slow", parts: parts{aLink}, k: param{"k", 0, 1000, required}},
		example: "slow 1->3 k=4", about: "messages from 1 to 3 take four ticks more while time runs",
		act: (*World).slow,
	},
}}

// messageAt returns the link's queue if it has a message at position K.
func (w *World) messageAt(e *Event) *queue {
	q := &w.links[e.Node][e.Peer]
	if int(e.K) >= q.len() {
		return nil
	}
	return q
}

// take removes the message at position K of the link Node->Peer.
func (w *World) take(q *queue, e *Event) *packet {
	q.recycle()
	p := q.pop(int(e.K))
	if q.len() == 0 {
		w.loaded[e.Node] = w.loaded[e.Node].Without(e.Peer)
	}
	return p
}

func (w *World) deliver(e *Event) reason {
	q := w.messageAt(e)
	switch {
	case q == nil:
		return noMessage
	case w.cut[e.Node].Has(e.Peer):
		return "the link NODE->PEER is cut"
	case w.paused.Has(e.Peer):
		return "PEER is paused"
	}
	p := w.take(q, e)
	if !w.up.Has(e.Peer) {
		w.lost(e)
		return noReason
	}
	w.inputs.receive.Msg = p.msg
	w.step(&w.nodes[e.Peer], &w.inputs.receive)
	return noReason
}

// deliverable reports whether messages of the link can arrive now.
func (w *World) deliverable(e *Event) bool {
	return !w.cut[e.Node].Has(e.Peer) && !w.paused.Has(e.Peer)
}

func (w *World) drop(e *Event) reason {
	q := w.messageAt(e)
	if q == nil {
		return noMessage
	}
	w.take(q, e)
	w.lost(e)
	return noReason
}

// lose loses the messages of a link one after the other.
func (w *World) lose(e *Event) reason {
	q := w.messageAt(e)
	if q == nil {
		return noMessage
	}
	for q.len() > 0 {
		w.take(q, e)
		w.lost(e)
	}
	return noReason
}

func (w *World) losable(e *Event) bool { return e.Node != raft.None && w.messageAt(e) != nil }

func (w *World) lost(e *Event) {
	w.begin(trace.Lost, e.Node).Peer = e.Peer
	w.emit()
}

func (w *World) duplicate(e *Event) reason {
	q := w.messageAt(e)
	switch {
	case q == nil:
		return noMessage
	case !w.duplicable(e):
		return "NODE->PEER holds no more messages"
	}
	p := q.packets[e.K]
	q.push(&p.msg, p.due)
	w.begin(trace.Doubled, e.Node).Peer = e.Peer
	w.emit()
	return noReason
}

// duplicable reports whether the link has room for one more message.
func (w *World) duplicable(e *Event) bool { return w.links[e.Node][e.Peer].len() < maxInFlight }

// faulted records an event that changes no node at once.
func (w *World) faulted(e *Event) {
	r := w.begin(trace.Faulted, e.Node)
	r.Peer = e.Peer
	r.Text = e.String()
	w.emit()
}

func (w *World) cutLinks(e *Event) reason {
	before := w.cut
	if e.Node != raft.None {
		w.cut[e.Node] = w.cut[e.Node].With(e.Peer)
	}
	for a := range w.all.All() {
		for b := range w.all.All() {
			if g, h := e.Groups[a], e.Groups[b]; g != 0 && h != 0 && g != h {
				w.cut[a] = w.cut[a].With(b)
			}
		}
	}
	if w.cut == before {
		return "these links are cut already"
	}
	w.faulted(e)
	return noReason
}

func (w *World) cuttable(e *Event) bool { return e.Node != raft.None && !w.cut[e.Node].Has(e.Peer) }

func (w *World) mend(e *Event) reason {
	if !w.mendable(e) {
		return "nothing to mend"
	}
	if e.Node != raft.None {
		w.cut[e.Node] = w.cut[e.Node].Without(e.Peer)
		w.delay[e.Node][e.Peer], w.real.losses[e.Node][e.Peer] = 0, losses{}
	} else {
		clear(w.cut[:])
		clear(w.delay[:])
		clear(w.real.losses[:])
	}
	w.faulted(e)
	return noReason
}

// mendable reports whether the link is cut or slow; for the event that names no link,
// whether any link is.
func (w *World) mendable(e *Event) bool {
	if e.Node == raft.None {
		return w.Parted() || w.delay != [MaxNodes + 1][MaxNodes + 1]int{} || w.loses()
	}
	return w.cut[e.Node].Has(e.Peer) || w.delay[e.Node][e.Peer] != 0 || w.real.losses[e.Node][e.Peer].every != 0
}

func (w *World) slow(e *Event) reason {
	if w.delay[e.Node][e.Peer] == int(e.K) {
		return "NODE->PEER has this delay already"
	}
	w.delay[e.Node][e.Peer] = int(e.K)
	w.faulted(e)
	return noReason
}
