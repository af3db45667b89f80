package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Voting judges the rules of elections that concern one node (Raft paper, figure 2):
//
//   - A node starts as a follower (section 5.2).
//   - A candidate begins a new term, and votes for itself (section 5.2). So does a leader,
//     which was a candidate in its term. It may store the new term before it votes.
//   - A node votes only for a candidate whose log is at least as up-to-date as its own
//     (section 5.4.1).
//
// The log of a candidate does not change while it is a candidate or leads its term, except
// at the end. So its entries of earlier terms are those with which it stood for election.
// Votes for a node that is neither any more are not compared. A candidate that forgot its
// term in a crash may stand in that term again with a shorter log. A vote that it requested
// before the crash then breaks the rule, and the candidate is to blame.
type Voting struct{ stateless }

// Property returns the name, rule and source.
func (c *Voting) Property() Property {
	return Property{
		Name: "Voting",
		Rule: "A node starts as a follower, votes for itself in a new term when it stands for election, and " +
			"otherwise votes only for a candidate whose log is at least as up-to-date as its own.",
		Source:   "Raft paper, figure 2, Rules for Servers and RequestVote RPC, and sections 5.2 and 5.4.1",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Observe judges the role and the vote of a node.
func (c *Voting) Observe(v *trace.View, r *trace.Record) string {
	if !r.Shows() {
		return ""
	}
	was, is := &v.Nodes[r.Node].Before, &r.Status
	switch {
	case r.Kind == trace.Booted && is.Role != raft.Follower:
		return fmt.Sprintf("%s booted as a %s", r.Node, is.Role)
	case r.Kind == trace.Booted:
		return ""
	case is.Vote != r.Node && (is.Role == raft.Leader || is.Role == raft.Candidate && is.Vote != raft.None):
		return fmt.Sprintf("%s is a %s of term %d and its vote is for %s", r.Node, is.Role, is.Term, is.Vote)
	case is.Vote == raft.None || is.Vote == was.Vote && is.Term == was.Term:
		return ""
	case is.Vote != r.Node:
		return c.judgeVote(v, r.Node)
	case is.Term == was.Term && was.Role == raft.Follower && !isPersisted(r):
		return fmt.Sprintf("%s stands for election in term %d, which it had entered before", r.Node, is.Term)
	}
	return ""
}

// isPersisted reports whether a node learns in a step that writes are durable.
func isPersisted(r *trace.Record) bool {
	_, ok := r.Input.(*raft.Persisted)
	return ok
}

// judgeVote judges the new vote of a node for another one.
func (c *Voting) judgeVote(v *trace.View, id raft.NodeID) string {
	is := &v.Nodes[id].Status
	if !v.All.Has(is.Vote) {
		return fmt.Sprintf("%s votes for %s, which is no node", id, is.Vote)
	}
	n := &v.Nodes[is.Vote]
	stands := n.Status.Role == raft.Candidate || n.Status.Role == raft.Leader
	if !stands || n.Status.Term != is.Term || v.Nodes[id].Before.Last != is.Last {
		return ""
	}
	if last := stoodWith(n); !last.AtLeastAsUpToDateAs(is.Last) {
		return fmt.Sprintf("%s votes in term %d for %s, whose log ends at %s, and its own ends at %s",
			id, is.Term, is.Vote, last, is.Last)
	}
	return ""
}

// stoodWith returns the end of the log with which a candidate or leader stood for election:
// the last entry of an earlier term.
func stoodWith(n *trace.NodeView) raft.EntryID {
	last := n.Status.Last
	for last.Index > 0 && last.Term >= n.Status.Term {
		last.Index--
		last.Term = 0
		if last.Index > 0 {
			last.Term = n.Log[last.Index-1].Term
		}
	}
	return last
}

// Finish reports that the property held.
func (c *Voting) Finish(*trace.View) (Outcome, string) { return Held, "" }
