package models

import (
	"fmt"

	"raftcheck/models/trace"
)

// Liveness judges that a cluster whose faults have all ended elects a leader
// and catches up within a stated time, and ends the change of its configuration
// that is under way, as long as a quorum can run (Raft paper, section 5.6, for
// the change section 6, and for the quorum section 2).
type Liveness struct {
	asked    bool
	noQuorum bool
}

// Property names the promise.
func (c *Liveness) Property() Property {
	return Property{Name: "Liveness", Source: "Raft paper, sections 2, 5.6 and 6"}
}

// Observe looks at what is still wrong after healing.
func (c *Liveness) Observe(_ *trace.View, r *trace.Record) string {
	if r.Kind != trace.Healed || r.Bound == 0 {
		return ""
	}
	c.asked = true
	switch r.Stuck {
	case trace.Well:
		return ""
	case trace.NoQuorum:
		c.noQuorum = true
		return ""
	}
	return fmt.Sprintf("%s within %d ticks of healing: %s", r.Stuck, r.Bound, r.Text)
}

// Finish says that the property held, unless the run never healed or could not.
func (c *Liveness) Finish(v *trace.View) (Outcome, string) {
	switch {
	case c.noQuorum:
		return NotChecked, trace.NoQuorum.String() + ": " + v.Describe(trace.NoQuorum, 0)
	case !c.asked:
		return NotChecked, ""
	}
	return Held, ""
}
