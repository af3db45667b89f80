package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Contract judges the rules of package raft for a node, the contract of the seam:
//
//   - The world reports no broken rule (trace.BrokeContract).
//   - A node whose disk failed falls silent: no writes, messages, applied entries or answers.
//   - A cluster without ticks becomes quiet.
//   - A node shows one of the four roles.
//   - A node boots from every disk that a crash can leave behind. It may refuse a disk
//     that rotted.
type Contract struct {
	rotted raft.NodeSet // the nodes that may refuse their disks
}

// Property returns the name, rule and source.
func (c *Contract) Property() Property {
	return Property{
		Name: "Contract",
		Rule: "A node keeps the rules of the seam, falls silent when its disk fails, and boots from every " +
			"disk that a crash can leave behind.",
		Source: "package raft, the contract of the seam",
	}
}

// Reset forgets the run.
func (c *Contract) Reset() { c.rotted = 0 }

// Copy takes over the set of nodes whose disks rotted.
func (c *Contract) Copy(from Checker) { *c = *from.(*Contract) }

// AppendMemory appends the set of nodes whose disks rotted.
func (c *Contract) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Nodes(c.rotted)
	return e.Buf
}

// Observe reports a broken rule.
func (c *Contract) Observe(v *trace.View, r *trace.Record) string {
	if r.Status.Role >= raft.Roles {
		return fmt.Sprintf("%s shows %s, and there is none with that number", r.Node, r.Status.Role)
	}
	switch r.Kind {
	case trace.Stepped:
		if v.Nodes[r.Node].Stopped {
			return c.judgeStopped(r)
		}
	case trace.Rotted:
		c.rotted = c.rotted.With(r.Node)
	case trace.BootFailed:
		if !c.rotted.Has(r.Node) {
			return fmt.Sprintf("%s refused a disk that a crash can leave behind: %s", r.Node, r.Text)
		}
	case trace.Unquiet:
		return "the cluster never falls silent: " + r.Text + " without a tick, it talks on"
	case trace.BrokeContract:
		return r.Node.String() + " broke the contract: " + r.Text
	}
	return ""
}

// judgeStopped judges a step of a node whose disk failed: its output must be empty.
func (c *Contract) judgeStopped(r *trace.Record) string {
	does := ""
	switch {
	case len(r.Out.Writes) > 0:
		does = "wrote"
	case len(r.Out.Sends) > 0:
		does = "sent"
	case r.Out.Restore.ID.Index != 0:
		does = "restored"
	case len(r.Out.Applied) > 0:
		does = "applied"
	case len(r.Out.Replies) > 0:
		does = "answered"
	default:
		return ""
	}
	return fmt.Sprintf("%s %s after its disk failed", r.Node, does)
}

// Finish reports that the property held.
func (c *Contract) Finish(*trace.View) (Outcome, string) { return Held, "" }
