package faults

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Place is a copy of one node's place in a world: the running node, its disk, the
// messages that it holds back, its state machine, and its view from outside. The effect
// of an event at the node depends on the place and on the event alone. A place is never
// changed.
type Place struct {
	node     node // without a state machine
	machine  []byte
	view     trace.NodeView
	up       bool
	paused   bool
	wiped    bool
	system   raft.System
	first    raft.NodeSet
	learners raft.NodeSet
	preVote  bool
}

// Place copies a node's place out of the world. A running node that cannot be
// cloned stays behind.
func (w *World) Place(id raft.NodeID) *Place {
	n := &w.nodes[id]
	p := &Place{
		node: *n, machine: n.machine.AppendState(nil),
		up: w.up.Has(id), paused: w.paused.Has(id), wiped: w.wiped.Has(id),
		system: w.system, first: w.first, learners: w.learners, preVote: w.preVote,
	}
	p.node.running, p.node.inspector, p.node.machine = nil, nil, nil
	if c, ok := n.running.(raft.Cloner); ok {
		p.node.run(cloned(c))
	}
	p.node.disk = n.disk.clone()
	p.node.held = n.held.clone()
	p.view.CopyFrom(&w.view.Nodes[id])
	return p
}

// put restores a node's place in the world from p. A running node must implement
// [raft.Cloner].
func (w *World) put(p *Place) {
	id := p.node.id
	n := &w.nodes[id]
	machine := n.machine
	*n = p.node
	n.machine = machine
	if err := machine.Restore(p.machine); err != nil {
		panic("a state machine does not take back its own state: " + err.Error())
	}
	if p.up {
		n.run(cloned(p.node.running.(raft.Cloner)))
	}
	n.disk, n.held = p.node.disk.clone(), p.node.held.clone()
	w.view.Nodes[id].CopyFrom(&p.view)
	w.up, w.paused, w.wiped = with(w.up, id, p.up), with(w.paused, id, p.paused), with(w.wiped, id, p.wiped)
	w.soil(n)
}

func with(s raft.NodeSet, id raft.NodeID, in bool) raft.NodeSet {
	if in {
		return s.With(id)
	}
	return s.Without(id)
}

// run makes a node of the implementation the one that runs.
func (n *node) run(running raft.Node) {
	n.running = running
	n.inspector, _ = running.(raft.Inspector)
}

func (d *disk) clone() disk {
	c := *d
	c.bytes, c.ends = bytes.Clone(d.bytes), slices.Clone(d.ends)
	return c
}

// clone copies the messages on their way, without those that were taken out.
func (q *queue) clone() (c queue) {
	for _, p := range q.packets {
		c.push(&p.msg, p.due)
	}
	return c
}

// ID is the node whose place it is.
func (p *Place) ID() raft.NodeID { return p.node.id }

// View is the node as an outsider sees it; it must not be changed.
func (p *Place) View() *trace.NodeView { return &p.view }

// Up reports whether the node runs, and Awake whether it takes input as well.
func (p *Place) Up() bool    { return p.up }
func (p *Place) Awake() bool { return p.up && !p.paused }

// Ticks is how many ticks of the node's clock passed since the cluster began.
func (p *Place) Ticks() int { return p.node.ticked }

// PendingWrites is how many writes of the node are not yet durable.
func (p *Place) PendingWrites() int { return p.node.disk.pending() }

// Compactable reports whether the node can be handed its state machine.
func (p *Place) Compactable() bool { return p.Awake() && p.node.compactable() }

// Restartable reports whether the node is down and has a disk to boot from.
func (p *Place) Restartable() bool { return !p.up && !p.wiped }

// Cloned reports whether the place alone is enough to put it back.
func (p *Place) Cloned() bool { return !p.up || p.node.running != nil }

// Canonical reports whether the place has an encoding under renamed nodes in which places
// that behave alike are equal.
func (p *Place) Canonical() bool {
	if p.up {
		_, ok := p.node.running.(raft.Canonical)
		return ok
	}
	return p.boots(p.node.disk.durable)
}

