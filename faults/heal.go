package faults

import (
	"bytes"
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// healing is a heal under way.
//
// A cluster that is slow is told from one that is stuck. Elections fail by chance, since their
// timeouts are random (Raft paper, section 5.2), and a cluster may have as many as chance
// explains. A cluster without elections has no luck to wait for: it is stuck once its state
// comes back, as it then does the same for ever. Systems whose states cannot be compared
// (raft.Recurrent) get more time instead.
type healing struct {
	*World
	bound     int // ticks in which a cluster works if it holds no election
	ticks     int
	quiet     int // ticks since the latest election, or since the heal began
	elections int
	was       [MaxNodes + 1]electing
	before    []byte // the state after some ticks, to compare later ones with; nil before
	at        int    // those ticks
	done      int    // the plain events until then
	state     []byte
	why       string // it is stuck for ever
}

// electing is the part of a node's state that an election changes.
type electing struct {
	term raft.Term
	role raft.Role
}

// patience is how many times the bound a cluster gets whose states do not come back.
const patience = 10

// chances is how many elections may fail for each node that may vote. If no vote can be
// missed, one candidate must be alone in time, and each gets twice as many. A pre-vote counts
// as an election, and so does the vote after it.
//
// The number is measured, in ticks of the simulation. 1,500 clusters each of 3, 5 and 7
// reference nodes heal after a crash of all, from one longer log, with pre-votes and without,
// as whole clusters and as bare majorities. The slowest tenth fails at most 84% of its further
// elections. The nearest to their bounds are two of three nodes with pre-votes (82%, most 31
// of 120), and all three (78%, most 17 of 90). Such tails pass a bound in fewer than one of 10^10
// heals, and those of larger clusters in fewer than one of 10^17. In 16,500 swarm schedules no tail
// is nearer.
const chances = 30

// heal ends every fault and then passes time until the cluster is well, or stuck.
func (w *World) heal(e Event) {
	w.plain(Event{Kind: Steady, K: 1})
	w.plain(Event{Kind: Mend})
	w.plain(Event{Kind: Load})
	for id := range w.all.All() {
		w.plain(Event{Kind: Skew, Node: id, K: fullSpeed})
		w.plain(Event{Kind: Resume, Node: id})
		w.plain(Event{Kind: Unstall, Node: id})
		w.plain(Event{Kind: Free, Node: id})
		if w.nodes[id].stopped {
			w.plain(Event{Kind: Crash, Node: id})
		}
		w.plain(Event{Kind: Restart, Node: id})
	}
	h := healing{World: w, bound: int(e.K)}
	h.loop = 0
	h.elects()
	h.quiet, h.elections = 0, 0
	stuck, at := w.view.Stuck()
	for ; stuck != trace.Well && !h.over(stuck); stuck, at = w.view.Stuck() {
		w.tend()
		w.pass()
		h.ticks++
		h.elects()
	}
	if stuck == trace.Well && e.K > 0 {
		w.wellAt = w.event
	}
	r := w.begin(trace.Healed, at)
	r.Ticks, r.Bound, r.Stuck, r.Text = h.ticks, h.bound, stuck, w.view.Describe(stuck, at)
	if stuck != trace.Well {
		r.Text += h.why
	}
	w.emit()
}

// elects notes the nodes that stood for election in the last tick, or entered a term.
func (h *healing) elects() {
	h.quiet++
	for id := range h.all.All() {
		s := &h.view.Nodes[id].Status
		is := electing{s.Term, s.Role}
		if is == h.was[id] {
			continue
		}
		if is.role == raft.Candidate || is.role == raft.PreCandidate {
			h.elections++
		}
		h.was[id], h.quiet, h.before = is, 0, nil
	}
}

// over reports whether the cluster, which is not well, is stuck.
func (h *healing) over(stuck trace.Stuck) bool {
	switch {
	case stuck == trace.NoQuorum:
		return h.ticks >= h.bound
	case h.quiet >= h.bound && (h.quiet >= patience*h.bound || h.comesBack()):
		return true
	case h.elections > h.chances():
		h.why = fmt.Sprintf(", after %d elections in %d ticks", h.elections, h.ticks)
		return true
	}
	return false
}

// chances returns the number of elections that may fail.
func (h *healing) chances() int {
	var c raft.Configuration
	var latest raft.Index
	for id := range h.up.All() {
		if s := &h.view.Nodes[id].Status; c.Voters == 0 || s.ConfigIndex > latest {
			c, latest = h.view.Config(id), s.ConfigIndex
		}
	}
	voters := c.Electors() & h.up
	n := chances * voters.Len()
	for id := range voters.All() {
		if !trace.HasQuorum(c, h.up.Without(id)) {
			return 2 * n
		}
	}
	return n
}

// comesBack reports whether the state of the cluster is one that it was in before, without an
// election in between. States are compared while no message and no write is under way.
func (h *healing) comesBack() bool {
	if !h.rests() {
		return false
	}
	h.state = h.state[:0]
	for id := range h.up.All() {
		n, ok := h.nodes[id].running.(raft.Recurrent)
		if !ok {
			return false
		}
		h.state = append(n.AppendRecurrent(append(h.state, byte(id))), 0)
	}
	for i := range h.clients {
		if c := &h.clients[i]; c.open {
			h.state = append(h.state, byte(i), byte(h.now-c.since), byte(c.asked))
		}
	}
	if h.before != nil && bytes.Equal(h.state, h.before) {
		h.why = fmt.Sprintf(", and the state after %d ticks comes back every %d", h.at, h.ticks-h.at)
		h.loop = h.events - h.done
		return true
	}
	// The state to compare with may lie before the loop (Brent, 1980).
	if h.before == nil || h.ticks-h.at >= h.at {
		h.before, h.at, h.done = append([]byte{}, h.state...), h.ticks, h.events
	}
	return false
}

// rests reports whether no message and no write is under way.
func (h *healing) rests() bool {
	for id := range h.all.All() {
		if h.loaded[id] != 0 {
			return false
		}
	}
	return h.dirty == 0
}

// tend does what an operator and a client have to do in a cluster that heals.
func (w *World) tend() {
	w.retire()
	if w.limits.Lacks.Has(raft.NoOps) {
		w.prompt()
	}
}

// prompt lets a client write while a leader may be unable to commit entries of earlier terms
// before another command (Raft paper, sections 5.4.2 and 8).
func (w *World) prompt() {
	leader := w.leader()
	s := &w.view.Nodes[leader].Status
	stuck, _ := w.view.Stuck()
	if stuck == trace.LogBehind && s.Last.Term < s.Term && !w.clients[coreClient].open {
		w.plain(Event{Kind: Call, Client: coreClient, Node: leader, Op: w.example(false)})
	}
}

// retire switches off the nodes that were removed and do not know it. Without
// pre-votes they would depose one leader after the other (Raft paper, section 6;
// thesis, section 4.2.3), so an operator has to do it.
func (w *World) retire() {
	if w.preVote {
		return
	}
	for id := range w.view.Removed().All() {
		w.plain(Event{Kind: Crash, Node: id})
	}
}
