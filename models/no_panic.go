package models

import "raftcheck/models/trace"

// NoPanic judges that a node never panics (package raft: a step returns). The faults of
// networks and disks are inputs that a node must handle.
type NoPanic struct{ stateless }

// Property returns the name, rule and source.
func (c *NoPanic) Property() Property {
	return Property{
		Name:   "NoPanic",
		Rule:   "No input makes a node panic.",
		Source: "package raft: a step returns",
		Needs:  ClassTurn,
	}
}

// Observe reports a panic.
func (c *NoPanic) Observe(_ *trace.View, r *trace.Record) string {
	if r.Kind != trace.Panicked {
		return ""
	}
	return r.Node.String() + " panicked: " + r.Text
}

// Finish reports that the property held.
func (c *NoPanic) Finish(*trace.View) (Outcome, string) { return Held, "" }
