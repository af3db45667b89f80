package explore

import (
	"encoding/binary"
	"slices"
	"strconv"

	"raftcheck/faults"
	"raftcheck/raft"
)

// state is a state of the cluster, its parts by their numbers.
type state struct {
	ref      ref // where it lies among the visited ones
	memory   uint32
	spent    spent
	places   []uint32 // of node 1 first
	messages []uint32 // in flight, in the order in which they left
}

// header is how many numbers a state has before its places.
const header = 4

// append appends the state as numbers; take reads it back.
func (s *state) append(b []uint32) []uint32 {
	b = append(b, uint32(len(s.messages)), uint32(s.ref), s.memory, uint32(s.spent))
	b = append(b, s.places...)
	return append(b, s.messages...)
}

// take reads the first state of b, of a cluster of so many nodes, and returns
// what follows it. The state borrows from b.
func (s *state) take(b []uint32, nodes int) []uint32 {
	places, end := header+nodes, header+nodes+int(b[0])
	*s = state{ref: ref(b[1]), memory: b[2], spent: spent(b[3]), places: b[header:places:places], messages: b[places:end:end]}
	return b[end:]
}

// become makes s a copy of another state, in memory of its own.
func (s *state) become(o *state) {
	places, messages := append(s.places[:0], o.places...), append(s.messages[:0], o.messages...)
	*s = *o
	s.places, s.messages = places, messages
}

// requests is how often the operator asked.
func (s *state) requests() int { return s.spent.of(changes) + s.spent.of(transfers) }

// option is something that can happen in a state.
type option struct {
	choice
	at   int     // the position of the message that it is about
	cost expense // what it spends
}

// noMessage is the position of no message.
const noMessage = -1

// options lists what can happen in a state, in an order that follows from the
// state alone. It is the worker's until the next call.
func (w *worker) options(s *state) []option {
	w.list = w.list[:0]
	left := w.left(s)
	for i, number := range s.places {
		w.placeOptions(raft.NodeID(i+1), w.parts.places.at(number), &left)
	}
	for i, number := range s.messages {
		m := w.parts.messages.at(number)
		if w.earlier(s.messages[:i], m) {
			continue
		}
		if w.accepts(s, m) {
			w.add(faults.Deliver, m.To, 0, i, free)
		}
		if left[drops] > 0 {
			w.add(faults.Drop, raft.None, 0, i, drops)
		}
		if left[duplicates] > 0 {
			w.add(faults.Duplicate, raft.None, 0, i, duplicates)
		}
	}
	return w.list
}

func (w *worker) add(kind faults.EventKind, id raft.NodeID, k, at int, cost expense) {
	w.list = append(w.list, option{choice{kind, id, uint8(k)}, at, cost})
}

// left is what of each budget is left.
func (w *worker) left(s *state) [expenses]int {
	left := w.budgets
	for e := range left {
		left[e] -= s.spent.of(expense(e))
	}
	return left
}

// placeOptions adds what can happen at a place.
func (w *worker) placeOptions(id raft.NodeID, p *place, left *[expenses]int) {
	if p.Restartable() {
		w.add(faults.Restart, id, 0, noMessage, free)
		return
	}
	if left[crashes] > 0 {
		for k := 0; k <= p.pending; k++ {
			w.add(faults.Crash, id, k, noMessage, crashes)
		}
	}
	if !p.Awake() {
		return
	}
	w.add(faults.Timeout, id, 0, noMessage, free)
	for k := 1; k <= p.pending; k++ {
		w.add(faults.Persist, id, k, noMessage, free)
	}
	if left[calls] > 0 {
		w.add(faults.Call, id, 0, noMessage, calls)
	}
	if left[compactions] > 0 && p.Compactable() {
		w.add(faults.Compact, id, 0, noMessage, compactions)
	}
	if p.leads {
		w.leaderOptions(id, p, left)
	}
}

func (w *worker) leaderOptions(id raft.NodeID, p *place, left *[expenses]int) {
	if left[ticks] > 0 {
		w.add(faults.Tick, id, 1, noMessage, ticks)
	}
	if left[changes] > 0 {
		for k := range w.neighbours(p) {
			w.add(faults.Reconfigure, id, k, noMessage, changes)
		}
	}
	if left[transfers] > 0 {
		for to := range w.all.Without(id).All() {
			w.add(faults.Transfer, id, int(to), noMessage, transfers)
		}
	}
}

// neighbours are the configurations that differ from a place's in one node: it
// becomes a learner, a voter, or no member.
func (w *worker) neighbours(p *place) []raft.Configuration {
	var list []raft.Configuration
	c := p.View().Status.Config
	for id := range w.all.All() {
		switch {
		case c.Learners.Has(id):
			list = append(list, raft.Configuration{Voters: c.Voters.With(id), Learners: c.Learners.Without(id)},
				raft.Configuration{Voters: c.Voters, Learners: c.Learners.Without(id)})
		case !c.Voters.Has(id):
			list = append(list, raft.Configuration{Voters: c.Voters, Learners: c.Learners.With(id)})
		case c.Voters.Len() > 1:
			list = append(list, raft.Configuration{Voters: c.Voters.Without(id), Learners: c.Learners},
				raft.Configuration{Voters: c.Voters.Without(id), Learners: c.Learners.With(id)})
		}
	}
	return list
}

