package models

import (
	"fmt"
	"slices"

	"raftcheck/models/paper"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Refinement judges that every step of a node is explained by actions of the paper's algorithm
// (package paper). It keeps a cluster of that algorithm. For each record it finds the actions
// that lead from the node's state before to the state that the node shows now, and takes them.
// The violation names the action and the guard that refused it.
//
// The mapping is that of the seam. A node's term, vote, role, log, commit index and
// configuration are those that it shows. A vote and a stored entry are said once a message
// that promises them leaves the node. A leader counts its own vote and log as far as its disk
// may hold them.
//
// The step of a batch is a sequence of actions as well, in one term and one role. A batch in which
// either changes tells too little of what the node did in between, and a system with liberties
// has more ways to go: the run is not judged from there on.
//
// A wrong step is found at once, whether it does harm or not. Only systems that are
// [raft.Refining] are judged, without the guards that their liberties exempt them from. A
// system that acts by applied configurations (Status.ConfigApplied) is judged by those, and
// the content of its configurations is left to the property Configuration.
type Refinement struct {
	liberties raft.Liberties
	state     paper.State
	begun     bool        // state is that of the run
	batches   []batch     // by node
	hid       bool        // a node or a batch hid what later steps rest on
	late      []raft.OpID // reads from a lease that wait until their node has applied all
	one       [1]query    // scratch
}

// Property returns the name, rule and source.
func (c *Refinement) Property() Property {
	return Property{
		Name:     "Refinement",
		Rule:     "Every step of a node is a sequence of actions of the paper's algorithm.",
		Source:   "Raft paper, figures 2 and 13, sections 5 to 8; thesis, chapters 3, 4 and 6, and section 9.6",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassSteps | ClassTurn,
	}
}

// Reset forgets the run, and keeps its memory.
func (c *Refinement) Reset() { c.begun, c.hid, c.late = false, false, c.late[:0] }

// Observe explains a record.
func (c *Refinement) Observe(v *trace.View, r *trace.Record) string {
	if !c.begun {
		c.begun = true
		c.state.Reset(v.All, v.FirstConfig(), v.PreVote)
		c.batches = slices.Grow(c.batches[:0], len(v.Nodes))[:len(v.Nodes)]
		for i := range c.batches {
			c.batches[i].reset()
		}
	}
	c.hid = c.hid || r.Kind == trace.Booted && !r.Inspected
	if c.hid {
		return ""
	}
	switch r.Kind {
	case trace.Booted:
		return c.boots(v, r)
	case trace.Crashed, trace.Panicked:
		c.state.Forget(r.Node)
		c.batches[r.Node].reset()
	case trace.Stepped:
		return c.steps(v, r)
	}
	return ""
}

// steps explains a step. In the middle of a batch only messages leave, which wait for writes of
// earlier steps.
func (c *Refinement) steps(v *trace.View, r *trace.Record) string {
	x := explanation{Refinement: c, view: v, r: r, id: r.Node, is: &r.Status,
		seen: &v.Nodes[r.Node], n: &c.state.Nodes[r.Node]}
	b := &c.batches[r.Node]
	if c.hid = r.Batch != trace.Alone && c.liberties != 0; c.hid {
		return ""
	}
	switch r.Batch {
	case trace.Alone:
		x.explain()
	case trace.Amid:
		b.note(r.Input)
		x.says()
	case trace.Ending:
		b.note(r.Input)
		x.batch = b
		x.explain()
		b.reset()
	}
	return x.refused
}

// boots explains a node that booted.
func (c *Refinement) boots(v *trace.View, r *trace.Record) string {
	n, is := &c.state.Nodes[r.Node], &r.Status
	if c.liberties.Has(raft.KeepsCommit) {
		n.Commit = max(n.Commit, is.Commit)
	}
	refusal := c.state.Restart(r.Node, is.Term, is.Vote, v.Nodes[r.Node].Log, is.Commit)
	if refusal != "" {
		return fmt.Sprintf("%s boots in term %d with commit index %d: Restart is refused, as %s",
			r.Node, is.Term, is.Commit, refusal)
	}
	n.Base = is.Base.Index
	c.learn(n, is)
	return ""
}

// learn takes over the configuration that a node shows, whose content the abstract cluster may
// not know: that of a snapshot, or of a system that acts by applied configurations.
func (c *Refinement) learn(n *paper.Node, is *raft.Status) {
	if is.ConfigApplied || n.ConfigAt != is.ConfigIndex && is.ConfigIndex <= is.Base.Index {
		n.Config, n.ConfigAt = is.Config, is.ConfigIndex
	}
}

// Finish reports that the property held, if no batch hid anything.
func (c *Refinement) Finish(*trace.View) (Outcome, string) {
	if c.hid {
		return NotChecked, ""
	}
	return Held, ""
}
