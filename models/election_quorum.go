package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ElectionQuorum judges that a node leads a term only when a quorum of the
// configuration has voted for it, on disk: a majority of the voters, and of the
// outgoing ones as well while it is joint (Raft paper, sections 5.2 and 6; figure
// 2, persistent state).
//
// A disk that is of a later term may have held the vote, and counts.
//
// The configuration is that of the new leader, as it is after the step or as it
// was before: the step may have changed it.
type ElectionQuorum struct {
	hid bool // a leader did not show its configuration
}

// Property names the promise.
func (c *ElectionQuorum) Property() Property {
	return Property{Name: "ElectionQuorum", Source: "Raft paper, sections 5.2 and 6", Inspects: true}
}

// Reset forgets the run.
func (c *ElectionQuorum) Reset() { c.hid = false }

// Copy copies whether a leader hid its configuration.
func (c *ElectionQuorum) Copy(from Checker) { *c = *from.(*ElectionQuorum) }

// AppendMemory appends nothing: what was hidden is for Finish alone.
func (c *ElectionQuorum) AppendMemory(b []byte, _ *raft.Renaming) []byte { return b }

// Observe counts the votes for a node that became leader.
func (c *ElectionQuorum) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() || !v.Nodes[r.Node].Elected() || !v.AllInspected() {
		return ""
	}
	if r.Status.Config == (raft.Configuration{}) {
		c.hid = true
		return ""
	}
	config, voted := r.Status.Config, votedFor(v, r.Node, r.Status.Term)
	if trace.HasQuorum(config, voted) || trace.HasQuorum(v.Nodes[r.Node].Before.Config, voted) {
		return ""
	}
	return fmt.Sprintf("%s leads term %d and the disks of %s hold votes for it, no quorum of %s",
		r.Node, r.Status.Term, voted&config.Electors(), config)
}

// votedFor returns the nodes whose disks may hold a vote for a node in a term.
func votedFor(v *trace.View, id raft.NodeID, term raft.Term) raft.NodeSet {
	vote := raft.Promise{Term: term, Vote: id}
	var voted raft.NodeSet
	for voter := range v.All.All() {
		if missing, _ := v.Nodes[voter].Lacks(&vote); missing == 0 {
			voted = voted.With(voter)
		}
	}
	return voted
}

// Finish says that the property held, unless a leader did not show by what it was elected.
func (c *ElectionQuorum) Finish(*trace.View) (Outcome, string) {
	if c.hid {
		return NotChecked, "a node does not show its configuration"
	}
	return Held, ""
}
