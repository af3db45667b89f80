package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Liveness judges a cluster whose faults have all ended. If a quorum can run (Raft paper,
// section 2), it must elect a leader and catch up within a bound of ticks (section 5.6).
// It must also finish the change of configuration under way (section 6), and answer the
// calls of clients and the requests of the operator. Then it must carry out new ones. Every node
// must come back, but for those whose disks rotted.
type Liveness struct {
	asked    bool         // the run healed under a bound
	noQuorum bool         // too few nodes could run
	rotted   raft.NodeSet // the nodes that may refuse their disks
}

// Property returns the name, rule and source.
func (c *Liveness) Property() Property {
	return Property{
		Name: "Liveness",
		Rule: "After a heal, within a bounded time, every node is back whose disk did not rot, there is one " +
			"leader, every member has caught up, no change is unfinished, every call and every request of the " +
			"operator is answered, and new ones are carried out.",
		Source: "Raft paper, sections 2, 5.6 and 6",
		Kind:   KindOutcome,
		Needs:  ClassOutside | ClassTurn,
	}
}

// Observe judges the state of the cluster after healing.
func (c *Liveness) Observe(v *trace.View, r *trace.Record) string {
	if r.Kind == trace.Rotted {
		c.rotted = c.rotted.With(r.Node)
	}
	if r.Kind == trace.Probed && r.Outcome == raft.Rejected {
		return fmt.Sprintf("healed, and not able within %d ticks to %s", r.Bound, r.Text)
	}
	if r.Kind == trace.Stalled {
		return fmt.Sprintf("%s has not succeeded within %d ticks, while other nodes fail", r.Text, r.Bound)
	}
	if r.Kind != trace.Healed || r.Bound == 0 {
		return ""
	}
	c.asked = true
	for id := range (v.All &^ c.rotted).All() {
		if v.Nodes[id].Refused {
			return fmt.Sprintf("%s does not come back: it refuses a disk that a crash can leave behind", id)
		}
	}
	switch r.Stuck {
	case trace.Well:
		return ""
	case trace.NoQuorum:
		c.noQuorum = true
		return ""
	}
	return fmt.Sprintf("%s within %d ticks of healing: %s", r.Stuck, r.Bound, r.Text)
}

// Finish reports that the property held, unless the run never healed or lacked a quorum.
func (c *Liveness) Finish(v *trace.View) (Outcome, string) {
	switch {
	case c.noQuorum:
		return NotChecked, trace.NoQuorum.String() + ": " + v.Describe(trace.NoQuorum, 0)
	case !c.asked:
		return NotChecked, ""
	}
	return Held, ""
}
