package explore

import (
	"encoding/binary"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// parts holds the parts of all states: places, messages in flight, and the memories
// of the checkers. There are many states and few parts, so equal parts are kept once,
// and states have their numbers.
type parts struct {
	system raft.System
	timed  bool // every clock may tick
	*symmetry
	orbits   orbits
	places   store[fingerprint, place]
	messages store[fingerprint, message]
	memories store[fingerprint, memory]
	clients  store[fingerprint, clients]
}

// place is a node with its disk and its state machine.
type place struct {
	*faults.Place
	number uint32
	prints prints
	came   *arrival // nil if the place alone can be put on a stage

	term    raft.Term
	pending int
	leads   bool
}

// arrival is the way on which a place was reached: the place before, and the move.
type arrival struct {
	from *place // nil if the start led to the place
	move faults.Move
}

// message is a message in flight.
type message struct {
	raft.Message
	number uint32
	prints prints
}

// memory is the checkers' memory of the past.
type memory struct {
	*models.Monitor
	number uint32
	prints prints
}

// The kind of a part is the first byte of its encoding, so that parts of different
// kinds never have the same encoding.
const (
	placeKind byte = iota
	arrivalKind
	messageKind
	memoryKind
	spentKind
	clientsKind
)

// encoding appends the encoding of a part under a renaming of the nodes.
type encoding func(b []byte, as *raft.Renaming) []byte

// interner finds the part that is equal to a given one, or adds it. Each worker has
// an interner, with scratch memory of its own.
type interner struct {
	*parts
	scratch []byte
}

// print returns the fingerprint of a part under a renaming.
func (p *interner) print(kind byte, e encoding, as *raft.Renaming) fingerprint {
	p.scratch = e(append(p.scratch[:0], kind), as)
	return fingerprintOf(p.scratch)
}

// place returns the one place that is equal to found. A place that cannot be put on a
// stage by itself is identified by its arrival.
func (p *interner) place(found *faults.Place, came arrival) *place {
	kind, encode := placeKind, encoding(found.Encoding(p.timed))
	cloned := found.Cloned()
	if !cloned {
		kind, encode = arrivalKind, p.arrival(&came, found.ID())
	}
	key := p.print(kind, encode, p.as[0])
	if known := p.places.find(key); known != nil {
		return known
	}
	status := &found.View().Status
	is := &place{
		Place: found, prints: p.prints(key, kind, encode),
		term: status.Term, pending: found.PendingWrites(), leads: status.Role == raft.Leader,
	}
	if !cloned {
		is.came = &came
	}
	return p.places.keep(key, is, &is.number)
}

// arrival returns the encoding of the place of a node with an arrival.
func (p *parts) arrival(a *arrival, id raft.NodeID) encoding {
	return func(b []byte, _ *raft.Renaming) []byte {
		b = append(b, byte(id))
		if a.from == nil {
			return b
		}
		f := a.from.prints.under(0)
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, f.hi), f.lo)
		b = a.move.Event.Append(b)
		if m := a.move.Message; m != nil {
			b = p.appendMessage(append(b, 0), m, raft.NewRenaming())
		}
		return b
	}
}

// moves returns the last place before p that can be put on a stage, nil for the start,
// and the moves from there to p.
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

// message returns the one message that is equal to m.
func (p *interner) message(m *raft.Message) *message {
	encode := func(b []byte, as *raft.Renaming) []byte { return p.appendMessage(b, m, as) }
	key := p.print(messageKind, encode, p.as[0])
	if known := p.messages.find(key); known != nil {
		return known
	}
	is := &message{Message: *m, prints: p.prints(key, messageKind, encode)}
	return p.messages.keep(key, is, &is.number)
}

// appendMessage appends the encoding of a message under a renaming of the nodes.
func (p *parts) appendMessage(b []byte, m *raft.Message, as *raft.Renaming) []byte {
	b = append(b, byte(as.Name(m.From)), byte(as.Name(m.To)))
	b = append(append(b, m.Kind...), 0)
	return faults.AppendPayload(b, p.system, m, as)
}

// memory returns the one memory that is equal to the monitor's. A new one is copied
// into a fresh monitor.
func (p *interner) memory(m *models.Monitor, fresh func() *models.Monitor) *memory {
	key := p.print(memoryKind, m.AppendMemory, p.as[0])
	if known := p.memories.find(key); known != nil {
		return known
	}
	is := &memory{Monitor: fresh(), prints: p.prints(key, memoryKind, m.AppendMemory)}
	is.Remember(m)
	return p.memories.keep(key, is, &is.number)
}
