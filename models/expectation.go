package models

import (
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Expectation judges that the cluster is in the states that a schedule expects. It says
// something about a schedule, not about Raft: [Checkers] does not have it, and campaigns
// never ask for it.
type Expectation struct {
	asked  bool
	hidden string // the first state that could not be seen
}

// Property returns the name, rule and source.
func (c *Expectation) Property() Property {
	return Property{
		Name:   "Expectation",
		Rule:   "The cluster is in the states that the schedule expects.",
		Source: "the schedule",
		Needs:  ClassOutside,
	}
}

// Observe reports a state other than the expected one.
func (c *Expectation) Observe(_ *trace.View, r *trace.Record) string {
	if r.Kind != trace.Expected {
		return ""
	}
	c.asked = true
	switch {
	case r.Outcome == raft.Rejected:
		return r.Text
	case r.Outcome == raft.Unknown && c.hidden == "":
		c.hidden = r.Text
	}
	return ""
}

// Finish reports that the property held, unless the schedule expected nothing or a node
// did not show its state.
func (c *Expectation) Finish(*trace.View) (Outcome, string) {
	if !c.asked || c.hidden != "" {
		return NotChecked, c.hidden
	}
	return Held, ""
}