// boots reports whether a node that can be renamed boots from the first records of the disk.
func (p *Place) boots(records int) bool {
	_, ok := p.booted(records).(raft.Canonical)
	return ok
}

// Ignores reports whether the node ignores a message to it for good, as far as it says so
// ([raft.Ignoring]), each node that its disk may boot says so too, and a delivery now shows nothing
// else.
func (p *Place) Ignores(m *raft.Message) bool {
	if p.paused || p.up && !(claims(p.node.running, m) && p.idles(m)) {
		return false
	}
	for records := p.node.disk.durable; records <= len(p.node.disk.ends); records++ {
		if !claims(p.booted(records), m) {
			return false
		}
	}
	return true
}

func claims(n raft.Node, m *raft.Message) bool {
	defer blame("Ignores")
	i, ok := n.(raft.Ignoring)
	return ok && i.Ignores(m)
}

// idles reports whether a delivery of a message leaves the running node, which must implement
// [raft.Cloner], as it is.
func (p *Place) idles(m *raft.Message) bool {
	n := cloned(p.node.running.(raft.Cloner))
	before := n.(raft.Cloner).AppendState(nil)
	return stepsSilently(n, m) && bytes.Equal(before, n.(raft.Cloner).AppendState(nil))
}

// stepsSilently reports whether the output of a node for a message is empty. A node that panics is
// not silent.
func stepsSilently(n raft.Node, m *raft.Message) (silently bool) {
	defer func() { silently = recover() == nil && silently }()
	out := n.Step(&raft.Receive{Msg: copied(m)})
	return silent(&out)
}

