package trial

import (
	"math"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ClockSlack measures how far a run let clocks differ. A leader's lease relies on the
// clocks of the nodes that answered it: they must not get far ahead of the leader's
// clock before they elect another leader (thesis, section 6.4.1).
type ClockSlack struct {
	Ahead float64 // the largest speed of a clock, relative to the clock of the leader heard last
	Haste int     // the fewest ticks between hearing a leader and a timeout event
}

// none is the slack of a run in which no time passes.
var none = ClockSlack{Haste: math.MaxInt}

// AnySlack is a slack that every run is within.
var AnySlack = ClockSlack{Ahead: math.Inf(1)}

// Within reports whether clocks differed by no more than in the other run.
func (l ClockSlack) Within(other ClockSlack) bool {
	return l.Ahead <= other.Ahead && l.Haste >= other.Haste
}

// leases and loyalty are the rules of answers from leases.
var (
	leases  = new(models.Leases).Property().Name
	loyalty = new(models.Loyalty).Property().Name
)

// RestsOnClocks reports whether clocks that differ too much can break a property of reads from
// leases, in a sound system too.
func RestsOnClocks(property string) bool {
	return property == Linearizability.Name || property == leases || property == loyalty
}

// clockWatch measures the slack of a run from the messages that each node received
// from leaders that still lead.
type clockWatch struct {
	on    bool
	view  *trace.View
	taken ClockSlack
	ticks [faults.MaxNodes + 1]int // of each node's clock
	heard [faults.MaxNodes + 1]hearing
}

// hearing is the time at which a node last received a message from a leader, on both
// clocks. It outlasts restarts of the node, as the node's answer does.
type hearing struct {
	leader   raft.NodeID
	own, its int
}

func (w *clockWatch) reset() { *w = clockWatch{on: w.on, view: w.view, taken: none} }

// Observe measures a record. The view must have been updated before.
func (w *clockWatch) Observe(r *trace.Record) {
	if !w.on || r.Kind != trace.Stepped {
		return
	}
	switch in := r.Input.(type) {
	case *raft.Receive:
		if from := in.Msg.From; w.leads(from) {
			w.heard[r.Node] = hearing{from, w.ticks[r.Node], w.ticks[from]}
		}
	case *raft.Tick:
		w.ticks[r.Node]++
		w.ticked(r.Node)
	case *raft.Timeout:
		if h := w.heard[r.Node]; w.leads(h.leader) {
			w.taken.Haste = min(w.taken.Haste, w.ticks[r.Node]-h.own)
		}
	}
}

// ticked compares a node's clock with the leader's. Both are counted in whole ticks,
// and either count may be short by one, so the leader's is rounded up by two.
func (w *clockWatch) ticked(id raft.NodeID) {
	if h := w.heard[id]; w.leads(h.leader) {
		own, its := w.ticks[id]-h.own, w.ticks[h.leader]-h.its
		w.taken.Ahead = max(w.taken.Ahead, float64(own)/float64(its+2))
	}
}

// leads reports whether a node is up and leads.
func (w *clockWatch) leads(id raft.NodeID) bool {
	n := &w.view.Nodes[id]
	return id != raft.None && n.Up && n.Status.Role == raft.Leader
}
