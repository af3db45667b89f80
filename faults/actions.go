package faults

import (
	"strconv"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// actions carry out plain events. Each reports whether its event was enabled,
// and changes nothing when it was not.
var actions = [Settle]func(*World, *Event) bool{
	Tick: (*World).tick, Timeout: (*World).timeout,
	Deliver: (*World).deliver, Drop: (*World).drop, Duplicate: (*World).duplicate,
	Cut: (*World).cutLinks, Mend: (*World).mend, Slow: (*World).slow,
	Persist: (*World).persist, Crash: (*World).crash, Tear: (*World).tear,
	Corrupt: (*World).corrupt, Fail: (*World).fail,
	Pause: (*World).pause, Resume: (*World).resume, Restart: (*World).restart, Skew: (*World).skew,
	Call: (*World).call, Retry: (*World).retry, Abandon: (*World).abandon,
	Read: (*World).call, LeaseRead: (*World).call, Work: (*World).work, Land: (*World).land,
	Compact: (*World).compact, Reconfigure: (*World).reconfigure, Transfer: (*World).transfer, Wipe: (*World).wipe,
}

// awake reports whether a node takes input.
func (w *World) awake(id raft.NodeID) bool { return w.up.Has(id) && !w.paused.Has(id) }

func (w *World) tick(e *Event) bool {
	if !w.awake(e.Node) {
		return false
	}
	for range e.K {
		if !w.up.Has(e.Node) {
			break
		}
		w.nodes[e.Node].clock++
		w.step(&w.nodes[e.Node], &w.inputs.tick)
	}
	return true
}

func (w *World) timeout(e *Event) bool {
	if !w.awake(e.Node) {
		return false
	}
	w.step(&w.nodes[e.Node], &w.inputs.timeout)
	return true
}

// waiting returns the link's queue if it has a message at position K.
func (w *World) waiting(e *Event) *queue {
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

func (w *World) deliver(e *Event) bool {
	q := w.waiting(e)
	if q == nil || w.cut[e.Node].Has(e.Peer) || w.paused.Has(e.Peer) {
		return false
	}
	p := w.take(q, e)
	if !w.up.Has(e.Peer) {
		w.lost(e)
		return true
	}
	w.inputs.receive.Msg = p.msg
	w.step(&w.nodes[e.Peer], &w.inputs.receive)
	return true
}

func (w *World) drop(e *Event) bool {
	q := w.waiting(e)
	if q == nil {
		return false
	}
	w.take(q, e)
	w.lost(e)
	return true
}

func (w *World) lost(e *Event) {
	w.begin(trace.Lost, e.Node).Peer = e.Peer
	w.emit()
}

func (w *World) duplicate(e *Event) bool {
	q := w.waiting(e)
	if q == nil || q.len() == maxInFlight {
		return false
	}
	p := q.packets[e.K]
	q.push(&p.msg, p.due)
	w.begin(trace.Doubled, e.Node).Peer = e.Peer
	w.emit()
	return true
}

// faulted records an event that changes no node at once.
func (w *World) faulted(e *Event) {
	r := w.begin(trace.Faulted, e.Node)
	r.Peer = e.Peer
	r.Text = e.String()
	w.emit()
}

func (w *World) cutLinks(e *Event) bool {
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
		return false
	}
	w.faulted(e)
	return true
}

func (w *World) mend(e *Event) bool {
	cut, delay := w.cut, w.delay
	if e.Node != raft.None {
		w.cut[e.Node] = w.cut[e.Node].Without(e.Peer)
		w.delay[e.Node][e.Peer] = 0
	} else {
		clear(w.cut[:])
		clear(w.delay[:])
	}
	if w.cut == cut && w.delay == delay {
		return false
	}
	w.faulted(e)
	return true
}

func (w *World) slow(e *Event) bool {
	if w.delay[e.Node][e.Peer] == int(e.K) {
		return false
	}
	w.delay[e.Node][e.Peer] = int(e.K)
	w.faulted(e)
	return true
}

func (w *World) pause(e *Event) bool {
	if !w.awake(e.Node) {
		return false
	}
	w.paused = w.paused.With(e.Node)
	w.faulted(e)
	return true
}

func (w *World) resume(e *Event) bool {
	if !w.paused.Has(e.Node) {
		return false
	}
	w.paused = w.paused.Without(e.Node)
	w.faulted(e)
	return true
}

func (w *World) skew(e *Event) bool {
	n := &w.nodes[e.Node]
	if n.rate == int(e.K) {
		return false
	}
	n.rate = int(e.K)
	w.faulted(e)
	return true
}

func (w *World) persist(e *Event) bool {
	n := &w.nodes[e.Node]
	if !w.awake(e.Node) || n.disk.pending() == 0 {
		return false
	}
	k := int(e.K)
	if k == 0 {
		k = n.disk.pending()
	}
	n.disk.persist(k)
	w.inputs.done.ID = n.disk.written()
	w.step(n, &w.inputs.done)
	return true
}

func (w *World) fail(e *Event) bool {
	n := &w.nodes[e.Node]
	if !w.awake(e.Node) || n.disk.pending() <= int(e.K) {
		return false
	}
	n.disk.persist(int(e.K))
	n.disk.lose()
	n.stopped = true
	w.inputs.failed.ID = n.disk.written() + 1
	w.step(n, &w.inputs.failed)
	return true
}

func (w *World) crash(e *Event) bool {
	if !w.up.Has(e.Node) {
		return false
	}
	w.nodes[e.Node].disk.persist(int(e.K))
	w.crashed(&w.nodes[e.Node])
	return true
}

func (w *World) crashed(n *node) {
	r := w.begin(trace.Crashed, n.id)
	r.Durable = n.disk.written()
	r.Lost = n.disk.pending()
	w.stop(n)
	w.emit()
}

// stop takes a node down, whatever it was doing.
func (w *World) stop(n *node) {
	n.stop()
	w.forgive(n.id)
	w.up, w.paused, w.dirty = w.up.Without(n.id), w.paused.Without(n.id), w.dirty.Without(n.id)
}

func (w *World) tear(e *Event) bool {
	n := &w.nodes[e.Node]
	if !w.up.Has(e.Node) || n.disk.pending() <= int(e.K) {
		return false
	}
	n.disk.persist(int(e.K))
	r := w.begin(trace.Crashed, n.id)
	r.Durable = n.disk.written()
	r.Lost, r.Torn = n.disk.pending(), true
	n.disk.tear(int(e.Aux))
	w.stop(n)
	w.emit()
	return true
}

func (w *World) corrupt(e *Event) bool {
	n := &w.nodes[e.Node]
	if !n.disk.flip(int(e.K), int(e.Aux)) {
		return false
	}
	r := w.begin(trace.Rotted, e.Node)
	r.Text = "record " + strconv.Itoa(n.disk.held()-int(e.K)) + " of " + strconv.Itoa(n.disk.held())
	w.emit()
	return true
}

func (w *World) restart(e *Event) bool {
	if w.up.Has(e.Node) || w.wiped.Has(e.Node) {
		return false
	}
	w.boot(&w.nodes[e.Node])
	return true
}

func (w *World) wipe(e *Event) bool {
	if w.wiped.Has(e.Node) {
		return false
	}
	n := &w.nodes[e.Node]
	w.stop(n)
	n.disk.reset()
	w.wiped = w.wiped.With(e.Node)
	w.begin(trace.Wiped, e.Node)
	w.emit()
	return true
}
