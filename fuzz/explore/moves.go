package explore

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// move is a kind of event that explorations have.
type move struct {
	kind faults.EventKind
	cost expense
	// offer adds the events of the kind at a place to the worker's options. It is nil for
	// kinds that happen to messages.
	offer func(w *worker, m *move, id raft.NodeID, p *place)
	// event turns a choice into an event of a schedule; nil if the choice's k is K.
	event func(w *worker, s *state, c choice) faults.Event
}

// placeMoves happen at a place. Options are listed in this order.
var placeMoves = [...]move{
	{kind: faults.Restart, cost: free, offer: (*worker).restarts},
	{kind: faults.Crash, cost: crashes, offer: (*worker).crashes},
	{kind: faults.Timeout, cost: free, offer: (*worker).timeouts},
	{kind: faults.Persist, cost: free, offer: (*worker).persists},
	{kind: faults.Call, cost: calls, offer: (*worker).onceAwake, event: (*worker).call},
	{kind: faults.Read, cost: reads, offer: (*worker).onceAwake, event: (*worker).call},
	{kind: faults.Retry, cost: retries, offer: (*worker).retries, event: (*worker).retry},
	{kind: faults.Compact, cost: compactions, offer: (*worker).compactions},
	{kind: faults.LeaseRead, cost: leaseReads, offer: (*worker).onceAwake, event: (*worker).call},
	{kind: faults.Tick, cost: ticks, offer: (*worker).leaderTicks},
	{kind: faults.Tick, cost: free, offer: (*worker).clockTicks},
	{kind: faults.Reconfigure, cost: changes, offer: (*worker).reconfigurations, event: (*worker).reconfigure},
	{kind: faults.Transfer, cost: transfers, offer: (*worker).leaderTransfers, event: (*worker).transfer},
}

// The moves of messages. Only a delivery is a step of a node.
var (
	deliver   = move{kind: faults.Deliver, cost: free}
	drop      = move{kind: faults.Drop, cost: drops}
	duplicate = move{kind: faults.Duplicate, cost: duplicates}
)

// options lists everything that can happen in a state, in an order that follows from the
// state alone. The list is the worker's until the next call.
func (w *worker) options(s *state) []option {
	w.list = w.list[:0]
	left := w.left(s)
	w.waiting, w.slowest, w.gone = w.waitingCalls(s), w.slowestClock(s), w.joined(s)
	for i, number := range s.places {
		id, p := raft.NodeID(i+1), w.parts.places.at(number)
		for j := range placeMoves {
			if m := &placeMoves[j]; left[m.cost] > 0 {
				m.offer(w, m, id, p)
			}
		}
	}
	for i, number := range s.messages {
		m := w.parts.messages.at(number)
		if w.earlier(s.messages[:i], m) {
			continue
		}
		if w.accepts(s, m) {
			w.add(&deliver, m.To, 0, i)
		}
		if left[drops] > 0 {
			w.add(&drop, raft.None, 0, i)
		}
		if left[duplicates] > 0 {
			w.add(&duplicate, raft.None, 0, i)
		}
	}
	return w.list
}

func (w *worker) add(m *move, id raft.NodeID, k, at int) {
	w.list = append(w.list, option{choice{m.kind, id, uint8(k)}, at, m.cost})
}

// left is the rest of each budget. Free moves never run out.
func (w *worker) left(s *state) (left [free + 1]int) {
	for e := range w.budgets {
		left[e] = w.budgets[e] - s.spent.of(expense(e))
	}
	left[free] = 1
	return left
}

func (w *worker) restarts(m *move, id raft.NodeID, p *place) {
	if p.Restartable() {
		w.add(m, id, 0, noMessage)
	}
}

// crashes offers a crash for each number of pending writes that may survive.
func (w *worker) crashes(m *move, id raft.NodeID, p *place) {
	for k := 0; k <= p.pending && !p.Restartable(); k++ {
		w.add(m, id, k, noMessage)
	}
}

func (w *worker) onceAwake(m *move, id raft.NodeID, p *place) {
	if p.Awake() {
		w.add(m, id, 0, noMessage)
	}
}

// timeouts offers the election timer of a node, unless it fires by ticks alone.
func (w *worker) timeouts(m *move, id raft.NodeID, p *place) {
	if !w.timed {
		w.onceAwake(m, id, p)
	}
}

// clockTicks offers a tick of a clock that is not too far ahead.
func (w *worker) clockTicks(m *move, id raft.NodeID, p *place) {
	if t := w.ticked(id, p); p.Awake() && t < w.bounds.Time && t-w.slowest < w.bounds.Ahead {
		w.add(m, id, 1, noMessage)
	}
}

