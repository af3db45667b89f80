package trial

import (
	"math"

	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ClockSlack is how freely a run deals with clocks. A leader's lease trusts that those
// who answered it do not get ahead of its clock by much before they elect another
// (thesis, section 6.4.1).
type ClockSlack struct {
	ahead float64 // how many times as fast a clock ran as that of the leader that its node heard last, at most
	haste int     // the fewest ticks between hearing a leader and a timer that fires out of turn
}

// none is the slack of a run in which no time passes.
var none = ClockSlack{haste: math.MaxInt}

// AnySlack is more than any run takes.
var AnySlack = ClockSlack{ahead: math.Inf(1)}

// Within reports whether a run dealt with clocks no more freely than the other one.
func (l ClockSlack) Within(other ClockSlack) bool {
	return l.ahead <= other.ahead && l.haste >= other.haste
}

// clockWatch measures the slack of a run, from what each node heard from the
// leaders that still lead.
type clockWatch struct {
	on    bool
	view  *trace.View
	taken ClockSlack
	ticks [faults.MaxNodes + 1]int // of each clock
	heard [faults.MaxNodes + 1]hearing
}

// hearing is when a node last heard from a leader, on both clocks. It outlasts
// the node's restarts, as what it answered does.
type hearing struct {
	leader   raft.NodeID
	own, its int
}

func (w *clockWatch) reset() { *w = clockWatch{on: w.on, view: w.view, taken: none} }

// Observe looks at a record that the view already has.
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
			w.taken.haste = min(w.taken.haste, w.ticks[r.Node]-h.own)
		}
	}
}

// ticked compares a clock with that of the leader. Each is counted in whole ticks,
// and either count may be one short: in short times that is no difference.
func (w *clockWatch) ticked(id raft.NodeID) {
	if h := w.heard[id]; w.leads(h.leader) {
		own, its := w.ticks[id]-h.own, w.ticks[h.leader]-h.its
		w.taken.ahead = max(w.taken.ahead, float64(own)/float64(its+2))
	}
}

func (w *clockWatch) leads(id raft.NodeID) bool {
	n := &w.view.Nodes[id]
	return id != raft.None && n.Up && n.Status.Role == raft.Leader
}