// Encoding returns a function that appends an encoding of everything that decides the
// effect of events at the place, every node named by as. A running node must implement
// [raft.Cloner]. If the place is not timed, timers are encoded as package raft says for a
// [raft.Canonical]. Otherwise every clock may tick, and no node may have another name.
func (p *Place) Encoding(timed bool) func(b []byte, as *raft.Renaming) []byte {
	boots := p.bootsOfDisk(timed)
	return func(b []byte, as *raft.Renaming) []byte {
		n := &p.node
		b = append(b, flag(p.up), flag(p.paused)|byte(n.lag)<<1, flag(p.wiped), flag(n.stopped)|byte(n.batch)<<1,
			byte(as.Name(n.id)))
		if timed {
			b = binary.AppendUvarint(binary.AppendUvarint(b, n.boots), uint64(n.ticked))
		}
		if p.up {
			b = appendNode(b, n.running, as, timed)
		}
		b = p.appendDisk(b, boots, as)
		b = n.appendHeld(b, p.system, as)
		for _, v := range [...]uint64{uint64(n.applied), uint64(n.compacted), n.clock} {
			b = binary.AppendUvarint(b, v)
		}
		b = append(binary.AppendUvarint(b, uint64(len(p.machine))), p.machine...)
		return p.view.AppendState(b, as)
	}
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// BrokenCloner is the panic of a place whose node breaks the promises of [raft.Cloner] or
// [raft.Canonical]. It is an error of the system under test, and no schedule has it.
type BrokenCloner struct{ Text string }

// Error describes the broken promise.
func (b BrokenCloner) Error() string { return b.Text }

// blame turns a panic of a node's method into a BrokenCloner.
func blame(method string) {
	if p := recover(); p != nil {
		panic(BrokenCloner{method + " of a node panicked: " + trace.PanicText(p)})
	}
}

// cloned returns a clone of a node.
func cloned(c raft.Cloner) raft.Node {
	defer blame("Clone")
	n := c.Clone()
	if _, ok := n.(raft.Cloner); !ok {
		panic("it returned no raft.Cloner")
	}
	return n
}

func appendNode(b []byte, n raft.Node, as *raft.Renaming, timed bool) []byte {
	defer blame("AppendState or AppendCanonical")
	before := len(b)
	if c, ok := n.(raft.Canonical); ok && !timed {
		b = c.AppendCanonical(b, as)
	} else {
		b = n.(raft.Cloner).AppendState(b)
	}
	if len(b) < before {
		panic("it returned less than it was given")
	}
	return b
}

// bootsOfDisk has the node that boots from the disk, for each number of pending writes that
// may survive a crash. It is nil where no node boots, its state has no encoding, or the place
// is timed.
func (p *Place) bootsOfDisk(timed bool) (list []raft.Canonical) {
	for records := p.node.disk.durable; records <= len(p.node.disk.ends); records++ {
		var booted raft.Canonical
		if !timed {
			booted, _ = p.booted(records).(raft.Canonical)
		}
		list = append(list, booted)
	}
	return list
}

// appendDisk appends every disk that a crash may leave: the state of the node that boots
// from it, or its records.
func (p *Place) appendDisk(b []byte, boots []raft.Canonical, as *raft.Renaming) []byte {
	d := &p.node.disk
	b = binary.AppendUvarint(b, uint64(d.pending()))
	for i, booted := range boots {
		if booted != nil {
			b = appendNode(append(b, 1), booted, as, false)
			continue
		}
		records := d.durable + i
		b = binary.AppendUvarint(append(b, 0), uint64(records-d.oldest(records)))
		for i := d.oldest(records); i < records; i++ {
			record := d.record(i)
			b = append(binary.AppendUvarint(b, uint64(len(record))), record...)
		}
	}
	return b
}

// oldest is the oldest record that is there once the first ones are durable.
func (d *disk) oldest(records int) int {
	for i := records - 1; i >= d.durable; i-- {
		if d.ends[i].checkpoint {
			return i
		}
	}
	return d.first
}

// booted is the node that boots from the first records of the disk, nil if it refuses or panics.
func (p *Place) booted(records int) (n raft.Node) {
	defer func() {
		if recover() != nil {
			n = nil
		}
	}()
	d := &p.node.disk
	var disk [][]byte
	for i := d.oldest(records); i < records; i++ {
		disk = append(disk, d.record(i))
	}
	n, err := p.system.Boot(raft.NodeConfig{
		ID: p.node.id, Voters: p.first, Learners: p.learners, PreVote: p.preVote, Disk: disk, Rand: &splitMix{},
	})
	if err != nil {
		return nil
	}
	return n
}

// appendHeld appends the messages that wait for a write, link by link.
func (n *node) appendHeld(b []byte, system raft.System, as *raft.Renaming) []byte {
	held := slices.Clone(n.held.packets)
	slices.SortStableFunc(held, func(p, q *packet) int {
		return cmp.Compare(as.Name(p.msg.To), as.Name(q.msg.To))
	})
	b = binary.AppendUvarint(b, uint64(len(held)))
	for _, p := range held {
		m := &p.msg
		b = append(b, byte(as.Name(m.To)), byte(as.Name(m.Promise.Vote)))
		for _, v := range [...]uint64{
			uint64(n.disk.issued() - m.After),
			uint64(m.Promise.Term), uint64(m.Promise.Last.Term), uint64(m.Promise.Last.Index),
			uint64(len(m.Kind)),
		} {
			b = binary.AppendUvarint(b, v)
		}
		b = append(b, m.Kind...)
		payload := AppendPayload(nil, system, m, as)
		b = append(binary.AppendUvarint(b, uint64(len(payload))), payload...)
	}
	return b
}

// AppendPayload appends the payload of a system's message, with every node named by as if
// the system is a [raft.Renamer].
func AppendPayload(b []byte, system raft.System, m *raft.Message, as *raft.Renaming) []byte {
	renamer, ok := system.(raft.Renamer)
	if !ok {
		return append(b, m.Payload...)
	}
	defer blame("AppendPayload")
	return renamer.AppendPayload(b, m, as)
}
