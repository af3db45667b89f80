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
//   - A request of the operator is Done only if it took effect, and Rejected only if it
//     never will.
type Contract struct {
	rotted   raft.NodeSet // the nodes that may refuse their disks
	requests []request    // of the operator, in the order in which nodes received them
	groups   []group      // of those requests
	effects  []effect     // of those groups
}

// Property returns the name, rule and source.
func (c *Contract) Property() Property {
	return Property{
		Name: "Contract",
		Rule: "A node keeps the rules of the seam, falls silent when its disk fails, boots from every disk " +
			"that a crash can leave behind, and answers the operator truly.",
		Source: "package raft, the contract of the seam",
	}
}

// Reset forgets the run.
func (c *Contract) Reset() {
	*c = Contract{requests: c.requests[:0], groups: c.groups[:0], effects: c.effects[:0]}
}

// Copy takes over the set of nodes whose disks rotted, and the requests.
func (c *Contract) Copy(from Checker) {
	f := from.(*Contract)
	c.rotted, c.requests = f.rotted, append(c.requests[:0], f.requests...)
	c.groups, c.effects = append(c.groups[:0], f.groups...), append(c.effects[:0], f.effects...)
}

// AppendMemory appends the set of nodes whose disks rotted. If there are requests, they
// follow a number that is no flag, as the next checker's encoding begins with a flag.
func (c *Contract) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Nodes(c.rotted)
	if len(c.requests) == 0 {
		return e.Buf
	}
	e.Numbers(2, uint64(len(c.requests)))
	for i := range c.requests {
		q := &c.requests[i]
		e.Numbers(uint64(q.op.Client), uint64(q.op.Seq))
		q.appendTo(&e)
	}
	e.Length(len(c.groups))
	for i := range c.groups {
		g := &c.groups[i]
		g.appendTo(&e)
		e.Numbers(uint64(g.open), uint64(g.others), uint64(g.after))
		e.Flags(g.took, g.begun)
	}
	e.Length(len(c.effects))
	for i := range c.effects {
		c.effects[i].appendTo(&e)
		e.EntryID(c.effects[i].entry)
	}
	return e.Buf
}

// appendTo appends the content of a request.
func (w *wish) appendTo(e *trace.Encoder) {
	e.Node(w.of)
	e.Config(w.config)
	e.Node(w.to)
}

// Observe reports a broken rule.
func (c *Contract) Observe(v *trace.View, r *trace.Record) string {
	if r.Status.Role >= raft.Roles {
		return fmt.Sprintf("%s shows %s, and there is none with that number", r.Node, r.Status.Role)
	}
	switch r.Kind {
	case trace.Stepped:
		c.follow(v, r)
		if v.Nodes[r.Node].Stopped {
			return c.judgeStopped(r)
		}
	case trace.Answered:
		return c.judgeAnswer(v, r)
	case trace.Crashed, trace.Panicked, trace.Wiped:
		c.forget(r.Node)
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
