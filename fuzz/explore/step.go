package explore

import (
	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// step is what an event leads to at one place, whatever the rest of the cluster is.
type step struct {
	number   uint32
	to       *place // nil: the event is not enabled there
	sent     []*message
	records  []trace.Record
	persists int  // how often all writes were made durable after the event
	idle     bool // nothing changed
	// private says that what the step breaks depends on the place alone, and that
	// checkers remember nothing of it. Then broken has what it breaks.
	private bool
	broken  []models.Verdict
}

// stepKey is what decides a step.
type stepKey struct {
	choice choice
	place  uint32
	with   uint32 // the message that is delivered, or how many calls or requests were before
	memory uint32 // what was ever called committed, where logs are compacted
}

// choice is an event at a node.
type choice struct {
	kind faults.EventKind
	node raft.NodeID // whose step it is; none has drops and duplicates
	k    uint8       // K, the peer, or which configuration
}

// worker carries out steps and judges them. What it finds out is shared with the others.
type worker struct {
	*explorer
	press       press
	stage       *faults.Stage
	steps       map[stepKey]*step // those that it met
	monitor     *models.Monitor
	acting      trace.NodeView // memory for the view of the node that is judged
	judged      []judgement
	complaints  []models.Verdict
	list        []option
	sums        []fingerprint
	spentPrints map[spent]fingerprint
	next        state
	kids        []kid // of the segment that is expanded
}

// step returns what an option leads to at its node; m is the message that it delivers.
func (w *worker) step(s *state, o *option, m *message) *step {
	key := stepKey{choice: o.choice, place: s.places[o.node-1]}
	switch {
	case m != nil:
		key.with = m.number
	case o.cost == calls:
		key.with = uint32(s.spent.of(calls))
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

// carryOut has the stage carry out an option.
func (w *worker) carryOut(s *state, o *option, m *message) *step {
	p := w.parts.places.at(s.places[o.node-1])
	move := faults.Move{Event: w.event(s, o.choice, m), Requests: s.requests()}
	if m != nil {
		move.Message = &m.Message
	}
	first, before := p.moves()
	did := w.stage.Step(o.node, first, before, move, w.parts.memories.at(s.memory).View.Committed)
	if did == nil {
		return &step{}
	}
	st := &step{to: p, records: did.Records, persists: did.Persists}
	if !ignored(p, &move.Event, did) {
		st.to = w.press.place(did.Place, arrival{p, move})
	}
	for i := range did.Sent {
		st.sent = append(st.sent, w.press.message(&did.Sent[i]))
	}
	st.idle = st.to == p && len(st.sent) == 0
	if _, rests := w.observe(s, o.node, st); rests == alone {
		st.private, st.records = true, nil
		st.broken = append(st.broken, w.complaints...)
	}
	return st
}

// ignored reports whether a timeout did nothing as far as can be seen, at a node
// that cannot be looked into: who leads, or has no vote, ignores it (package raft),
// and would otherwise never be done with ignoring it.
func ignored(p *place, e *faults.Event, did *faults.Step) bool {
	return e.Kind == faults.Timeout && !did.Place.Cloned() && len(did.Sent) == 0 &&
		did.Place.View().Status == p.View().Status && did.Place.PendingWrites() == p.pending
}

// reach is what a verdict on a step rests on.
type reach uint8

const (
	alone    reach = iota // on the place of the node
	recalled              // on what the checkers remember as well
	wide                  // on the places of other nodes as well
)

// judgement is that a step with what was remembered before it broke nothing, and
// what is remembered after it.
type judgement struct {
	step, memory uint32
	after        uint32
	valid        bool
}

// judgements is the size of a worker's cache, a power of two.
const judgements = 1 << 16

// judge returns the memory after a step in a state. What it breaks is in w.complaints.
func (w *worker) judge(s *state, id raft.NodeID, st *step) uint32 {
	if st.private {
		w.complaints = append(w.complaints[:0], st.broken...)
		return s.memory
	}
	j := &w.judged[(st.number*0x9e3779b1^s.memory*0x85ebca6b)>>8%judgements]
	if j.valid && j.step == st.number && j.memory == s.memory {
		w.complaints = w.complaints[:0]
		return j.after
	}
	after, rests := w.observe(s, id, st)
	if rests != wide && len(w.complaints) == 0 {
		*j = judgement{st.number, s.memory, after, true}
	}
	return after
}

// restsOn says what verdicts on a record rest on, which the view has seen last. Of
// other nodes they look at what is committed, at who votes, and at who is made a
// voter; and they remember which entries are configurations.
func (w *worker) restsOn(r *trace.Record, v *trace.View) reach {
	n := &v.Nodes[r.Node]
	switch {
	case v.NewCommits != 0 || n.Elected() || n.Status.ConfigIndex != n.Before.ConfigIndex || n.Status.Config != n.Before.Config:
		return wide
	case w.changing || !r.Private(n):
		return recalled
	}
	return alone
}

// observe shows a step's records to the checkers, with the cluster as it is.
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
	return w.press.memory(w.monitor, w.newMonitor).number, rests
}
