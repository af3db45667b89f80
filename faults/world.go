package faults

import (
	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/session"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Observer sees every record of a run, after the world's view has it.
type Observer interface{ Observe(*trace.Record) }

// World executes schedules. It is single-threaded, draws no random number and
// reads no clock: the same schedule gives the same records. A world can be
// used for one run after the other, and then hardly allocates.
type World struct {
	system    raft.System
	service   service.Service
	outside   service.Outside // nil if the service has none
	seed      uint64
	first     raft.NodeSet // voters of the first configuration
	learners  raft.NodeSet // of the first configuration
	preVote   bool
	batches   bool // the system is raft.Batching
	limits    raft.Limits
	view      *trace.View
	observers []Observer
	lowered   func(Event) // called with every plain event that is enabled
	panicking func()      // called while a panic of a node unwinds
	calling   func(raft.NodeID, raft.Input)

	all    raft.NodeSet
	nodes  [MaxNodes + 1]node
	links  [MaxNodes + 1][MaxNodes + 1]queue
	delay  [MaxNodes + 1][MaxNodes + 1]int // ticks more than one that messages take while time runs
	cut    [MaxNodes + 1]raft.NodeSet      // the nodes that each node's messages do not reach
	loaded [MaxNodes + 1]raft.NodeSet      // the nodes to which each node has messages on the way
	up     raft.NodeSet
	paused raft.NodeSet
	dirty  raft.NodeSet // nodes with pending writes
	wiped  raft.NodeSet

	real realFaults

	clients  [MaxClients + 1]client
	requests []raft.NodeID // of each request of the operator, the node that owes an answer, None if it answered
	history  linearizability.History
	commands []command // what was applied at each index, decoded once
	placed   int       // how many operations the log has applied
	reads    []read    // those that were answered, in that order

	now     int   // ticks that passed while time ran
	events  int   // plain events that were enabled
	clock   int64 // counts records
	event   int   // the event being applied, counted from 1
	unquiet bool  // a settle came to no end
	loop    int   // plain events that come back for ever, if the last heal found the cluster so
	core    core
	entries int // of logs that were read
	wellAt  int // the event that left the cluster well under a bound, checks after it included

	offering offering // of EnabledOf
	breach   bool     // the panic that unwinds is a raft.Breach
	current  Event    // the plain event being carried out
	why      reason   // it was not enabled
	record   trace.Record
	released []raft.Message
	spilled  []raft.NodeID // to whom the step's messages were lost, on links that were full
	applied  []trace.Digest
	executed []trace.Execution
	appended []trace.Digest
	problems []string // breaches of the contract in the entries that were applied
	records  [][]byte
	proposal []byte
	state    []byte // of a state machine
	scratch  []byte
	inputs   struct {
		tick        raft.Tick
		timeout     raft.Timeout
		receive     raft.Receive
		done        raft.Persisted
		failed      raft.PersistFailed
		propose     raft.Propose
		read        raft.Read
		compact     raft.Compact
		reconfigure raft.Reconfigure
		transfer    raft.Transfer
		batch       raft.Batch
		lag         raft.Lag
	}
}

// NewWorld returns a world that keeps a view of itself and shows its records to the
// observers, in order, once the view has them.
func NewWorld(view *trace.View, observers ...Observer) *World {
	return &World{view: view, observers: observers}
}

// Lowered sets a function that the world calls with every plain event that it carries
// out: the events of the schedule, and those that its macro events stand for.
func (w *World) Lowered(f func(Event)) { w.lowered = f }

// Panicking sets a function that the world calls while a panic of a node unwinds. The
// stack then still has the frames of the node's code.
func (w *World) Panicking(f func()) { w.panicking = f }

// Calling sets a function that the world calls before each step of a node, with its input,
// and before each boot, with nil.
func (w *World) Calling(f func(raft.NodeID, raft.Input)) { w.calling = f }

// Reset makes the new cluster of the schedule's header and boots it from empty disks.
// The view begins anew with it. A schedule that does not suit the system is a bug of the
// harness.
func (w *World) Reset(system raft.System, s *Schedule) {
	if err := s.Suits(system); err != nil {
		panic(err)
	}
	w.system, w.seed, w.preVote, w.batches = system, s.Rand, s.PreVote, raft.Batches(system)
	w.limits = raft.LimitsOf(system)
	w.all, w.first, w.learners = raft.FirstNodes(s.Nodes), s.First(), s.Learners
	w.serve(s.Service)
	w.view.Reset(w.all, w.first)
	w.view.FirstLearners, w.view.PreVote, w.view.Limits = w.learners, w.preVote, w.limits
	w.up, w.paused, w.dirty, w.wiped = 0, 0, 0, 0
	w.history, w.commands, w.placed = w.history[:0], w.commands[:0], 0
	w.requests, w.reads = w.requests[:0], w.reads[:0]
	w.now, w.events, w.clock, w.event, w.entries, w.wellAt, w.unquiet = 0, 0, 0, 0, 0, -1, false
	w.loop = 0
	w.real.reset(w.seed)
	w.core = core{}
	for id := range w.nodes {
		w.nodes[id].reset(raft.NodeID(id))
		w.cut[id], w.loaded[id], w.delay[id] = 0, 0, [MaxNodes + 1]int{}
		for to := range w.links[id] {
			w.links[id][to].reset()
		}
	}
	for i := range w.clients {
		w.clients[i].reset(uint32(i))
	}
	for id := range w.all.All() {
		w.boot(&w.nodes[id])
	}
}

// serve makes the clients use a service.
func (w *World) serve(svc service.Service) {
	if svc == nil {
		panic("the clients of the schedule use no service")
	}
	if w.service == nil || w.service.Name() != svc.Name() {
		w.service, w.outside = svc, nil
		if worldly, ok := svc.(service.Worldly); ok {
			w.outside = worldly.NewOutside()
		}
		for id := range w.nodes {
			w.nodes[id].machine = session.NewMachine(svc)
		}
	}
	if w.outside != nil {
		w.outside.Reset()
	}
}

// Apply carries out the next event of the schedule. An event that is not
// enabled is recorded as ignored and changes nothing.
func (w *World) Apply(e Event) {
	w.event++
	if e.Named() {
		e = e.Resolved(w.leader())
	}
	if e.Kind.Macro() && e.fits(w.all) {
		table[e.Kind].macro(w, e)
		return
	}
	if e.Kind.Checks() && e.fits(w.all) {
		w.current = e
		table[e.Kind].check(w, &w.current)
		if w.wellAt == w.event-1 {
			w.wellAt = w.event
		}
		return
	}
	switch {
	case w.core.nodes != 0 && e.fits(w.all) && w.spares(e):
		w.current, w.why = e, ofCore
	case w.plain(e):
		w.hurried(e)
		return
	}
	w.begin(trace.Ignored, raft.None)
	w.emit()
}

// plain carries out an event that stands for itself and reports whether it was enabled.
func (w *World) plain(e Event) bool {
	// An event passed by address through a table would be allocated.
	w.current, w.why = e, noEvent
	if w.current.fits(w.all) {
		w.why = table[e.Kind].act(w, &w.current)
	}
	if w.why != noReason {
		return false
	}
	w.events++
	if w.lowered != nil {
		w.lowered(e)
	}
	return true
}

// begin starts a record about a node.
func (w *World) begin(kind trace.Kind, id raft.NodeID) *trace.Record {
	w.record = trace.Record{Event: w.event, Kind: kind, Node: id}
	return &w.record
}

func (w *World) emit() {
	w.clock++
	w.show()
}

// show shows the record to the observers, at the time of the last one that was emitted.
func (w *World) show() {
	w.record.Time = w.clock
	w.view.Observe(&w.record)
	for _, o := range w.observers {
		o.Observe(&w.record)
	}
}

// Events is the number of plain events carried out since Reset, those that
// macro events stand for included.
func (w *World) Events() int { return w.events }

// History has the operations of the clients since Reset, with their results. It is valid
// until the next Reset.
func (w *World) History() linearizability.History { return w.history }

// View is the cluster as an outsider sees it.
func (w *World) View() *trace.View { return w.view }

// Up has the nodes that run, and Paused those of them that take no input.
func (w *World) Up() raft.NodeSet     { return w.up }
func (w *World) Paused() raft.NodeSet { return w.paused }

// All has every node of the cluster, a member of its configuration or not.
func (w *World) All() raft.NodeSet { return w.all }

// Wiped has the nodes whose disk is gone for good.
func (w *World) Wiped() raft.NodeSet { return w.wiped }

// Compactable has the nodes that can be handed their state machine.
func (w *World) Compactable() raft.NodeSet {
	var set raft.NodeSet
	for id := range (w.up &^ w.paused).All() {
		if w.nodes[id].compactable() {
			set = set.With(id)
		}
	}
	return set
}

// Service is the service that the clients use.
func (w *World) Service() service.Service { return w.service }

// Dirty has the nodes that can make a pending write durable.
func (w *World) Dirty() raft.NodeSet { return w.dirty &^ w.paused &^ w.real.stalled }

// PendingWrites is how many writes of a node are not yet durable.
func (w *World) PendingWrites(id raft.NodeID) int { return w.nodes[id].disk.pending() }

// DurableWrites is how many records the node's disk holds.
func (w *World) DurableWrites(id raft.NodeID) int { return w.nodes[id].disk.held() }

// Deliverable has the nodes to which a message of a node can be delivered now.
func (w *World) Deliverable(from raft.NodeID) raft.NodeSet {
	return w.loaded[from] &^ w.cut[from] &^ w.paused
}

// InFlight is how many messages are on a link.
func (w *World) InFlight(from, to raft.NodeID) int { return w.links[from][to].len() }

// Message is a message on a link, the oldest at position 0. It is valid until the next event.
func (w *World) Message(from, to raft.NodeID, position int) *raft.Message {
	return &w.links[from][to].packets[position].msg
}

// Cut has the nodes that a node's messages do not reach.
func (w *World) Cut(from raft.NodeID) raft.NodeSet { return w.cut[from] }

// Slowed is how many ticks more than one a message from one node to another takes while time
// runs, and Lossy that every so many messages are lost there, 0 for none.
func (w *World) Slowed(from, to raft.NodeID) int { return w.delay[from][to] }
func (w *World) Lossy(from, to raft.NodeID) int  { return w.real.losses[from][to].every }

// Stalled has the nodes whose fsyncs hang, and Full those whose disks are full.
func (w *World) Stalled() raft.NodeSet { return w.real.stalled }
func (w *World) Full() raft.NodeSet    { return w.real.full }

// Parted reports whether any link is cut.
func (w *World) Parted() bool { return w.cut != [MaxNodes + 1]raft.NodeSet{} }

// Open reports whether a client waits for an answer.
func (w *World) Open(client int) bool { return w.clients[client].open }
