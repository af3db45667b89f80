package faults

import (
	"fmt"
	"slices"

	"raftcheck/linearizability"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Stage is a world in which one node at a time takes one step, from whatever
// place it is put in. So an exploration carries out each step of a node once,
// however many states of the cluster have it.
//
// A place does not include the knowledge of clients and of the operator: on a stage every
// client of the future has called already, and waits for its answer.
type Stage struct {
	system   raft.System
	schedule *Schedule
	world    *World
	future   Future
	step     *Step // the one under way
	clients  [MaxClients + 1]client
	history  linearizability.History
	requests int // of the operator so far
	first    int // the client that calls first
}

// Future bounds the calls, requests and pending writes to come on a stage.
type Future struct {
	Calls    []Event // of clients that never called before, by Kind and Op
	Retries  int     // of these calls
	Requests int     // of the operator
	// Writes is how many writes of a node may be pending after an event; if none
	// may, they are durable at once.
	Writes int
	// Entry, if set, is called for every entry that appears in a log, with the hash of the
	// log before it and, for a configuration that the log holds, with the data.
	Entry func(before uint64, e trace.Logged, data []byte)
}

// Step is the effect of an event at one place.
type Step struct {
	Place    *Place         // afterwards
	Sent     []raft.Message // what left the node, in order
	Records  []trace.Record // those that checkers are to see, without payloads and states
	Returned []Return       // the answers that clients heard
	// Persists is how many times all writes of the node were made durable after the event.
	Persists int
}

// Return is the answer that a client of the future heard.
type Return struct {
	Call   int // its position among the calls of the future
	Result string
}

// NewStage returns a stage of the cluster as a schedule leaves it.
func NewStage(system raft.System, s *Schedule, f Future) (*Stage, error) {
	st := &Stage{system: system, schedule: s, future: f, first: s.MostClient() + 1}
	if last := st.first + len(f.Calls) - 1; last > MaxClients {
		return nil, fmt.Errorf("expected at most %d clients, found %d after the schedule and %d calls to come",
			MaxClients, st.first-1, len(f.Calls))
	}
	w := NewWorld(new(trace.View), st)
	st.world = w
	w.Reset(system, s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	st.prepare()
	return st, nil
}

// prepare lets the clients of the future call, and ends the wait of all others.
func (s *Stage) prepare() {
	w := s.world
	s.requests = len(w.requests)
	s.history = slices.Clone(w.history)
	for i := range w.clients {
		c := w.clients[i]
		c.open, c.calls = false, slices.Clone(c.calls)
		if of := i - s.first; of >= 0 && of < len(s.future.Calls) {
			s.wait(&c, &s.future.Calls[of])
		}
		s.clients[i] = c
	}
}

// wait makes a client one that called, so that every node owes it an answer to each attempt.
func (s *Stage) wait(c *client, e *Event) {
	op, err := s.world.service.ParseOp(e.Op)
	if err != nil {
		panic("a call of the future has no operation: " + err.Error())
	}
	c.seq, c.open, c.op, c.text = 1, true, op, e.Op
	c.calls = []call{{at: len(s.history), kind: e.Kind}}
	attempts := uint16(1 + s.future.Retries)
	for id := range s.world.all.All() {
		c.calls[0].doubts[id], c.calls[0].owed[id] = attempts, attempts
	}
	s.history = append(s.history, linearizability.Operation{
		Client: int(c.id), Return: linearizability.Pending,
	})
}

// Place is the place of a node as the schedule left it.
func (s *Stage) Place(id raft.NodeID) *Place { return s.world.Place(id) }

// InFlight lists the messages that the schedule left on the links, the oldest of each first.
func (s *Stage) InFlight() []raft.Message {
	var all []raft.Message
	for from := range s.world.links {
		for to := range s.world.links[from] {
			for _, p := range s.world.links[from][to].packets {
				all = append(all, copied(&p.msg))
			}
		}
	}
	return all
}

// Cut has the nodes that a node's messages do not reach.
func (s *Stage) Cut(from raft.NodeID) raft.NodeSet { return s.world.Cut(from) }

// Call is the i-th call of the future, counted from 0, at a node.
func (s *Stage) Call(i int, id raft.NodeID) Event {
	e := s.future.Calls[i]
	e.Client, e.Node = uint8(s.first+i), id
	return e
}

// History has the operations of the schedule; none of them returns later.
func (s *Stage) History() linearizability.History {
	return s.history[:len(s.history)-len(s.future.Calls)]
}

// Move is an event at one node.
type Move struct {
	Event    Event
	Message  *raft.Message // that it delivers
	Requests int           // of the operator before it, of those to come
}

// Step carries out a move of a node, and returns nil if its event is not enabled.
// The node is at a place p to which moves before it led; without p, they began
// where the schedule ended. Committed has every entry that was ever called committed.
func (s *Stage) Step(id raft.NodeID, p *Place, before []Move, m Move, committed []trace.Commitment) *Step {
	w := s.world
	if p != nil {
		w.put(p)
	} else {
		s.restart()
	}
	w.view.Committed, w.entries = append(w.view.Committed[:0], committed...), 0
	for i := range before {
		s.carryOut(id, &before[i])
	}
	s.step = &Step{}
	enabled := s.carryOut(id, &m)
	step := s.step
	s.step = nil
	if !enabled {
		return nil
	}
	step.Place = w.Place(id)
	return step
}

// restart runs the schedule anew.
func (s *Stage) restart() {
	s.world.Reset(s.system, s.schedule)
	for _, e := range s.schedule.Events {
		s.world.Apply(e)
	}
	s.clearLinks()
}

// carryOut applies a move and, if writes do not stay pending, makes the node's writes
// durable. It reports whether the event was enabled.
func (s *Stage) carryOut(id raft.NodeID, m *Move) bool {
	w := s.world
	s.rememberCalls(id, &m.Event, m.Requests)
	if m.Message != nil {
		w.links[m.Message.From][m.Message.To].push(m.Message, 0)
		w.loaded[m.Message.From] = w.loaded[m.Message.From].With(m.Message.To)
	}
	enabled := w.plain(m.Event)
	if enabled && s.future.Writes == 0 {
		s.persistAll(&w.nodes[id])
	}
	s.clearLinks()
	return enabled
}

// persistAll makes a node's writes durable until there are none.
func (s *Stage) persistAll(n *node) {
	persists := 0
	for n.disk.pending() > 0 && s.world.plain(Event{Kind: Persist, Node: n.id}) {
		if persists++; persists == maxSettle {
			s.world.begin(trace.Unquiet, raft.None).Text = fmt.Sprintf("after %d writes", maxSettle)
			s.world.emit()
			break
		}
	}
	if s.step != nil {
		s.step.Persists = persists
	}
}

// rememberCalls restores the clients and the operator to their state before every step of
// a node, which owes every answer.
func (s *Stage) rememberCalls(id raft.NodeID, e *Event, requests int) {
	w := s.world
	for i := range s.clients {
		calls := append(w.clients[i].calls[:0], s.clients[i].calls...)
		w.clients[i] = s.clients[i]
		w.clients[i].calls = calls
	}
	w.history = append(w.history[:0], s.history...)
	w.reads = w.reads[:0]
	if table[e.Kind].at == aCaller {
		w.clients[e.Client].reset(uint32(e.Client))
	}
	asked := s.requests + s.future.Requests
	if table[e.Kind].request {
		asked = s.requests + requests
	}
	w.requests = append(w.requests[:0], slices.Repeat([]raft.NodeID{id}, asked)...)
}

func (s *Stage) clearLinks() {
	for from := range s.world.all.All() {
		for to := range s.world.loaded[from].All() {
			s.world.links[from][to].reset()
		}
		s.world.loaded[from] = 0
	}
}

// Observe keeps the records of the step that checkers are to see.
func (s *Stage) Observe(r *trace.Record) {
	if s.future.Entry != nil {
		s.observeEntries(r)
	}
	if s.step == nil {
		return
	}
	switch r.Kind {
	case trace.Returned:
		s.step.Returned = append(s.step.Returned, Return{int(r.Op.Client) - s.first, r.Text})
		return
	case trace.Stepped, trace.Booted, trace.BootFailed, trace.Crashed, trace.Panicked,
		trace.BrokeContract, trace.Unquiet, trace.Answered:
	default:
		return // of clients, of the links
	}
	for i := range r.Released {
		s.step.Sent = append(s.step.Sent, copied(&r.Released[i]))
	}
	s.step.Records = append(s.step.Records, *r)
	c := &s.step.Records[len(s.step.Records)-1]
	c.Input = bareInput(r.Input)
	c.Out = bareOutput(&r.Out)
	c.Released = bareMessages(r.Released)
	c.Appended, c.Applied = slices.Clone(r.Appended), slices.Clone(r.Applied)
	c.Executed = slices.Clone(r.Executed)
}

// observeEntries passes the entries on that appeared in the log of a record's node.
func (s *Stage) observeEntries(r *trace.Record) {
	if !r.Inspected {
		return
	}
	log, before := s.world.view.Nodes[r.Node].Log, uint64(0)
	if r.Kept > 0 {
		before = log[r.Kept-1].Prefix
	}
	for i := range r.Appended {
		at := r.Kept + raft.Index(i) + 1
		var data []byte
		if r.Appended[i].Kind == raft.Reconfiguration {
			e, _ := s.world.nodes[r.Node].inspector.EntryAt(at)
			data = slices.Clone(e.Data)
		}
		s.future.Entry(before, log[at-1], data)
		before = log[at-1].Prefix
	}
}

func copied(m *raft.Message) raft.Message {
	c := *m
	c.Payload = slices.Clone(m.Payload)
	return c
}

// bareInput has the parts of an input on which verdicts rest.
func bareInput(in raft.Input) raft.Input {
	switch in := in.(type) {
	case *raft.Persisted:
		c := *in
		return &c
	case *raft.PersistFailed:
		c := *in
		return &c
	case *raft.Compact:
		return &raft.Compact{Index: in.Index, Keep: in.Keep}
	case *raft.Read:
		c := *in
		return &c
	case *raft.Reconfigure:
		c := *in
		return &c
	case *raft.Transfer:
		c := *in
		return &c
	}
	return nil
}

// bareOutput is an output without bytes.
func bareOutput(out *raft.Output) raft.Output {
	c := *out
	c.Restore.State = nil
	c.Sends, c.Replies = bareMessages(out.Sends), slices.Clone(out.Replies)
	c.Writes, c.Applied = slices.Clone(out.Writes), slices.Clone(out.Applied)
	for i := range c.Writes {
		c.Writes[i].Data = nil
	}
	for i := range c.Applied {
		c.Applied[i].Data = nil
	}
	return c
}

func bareMessages(list []raft.Message) []raft.Message {
	c := slices.Clone(list)
	for i := range c {
		c[i].Payload = nil
	}
	return c
}
