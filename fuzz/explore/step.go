package explore

import (
	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// step is the result of an event at one place, for any state of the other nodes.
type step struct {
	number   uint32
	to       *place   // nil: the event is not enabled there
	sent     []uint32 // the messages that can arrive
	records  []trace.Record
	returned []faults.Return
	persists int  // the number of persist events after the event, each of all writes
	idle     bool // nothing changed, but for what checkers may remember
	// private is set if the verdicts on the step depend on the place alone and the
	// checkers remember nothing of it. Then broken lists the violations.
	private bool
	broken  []models.Verdict
}

// stepKey identifies a step: equal keys lead to equal steps.
type stepKey struct {
	choice choice
	place  uint32
	with   uint32 // the number of the delivered message, or of calls or requests before
	memory uint32 // where logs are compacted, the memory, which has the committed entries
}

// choice is an event at a node.
type choice struct {
	kind faults.EventKind
	node raft.NodeID // the node that steps; None for drops and duplicates
	k    uint8       // the event's K, the peer, or the position of the configuration
}

// worker carries out steps and judges them. Workers share the parts and the steps.
type worker struct {
	*explorer
	intern      interner
	stage       *faults.Stage
	healer      *path // to the states that are healed
	ignored     map[ignorable]bool
	steps       map[stepKey]*step // those that this worker met
	monitor     *models.Monitor
	acting      trace.NodeView // memory for the view of the node that is judged
	judged      []judgement
	complaints  []models.Verdict
	list        []option
	waiting     uint32       // the calls of the state at hand that did not return, as bits
	slowest     int          // the ticks of its slowest clock since the start
	gone        raft.NodeSet // its nodes that cannot become members, unless they are
	arranged    []positioned // the parts of the state whose fingerprint is made
	orders      [][]uint8    // by ranking, the renamings that put the nodes in its order
	spentPrints map[spent]fingerprint
	next        state
	kids        []kid // of the segment that is expanded
}

// step returns the step of an option at its node; m is the delivered message, or nil.
func (w *worker) step(s *state, o *option, m *message) *step {
	key := stepKey{choice: o.choice, place: s.places[o.node-1]}
	switch {
	case m != nil:
		key.with = m.number
	case o.cost == calls || o.cost == reads || o.cost == leaseReads:
		key.with = uint32(s.spent.of(o.cost))
	case o.cost == changes || o.cost == transfers:
		key.with = uint32(s.requests())
	}
	if w.compacts {
		key.memory = s.memory
	}
	if known := w.steps[key]; known != nil {
		return known
	}
	known := w.shared.find(key)
	if known == nil {
		st := w.carryOut(s, o, m)
		known = w.shared.keep(key, st, &st.number)
	}
	w.steps[key] = known
	return known
}

// carryOut carries out an option on the stage.
func (w *worker) carryOut(s *state, o *option, m *message) *step {
	p := w.parts.places.at(s.places[o.node-1])
	move := faults.Move{Event: w.event(s, o.choice, m), Requests: s.requests()}
	if m != nil {
		move.Message = &m.Message
	}
	if w.Before != nil && !w.Before(func() *faults.Schedule { return w.scheduleTo(s, o) }) {
		return &step{}
	}
	first, before := p.moves()
	did := w.stage.Step(o.node, first, before, move, w.parts.memories.at(s.memory).View.Committed)
	if did == nil {
		return &step{}
	}
	st := &step{to: p, records: did.Records, persists: did.Persists}
	if w.hears {
		st.returned = did.Returned
	}
	if !ignored(p, &move.Event, did) {
		st.to = w.intern.place(did.Place, arrival{p, move})
	}
	for i := range did.Sent {
		if m := &did.Sent[i]; w.reachable(m) {
			st.sent = append(st.sent, w.intern.message(m).number)
		}
	}
	st.idle = st.to == p && len(did.Sent) == 0 && len(st.returned) == 0
	if _, rests := w.observe(s, o.node, st); rests == alone {
		st.private, st.records = true, nil
		st.broken = append(st.broken, w.complaints...)
	}
	return st
}

// ignored reports whether a timeout changed nothing that can be observed, at a node
// that cannot be cloned. A leader, and a node without a vote, ignore it (package raft).
// Without this rule each ignored timeout would lead to a new place.
func ignored(p *place, e *faults.Event, did *faults.Step) bool {
	return e.Kind == faults.Timeout && !did.Place.Cloned() && len(did.Sent) == 0 &&
		did.Place.View().Status == p.View().Status && did.Place.PendingWrites() == p.pending
}

// reach is the set of parts that a verdict on a step depends on.
type reach uint8

const (
	alone    reach = iota // the place of the node
	recalled              // the place and the memory
	wide                  // the place, the memory, and the places of other nodes
)

// judged identifies a judgement: a step, the memory before it and, if the verdicts rest on
// them, the places of all nodes.
type judged struct {
	step, memory uint32
	wide         bool
	places       [faults.MaxNodes]uint32
}

// judgement records that a step violates nothing, and the memory that follows.
type judgement struct {
	of    judged
	after uint32
	valid bool
}

// judgements is the size of a worker's cache of judgements, a power of two.
const judgements = 1 << 16

// judge returns the memory after a step in a state. It puts violations into w.complaints.
func (w *worker) judge(s *state, id raft.NodeID, st *step) uint32 {
	if st.private {
		w.complaints = append(w.complaints[:0], st.broken...)
		return s.memory
	}
	recalling := judged{step: st.number, memory: s.memory}
	looking := recalling
	looking.wide = true
	copy(looking.places[:], s.places)
	for _, of := range [...]*judged{&recalling, &looking} {
		if j := w.judgement(of); j.valid && j.of == *of {
			w.complaints = w.complaints[:0]
			return j.after
		}
	}
	after, rests := w.observe(s, id, st)
	if len(w.complaints) == 0 {
		of := &recalling
		if rests == wide {
			of = &looking
		}
		*w.judgement(of) = judgement{*of, after, true}
	}
	return after
}

// judgement returns the place of a judgement in the cache.
func (w *worker) judgement(of *judged) *judgement {
	h := of.step*0x9e3779b1 ^ of.memory*0x85ebca6b
	for _, number := range of.places {
		h = (h ^ number) * 0x9e3779b1
	}
	return &w.judged[h>>8%judgements]
}

// restsOn returns the reach of the verdicts on the record that the view observed last.
// Of other nodes the checkers look at committed entries, votes, the log of a candidate, a leader's
// new voters, whether a request of the operator took effect, and whether an entry that a crash
// took from one node is in the log of another.
func (w *worker) restsOn(r *trace.Record, v *trace.View) reach {
	n := &v.Nodes[r.Node]
	changed := n.Status.ConfigIndex != n.Before.ConfigIndex || n.Status.Config != n.Before.Config
	switch {
	case v.NewCommits != 0 || n.Elected() || changed && n.Leads() || operates(r),
		r.Shows() && r.Supports(n), r.Kind == trace.Crashed:
		return wide
	case !r.Private(n):
		return recalled
	}
	return alone
}

// operates reports whether the operator asks something or gets an answer.
func operates(r *trace.Record) bool {
	switch r.Input.(type) {
	case *raft.Reconfigure, *raft.Transfer:
		return true
	}
	return r.Kind == trace.Answered
}

// observe passes the records of a step to the checkers, in the cluster of a state. It
// returns the memory after it and the reach of the verdicts.
func (w *worker) observe(s *state, id raft.NodeID, st *step) (after uint32, rests reach) {
	before := w.parts.memories.at(s.memory)
	w.monitor.Remember(before.Monitor)
	view := &w.monitor.View
	for i, number := range s.places {
		view.Nodes[i+1] = *w.parts.places.at(number).View()
	}
	w.acting.CopyFrom(&view.Nodes[id])
	view.Nodes[id] = w.acting
	for i := range st.records {
		w.monitor.Watch(&st.records[i])
		rests = max(rests, w.restsOn(&st.records[i], view))
	}
	w.acting = view.Nodes[id]
	if w.complaints = w.monitor.Violated(w.complaints[:0]); len(w.complaints) > 0 || rests == alone {
		return s.memory, rests
	}
	return w.intern.memory(w.monitor, w.newMonitor).number, rests
}
