package explore

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// A message that its receiver ignores for good ([raft.Ignoring]) can arrive at any time, which costs
// nothing and changes nothing. So a state without it leads wherever the state with it leads, and
// spends no more. An exploration drops such messages from each state, once the step that led there
// is within the bounds with them. So a counterexample may be shorter: ignored messages need not
// arrive to make room for others.
//
// A node that booted from a snapshot hands it to its state machine in its next step, whatever its
// input is. So nothing is dropped where logs are compacted.
//
// All of it rests on the promise of the nodes. When an exploration ends, it is verified at the
// places that were met: wherever a node can go from a place at which a message was dropped, it must
// ignore the message too.

// ignorable is a message at the place of its receiver.
type ignorable struct{ place, message uint32 }

// ignores reports whether the node at a place ignores a message for good.
func (w *worker) ignores(place uint32, m *message) bool {
	key := ignorable{place, m.number}
	is, known := w.ignored[key]
	if !known {
		is = w.parts.places.at(place).Ignores(&m.Message)
		w.ignored[key] = is
	}
	return is
}

// dropIgnored drops the messages of a state that are ignored from now on. A node took a step that led
// there, or has one message less on its way, and the last messages are new. Where links keep the order,
// it drops only those that no other message has to arrive before.
func (w *worker) dropIgnored(s *state, by raft.NodeID, news int) {
	if !w.drops {
		return
	}
	old := len(s.messages) - news
	kept := s.messages[:0]
	for i, number := range s.messages {
		m := w.parts.messages.at(number)
		if i < old && m.To != by || w.ordered && w.earlier(kept, m) || !w.ignores(s.places[m.To-1], m) {
			kept = append(kept, number)
		}
	}
	s.messages = kept
}

// maxVerified is how many pairs of a place and a message are verified at least, if there are
// as many. Further messages are then left out.
const maxVerified = 1 << 20

// brokenPromise describes a node that acts on a message that it ignores for good at an earlier place,
// "" if none does.
func (x *explorer) brokenPromise() string {
	dropped := map[uint32][]uint32{} // by message
	for _, w := range x.workers {
		for key, is := range w.ignored {
			if is {
				dropped[key.message] = append(dropped[key.message], key.place)
			}
		}
	}
	if len(dropped) == 0 {
		return ""
	}
	var list []*message
	for number := range dropped {
		list = append(list, x.parts.messages.at(number))
	}
	slices.SortFunc(list, func(a, b *message) int { return a.prints.under(0).compare(b.prints.under(0)) })
	next, verified := x.nextPlaces(), 0
	for _, m := range list {
		if verified > maxVerified {
			break
		}
		found, broken := x.followIgnored(m, dropped[m.number], next)
		if broken != "" {
			return broken
		}
		verified += found
	}
	return ""
}

// nextPlaces lists the places to which the steps that were taken lead, by the places before.
func (x *explorer) nextPlaces() map[uint32][]uint32 {
	next := map[uint32][]uint32{}
	for key, st := range x.shared.known {
		if st.to != nil && st.to.number != key.place {
			next[key.place] = append(next[key.place], st.to.number)
		}
	}
	return next
}

// followIgnored verifies that a message is ignored wherever its receiver can go from places. It
// returns the number of these places.
func (x *explorer) followIgnored(m *message, places []uint32, next map[uint32][]uint32) (int, string) {
	seen := map[uint32]bool{}
	for rest := places; len(rest) > 0; {
		number := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		if seen[number] {
			continue
		}
		seen[number] = true
		if !x.parts.places.at(number).Ignores(&m.Message) {
			return 0, fmt.Sprintf("%v ignores %s of %v for good, and acts on it later", m.To, m.Kind, m.From)
		}
		rest = append(rest, next[number]...)
	}
	return len(seen), ""
}
