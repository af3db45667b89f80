package models

import "raftcheck/models/trace"

// NoPanic judges that no input makes a node panic: whatever a network or a
// disk may do to it is its everyday life (package raft).
type NoPanic struct{ forgetful }

// Property names the promise.
func (c *NoPanic) Property() Property {
	return Property{Name: "NoPanic", Source: "package raft: a step returns"}
}

// Observe repeats what a panic said.
func (c *NoPanic) Observe(_ *trace.View, r *trace.Record) string {
	if r.Kind != trace.Panicked {
		return ""
	}
	return r.Node.String() + " panicked: " + r.Text
}

// Finish says that the property held.
func (c *NoPanic) Finish(*trace.View) (Outcome, string) { return Held, "" }
