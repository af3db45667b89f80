package trial

import "raftcheck/models/trace"

// healWatch notes how long the heals of a run took, in ticks: those with a bound whose nodes
// could have a leader. A heal that did not end counts with its bound.
type healWatch struct{ ticks []int }

// Observe notes the end of a heal.
func (w *healWatch) Observe(r *trace.Record) {
	if r.Kind == trace.Healed && r.Bound > 0 && r.Stuck != trace.NoQuorum {
		w.ticks = append(w.ticks, r.Ticks)
	}
}
