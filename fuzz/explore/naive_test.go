package explore

import (
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/raft"
)

// naive explores in the simplest way. Each state is a list of events, which a world
// carries out from the start. Two states are equal if the worlds and the memories of
// their checkers are. It has no parts, steps, stages or fingerprints, and tries every
// event to find those that are enabled.
type naive struct {
	*Exploration
	seen     map[string]bool
	next     [][]naiveEvent
	violated map[string]int // the depth at which a property is first violated
	sizes    []int
	lastTerm raft.Term

	linearizable, live bool // whether Linearizability and Liveness are judged
}

// naiveEvent is an event with the budget that it spends.
type naiveEvent struct {
	faults.Event
	cost expense
}

func exploreNaively(e *Exploration) *naive {
	n := &naive{Exploration: e, seen: map[string]bool{}, violated: map[string]int{},
		linearizable: e.judges("Linearizability"), live: e.judges("Liveness")}
	w, _, _ := n.run(nil)
	for id := range w.All().All() {
		n.lastTerm = max(n.lastTerm, w.View().Nodes[id].Status.Term+raft.Term(e.Bounds.Terms))
	}
	level := [][]naiveEvent{nil}
	n.visit(nil, "", 0)
	for depth := 1; len(level) > 0; depth++ {
		n.sizes = append(n.sizes, len(level))
		n.next = nil
		for _, way := range level {
			n.expand(way, depth)
		}
		level = n.next
	}
	return n
}

// run carries out a list of events and reports whether the last one was enabled.
func (n *naive) run(way []naiveEvent) (w *faults.World, m *models.Monitor, enabled bool) {
	m = n.newMonitor()
	w, enabled = n.runWith(m, way)
	return w, m, enabled
}

func (n *naive) runWith(m *models.Monitor, way []naiveEvent) (w *faults.World, enabled bool) {
	w = faults.NewWorld(&m.View, m)
	w.Reset(n.System, n.Start)
	for _, e := range n.Start.Events {
		w.Apply(e)
	}
	enabled = true
	for _, e := range way {
		before := w.Events()
		w.Apply(e.Event)
		enabled = w.Events() > before
		for id := range w.Dirty().All() {
			for n.Bounds.Writes == 0 && w.PendingWrites(id) > 0 {
				w.Apply(faults.Event{Kind: faults.Persist, Node: id})
			}
		}
	}
	return w, enabled
}

// expand tries everything after a list of events.
func (n *naive) expand(way []naiveEvent, depth int) {
	w, m, _ := n.run(way)
	same, _ := n.key(w, m)
	same = n.returns(w) + same
	budgets := n.Bounds.budgets()
	for _, e := range way {
		if e.cost != free {
			budgets[e.cost]--
		}
	}
	for _, e := range n.candidates(w, way) {
		if e.cost == free || budgets[e.cost] > 0 {
			n.visit(append(slices.Clone(way), e), same, depth)
		}
	}
}

// candidates lists all events that may be enabled.
func (n *naive) candidates(w *faults.World, way []naiveEvent) []naiveEvent {
	var list []naiveEvent
	add := func(cost expense, e faults.Event) { list = append(list, naiveEvent{e, cost}) }
	var done [free + 1]int
	for _, e := range way {
		done[e.cost]++
	}
	called := done[calls]
	for id := range w.All().All() {
		if !n.timed() {
			add(free, faults.Event{Kind: faults.Timeout, Node: id})
		}
		if ticks := ticksOf(way); ticks[id] < n.Bounds.Time && ticks[id]-slices.Min(ticks[1:n.Start.Nodes+1]) < n.Bounds.Ahead {
			add(free, faults.Event{Kind: faults.Tick, Node: id, K: 1})
		}
		add(free, faults.Event{Kind: faults.Restart, Node: id})
		add(compactions, faults.Event{Kind: faults.Compact, Node: id})
		if status := w.View().Nodes[id].Status; status.Role == raft.Leader {
			add(ticks, faults.Event{Kind: faults.Tick, Node: id, K: 1})
		}
		for k := range int32(w.PendingWrites(id) + 1) {
			add(crashes, faults.Event{Kind: faults.Crash, Node: id, K: k})
			if k > 0 {
				add(free, faults.Event{Kind: faults.Persist, Node: id, K: k})
			}
		}
		add(calls, faults.Event{Kind: faults.Call, Node: id, Client: uint8(n.Start.MostClient() + called + 1),
			Op: fmt.Sprintf("put x %d", called+1)})
		add(reads, faults.Event{Kind: faults.Read, Node: id, Op: "get x",
			Client: uint8(n.Start.MostClient() + n.Bounds.Calls + done[reads] + 1)})
		add(leaseReads, faults.Event{Kind: faults.LeaseRead, Node: id, Op: "get x",
			Client: uint8(n.Start.MostClient() + n.Bounds.Calls + n.Bounds.Reads + done[leaseReads] + 1)})
		for i := range called {
			add(retries, faults.Event{Kind: faults.Retry, Node: id, Client: uint8(n.Start.MostClient() + i + 1)})
		}
		for _, e := range reconfigurations(w.View().Nodes[id].Status.Config, w.All(), id) {
			add(changes, e)
		}
		for to := range w.All().Without(id).All() {
			add(transfers, faults.Event{Kind: faults.Transfer, Node: id, Peer: to})
			for k := range int32(w.InFlight(id, to)) {
				if n.FIFO && k > 0 {
					break
				}
				add(free, faults.Event{Kind: faults.Deliver, Node: id, Peer: to, K: k})
				add(drops, faults.Event{Kind: faults.Drop, Node: id, Peer: to, K: k})
				add(duplicates, faults.Event{Kind: faults.Duplicate, Node: id, Peer: to, K: k})
			}
		}
	}
	return list
}

