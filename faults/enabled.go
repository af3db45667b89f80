package faults

import (
	"iter"
	"strconv"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// Enabled yields the plain events that are enabled now, each once, in a fixed order. It
// changes nothing, and the world must stay as it is while it yields.
//
// The list is finite. Some numbers are always the same: one tick passes, one byte of a
// torn write survives, and a compaction keeps no entry. Of several ways to write an event
// the list has one: a cut is of one link, and a call is made by the first client that
// does not wait, to a node that takes input, with one operation that writes or one that
// reads. A Reconfigure asks for a configuration that is one change away from the node's:
// a new learner, a promoted learner, or a removed voter.
//
// Kinds without a site are not in the list: their numbers have no end, and none of them
// matters before time runs or the node boots again. Macro events, which are always
// enabled, are not in the list either.
func (w *World) Enabled() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		o := offering{w: w, yield: yield}
		for _, walk := range walks {
			if !walk(&o) {
				return
			}
		}
	}
}

// EnabledOf lists the events of one kind that Enabled yields. The list is valid until the next call.
func (w *World) EnabledOf(kind EventKind) []Event {
	o := &w.offering
	*o = offering{w: w, only: kind, list: o.list[:0]}
	if walk := walkOf[table[kind].at]; walk != nil {
		walk(o)
	}
	return o.list
}

// site is a group of places at which an event can happen. A walk visits the places, and
// fills in the fields of the event that name the place.
type site uint8

const (
	nowhere    site = iota
	aListener       // Node, which takes input
	aMessage        // Node, Peer, K
	aWrite          // Node, which runs, and K writes before the one that is pending
	aSurvival       // Node, which runs, and K, the number of pending writes that survive
	aMachine        // Node, which is not wiped
	everyLink       // Node, Peer; at last neither
	aCaller         // Client, which does not wait; Node, which takes input; Op
	anAttempt       // Client, which waits; Node, which takes input
	aWaiting        // Client, which waits
	anOperated      // Node, which takes input
	aTarget         // Node, which takes input; Peer, any node
	aWorker         // Client, in the world outside of the cluster
	anAct           // Client and K, the acts of the client that are under way before this one
	sites
)

// walks visit every site, in the order of Enabled.
var walks = [...]func(*offering) bool{
	(*offering).listeners, (*offering).messages, (*offering).disks, (*offering).machines, (*offering).links,
	(*offering).callers, (*offering).waiting, (*offering).operated, (*offering).workers,
}

// walkOf has the walk that visits each site.
var walkOf = [sites]func(*offering) bool{
	aListener: (*offering).listeners, aMessage: (*offering).messages,
	aWrite: (*offering).disks, aSurvival: (*offering).disks, aMachine: (*offering).machines,
	everyLink: (*offering).links, aCaller: (*offering).callers,
	anAttempt: (*offering).waiting, aWaiting: (*offering).waiting,
	anOperated: (*offering).operated, aTarget: (*offering).operated,
	aWorker: (*offering).workers, anAct: (*offering).workers,
}

// offering is one pass over the sites. Each walk reports whether to go on.
type offering struct {
	w     *World
	only  EventKind // 0 for every kind
	yield func(Event) bool
	list  []Event // instead of yield, if that is nil
	event Event   // the one offered now; it is here so that its address costs no allocation
}

// visit offers every kind of a site at one place.
func (o *offering) visit(at site, place Event) bool {
	for _, kind := range kindsAt[at] {
		if o.only != 0 && o.only != kind {
			continue
		}
		o.event = place
		o.event.Kind = kind
		switch enabled := table[kind].enabled; {
		case enabled != nil && !enabled(o.w, &o.event), o.w.spares(o.event):
		case o.yield == nil:
			o.list = append(o.list, o.event)
		case !o.yield(o.event):
			return false
		}
	}
	return true
}

// listening has the nodes that take input.
func (w *World) listening() raft.NodeSet { return w.up &^ w.paused }

func (o *offering) listeners() bool {
	for id := range o.w.listening().All() {
		if !o.visit(aListener, Event{Node: id}) {
			return false
		}
	}
	return true
}

func (o *offering) messages() bool {
	for from := range o.w.all.All() {
		for to := range o.w.loaded[from].All() {
			for k := range int32(o.w.InFlight(from, to)) {
				if !o.visit(aMessage, Event{Node: from, Peer: to, K: k}) {
					return false
				}
			}
		}
	}
	return true
}

func (o *offering) disks() bool {
	for id := range o.w.up.All() {
		pending := int32(o.w.PendingWrites(id))
		for k := range pending {
			if !o.visit(aWrite, Event{Node: id, K: k}) {
				return false
			}
		}
		for k := range pending + 1 {
			if !o.visit(aSurvival, Event{Node: id, K: k}) {
				return false
			}
		}
	}
	return true
}

func (o *offering) machines() bool {
	for id := range (o.w.all &^ o.w.wiped).All() {
		if !o.visit(aMachine, Event{Node: id}) {
			return false
		}
	}
	return true
}

func (o *offering) links() bool {
	for from := range o.w.all.All() {
		for to := range o.w.all.Without(from).All() {
			if !o.visit(everyLink, Event{Node: from, Peer: to}) {
				return false
			}
		}
	}
	return o.visit(everyLink, Event{})
}

// callers yields calls of each example of the service.
func (o *offering) callers() bool {
	c := o.w.idle()
	if c == nil {
		return true
	}
	examples := o.w.service.Examples(c.next())
	for id := range o.w.listening().All() {
		for _, op := range examples {
			if !o.visit(aCaller, Event{Client: uint8(c.id), Node: id, Op: op.String()}) {
				return false
			}
		}
	}
	return true
}

// next is the name of the client's next operation.
func (c *client) next() string {
	b := strconv.AppendUint([]byte{'c'}, uint64(c.id), 10)
	return string(strconv.AppendUint(append(b, '.'), uint64(c.seq)+1, 10))
}

// idle is the first client that does not wait, nil if all do.
func (w *World) idle() *client {
	for i := 1; i <= MaxClients; i++ {
		if c := &w.clients[i]; !c.open {
			return c
		}
	}
	return nil
}

func (o *offering) waiting() bool {
	for i := range o.w.clients {
		if !o.w.clients[i].open {
			continue
		}
		for id := range o.w.listening().All() {
			if !o.visit(anAttempt, Event{Client: uint8(i), Node: id}) {
				return false
			}
		}
		if !o.visit(aWaiting, Event{Client: uint8(i)}) {
			return false
		}
	}
	return true
}

func (o *offering) operated() bool {
	for id := range o.w.listening().All() {
		if !o.visit(anOperated, Event{Node: id}) {
			return false
		}
		for other := range o.w.all.All() {
			if !o.visit(aTarget, Event{Node: id, Peer: other}) {
				return false
			}
		}
	}
	return true
}

func (o *offering) workers() bool {
	outside, ok := o.w.outside.(service.Foreseen)
	if !ok {
		return true
	}
	for i := range o.w.clients {
		if outside.Believes(uint32(i), uint64(o.w.now)) && !o.visit(aWorker, Event{Client: uint8(i)}) {
			return false
		}
		for k := range int32(outside.InFlight(uint32(i))) {
			if !o.visit(anAct, Event{Client: uint8(i), K: k}) {
				return false
			}
		}
	}
	return true
}
