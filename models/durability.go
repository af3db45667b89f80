package models

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Durability judges that the term, the vote and the entries which a message promises are
// on stable storage before the message leaves (Raft paper, figure 2, persistent state).
// The node must also find them again when it boots.
//
// A promise is judged when its message leaves. Three rules keep a correct node from blame:
//
//   - Several writes may become durable at once. A later one may cut an entry that a
//     message, released by an earlier one, acknowledges. The entry was durable in
//     between, so the entries in [trace.Stored].Cut count.
//   - A later term supersedes a vote.
//   - A message may wait for the first writes of a step only. Which write records which
//     part of the step is known to the node alone. The promise is therefore believed, and
//     remembered as a debt: a node that crashes now must find it again at its boot.
//
// A worked example of the last rule, which TestDurability_workedExample runs:
//
//  1. In one step n2 enters term 1, appends t1i1 and t1i2 and issues writes 1 and 2. Its
//     acknowledgement of t1i2 waits for write 1, so nothing leaves yet.
//  2. Write 1 becomes durable, and the acknowledgement leaves. The step is partly durable,
//     and the shadow of the disk is still empty. Write 1 may record term 1 and both
//     entries, so the promise is believed: n2 owes (term 1, t1i2).
//  3. Write 2 becomes durable. Now the whole step is on the disk, so n2 owes nothing.
//  4. If n2 crashes after step 2 instead, write 2 is lost and the debt remains. Now n2
//     boots with t1i1 alone: "n2 booted without t1i2, which it had promised". If it boots
//     with both entries, the property holds, and the debt ends.
type Durability struct {
	sent     bool   // a message left
	promised bool   // a message left that promised a term
	owed     []debt // without duplicates
}

// debt is a promise of a node that was believed because of the durable writes of a step
// that was partly durable. It ends when all writes of the step are durable.
//
// Invariant: a node that is up has a debt only while that step is still partly durable.
type debt struct {
	node    raft.NodeID
	promise raft.Promise
}

// Property returns the name, rule and source.
func (c *Durability) Property() Property {
	return Property{
		Name: "Durability",
		Rule: "A term, vote or entry that a message promises is on stable storage before the message leaves, " +
			"and survives a crash.",
		Source:   "Raft paper, figure 2, persistent state",
		Inspects: true,
		Needs:    ClassSteps | ClassTurn,
	}
}

// Reset forgets the run.
func (c *Durability) Reset() { *c = Durability{owed: c.owed[:0]} }

// Copy takes over the debts, and whether messages left.
func (c *Durability) Copy(from Checker) {
	f := from.(*Durability)
	*c = Durability{sent: f.sent, promised: f.promised, owed: append(c.owed[:0], f.owed...)}
}

// AppendMemory appends the debts, in the order that they have under the new names. Only
// Finish uses sent and promised.
func (c *Durability) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.owed))
	last := debt{}
	for range c.owed {
		last = c.next(last, as)
		e.Numbers(uint64(last.node), uint64(last.promise.Term), uint64(last.promise.Vote))
		e.EntryID(last.promise.Last)
	}
	return e.Buf
}

// next returns the least debt, under the new names, that is greater than last.
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

// Observe judges the messages that leave a node, and a node that boots.
func (c *Durability) Observe(v *trace.View, r *trace.Record) string {
	switch n := &v.Nodes[r.Node]; r.Kind {
	case trace.Booted:
		return c.judgeBoot(r, n)
	case trace.Stepped, trace.Crashed, trace.Panicked:
		if n.PartialEnded {
			c.forget(r.Node)
		}
	case trace.Wiped: // the node never boots again
		c.forget(r.Node)
	}
	if len(r.Released) == 0 {
		return ""
	}
	c.sent = c.sent || !r.Inspected || r.Status.Term > 0 // in term 0 there is nothing to promise
	if !r.Inspected {
		return ""
	}
	for i := range r.Released {
		if text := c.judgeSent(&v.Nodes[r.Node], &r.Released[i]); text != "" {
			return text
		}
	}
	return ""
}

// forget removes the debts of a node.
func (c *Durability) forget(id raft.NodeID) {
	c.owed = slices.DeleteFunc(c.owed, func(d debt) bool { return d.node == id })
}

// judgeSent judges a message that leaves n.
func (c *Durability) judgeSent(n *trace.NodeView, m *raft.Message) string {
	p := &m.Promise
	if p.Term != 0 {
		c.promised = true
	}
	missing, partial := n.Missing(p)
	if missing != 0 {
		return fmt.Sprintf("%s sent %s to %s before %s was durable", m.From, m.Kind, m.To, missing.Text(p))
	}
	d := debt{node: m.From, promise: partial}
	if partial != (raft.Promise{}) && !slices.Contains(c.owed, d) {
		c.owed = append(c.owed, d)
	}
	return ""
}

// judgeBoot judges the state in which a node boots, if the node shows it, and ends the
// node's debts.
func (c *Durability) judgeBoot(r *trace.Record, n *trace.NodeView) string {
	if r.Inspected {
		if text := c.judgeFound(r.Node, n); text != "" {
			return text
		}
	}
	c.forget(r.Node)
	return ""
}

// judgeFound compares the state that a node found on its disk with the state that was
// there for certain, and with the node's debts.
func (c *Durability) judgeFound(id raft.NodeID, n *trace.NodeView) string {
	was := &n.Expected
	found := &n.Stored
	p := raft.Promise{Term: was.Term, Vote: was.Vote}
	if m := found.Missing(&p); m != 0 {
		return fmt.Sprintf("%s booted without %s, which was durable", id, m.Text(&p))
	}
	if i := firstLost(was.Log[:was.Certain], found.Log); i != 0 {
		p.Last = raft.EntryID{Term: was.Log[i-1].Term, Index: i}
		return fmt.Sprintf("%s booted without %s, which was durable", id, trace.EntryPart.Text(&p))
	}
	for i := range c.owed {
		if d := &c.owed[i]; d.node == id {
			if m := found.Missing(&d.promise); m != 0 {
				return fmt.Sprintf("%s booted without %s, which it had promised", id, m.Text(&d.promise))
			}
		}
	}
	return ""
}

// firstLost returns the first index at which the log found differs from the log was, or 0.
// Equal prefix hashes settle all entries before them.
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

// Finish reports that the property held, unless messages left and none had a promise.
func (c *Durability) Finish(*trace.View) (Outcome, string) {
	if c.sent && !c.promised {
		return NotChecked, "no message says what it promises"
	}
	return Held, ""
}