// timed reports whether election timers fire by ticks alone.
func (n *naive) timed() bool {
	return n.Bounds.Time > 0 || n.Bounds.LeaseReads > 0 && n.Start.PreVote
}

// ticksOf counts the ticks of each node's clock.
func ticksOf(way []naiveEvent) (ticks [faults.MaxNodes + 1]int) {
	for _, e := range way {
		if e.Kind == faults.Tick {
			ticks[e.Node]++
		}
	}
	return ticks
}

// reconfigurations lists the requests for each configuration that differs in one node from c.
func reconfigurations(c raft.Configuration, all raft.NodeSet, id raft.NodeID) (list []faults.Event) {
	for voters := raft.NodeSet(2); voters <= all; voters += 2 {
		for learners := raft.NodeSet(0); learners <= all; learners += 2 {
			if changed := (voters ^ c.Voters) | (learners ^ c.Learners); changed.Len() == 1 && voters&learners == 0 {
				list = append(list, faults.ReconfigureTo(id, voters, learners))
			}
		}
	}
	return list
}

// visit visits the state after a list of events, unless it equals the state before the
// last event: an event that only spends a budget leads to no new state.
func (n *naive) visit(way []naiveEvent, before string, depth int) {
	w, m, enabled := n.run(way)
	if !enabled {
		return
	}
	broken := m.Violated(nil)
	if n.linearizable && linearizability.CheckSearch(w.Service().Spec(), w.History()).Outcome ==
		linearizability.NotLinearizable {
		broken = append(broken, models.Verdict{Property: "Linearizability"})
	}
	if len(broken) > 0 {
		for _, v := range broken {
			if _, known := n.violated[v.Property]; !known {
				n.violated[v.Property] = depth
			}
		}
		return
	}
	key, within := n.key(w, m)
	if !within || n.returns(w)+key == before {
		return
	}
	if key = n.spent(way) + n.heard(w) + key; n.seen[key] {
		return
	}
	n.seen[key] = true
	if _, known := n.violated["Liveness"]; n.live && !known && n.stuck(way) {
		n.violated["Liveness"] = depth + 1
	}
	if depth > 0 {
		n.next = append(n.next, way)
	}
}

// stuck heals the cluster after a list of events, if nothing is in flight, and reports
// whether it does not work then.
func (n *naive) stuck(way []naiveEvent) bool {
	m := models.NewMonitor(new(models.Liveness))
	w, _ := n.runWith(m, way)
	for from := range w.All().All() {
		if w.PendingWrites(from) > 0 || w.Deliverable(from) != 0 {
			return false
		}
	}
	w.Apply(faults.Event{Kind: faults.Heal, K: int32(n.Bounds.Heal)})
	return len(m.Violated(nil)) > 0
}

// operations has those of the clients of the exploration. Those of the start never return.
func (n *naive) operations(w *faults.World) linearizability.History {
	return slices.DeleteFunc(slices.Clone(w.History()), func(o linearizability.Operation) bool {
		return o.Client <= n.Start.MostClient()
	})
}

// returns counts the operations that returned.
func (n *naive) returns(w *faults.World) string {
	count := 0
	for _, o := range n.operations(w) {
		if !o.Pending() {
			count++
		}
	}
	return fmt.Sprint(count, " ")
}

// heard encodes the answers of clients, and which of them came before which calls.
func (n *naive) heard(w *faults.World) (all string) {
	if !n.linearizable && !n.live && n.Bounds.LeaseReads == 0 {
		return ""
	}
	h := slices.SortedFunc(slices.Values(n.operations(w)), func(a, b linearizability.Operation) int {
		return a.Client - b.Client
	})
	for _, o := range h {
		all += fmt.Sprint("\n", o.Client, o.Pending(), o.Output)
		for _, before := range h {
			all += fmt.Sprint(before.Return < o.Call)
		}
	}
	return all
}

// spent encodes the amount of each budget that events spend.
func (n *naive) spent(way []naiveEvent) string {
	var cost [expenses]int
	for _, e := range way {
		if e.cost != free {
			cost[e.cost]++
		}
	}
	return fmt.Sprint(cost)
}

// key encodes a state without its spent budgets, and reports whether it is within the bounds.
func (n *naive) key(w *faults.World, m *models.Monitor) (key string, within bool) {
	as := raft.NewRenaming()
	b := m.AppendMemory(nil, as)
	within = true
	messages := 0
	var sent []string
	for id := range w.All().All() {
		p := w.Place(id)
		within = within && p.View().Status.Term <= n.lastTerm && p.PendingWrites() <= n.Bounds.Writes
		b = append(b, fmt.Sprintf("\n%d: ", id)...)
		b = p.Encoding(n.timed())(b, as)
		for to := range (w.All() &^ w.Cut(id)).All() {
			messages += w.InFlight(id, to)
			for k := range w.InFlight(id, to) {
				m := w.Message(id, to, k)
				sent = append(sent, fmt.Sprintf("%v %v %v %x", id, to, m.Kind, m.Payload))
			}
		}
	}
	if !n.FIFO {
		slices.Sort(sent)
	}
	return fmt.Sprint(sent, string(b)), within && messages <= n.Bounds.Messages
}
