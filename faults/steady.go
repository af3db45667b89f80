package faults

import (
	"cmp"
	"strconv"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// harm is what a kind of event does to the nodes and links that it names.
type harm uint8

const (
	harmless harm = iota
	harmsNode
	harmsLink
	// hurries: a clock gets ahead of the others, once.
	hurries
)

// core is the nodes of [Steady].
type core struct {
	nodes raft.NodeSet // none if there is no core
	bound int          // ticks that a write may take
	since int          // the time from which on the core could have made progress
	seq   uint32       // the write of the core's client since then
}

// coreClient writes while there is a core.
const coreClient = MaxClients

// ofCore is the reason why a fault of the core is not enabled.
const ofCore reason = "NODE is of the steady core, and so is the link"

// steadied ends the faults of the nodes and of the links between them.
func (w *World) steadied(e *Event) reason {
	if e.groups() == 0 {
		if w.core.nodes == 0 {
			return "there is no steady core"
		}
		w.core = core{}
		w.faulted(e)
		return noReason
	}
	nodes := e.nodes(w.all)
	w.core = core{nodes: nodes, bound: int(e.K), since: w.now}
	for id := range nodes.All() {
		for to := range nodes.Without(id).All() {
			w.mend(&Event{Node: id, Peer: to})
		}
		w.skew(&Event{Node: id, K: fullSpeed})
		w.resume(&Event{Node: id})
		w.unstall(&Event{Node: id})
		w.free(&Event{Node: id})
		if w.nodes[id].stopped {
			w.crash(&Event{Node: id})
		}
		w.restart(&Event{Node: id})
	}
	w.faulted(e)
	return noReason
}

// SteadyOf returns the event that makes these nodes a steady core, which has so many ticks
// for a write.
func SteadyOf(nodes raft.NodeSet, ticks int32) Event {
	e := Event{Kind: Steady, K: ticks}
	for id := range nodes.All() {
		e.Groups[id] = 1
	}
	return e
}

// spares reports whether a core is safe from an event, which is not enabled then.
func (w *World) spares(e Event) bool {
	has := w.core.nodes.Has
	switch table[e.Kind].harm {
	case harmsNode:
		return has(e.Node)
	case harmsLink:
		return has(e.Node) && has(e.Peer)
	}
	return false
}

// hurried gives the core its time anew after a clock of a node jumped.
func (w *World) hurried(e Event) {
	if table[e.Kind].harm == hurries {
		w.core.since = w.now
	}
}

// demand lets a client write, and reports a write that takes too long.
func (w *World) demand() {
	k, c := &w.core, &w.clients[coreClient]
	if k.nodes == 0 {
		return
	}
	if !c.open {
		to := cmp.Or(w.leader(), k.nodes.Nth(0))
		w.plain(Event{Kind: Call, Client: coreClient, Node: to, Op: w.example(false)})
	}
	if c.seq != k.seq || !w.promised() {
		k.seq, k.since = c.seq, w.now
	}
	if w.now-k.since < k.bound {
		return
	}
	r := w.begin(trace.Stalled, raft.None)
	r.Ticks, r.Bound = w.now-k.since, k.bound
	r.Text = "a write at " + k.nodes.String()
	w.emit()
	k.since = w.now
}

// promised reports whether Raft promises progress to the core: it runs, and is a quorum of
// every configuration that a node acts by. The operator waits for no answer, and no rival
// can keep the core from electing. A log of bounded length takes no write once it is full.
func (w *World) promised() bool {
	nodes := w.core.nodes
	if !w.view.AllInspected() || w.limits.Entries > 0 || nodes&^w.listening() != 0 || len(w.view.Asked) > 0 {
		return false
	}
	latest := raft.Term(0)
	for id := range nodes.All() {
		latest = max(latest, w.view.Nodes[id].Status.Term)
	}
	for id := range w.up.All() {
		if !trace.HasQuorum(w.view.Config(id), nodes) || !nodes.Has(id) && w.rivals(id, latest) {
			return false
		}
	}
	return true
}

// rivals reports whether a node outside of the core, whose latest term is given, may keep
// the core from electing. Without the rules of NodeConfig.PreVote that is any node that
// leads or stands for election, in this term or a later one. With them it is only one whose
// clock is wrong: elected before the others lose patience, it steps down at once.
func (w *World) rivals(id raft.NodeID, latest raft.Term) bool {
	is := &w.view.Nodes[id].Status
	if w.checksQuorums() {
		return w.nodes[id].rate != fullSpeed && (is.Role == raft.Leader || is.Role == raft.Candidate)
	}
	return is.Term > latest || is.Term == latest && is.Role != raft.Follower
}

// checksQuorums reports whether leaders step down that no quorum answers.
func (w *World) checksQuorums() bool {
	s, ok := w.system.(raft.Limited)
	return ok && w.preVote && !raft.LimitsOf(s).Lacks.Has(raft.QuorumChecks)
}

// example returns the first example of the service that is a read, or none. It is "" if
// there is no such operation.
func (w *World) example(read bool) string {
	for _, op := range w.service.Examples("new." + strconv.Itoa(len(w.history))) {
		if op.ReadOnly() == read {
			return op.String()
		}
	}
	return ""
}
