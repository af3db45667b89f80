package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// ElectionQuorum judges that a node becomes leader only if the disks of a quorum hold
// votes for it in its term: a majority of the voters and, while the configuration is
// joint, also of the outgoing voters (Raft paper, sections 5.2 and 6, and figure 2,
// persistent state).
//
// A disk with a later term may have held the vote before, so it counts.
//
// The configuration is that of the new leader. The step may have changed it, so a quorum
// of the configuration before the step suffices too.
type ElectionQuorum struct {
	hid bool // a leader did not show its configuration
}

// Property returns the name, rule and source.
func (c *ElectionQuorum) Property() Property {
	return Property{
		Name: "ElectionQuorum",
		Rule: "The votes for a new leader are on the disks of a quorum, of both majorities while the " +
			"configuration is joint.",
		Source:   "Raft paper, sections 5.2 and 6",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Reset forgets the run.
func (c *ElectionQuorum) Reset() { c.hid = false }

// Copy takes over whether a leader hid its configuration.
func (c *ElectionQuorum) Copy(from Checker) { *c = *from.(*ElectionQuorum) }

// AppendMemory appends nothing, as only Finish uses the state.
func (c *ElectionQuorum) AppendMemory(b []byte, _ *raft.Renaming) []byte { return b }

// Observe judges the votes for a node that became leader.
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
		if missing, _ := v.Nodes[voter].Missing(&vote); missing == 0 {
			voted = voted.With(voter)
		}
	}
	return voted
}

// Finish reports that the property held, unless a leader hid its configuration.
func (c *ElectionQuorum) Finish(*trace.View) (Outcome, string) {
	if c.hid {
		return NotChecked, "a node does not show its configuration"
	}
	return Held, ""
}