// ticked is how many ticks of a node's clock passed since the start.
func (w *worker) ticked(id raft.NodeID, p *place) int { return p.Ticks() - w.ticksBefore[id] }

// slowestClock is how many ticks of the slowest clock passed since the start. The clock of a
// node that is down stands still, and so others wait for its restart.
func (w *worker) slowestClock(s *state) int {
	slowest := w.bounds.Time
	if slowest == 0 {
		return 0
	}
	for i, number := range s.places {
		if p := w.parts.places.at(number); p.Awake() || p.Restartable() {
			slowest = min(slowest, w.ticked(raft.NodeID(i+1), p))
		}
	}
	return slowest
}

func (w *worker) persists(m *move, id raft.NodeID, p *place) {
	for k := 1; k <= p.pending && p.Awake(); k++ {
		w.add(m, id, k, noMessage)
	}
}

func (w *worker) compactions(m *move, id raft.NodeID, p *place) {
	if p.Compactable() {
		w.add(m, id, 0, noMessage)
	}
}

func (w *worker) leaderTicks(m *move, id raft.NodeID, p *place) {
	if p.Awake() && p.leads {
		w.add(m, id, 1, noMessage)
	}
}

// reconfigurations offers each neighbour of the leader's configuration, but for those with a
// node that cannot come back.
func (w *worker) reconfigurations(m *move, id raft.NodeID, p *place) {
	if !p.Awake() || !p.leads {
		return
	}
	gone := w.gone &^ p.View().Status.Config.Members()
	for k, to := range w.neighbours(p) {
		if to.Members()&gone == 0 {
			w.add(m, id, k, noMessage)
		}
	}
}

// joined has the nodes that cannot become members, unless they are.
func (w *worker) joined(s *state) raft.NodeSet {
	if !w.lacks.Has(raft.Rejoins) {
		return 0
	}
	return w.parts.memories.at(s.memory).View.Joined
}

// leaderTransfers offers a transfer from the leader to each other node.
func (w *worker) leaderTransfers(m *move, id raft.NodeID, p *place) {
	if p.Awake() && p.leads {
		for to := range w.all.Without(id).All() {
			w.add(m, id, int(to), noMessage)
		}
	}
}

// neighbours are the configurations that differ from a place's in one node, which
// becomes a learner, a voter, or no member. No node becomes a learner if the system has none.
func (w *worker) neighbours(p *place) (list []raft.Configuration) {
	c := p.View().Status.Config
	add := func(voters, learners raft.NodeSet) {
		if voters != 0 {
			list = append(list, raft.Configuration{Voters: voters, Learners: learners})
		}
	}
	for id := range w.all.All() {
		voters, learners := c.Voters.Without(id), c.Learners.Without(id)
		if !c.Voters.Has(id) && (c.Learners.Has(id) || w.lacks.Has(raft.Learners)) {
			add(c.Voters.With(id), learners)
		}
		if c.Members().Has(id) {
			add(voters, learners)
		}
		if !c.Learners.Has(id) && !w.lacks.Has(raft.Learners) {
			add(voters, c.Learners.With(id))
		}
	}
	return list
}

// event turns a choice into an event of a schedule. Choices of messages are about m.
func (w *worker) event(s *state, c choice, m *message) faults.Event {
	if m != nil {
		return faults.Event{Kind: c.kind, Node: m.From, Peer: m.To}
	}
	for i := range placeMoves {
		if of := &placeMoves[i]; of.kind == c.kind && of.event != nil {
			return of.event(w, s, c)
		}
	}
	return faults.Event{Kind: c.kind, Node: c.node, K: int32(c.k)}
}

func (w *worker) call(s *state, c choice) faults.Event {
	return w.stage.Call(w.callOf(s, c.kind), c.node)
}

// retries offers every call that did not return.
func (w *worker) retries(m *move, id raft.NodeID, p *place) {
	for i := 0; p.Awake() && w.waiting>>i != 0; i++ {
		if w.waiting>>i&1 != 0 {
			w.add(m, id, i, noMessage)
		}
	}
}

func (w *worker) retry(_ *state, c choice) faults.Event {
	e := w.stage.Call(int(c.k), c.node)
	return faults.Event{Kind: faults.Retry, Client: e.Client, Node: e.Node}
}

func (w *worker) reconfigure(s *state, c choice) faults.Event {
	to := w.neighbours(w.parts.places.at(s.places[c.node-1]))[c.k]
	return faults.ReconfigureTo(c.node, to.Voters, to.Learners)
}

func (w *worker) transfer(_ *state, c choice) faults.Event {
	return faults.Event{Kind: faults.Transfer, Node: c.node, Peer: raft.NodeID(c.k)}
}
