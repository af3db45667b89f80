package explore

import (
	"encoding/binary"
	"slices"

	"raftcheck/faults"
	"raftcheck/raft"
)

// state is a state of the cluster: the numbers of its parts.
type state struct {
	ref      ref // its position among the visited states
	memory   uint32
	clients  uint32
	spent    spent
	places   []uint32 // one for each node, node 1 first
	messages []uint32 // in flight, in the order in which they were sent
}

// header is the number of numbers that a state has before its places.
const header = 6

// append appends the state as numbers; take reads it back.
func (s *state) append(b []uint32) []uint32 {
	b = append(b, uint32(len(s.messages)), uint32(s.ref), s.memory, s.clients)
	b = append(b, uint32(s.spent), uint32(s.spent>>32))
	b = append(b, s.places...)
	return append(b, s.messages...)
}

// take reads the first state of b, in a cluster with the given number of nodes, and
// returns the rest of b. The state keeps pointing into b.
func (s *state) take(b []uint32, nodes int) []uint32 {
	places, end := header+nodes, header+nodes+int(b[0])
	*s = state{ref: ref(b[1]), memory: b[2], clients: b[3], spent: spent(b[4]) | spent(b[5])<<32,
		places: b[header:places:places], messages: b[places:end:end]}
	return b[end:]
}

// become copies another state into s, in memory of its own.
func (s *state) become(o *state) {
	places, messages := append(s.places[:0], o.places...), append(s.messages[:0], o.messages...)
	*s = *o
	s.places, s.messages = places, messages
}

// requests returns the number of requests of the operator so far.
func (s *state) requests() int { return s.spent.of(changes) + s.spent.of(transfers) }

// option is a choice that a state allows.
type option struct {
	choice
	at   int     // the position of its message among the state's, or noMessage
	cost expense // the budget that it spends
}

// noMessage is the position in an option without a message.
const noMessage = -1

// earlier reports whether messages sent before make a message's options redundant or
// impossible: one of them is equal, or, where links keep the order, on the same link.
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

// reachable reports whether a message can ever arrive. On a link that the start leaves
// cut none can, so such messages are not kept.
func (w *worker) reachable(m *raft.Message) bool { return !w.stage.Cut(m.From).Has(m.To) }

// outcome is the result of taking an option.
type outcome uint8

const (
	nothing  outcome = iota // nothing changes, or the event is not enabled
	beyond                  // the successor is beyond the bounds
	followed                // w.next is the successor
	broken                  // w.complaints lists the violations
)

// take takes an option of a state and makes w.next the successor.
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
		w.dropIgnored(next, m.To, 0)
		return followed, nil
	}
	st := w.step(s, o, m)
	if st.to == nil {
		return nothing, st
	}
	next.memory = w.judge(s, o.node, st)
	if st.idle && m == nil && len(w.complaints) == 0 && next.memory == s.memory {
		return nothing, st
	}
	next.places[o.node-1] = st.to.number
	next.messages = append(next.messages, st.sent...)
	w.hear(next, o, st)
	if len(w.complaints) > 0 {
		return broken, st
	}
	result := w.within(next, st.to)
	if result == followed {
		w.dropIgnored(next, o.node, len(st.sent))
	}
	return result, st
}

// within returns followed if the bounds allow a state in which the place p is new, and
// beyond otherwise. No place is new if p is nil.
func (w *worker) within(s *state, p *place) outcome {
	if len(s.messages) > w.bounds.Messages || p != nil && (p.term > w.lastTerm || p.pending > w.bounds.Writes) {
		return beyond
	}
	return followed
}

// positionOn returns the number of messages before m on its link. It is 0 if links do
// not keep the order.
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

// spentPrint returns the fingerprint of the spent budgets.
func (w *worker) spentPrint(s spent) fingerprint {
	f, known := w.spentPrints[s]
	if !known {
		f = fingerprintOf(binary.LittleEndian.AppendUint64([]byte{spentKind}, uint64(s)))
		w.spentPrints[s] = f
	}
	return f
}
