package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Bounds judges that leaders keep the bounds that their system states (raft.Bounded). It sees
// messages and proposals alone, and never counts too much: entries are in flight since the
// last message of the peer that received them, and uncommitted bytes are those of commands
// that clients proposed in the leader's term. In a batch nothing shows which message came
// before an answer, so that of those to a peer that answered none counts. Nor do the
// proposals of a batch.
type Bounds struct {
	system raft.Bounded
	bounds raft.Bounds
	nodes  int
	flight []inFlight   // of each pair of nodes
	waits  [][]proposed // of each leader, its proposals that are not committed
	heard  raft.NodeSet // who sent something to the node in its batch so far
	// amid has the nodes that sent something to each node in its batch.
	amid [raft.MaxNodeID + 1]raft.NodeSet
	// noted has the nodes about which any of the three has something.
	noted raft.NodeSet
}

// inFlight is the requests that a leader sent to a peer since it last heard from it.
type inFlight struct {
	last     raft.Index // the last entry in any of them; a request that begins up to here is a repetition
	requests int
	bytes    int
}

// proposed is an entry of a client's command.
type proposed struct {
	at    raft.Index
	bytes int
}

// Property returns the name, rule and source.
func (c *Bounds) Property() Property {
	return Property{
		Name: "Bounds",
		Rule: "A leader keeps the bounds that its system states on the entries of a message, on those in " +
			"flight, and on those that are not committed.",
		Source:   "thesis, section 10.2.1",
		Inspects: true,
		// An answer may change nothing that is shown.
		Needs: ClassSteps | ClassIdle | ClassTurn,
	}
}

// Reset forgets the run, and keeps its memory.
func (c *Bounds) Reset() { c.nodes = 0 }

// Observe judges the proposal and the messages of a step.
func (c *Bounds) Observe(v *trace.View, r *trace.Record) string {
	if c.nodes == 0 {
		c.begin(v.All.Len())
	}
	if r.Kind == trace.Crashed || r.Kind == trace.Panicked {
		c.forget(r.Node)
	}
	if r.Kind != trace.Stepped || !r.Inspected {
		return ""
	}
	was, is := &v.Nodes[r.Node].Before, &r.Status
	c.heard = c.amid[r.Node]
	if is.Role != raft.Leader || is.Term != was.Term || is.ConfigIndex != was.ConfigIndex {
		c.forget(r.Node) // a leader begins anew, and so do the peers that a change admits
	}
	switch in := r.Input.(type) {
	case *raft.Receive:
		f := c.between(r.Node, in.Msg.From)
		f.requests, f.bytes = 0, 0
		if r.Batch != trace.Alone {
			c.heard = c.heard.With(in.Msg.From)
		}
	case *raft.Propose:
		if r.Batch != trace.Alone {
			break
		}
		if text := c.proposes(v, r, len(in.Data)); text != "" {
			return text
		}
	}
	if c.amid[r.Node] = 0; r.Batch == trace.Amid {
		c.amid[r.Node], c.noted = c.heard, c.noted.With(r.Node)
	}
	for i := range r.Out.Sends {
		if text := c.sends(r.Node, &r.Out.Sends[i]); text != "" {
			return text
		}
	}
	return ""
}

func (c *Bounds) begin(nodes int) {
	c.nodes = nodes
	for len(c.waits) <= nodes {
		c.waits = append(c.waits, nil)
	}
	for len(c.flight) < (nodes+1)*(nodes+1) {
		c.flight = append(c.flight, inFlight{})
	}
	for id := range c.waits {
		c.waits[id] = c.waits[id][:0]
	}
	clear(c.flight)
	clear(c.amid[:])
	c.noted = 0
}

func (c *Bounds) between(from, to raft.NodeID) *inFlight {
	return &c.flight[int(from)*(c.nodes+1)+int(to)]
}

func (c *Bounds) forget(id raft.NodeID) {
	if !c.noted.Has(id) {
		return
	}
	c.noted = c.noted.Without(id)
	c.amid[id] = 0
	c.waits[id] = c.waits[id][:0]
	for to := range c.nodes + 1 {
		*c.between(id, raft.NodeID(to)) = inFlight{}
	}
}

// proposes judges a proposal that a leader took.
func (c *Bounds) proposes(v *trace.View, r *trace.Record, bytes int) string {
	n, is := &v.Nodes[r.Node], &r.Status
	last := is.Last
	took := is.Role == raft.Leader && last.Term == is.Term && last.Index == n.Before.Last.Index+1
	if !took || len(r.Appended) != 1 || r.Appended[0].Kind != raft.Command {
		return ""
	}
	c.noted = c.noted.With(r.Node)
	waits, sum := c.waits[r.Node][:0], 0
	for _, p := range c.waits[r.Node] {
		if p.at > n.Before.Commit {
			waits, sum = append(waits, p), sum+p.bytes
		}
	}
	c.waits[r.Node] = append(waits, proposed{last.Index, bytes})
	if max := c.bounds.Uncommitted; max > 0 && sum > 0 && sum+bytes > max {
		return fmt.Sprintf("%s takes a proposal of %d bytes, and %d bytes are not committed; its bound is %d",
			r.Node, bytes, sum, max)
	}
	return ""
}

// sends judges a message with entries.
func (c *Bounds) sends(from raft.NodeID, m *raft.Message) string {
	carried := c.system.Carried(m)
	if carried.Count == 0 || m.To == raft.None || int(m.To) > c.nodes {
		return ""
	}
	c.noted = c.noted.With(from)
	b, f := &c.bounds, c.between(from, m.To)
	switch {
	case b.Entries > 0 && carried.Count > b.Entries:
		return fmt.Sprintf("%s sends %s %d entries at once; its bound is %d", from, m.To, carried.Count, b.Entries)
	case b.Bytes > 0 && carried.Count > 1 && carried.Bytes > b.Bytes:
		return fmt.Sprintf("%s sends %s entries of %d bytes at once; its bound is %d",
			from, m.To, carried.Bytes, b.Bytes)
	case carried.First <= f.last:
		return ""
	case c.heard.Has(m.To):
		f.last = carried.First + raft.Index(carried.Count) - 1
		return ""
	case b.Requests > 0 && f.requests >= b.Requests:
		return fmt.Sprintf("%s sends %s a request, and %d are unanswered; its bound is %d",
			from, m.To, f.requests, b.Requests)
	case b.InFlight > 0 && f.bytes >= b.InFlight:
		return fmt.Sprintf("%s sends %s a request, and %d bytes are unanswered; its bound is %d",
			from, m.To, f.bytes, b.InFlight)
	}
	f.last = carried.First + raft.Index(carried.Count) - 1
	f.requests, f.bytes = f.requests+1, f.bytes+carried.Bytes
	return ""
}

// Finish reports that the property held.
func (c *Bounds) Finish(*trace.View) (Outcome, string) { return Held, "" }
