package explore

import (
	"encoding/binary"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// parts has what states are made of: the place of each node, the messages in
// flight, and what the checkers remember. There are many states and few parts, so
// each part is kept once, and states have its number.
type parts struct {
	as       []*raft.Renaming // the first changes nothing
	places   store[fingerprint, place]
	messages store[fingerprint, message]
	memories store[fingerprint, memory]
}

// prints are the fingerprints of a part, one under each renaming of the nodes.
type prints []fingerprint

// place is what a node is, with its disk and its state machine.
type place struct {
	*faults.Place
	number uint32
	prints prints
	came   *arrival // if it cannot be put on a stage by itself

	term    raft.Term
	pending int
	leads   bool
}

// arrival is how a place was come to.
type arrival struct {
	from *place // nil: the schedule that the exploration starts with led to it
	move faults.Move
}

// message is a message in flight.
type message struct {
	raft.Message
	number uint32
	prints prints
}

// memory is what the checkers remember.
type memory struct {
	*models.Monitor
	number uint32
	prints prints
}

// Parts of different kinds never have the same encoding.
const (
	placeKind byte = iota
	arrivalKind
	messageKind
	memoryKind
	spentKind
)

// encoding appends what a part is, nodes named anew.
type encoding func(b []byte, as *raft.Renaming) []byte

// press makes the fingerprints of parts, in memory of its own.
type press struct {
	*parts
	scratch []byte
}

// print is the fingerprint of a part under a renaming.
func (p *press) print(kind byte, e encoding, as *raft.Renaming) fingerprint {
	p.scratch = e(append(p.scratch[:0], kind), as)
	return fingerprintOf(p.scratch)
}

// prints has the fingerprint of a part under each renaming.
func (p *press) prints(kind byte, e encoding) prints {
	list := make(prints, len(p.as))
	for i, as := range p.as {
		list[i] = p.print(kind, e, as)
	}
	return list
}

// place returns the one place that is like this one. A place that cannot be put
// on a stage by itself is known by how it was come to.
func (p *press) place(found *faults.Place, came arrival) *place {
	kind, encode := placeKind, encoding(found.AppendState)
	cloned := found.Cloned()
	if !cloned {
		kind, encode = arrivalKind, came.encoding(found.ID())
	}
	key := p.print(kind, encode, p.as[0])
	if known := p.places.find(key); known != nil {
		return known
	}
	status := &found.View().Status
	is := &place{
		Place: found, prints: p.prints(kind, encode),
		term: status.Term, pending: found.PendingWrites(), leads: status.Role == raft.Leader,
	}
	if !cloned {
		is.came = &came
	}
	return p.places.keep(key, is, &is.number)
}

// encoding is that of a node's place that was come to so.
func (a *arrival) encoding(id raft.NodeID) encoding {
	return func(b []byte, _ *raft.Renaming) []byte {
		b = append(b, byte(id))
		if a.from == nil {
			return b
		}
		f := a.from.prints[0]
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, f.hi), f.lo)
		b = a.move.Event.Append(b)
		if m := a.move.Message; m != nil {
			b = appendMessage(append(b, 0), m, raft.NewRenaming())
		}
		return b
	}
}

// moves lists what happened at a place since one that can be put on a stage, and
// that one; nil is the start.
func (p *place) moves() (*faults.Place, []faults.Move) {
	if p.came == nil {
		return p.Place, nil
	}
	if p.came.from == nil {
		return nil, nil
	}
	first, before := p.came.from.moves()
	return first, append(before, p.came.move)
}

// message returns the one message that is like this one.
func (p *press) message(m *raft.Message) *message {
	encode := func(b []byte, as *raft.Renaming) []byte { return appendMessage(b, m, as) }
	key := p.print(messageKind, encode, p.as[0])
	if known := p.messages.find(key); known != nil {
		return known
	}
	is := &message{Message: *m, prints: p.prints(messageKind, encode)}
	return p.messages.keep(key, is, &is.number)
}

func appendMessage(b []byte, m *raft.Message, as *raft.Renaming) []byte {
	b = append(b, byte(as.Name(m.From)), byte(as.Name(m.To)))
	b = append(append(b, m.Kind...), 0)
	return append(b, m.Payload...)
}

// memory returns the one memory that is like the monitor's, which is copied into a
// fresh monitor if there is none yet.
func (p *press) memory(m *models.Monitor, fresh func() *models.Monitor) *memory {
	key := p.print(memoryKind, m.AppendMemory, p.as[0])
	if known := p.memories.find(key); known != nil {
		return known
	}
	is := &memory{Monitor: fresh(), prints: p.prints(memoryKind, m.AppendMemory)}
	is.Remember(m)
	return p.memories.keep(key, is, &is.number)
}
