package models

import (
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Loyalty judges the promise that leases rest on (thesis, sections 4.2.3 and 6.4.1): a node that
// hears from a leader elects nobody else for a time that its system states (raft.Loyal). It
// counts in ticks of the node's own clock, so that no speed of clocks excuses a node. A leader
// that answers from its lease needs a quorum of loyal nodes. That half needs clocks within
// their bound, as in generated schedules that read from leases.
//
// An election that the leader requested is exempt, and ends its lease for good. So is a
// node whose election timer fires out of turn.
type Loyalty struct {
	ticks   int64   // of a node's clock, for which it is loyal
	nodes   []loyal // by NodeID
	batched bool    // a step was that of several inputs, and nothing is judged
	// requested has the elections that leaders requested. A RequestVote may arrive long after
	// the candidate stood again.
	requested []election
}

// loyal is a node's promise, and its part in elections that a leader requested.
type loyal struct {
	to      raft.Term  // the term of the leader heard last; 0 if the node may elect others
	since   int64      // the ticks of the node when it heard that leader
	handed  raft.Term  // the last term in which it requested an election, as the leader
	elected raft.Index // the configuration by which it acted when it became leader
}

// election is a node's attempt to be elected.
type election struct {
	term raft.Term
	of   raft.NodeID
}

// Property returns the name, rule and source.
func (c *Loyalty) Property() Property {
	return Property{
		Name: "Loyalty",
		Rule: "A node that hears from a leader disregards other candidates for as long as its system states, " +
			"and a leader answers from its lease only while a quorum does.",
		Source:   "Raft paper, section 6; thesis, sections 4.2.3 and 6.4.1",
		Inspects: true,
		OfRaft:   true,
		// An election timer that fires may change nothing that is shown.
		Needs: ClassSteps | ClassIdle | ClassTurn,
	}
}

// Reset forgets the run, and keeps its memory.
func (c *Loyalty) Reset() { c.nodes, c.requested, c.batched = c.nodes[:0], c.requested[:0], false }

// Observe judges a step, and notes the promise in it.
func (c *Loyalty) Observe(v *trace.View, r *trace.Record) string {
	if _, batch := r.Input.(*raft.Batch); batch {
		c.batched = true
	}
	if !v.PreVote || !r.Shows() || c.batched {
		return ""
	}
	for len(c.nodes) < len(v.Nodes) {
		c.nodes = append(c.nodes, loyal{})
	}
	n, p, now := &v.Nodes[r.Node], &c.nodes[r.Node], v.Ticks[r.Node]
	if r.Kind == trace.Booted {
		c.boots(n, p, now)
		return ""
	}
	text := c.elects(n, p, r, now)
	p.leads(n, r)
	if in, reads := r.Input.(*raft.Read); text == "" && reads && in.Lease && isDone(r, in.Op) {
		text = c.trusts(v, n, p, r.Node)
	}
	return text
}

// boots begins the time of the loyalty again, if it was not over when the node stopped. A node
// without the leader's term on its disk never answered it.
func (c *Loyalty) boots(n *trace.NodeView, p *loyal, now int64) {
	if !c.bound(p, now) || n.Status.Term < p.to {
		p.to = 0
		return
	}
	p.since = now
}

// bound reports whether a node is loyal, whose clock shows now.
func (c *Loyalty) bound(p *loyal, now int64) bool { return p.to > 0 && now-p.since < c.ticks }

// elects judges the vote and the term of a node that is loyal, and renews or ends the loyalty.
func (c *Loyalty) elects(n *trace.NodeView, p *loyal, r *trace.Record, now int64) string {
	is := &r.Status
	votes := is.Vote != raft.None && (is.Vote != n.Before.Vote || is.Term != n.Before.Term)
	in, received := r.Input.(*raft.Receive)
	if _, fired := r.Input.(*raft.Timeout); fired {
		p.to = 0
	}
	if votes && is.Vote == r.Node && received && in.Msg.Kind == trace.TimeoutNow {
		c.requested = append(c.requested, election{is.Term, r.Node})
	}
	if c.bound(p, now) {
		if deed := c.breaks(n, r, votes); deed != "" {
			return fmt.Sprintf("%s %s, and heard the leader of term %d only %d ticks ago",
				r.Node, deed, p.to, now-p.since)
		}
	}
	if received && obeys(&in.Msg, is) {
		p.to, p.since = is.Term, now
	}
	return ""
}

// breaks describes the deed by which a node breaks its loyalty, if it does.
func (c *Loyalty) breaks(n *trace.NodeView, r *trace.Record, votes bool) string {
	is := &r.Status
	if votes {
		switch {
		case slices.Contains(c.requested, election{is.Term, is.Vote}):
			return ""
		case is.Vote == r.Node:
			return fmt.Sprintf("stands for election in term %d", is.Term)
		}
		return fmt.Sprintf("votes for %s in term %d", is.Vote, is.Term)
	}
	in, received := r.Input.(*raft.Receive)
	if !received || in.Msg.Kind != requestVote || is.Term == n.Before.Term ||
		slices.Contains(c.requested, election{in.Msg.Promise.Term, in.Msg.From}) {
		return ""
	}
	return fmt.Sprintf("adopts term %d of a candidate", is.Term)
}

// requestVote is the kind of the message that asks for a vote.
const requestVote = "RequestVote"

// obeys reports whether a node accepted a message as one of the leader of its term.
func obeys(m *raft.Message, is *raft.Status) bool {
	return (m.Kind == "AppendEntries" || m.Kind == "InstallSnapshot") &&
		is.Role == raft.Follower && is.Leader == m.From && is.Term == m.Promise.Term
}

// leads notes the beginning of a leadership, and the elections that the leader requests.
func (p *loyal) leads(n *trace.NodeView, r *trace.Record) {
	if r.Status.Role != raft.Leader {
		return
	}
	if n.Elected() {
		p.to, p.elected = 0, r.Status.ConfigIndex
	}
	for i := range r.Out.Sends {
		if r.Out.Sends[i].Kind == trace.TimeoutNow {
			p.handed = r.Status.Term
		}
	}
}

// trusts judges an answer from a lease. It leaves out a leader whose configuration changed:
// the voters of an earlier one may have confirmed its lease.
func (c *Loyalty) trusts(v *trace.View, n *trace.NodeView, p *loyal, id raft.NodeID) string {
	is := &n.Status
	if trace.HasQuorum(is.Config, raft.NodeSetOf(id)) {
		return "" // it needs no lease: a round of one node is over at once
	}
	if p.handed == is.Term {
		return fmt.Sprintf("%s answers from its lease in term %d, in which it asked for an election", id, is.Term)
	}
	if is.ConfigIndex != p.elected {
		return ""
	}
	bound := raft.NodeSetOf(id)
	for other := range v.All.All() {
		if q := &c.nodes[other]; q.to == is.Term && c.bound(q, v.Ticks[other]) {
			bound = bound.With(other)
		}
	}
	if trace.HasQuorum(is.Config, bound) {
		return ""
	}
	return fmt.Sprintf("%s answers from its lease in term %d, and only %s are loyal to it", id, is.Term, bound)
}

// Finish reports that the property held, if elections ask first and no step had several inputs.
func (c *Loyalty) Finish(*trace.View) (Outcome, string) {
	if len(c.nodes) == 0 || c.batched {
		return NotChecked, ""
	}
	return Held, ""
}
