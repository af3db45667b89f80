package models

import (
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// request is a request of the operator that has no answer yet.
type request struct {
	op raft.OpID
	of raft.NodeID // the node that received it
	// A change has the requested configuration, and the entry with which its node began
	// it. The entry is zero until then.
	config raft.Configuration
	entry  raft.EntryID
	// after is the end of the node's log before the request, if the node acts by applied
	// configurations: those entries are of earlier requests.
	after raft.Index
	// shared: the node had another request that may have the same effects. Of these two,
	// nobody can tell which one is begun.
	shared bool
	// A transfer has its target. The node began it once it sent TimeoutNow, and since
	// then it may succeed. The target may have been elected since the request.
	to      raft.NodeID
	begun   bool
	elected bool
}

// follow notes a request of the operator in a step, and the effects of the step on the
// requests without an answer.
func (c *Contract) follow(v *trace.View, r *trace.Record) {
	n := &v.Nodes[r.Node]
	switch in := r.Input.(type) {
	case *raft.Reconfigure:
		config := raft.Configuration{Voters: in.Voters, Learners: in.Learners &^ in.Voters}
		q := request{op: in.Op, of: r.Node, config: config}
		if r.Status.ConfigApplied {
			q.after = n.Before.Last.Index
		}
		c.take(q)
	case *raft.Transfer:
		if in.To != raft.None {
			c.take(request{op: in.Op, of: r.Node, to: in.To})
		}
	}
	for i := range c.requests {
		q := &c.requests[i]
		switch {
		case q.to != raft.None:
			q.followTransfer(n, r)
		case q.of == r.Node && r.Inspected && q.entry == raft.EntryID{}:
			q.followChange(n, r)
		}
	}
}

// take adds a request. It shares its effects with a change that its node has not begun, or with
// a transfer to the same target.
func (c *Contract) take(q request) {
	for i := range c.requests {
		o := &c.requests[i]
		if o.of == q.of && o.to == q.to && o.entry == (raft.EntryID{}) {
			o.shared, q.shared = o.shared || !o.begun, true
		}
	}
	c.requests = append(c.requests, q)
}

// followTransfer looks for TimeoutNow, and for the election of the target.
func (q *request) followTransfer(n *trace.NodeView, r *trace.Record) {
	q.elected = q.elected || r.Node == q.to && r.Inspected && n.Elected()
	hands := func(m raft.Message) bool { return m.Kind == trace.TimeoutNow && m.To == q.to }
	q.begun = q.begun || r.Node == q.of && !q.shared && slices.ContainsFunc(r.Out.Sends, hands)
}

// followChange looks for the entry with which n, as a leader, began the change: the first
// configuration that it appended in the step of the request, or a later one that is the
// requested configuration. It finds none that may be of another request.
func (q *request) followChange(n *trace.NodeView, r *trace.Record) {
	is := &r.Status
	if !n.Leads() || q.shared {
		return
	}
	if in, ok := r.Input.(*raft.Reconfigure); ok && in.Op == q.op {
		for i := range r.Appended {
			if d := &r.Appended[i]; d.Kind == raft.Reconfiguration && d.ID.Term == is.Term {
				q.entry = d.ID
				return
			}
		}
	}
	at := is.ConfigIndex
	if at > max(n.Before.ConfigIndex, q.after) && int(at) <= len(n.Log) &&
		is.Config == q.config && n.Log[at-1].Term == is.Term {
		q.entry = raft.EntryID{Term: is.Term, Index: at}
	}
}

// forget drops the requests to a node that stopped.
func (c *Contract) forget(id raft.NodeID) {
	c.requests = slices.DeleteFunc(c.requests, func(q request) bool { return q.of == id })
}

// judgeAnswer judges the answer to a request of the operator, if every node shows its state.
func (c *Contract) judgeAnswer(v *trace.View, r *trace.Record) string {
	i := slices.IndexFunc(c.requests, func(q request) bool { return q.op == r.Op && q.of == r.Node })
	if i < 0 {
		return "" // the world reports it
	}
	q := c.requests[i]
	c.requests = slices.Delete(c.requests, i, i+1)
	wrong := ""
	switch {
	case !v.AllInspected():
	case q.to != raft.None:
		wrong = q.judgeTransfer(v, r.Outcome)
	case v.Nodes[r.Node].Status.Config != raft.Configuration{}:
		wrong = q.judgeChange(v, r.Outcome)
	}
	if wrong == "" {
		return ""
	}
	return fmt.Sprintf("%s answers request %d of the operator with %s, and %s",
		r.Node, r.Op.Seq, r.Outcome, wrong)
}

// judgeTransfer returns the reason why the answer is wrong, or "". A transfer is done only
// if its target was elected since the request, or leads already. It is rejected only if the
// node has not begun it.
func (q *request) judgeTransfer(v *trace.View, o raft.Outcome) string {
	target := &v.Nodes[q.to].Status
	leads := target.Role == raft.Leader && target.Term >= v.Nodes[q.of].Status.Term
	switch {
	case o == raft.Done && !q.elected && !leads:
		return fmt.Sprintf("%s was not elected", q.to)
	case o == raft.Rejected && q.begun:
		return fmt.Sprintf("%s may yet be elected, as %s sent it %s", q.to, q.of, trace.TimeoutNow)
	}
	return ""
}

// judgeChange returns the reason why the answer is wrong, or "". A change is done only if
// its configuration is committed. It is rejected only if it never will be: the node has not
// begun it, or another entry is committed in its place. A node that acts by configurations once
// they are applied may also refuse the change then, as every other node does.
func (q *request) judgeChange(v *trace.View, o raft.Outcome) string {
	is := &v.Nodes[q.of].Status
	switch {
	case o == raft.Done && is.Config != q.config:
		return fmt.Sprintf("it acts by %s instead of %s", is.Config, q.config)
	case o == raft.Done && is.ConfigIndex > is.Commit:
		return fmt.Sprintf("%s is not committed", q.config)
	case o != raft.Rejected || q.entry == raft.EntryID{}:
		return ""
	}
	switch v.CommittedTerm(q.entry.Index) {
	case 0:
		return fmt.Sprintf("its entry %s may yet be committed", q.entry)
	case q.entry.Term:
		if refused := is.ConfigApplied && is.Applied >= q.entry.Index && is.Config != q.config; refused {
			return ""
		}
		return fmt.Sprintf("its entry %s is committed", q.entry)
	}
	return ""
}
