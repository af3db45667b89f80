package models

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Membership judges what the operator sees of the changes of the configuration, as clients see
// a register: a healed cluster has the configuration of a change that may be the latest. That is
// one that was answered Done, and not before another such one was asked for, or one whose answer
// is unknown or has not come. It is never one that was rejected.
type Membership struct {
	changes []demand // those that may be the latest; none before the first request
	answers int      // Done so far
	judged  bool     // a cluster healed after a request
}

// demand is a request of the operator for another configuration.
type demand struct {
	op     raft.OpID
	config raft.Configuration
	since  int // the answers Done before the request
	done   int // which of those answers is its own; 0 for none
}

// Property returns the name, rule and source.
func (c *Membership) Property() Property {
	return Property{
		Name: "Membership",
		Rule: "After a heal, the configuration is that of the latest change that the operator was told is Done, " +
			"or of one whose answer is unknown, and never of a rejected one.",
		Source:   "thesis, section 4.1: a reply follows once the change is complete",
		Kind:     KindOutcome,
		Inspects: true,
		Needs:    ClassSteps | ClassIdle | ClassOutside,
	}
}

// Reset forgets the run.
func (c *Membership) Reset() { *c = Membership{changes: c.changes[:0]} }

// Observe follows the requests and their answers, and judges a cluster that healed.
func (c *Membership) Observe(v *trace.View, r *trace.Record) string {
	switch r.Kind {
	case trace.Stepped:
		if in, ok := r.Input.(*raft.Reconfigure); ok {
			c.ask(v, in)
		}
	case trace.Answered:
		c.answer(r.Op, r.Outcome)
	case trace.Healed:
		if r.Stuck == trace.Well && len(c.changes) > 0 {
			c.judged = true
			return c.judge(v)
		}
	}
	return ""
}

func (c *Membership) ask(v *trace.View, in *raft.Reconfigure) {
	if len(c.changes) == 0 {
		c.changes = append(c.changes, demand{config: v.FirstConfig()})
	}
	config := raft.Configuration{Voters: in.Voters, Learners: in.Learners &^ in.Voters}
	c.changes = append(c.changes, demand{op: in.Op, config: config, since: c.answers})
}

// answer drops a change that never will be, or those that a change which is Done came after.
func (c *Membership) answer(op raft.OpID, o raft.Outcome) {
	at := slices.IndexFunc(c.changes, func(w demand) bool { return w.op == op })
	switch {
	case at < 0 || o == raft.Unknown:
	case o == raft.Rejected:
		c.changes = slices.Delete(c.changes, at, at+1)
	default:
		c.answers++
		since := c.changes[at].since
		c.changes[at].done = c.answers
		c.changes = slices.DeleteFunc(c.changes, func(w demand) bool { return w.isOver(since) })
	}
}

// isOver reports whether a change, or the first configuration, was Done by the time of an answer.
func (w *demand) isOver(since int) bool {
	return w.op == raft.OpID{} || w.done != 0 && w.done <= since
}

// judge compares the configuration of a healed cluster with those that it may have. A system without
// joint configurations may make a change in several steps, of which an unknown number was done.
func (c *Membership) judge(v *trace.View) string {
	for id := range v.All.All() {
		if n := &v.Nodes[id]; n.Up && n.Status.Role == raft.Leader {
			is := v.Config(id)
			unknown := slices.ContainsFunc(c.changes, func(w demand) bool { return !w.isOver(c.answers) })
			if c.expects(is) || unknown && v.Limits.Lacks.Has(raft.Joint) {
				return ""
			}
			return fmt.Sprintf("%s leads with %s, and the operator was told that the latest change is %s", id, is, c)
		}
	}
	return ""
}

func (c *Membership) expects(is raft.Configuration) bool {
	return slices.ContainsFunc(c.changes, func(w demand) bool { return w.config == is })
}

// String lists the configurations that a cluster may have.
func (c *Membership) String() string {
	var list []string
	for i := range c.changes {
		if s := c.changes[i].config.String(); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return strings.Join(list, " or ")
}

// Finish reports that the property held, if a cluster healed after a request.
func (c *Membership) Finish(*trace.View) (Outcome, string) {
	if !c.judged {
		return NotChecked, ""
	}
	return Held, ""
}