// earlier reports whether a message need not be looked at because of those that
// left before it: they have its like or, where links keep the order, its link is
// held up by them.
func (w *worker) earlier(before []uint32, m *message) bool {
	if !w.ordered {
		return slices.Contains(before, m.number)
	}
	return slices.ContainsFunc(before, func(number uint32) bool {
		b := w.parts.messages.at(number)
		return b.From == m.From && b.To == m.To
	})
}

// accepts reports whether a message can be delivered now.
func (w *worker) accepts(s *state, m *message) bool {
	p := w.parts.places.at(s.places[m.To-1])
	return !p.Up() || p.Awake()
}

// reachable reports whether a message can ever arrive. On a link that the start
// leaves cut none does, so that there it need not be kept.
func (w *worker) reachable(m *raft.Message) bool { return !w.stage.Cut(m.From).Has(m.To) }

// event is the event of a schedule that an option is.
func (w *worker) event(s *state, c choice, m *message) faults.Event {
	e := faults.Event{Kind: c.kind, Node: c.node}
	switch c.kind {
	case faults.Deliver, faults.Drop, faults.Duplicate:
		e.Node, e.Peer = m.From, m.To
	case faults.Call:
		return w.stage.Call(s.spent.of(calls), c.node, w.operation(s.spent.of(calls)))
	case faults.Reconfigure:
		to := w.neighbours(w.parts.places.at(s.places[c.node-1]))[c.k]
		return faults.ReconfigureTo(c.node, to.Voters, to.Learners)
	case faults.Transfer:
		e.Peer = raft.NodeID(c.k)
	default:
		e.K = int32(c.k)
	}
	return e
}

// outcome is what an option leads to.
type outcome uint8

const (
	nothing  outcome = iota // nothing happens, or it cannot happen
	beyond                  // what the bounds leave out
	followed                // w.next is the state that follows
	broken                  // w.complaints has what is violated
)

// take makes w.next what an option leads to.
func (w *worker) take(s *state, o *option) (outcome, *step) {
	next := &w.next
	next.become(s)
	next.spent = s.spent.and(o.cost)
	var m *message
	if o.at != noMessage {
		m = w.parts.messages.at(s.messages[o.at])
	}
	switch {
	case o.kind == faults.Duplicate:
		next.messages = append(next.messages, m.number)
		return w.within(next, nil), nil
	case m != nil:
		next.messages = slices.Delete(next.messages, o.at, o.at+1)
	}
	if o.kind == faults.Drop || m != nil && !w.parts.places.at(s.places[m.To-1]).Up() {
		return followed, nil
	}
	st := w.step(s, o, m)
	if st.to == nil || st.idle && m == nil && len(st.broken) == 0 {
		return nothing, st
	}
	next.places[o.node-1] = st.to.number
	for _, m := range st.sent {
		if w.reachable(&m.Message) {
			next.messages = append(next.messages, m.number)
		}
	}
	if next.memory = w.judge(s, o.node, st); len(w.complaints) > 0 {
		return broken, st
	}
	return w.within(next, st.to), st
}

// within reports whether the bounds allow a state, of which one place is new.
func (w *worker) within(s *state, p *place) outcome {
	if len(s.messages) > w.bounds.Messages || p != nil && (p.term > w.lastTerm || p.pending > w.bounds.Writes) {
		return beyond
	}
	return followed
}

// print is the fingerprint of a state: the least of those that it has under each
// renaming, so that states which differ by a renaming have the same.
func (w *worker) print(s *state) fingerprint {
	clear(w.sums)
	add := func(p prints, place int) {
		for i := range w.sums {
			w.sums[i] = w.sums[i].plus(p[i].at(place))
		}
	}
	add(w.parts.memories.at(s.memory).prints, 0)
	for _, number := range s.places {
		add(w.parts.places.at(number).prints, 0)
	}
	for i, number := range s.messages {
		m := w.parts.messages.at(number)
		add(m.prints, w.positionOn(s.messages[:i], m))
	}
	least := w.sums[0]
	for _, sum := range w.sums[1:] {
		if sum.less(least) {
			least = sum
		}
	}
	return least.plus(w.spentPrint(s.spent))
}

// positionOn is how many messages are before one on its link, if that matters.
func (w *worker) positionOn(before []uint32, m *message) int {
	if !w.ordered {
		return 0
	}
	position := 0
	for _, number := range before {
		if b := w.parts.messages.at(number); b.From == m.From && b.To == m.To {
			position++
		}
	}
	return position
}

// spentPrint is the fingerprint of what is spent.
func (w *worker) spentPrint(s spent) fingerprint {
	f, known := w.spentPrints[s]
	if !known {
		f = fingerprintOf(binary.LittleEndian.AppendUint32([]byte{spentKind}, uint32(s)))
		w.spentPrints[s] = f
	}
	return f
}

// operation is what the client calls that is the i-th to come: the first example.
func (x *explorer) operation(i int) string {
	return x.Start.Service.Examples(strconv.Itoa(i + 1))[0].String()
}
