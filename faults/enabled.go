package faults

import (
	"iter"
	"strconv"

	"raftcheck/models/service"
	"raftcheck/raft"
)

// tornBytes is how much survives of the write that an enabled Tear cuts short.
const tornBytes = 1

// Enabled yields the plain events that are enabled now, each once, in a fixed
// order. It changes nothing, and the world must stay as it is while it yields.
//
// The list is finite because some numbers are always the same: one tick passes,
// one byte of a torn write survives, a compaction keeps no entry before it; and
// because what could be said in many ways is said in one: cuts are of one link,
// who calls is the first client that does not wait, and it asks a node that
// takes input, to write something or to read. A Reconfigure asks for what is one
// change away from the configuration that the node shows: a learner more, a
// learner promoted, a voter less.
//
// There is no Skew, no Slow and no Corrupt: the rates, delays and bits have no
// end, and none of them matters before time runs or the node boots again. Nor is
// there a macro event, which is enabled always.
func (w *World) Enabled() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for _, offer := range offers {
			if !offer(w, yield) {
				return
			}
		}
	}
}

// offers yield what Enabled does, one part after the other. Each reports whether
// there may be more.
var offers = [...]func(*World, func(Event) bool) bool{
	(*World).offerTime, (*World).offerMessages, (*World).offerDisks, (*World).offerProcesses, (*World).offerLinks,
	(*World).offerCalls, (*World).offerWaiting, (*World).offerOperator, (*World).offerOutside,
}

// listening has the nodes that take input.
func (w *World) listening() raft.NodeSet { return w.up &^ w.paused }

func (w *World) offerTime(yield func(Event) bool) bool {
	for id := range w.listening().All() {
		if !yield(Event{Kind: Tick, Node: id, K: 1}) || !yield(Event{Kind: Timeout, Node: id}) {
			return false
		}
	}
	return true
}

func (w *World) offerMessages(yield func(Event) bool) bool {
	for from := range w.all.All() {
		for to := range w.loaded[from].All() {
			if !w.offerLink(yield, from, to) {
				return false
			}
		}
	}
	return true
}

// offerLink yields what can happen to each message of a link.
func (w *World) offerLink(yield func(Event) bool, from, to raft.NodeID) bool {
	arrives, full := w.Deliverable(from).Has(to), w.InFlight(from, to) == maxInFlight
	for k := range int32(w.InFlight(from, to)) {
		e := Event{Kind: Deliver, Node: from, Peer: to, K: k}
		if arrives && !yield(e) {
			return false
		}
		if e.Kind = Drop; !yield(e) {
			return false
		}
		if e.Kind = Duplicate; !full && !yield(e) {
			return false
		}
	}
	return true
}

// offerDisks yields what can become of the writes of each node that runs; all of
// them are durable after a Persist without a number.
func (w *World) offerDisks(yield func(Event) bool) bool {
	for id := range w.up.All() {
		pending := int32(w.PendingWrites(id))
		for k := range pending {
			persists := Event{Kind: Persist, Node: id, K: (k + 1) % pending}
			fails := Event{Kind: Fail, Node: id, K: k}
			if w.awake(id) && (!yield(persists) || !yield(fails)) {
				return false
			}
			if !yield(Event{Kind: Tear, Node: id, K: k, Aux: tornBytes}) {
				return false
			}
		}
		for k := range pending + 1 {
			if !yield(Event{Kind: Crash, Node: id, K: k}) {
				return false
			}
		}
	}
	return true
}

func (w *World) offerProcesses(yield func(Event) bool) bool {
	for id := range w.all.All() {
		kind := Restart
		switch {
		case w.wiped.Has(id):
			continue
		case w.paused.Has(id):
			kind = Resume
		case w.up.Has(id):
			kind = Pause
		}
		if !yield(Event{Kind: kind, Node: id}) || !yield(Event{Kind: Wipe, Node: id}) {
			return false
		}
	}
	return true
}

func (w *World) offerLinks(yield func(Event) bool) bool {
	whole := true
	for from := range w.all.All() {
		for to := range w.all.Without(from).All() {
			cut := w.cut[from].Has(to)
			mends := cut || w.delay[from][to] != 0
			whole = whole && !mends
			if !cut && !yield(Event{Kind: Cut, Node: from, Peer: to}) ||
				mends && !yield(Event{Kind: Mend, Node: from, Peer: to}) {
				return false
			}
		}
	}
	return whole || yield(Event{Kind: Mend})
}

// offerCalls yields calls of each example of the service.
func (w *World) offerCalls(yield func(Event) bool) bool {
	c := w.idle()
	if c == nil {
		return true
	}
	examples := w.service.Examples(c.next())
	for id := range w.listening().All() {
		for _, op := range examples {
			e := Event{Client: uint8(c.id), Node: id, Op: op.String()}
			for _, e.Kind = range [...]EventKind{Call, Read, LeaseRead} {
				if (e.Kind == Call || op.ReadOnly()) && w.takes(e.Kind) && !yield(e) {
					return false
				}
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

func (w *World) offerWaiting(yield func(Event) bool) bool {
	for i := range w.clients {
		if !w.clients[i].open {
			continue
		}
		for id := range w.listening().All() {
			if !yield(Event{Kind: Retry, Client: uint8(i), Node: id}) {
				return false
			}
		}
		if !yield(Event{Kind: Abandon, Client: uint8(i)}) {
			return false
		}
	}
	return true
}

func (w *World) offerOperator(yield func(Event) bool) bool {
	for id := range w.listening().All() {
		if w.nodes[id].compactable() && !yield(Event{Kind: Compact, Node: id}) {
			return false
		}
		for other := range w.all.All() {
			if e, ok := w.change(id, other); ok && !yield(e) {
				return false
			}
			if other != id && !yield(Event{Kind: Transfer, Node: id, Peer: other}) {
				return false
			}
		}
	}
	return true
}

// change asks a node for what another one should be next: a learner if it is
// nothing yet, a voter if it is a learner, and nothing if it is one of several voters.
func (w *World) change(asked, of raft.NodeID) (e Event, ok bool) {
	c := w.view.Nodes[asked].Status.Config
	voters, learners := c.Voters, c.Learners
	switch {
	case voters.Has(of):
		voters = voters.Without(of)
	case learners.Has(of):
		voters, learners = voters.With(of), learners.Without(of)
	default:
		learners = learners.With(of)
	}
	return ReconfigureTo(asked, voters, learners), voters != 0
}

func (w *World) offerOutside(yield func(Event) bool) bool {
	outside, ok := w.outside.(service.Foreseen)
	if !ok {
		return true
	}
	for i := range w.clients {
		if outside.Believes(uint32(i), uint64(w.now)) && !yield(Event{Kind: Work, Client: uint8(i)}) {
			return false
		}
		for k := range int32(outside.InFlight(uint32(i))) {
			if !yield(Event{Kind: Land, Client: uint8(i), K: k}) {
				return false
			}
		}
	}
	return true
}
