package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Contract judges what package raft asks of a node: what the world saw it
// break, that it falls silent when its disk fails and when nothing happens to it,
// and that it boots from every disk that a crash can leave behind.
type Contract struct {
	rotted raft.NodeSet // whose disk may be refused
}

// Property names the promise.
func (c *Contract) Property() Property {
	return Property{Name: "Contract", Source: "package raft, the contract of the seam"}
}

// Reset forgets the run.
func (c *Contract) Reset() { c.rotted = 0 }

// Copy copies whose disks may be refused.
func (c *Contract) Copy(from Checker) { *c = *from.(*Contract) }

// AppendMemory appends whose disks may be refused.
func (c *Contract) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Nodes(c.rotted)
	return e.B
}

// Observe looks for what the contract forbids.
func (c *Contract) Observe(v *trace.View, r *trace.Record) string {
	switch r.Kind {
	case trace.Stepped:
		if v.Nodes[r.Node].Stopped {
			return c.stopped(r)
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

// stopped judges a step of a node whose disk failed.
func (c *Contract) stopped(r *trace.Record) string {
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

// Finish says that the property held.
func (c *Contract) Finish(*trace.View) (Outcome, string) { return Held, "" }
