package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Durability judges that a node's term, its vote and its log are on stable
// storage before it answers anybody (Raft paper, figure 2), and that a node
// finds them again when it boots.
//
// What a message promises is judged when the message leaves. Three things keep
// that from blaming a node which does as it should:
//
//   - A message that was held back leaves when several writes became durable
//     at once, and the last of them may have cut off what it acknowledges. The
//     promise was kept in between, so [Stored].Cut counts too.
//   - A vote is superseded by a later term.
//   - Of a step's writes only the first may be durable, and the message may
//     rely on them alone. Only the node can tell which of them records what,
//     so the promise is believed, and remembered: if the node crashes now, it
//     must find again what it promised.
type Durability struct {
	sent     bool   // a message left
	promised bool   // with a promise of a term
	owed     []debt // none twice
}

// debt is a promise of a node that was believed because of a step's first writes:
// once they are all durable, the disk pays.
//
// Invariant: a node that is up owes something only while that step is the one
// that began to become durable.
type debt struct {
	node    raft.NodeID
	promise raft.Promise
}

// Property names the promise.
func (c *Durability) Property() Property {
	return Property{Name: "Durability", Source: "Raft paper, figure 2, persistent state", Inspects: true}
}

// Reset forgets the run.
func (c *Durability) Reset() { *c = Durability{owed: c.owed[:0]} }

// Copy copies what nodes owe.
func (c *Durability) Copy(from Checker) {
	f := from.(*Durability)
	*c = Durability{sent: f.sent, promised: f.promised, owed: append(c.owed[:0], f.owed...)}
}

// AppendMemory appends what nodes owe, in the order of the debts as they are
// called. What was sent and promised is for Finish alone.
func (c *Durability) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(c.owed))
	last := debt{}
	for range c.owed {
		last = c.next(last, as)
		e.Numbers(uint64(last.node), uint64(last.promise.Term), uint64(last.promise.Vote))
		e.EntryID(last.promise.Last)
	}
	return e.B
}

// next is the least debt, by the names of nodes, that is greater than last.
func (c *Durability) next(last debt, as *raft.Renaming) debt {
	least := debt{}
	for _, d := range c.owed {
		d.node, d.promise.Vote = as.Name(d.node), as.Name(d.promise.Vote)
		if d.compare(&last) > 0 && (least == debt{} || d.compare(&least) < 0) {
			least = d
		}
	}
	return least
}

// compare orders debts.
func (d *debt) compare(o *debt) int {
	p, q := &d.promise, &o.promise
	return cmp.Or(
		cmp.Compare(d.node, o.node), cmp.Compare(p.Term, q.Term), cmp.Compare(p.Vote, q.Vote),
		cmp.Compare(p.Last.Term, q.Last.Term), cmp.Compare(p.Last.Index, q.Last.Index),
	)
}

// Observe looks at the messages that leave a node, and at a node that boots.
func (c *Durability) Observe(v *trace.View, r *trace.Record) string {
	switch n := &v.Nodes[r.Node]; r.Kind {
	case trace.Booted:
		return c.booted(r, n)
	case trace.Stepped, trace.Crashed, trace.Panicked:
		if n.Ended {
			c.strike(r.Node)
		}
	case trace.Wiped: // it never boots again
		c.strike(r.Node)
	}
	if len(r.Released) == 0 {
		return ""
	}
	c.sent = c.sent || !r.Inspected || r.Status.Term > 0 // before the first term there is nothing to promise
	if !r.Inspected {
		return ""
	}
	for i := range r.Released {
		if text := c.left(&v.Nodes[r.Node], &r.Released[i]); text != "" {
			return text
		}
	}
	return ""
}

// strike strikes off the debts of a node.
func (c *Durability) strike(id raft.NodeID) {
	c.owed = slices.DeleteFunc(c.owed, func(d debt) bool { return d.node == id })
}

// left judges a message that leaves n.
func (c *Durability) left(n *trace.NodeView, m *raft.Message) string {
	p := &m.Promise
	if p.Term != 0 {
		c.promised = true
	}
	missing, begun := n.Lacks(p)
	if missing != 0 {
		return fmt.Sprintf("%s sent %s to %s before %s was durable", m.From, m.Kind, m.To, missing.Text(p))
	}
	if d := (debt{node: m.From, promise: begun}); begun != (raft.Promise{}) && !slices.Contains(c.owed, d) {
		c.owed = append(c.owed, d)
	}
	return ""
}

// booted judges what a node found on its disk, if it shows it, and what it owes
// is forgotten.
func (c *Durability) booted(r *trace.Record, n *trace.NodeView) string {
	if r.Inspected {
		if text := c.found(r.Node, n); text != "" {
			return text
		}
	}
	c.strike(r.Node)
	return ""
}

// found compares what a node found on its disk with what was there for certain,
// and with what it owes.
func (c *Durability) found(id raft.NodeID, n *trace.NodeView) string {
	was := &n.Expected
	found := &n.Stored
	p := raft.Promise{Term: was.Term, Vote: was.Vote}
	if m := found.Lacks(&p); m != 0 {
		return fmt.Sprintf("%s booted without %s, which was durable", id, m.Text(&p))
	}
	if i := firstLost(was.Log[:was.Sure], found.Log); i != 0 {
		p.Last = raft.EntryID{Term: was.Log[i-1].Term, Index: i}
		return fmt.Sprintf("%s booted without %s, which was durable", id, trace.EntryPart.Text(&p))
	}
	for i := range c.owed {
		if d := &c.owed[i]; d.node == id {
			if m := found.Lacks(&d.promise); m != 0 {
				return fmt.Sprintf("%s booted without %s, which it had promised", id, m.Text(&d.promise))
			}
		}
	}
	return ""
}

// firstLost returns the first index at which found is not what was, or 0.
// Equal prefixes settle all entries before them.
func firstLost(was, found []trace.Logged) raft.Index {
	last := len(was)
	if last == 0 || last <= len(found) && was[last-1].Prefix == found[last-1].Prefix {
		return 0
	}
	i := 0
	for i < len(found) && was[i].Prefix == found[i].Prefix {
		i++
	}
	return raft.Index(i + 1)
}

// Finish says that the property held, unless no message told what it relies on.
func (c *Durability) Finish(*trace.View) (Outcome, string) {
	if c.sent && !c.promised {
		return NotChecked, "no message says what it promises"
	}
	return Held, ""
}
