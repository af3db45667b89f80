package models

import (
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// wish is the content of a request of the operator: a change to a configuration, or a
// transfer to a target.
type wish struct {
	of     raft.NodeID // the node that received the request
	config raft.Configuration
	to     raft.NodeID // None for a change
}

// wishFor returns the change that a node is asked for.
func wishFor(of raft.NodeID, in *raft.Reconfigure) wish {
	return wish{of: of, config: raft.Configuration{Voters: in.Voters, Learners: in.Learners &^ in.Voters}}
}

// request is a request of the operator that has no answer yet.
type request struct {
	op raft.OpID
	wish
}

// group is the equal requests to one node, from the first one until all of them are answered.
//
// Nobody can tell which request of a group has begun an entry, so the group is judged as a
// whole. Each of its entries belongs to another request. So there must be a request that was
// not rejected for each entry that is committed or may be.
type group struct {
	wish
	open, others int // requests without an answer, and with another one than Rejected
	// after is the end of the node's log before the first request. Entries up to it are of
	// earlier requests.
	after raft.Index
	// took: since the first request the configuration was the latest committed one, or the
	// target was elected.
	took bool
	// begun: since the first request the node sent TimeoutNow to the target. The transfer may
	// succeed since then.
	begun bool
}

// effect is an entry with which a node, as a leader, began a change.
type effect struct {
	wish
	entry raft.EntryID
}

// follow notes a request of the operator in a step, and the effects of the step on the
// requests without an answer.
func (c *Contract) follow(v *trace.View, r *trace.Record) {
	n := &v.Nodes[r.Node]
	switch in := r.Input.(type) {
	case *raft.Reconfigure:
		c.take(v, in.Op, wishFor(r.Node, in), n.Before.Last.Index)
	case *raft.Transfer:
		if in.To != raft.None {
			c.take(v, in.Op, wish{of: r.Node, to: in.To}, 0)
		}
	}
	for i := range c.groups {
		switch g := &c.groups[i]; {
		case g.to != raft.None:
			g.followTransfer(n, r)
		case r.Inspected:
			g.took = g.took || g.isCommitted(v, n, r)
			if g.of == r.Node && n.Leads() {
				c.followChange(g, n, r)
			}
		}
	}
}

// take adds a request to the group of its kind.
func (c *Contract) take(v *trace.View, op raft.OpID, w wish, after raft.Index) {
	c.requests = append(c.requests, request{op, w})
	i := slices.IndexFunc(c.groups, func(g group) bool { return g.wish == w })
	if i < 0 {
		i = len(c.groups)
		c.groups = append(c.groups, group{wish: w, after: after, took: w.isKnown(v)})
	}
	c.groups[i].open++
}

// followTransfer looks for TimeoutNow, and for the election of the target.
func (g *group) followTransfer(n *trace.NodeView, r *trace.Record) {
	g.took = g.took || r.Node == g.to && r.Inspected && n.Elected()
	hands := func(m raft.Message) bool { return m.Kind == trace.TimeoutNow && m.To == g.to }
	g.begun = g.begun || r.Node == g.of && slices.ContainsFunc(r.Out.Sends, hands)
}

// isKnown reports whether any node acts by the configuration, and knows that it is the latest
// committed one. So a later step of another node that changes neither tells nothing new.
func (w *wish) isKnown(v *trace.View) bool {
	return w.to == raft.None && slices.ContainsFunc(v.Nodes, func(n trace.NodeView) bool {
		is := &n.Status
		return n.Up && n.Inspected && is.Config == w.config && isLatest(v, is.ConfigIndex, is.Commit)
	})
}

// isCommitted reports whether a node acts by the configuration, or did before the step, and
// knows it to be committed. No later one may be committed.
func (g *group) isCommitted(v *trace.View, n *trace.NodeView, r *trace.Record) bool {
	at, is := n.Status.ConfigIndex, n.Status.Config == g.config
	if !is {
		at, is = n.Before.ConfigIndex, n.Before.Config == g.config && n.Before.ConfigIndex <= r.Kept
	}
	return is && isLatest(v, at, n.Status.Commit)
}

// isLatest reports whether the configuration at an index is the latest committed one, which a node
// with a commit index knows.
func isLatest(v *trace.View, at, commit raft.Index) bool {
	known := raft.Index(len(v.Committed))
	return at <= commit && at <= known && !slices.ContainsFunc(v.Committed[at:known],
		func(e trace.Commitment) bool { return e.Kind == raft.Reconfiguration })
}

// followChange looks for an entry with which n, as a leader, began a change of the group. That is
// the first configuration that it appended in the step of a request, or a later one of the
// requested members. The entry that leaves a joint configuration begins nothing. A later one may
// also be of an equal request that another node passed on.
func (c *Contract) followChange(g *group, n *trace.NodeView, r *trace.Record) {
	was, is := &n.Before, &r.Status
	if was.Config.Joint() || is.ConfigApplied && is.Config.Joint() {
		return
	}
	if in, ok := r.Input.(*raft.Reconfigure); ok && g.wish == wishFor(r.Node, in) {
		if at := firstConfig(r, is.Term); at != 0 && (at != is.ConfigIndex || g.admits(is.Config)) {
			c.begin(g, raft.EntryID{Term: is.Term, Index: at})
			return
		}
	}
	if at := is.ConfigIndex; at > max(was.ConfigIndex, g.after) && int(at) <= len(n.Log) &&
		g.admits(is.Config) && n.Log[at-1].Term == is.Term && !c.isWishedElsewhere(g) {
		c.begin(g, raft.EntryID{Term: is.Term, Index: at})
	}
}

// firstConfig returns the index of the first configuration of a term that a step appended, or 0.
func firstConfig(r *trace.Record, term raft.Term) raft.Index {
	for i := range r.Appended {
		if d := &r.Appended[i]; d.Kind == raft.Reconfiguration && d.ID.Term == term {
			return d.ID.Index
		}
	}
	return 0
}

// admits reports whether a configuration has the requested members, and may be joint with others.
func (g *group) admits(c raft.Configuration) bool {
	return c.Voters == g.config.Voters && c.Learners == g.config.Learners
}

// isWishedElsewhere reports whether another node has an equal request without an answer.
func (c *Contract) isWishedElsewhere(g *group) bool {
	return slices.ContainsFunc(c.groups, func(o group) bool {
		return o.of != g.of && o.to == g.to && o.config == g.config
	})
}

// begin notes an entry with which a change began, once.
func (c *Contract) begin(g *group, entry raft.EntryID) {
	known := func(e effect) bool { return e.of == g.of && e.entry == entry }
	if !slices.ContainsFunc(c.effects, known) {
		c.effects = append(c.effects, effect{g.wish, entry})
	}
}

// forget drops the requests to a node that stopped.
func (c *Contract) forget(id raft.NodeID) {
	c.requests = slices.DeleteFunc(c.requests, func(q request) bool { return q.of == id })
	c.groups = slices.DeleteFunc(c.groups, func(g group) bool { return g.of == id })
	c.effects = slices.DeleteFunc(c.effects, func(e effect) bool { return e.of == id })
}

// judgeAnswer judges the answer to a request of the operator, if every node shows its state.
func (c *Contract) judgeAnswer(v *trace.View, r *trace.Record) string {
	i := slices.IndexFunc(c.requests, func(q request) bool { return q.op == r.Op && q.of == r.Node })
	if i < 0 {
		return fmt.Sprintf("%s answers request %d of the operator with %s, and owed no answer",
			r.Node, r.Op.Seq, r.Outcome)
	}
	w := c.requests[i].wish
	c.requests = slices.Delete(c.requests, i, i+1)
	at := slices.IndexFunc(c.groups, func(g group) bool { return g.wish == w })
	g := c.groups[at]
	g.answered(r.Outcome)
	if c.groups[at] = g; g.open == 0 {
		c.groups = slices.Delete(c.groups, at, at+1)
	}
	wrong := ""
	switch {
	case !v.AllInspected():
	case w.to != raft.None:
		wrong = g.judgeTransfer(v, r.Outcome)
	case v.Nodes[r.Node].Status.Config != raft.Configuration{}:
		wrong = c.judgeChange(&g, v, r.Outcome)
	}
	if g.open == 0 {
		c.effects = slices.DeleteFunc(c.effects, func(e effect) bool { return e.wish == w })
	}
	if wrong == "" {
		return ""
	}
	return fmt.Sprintf("%s answers request %d of the operator with %s, and %s",
		r.Node, r.Op.Seq, r.Outcome, wrong)
}

// answered counts an answer.
func (g *group) answered(o raft.Outcome) {
	g.open--
	if o != raft.Rejected {
		g.others++
	}
}

// judgeTransfer returns the reason why the answer is wrong, or "". A transfer is done only
// if its target was elected since the request, or leads already, or if the node follows it: it
// may learn late of an election before the request. All are rejected only if the node has not
// begun any.
func (g *group) judgeTransfer(v *trace.View, o raft.Outcome) string {
	target, of := &v.Nodes[g.to].Status, &v.Nodes[g.of].Status
	leads := target.Role == raft.Leader && target.Term >= of.Term || of.Leader == g.to
	switch {
	case o == raft.Done && !g.took && !leads:
		return fmt.Sprintf("%s was not elected", g.to)
	case o == raft.Rejected && g.begun && g.open+g.others == 0:
		return fmt.Sprintf("%s may yet be elected, as %s sent it %s", g.to, g.of, trace.TimeoutNow)
	}
	return ""
}

// judgeChange returns the reason why the answer is wrong, or "". A change is done only if
// its configuration is committed, or was since the request. It is rejected only if it never will
// be: every entry with which the node may have begun it has another one in its place, or
// belongs to an equal request. A node that acts by configurations once they are applied may also
// refuse the change then, as every other node does.
func (c *Contract) judgeChange(g *group, v *trace.View, o raft.Outcome) string {
	is := &v.Nodes[g.of].Status
	switch {
	case o == raft.Done && is.Config == g.config && is.ConfigIndex <= is.Commit, o == raft.Done && g.took:
		return ""
	case o == raft.Done && is.Config != g.config:
		return fmt.Sprintf("it acts by %s instead of %s", is.Config, g.config)
	case o == raft.Done:
		return fmt.Sprintf("%s is not committed", g.config)
	case o != raft.Rejected:
		return ""
	}
	owners, wrong := g.open+g.others, ""
	for i := range c.effects {
		if e := &c.effects[i]; e.wish == g.wish {
			if text := e.lasts(v, is); text != "" {
				owners, wrong = owners-1, text
			}
		}
	}
	if owners >= 0 {
		return ""
	}
	return wrong
}

// lasts says that the entry is committed, or may be. It returns "" if the entry never will be, or
// if its node, whose state is given, refused it.
func (e *effect) lasts(v *trace.View, is *raft.Status) string {
	switch v.CommittedTerm(e.entry.Index) {
	case 0:
		return fmt.Sprintf("its entry %s may yet be committed", e.entry)
	case e.entry.Term:
		if refused := is.ConfigApplied && is.Applied >= e.entry.Index && is.Config != e.config; refused {
			return ""
		}
		return fmt.Sprintf("its entry %s is committed", e.entry)
	}
	return ""
}
