package explore

import (
	"encoding/binary"
	"slices"

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
