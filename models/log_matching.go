package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LogMatching judges that two logs with an entry of the same index and term are equal up
// to that entry (Raft paper, figure 3, Log Matching). It compares all logs of the run, also
// those of different times, but for entries that a crash took together with their term: the
// only voter may append before its vote is durable, and no other node knows of it. It further
// judges the premises (section 5.3): an entry stands at its own index, terms never decrease
// along a log, and only steps change a log.
type LogMatching struct {
	first []mark // the mark of the lowest term at each index, from 1; of node None if there is none
	later []mark // the marks of higher terms, chained by next in the order of their terms
}

// mark is an entry that was in some log, with the hash of that log up to the entry.
type mark struct {
	term   raft.Term
	prefix uint64
	node   raft.NodeID // the first node that held it
	next   int         // the position in later, from 1, of the next mark of this index; 0 is none
	maker  raft.NodeID // the node that made it, if its term was not on that node's disk
}

// Property returns the name, rule and source.
func (c *LogMatching) Property() Property {
	return Property{
		Name:     "LogMatching",
		Rule:     "Two logs that hold an entry of the same index and term are equal up to that entry.",
		Source:   "Raft paper, figure 3, Log Matching, and section 5.3",
		Inspects: true,
		OfRaft:   true,
		Needs:    ClassChange | ClassTurn,
	}
}

// Reset forgets the run.
func (c *LogMatching) Reset() { c.first, c.later = c.first[:0], c.later[:0] }

// Copy takes over the marks.
func (c *LogMatching) Copy(from Checker) {
	f := from.(*LogMatching)
	c.first, c.later = append(c.first[:0], f.first...), append(c.later[:0], f.later...)
}

// AppendMemory appends the marks of each index, in the order of their terms. It leaves out
// the nodes that held them first, which only appear in the texts of verdicts.
func (c *LogMatching) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.first))
	for _, m := range c.first {
		for ; m.node != raft.None; m = c.after(m) {
			e.Flags(true, m.maker != raft.None)
			if m.maker != raft.None {
				e.Node(m.maker)
			}
			e.Numbers(uint64(m.term))
			e.Hash(m.prefix)
		}
		e.Flags(false)
	}
	return e.Buf
}

// after returns the next mark of the same index. Its node is None if there is none.
func (c *LogMatching) after(m mark) mark {
	if m.next == 0 {
		return mark{}
	}
	return c.later[m.next-1]
}

// Observe compares every entry that is new in a log with the mark of its index and term.
func (c *LogMatching) Observe(v *trace.View, r *trace.Record) string {
	if r.Kind == trace.Rewrote {
		return fmt.Sprintf("%s rewrote its log outside of a step: %s", r.Node, r.Text)
	}
	if r.Kind == trace.Crashed {
		c.forget(v, r.Node)
	}
	if !r.Shows() {
		return ""
	}
	log := v.Nodes[r.Node].Log
	maker := raft.None
	if r.Status.Vote == r.Node && v.Nodes[r.Node].Stored.Term < r.Status.Term {
		maker = r.Node
	}
	for i := range r.Appended {
		at, id := r.Kept+raft.Index(i)+1, r.Appended[i].ID
		if at <= r.Status.Base.Index {
			continue // a snapshot replaced it: it was judged before, or its content is unknown
		}
		own := mark{term: id.Term, node: r.Node}
		if id.Term == r.Status.Term {
			own.maker = maker
		}
		if text := c.judgeEntry(own, log, at, id); text != "" {
			return text
		}
	}
	return ""
}

// forget drops the marks of a node that crashed whose terms are not on its disk, unless another node
// holds the entry. No message of such a term has left the node ([Durability]).
func (c *LogMatching) forget(v *trace.View, crashed raft.NodeID) {
	durable := v.Nodes[crashed].Stored.Term
	lost := func(at raft.Index, m *mark) bool {
		return m.maker == crashed && m.term > durable && !elsewhere(v, crashed, at, m.term)
	}
	for i := range c.first {
		at, m := raft.Index(i)+1, &c.first[i]
		for lost(at, m) {
			*m = c.after(*m)
		}
		for m.next != 0 {
			if next := &c.later[m.next-1]; lost(at, next) {
				m.next = next.next
			} else {
				m = next
			}
		}
	}
}

// elsewhere reports whether a node other than one holds the entry of an index and term.
func elsewhere(v *trace.View, but raft.NodeID, at raft.Index, term raft.Term) bool {
	for id := range v.All.Without(but).All() {
		if log := v.Nodes[id].Log; at <= raft.Index(len(log)) && log[at-1].Term == term {
			return true
		}
	}
	return false
}

// judgeEntry judges the entry id, which is new at index at of a node's log. If it is the first of
// its index and term, own becomes its mark.
func (c *LogMatching) judgeEntry(own mark, log []trace.Logged, at raft.Index, id raft.EntryID) string {
	if id.Index != at {
		return fmt.Sprintf("%s holds %s at index %d", own.node, id, at)
	}
	if at > 1 && log[at-2].Term > id.Term {
		return fmt.Sprintf("%s holds %s after an entry of term %d", own.node, id, log[at-2].Term)
	}
	own.prefix = log[at-1].Prefix
	m := c.markOf(at, own)
	if m.prefix == own.prefix {
		return ""
	}
	return fmt.Sprintf("the log of %s up to %s is not the one that %s had", own.node, id, m.node)
}

// markOf returns the mark at an index of the term of another one, own. If there is none, own
// becomes it.
func (c *LogMatching) markOf(at raft.Index, own mark) *mark {
	for at > raft.Index(len(c.first)) {
		c.first = append(c.first, mark{})
	}
	m := &c.first[at-1]
	if m.node == raft.None {
		*m = own
		return m
	}
	if own.term < m.term {
		own.next = len(c.later) + 1
		c.later = append(c.later, *m)
		*m = own
		return m
	}
	for m.next != 0 && c.later[m.next-1].term <= own.term {
		m = &c.later[m.next-1]
	}
	if m.term == own.term {
		return m
	}
	own.next, m.next = m.next, len(c.later)+1
	c.later = append(c.later, own)
	return &c.later[len(c.later)-1]
}

// Finish reports that the property held.
func (c *LogMatching) Finish(*trace.View) (Outcome, string) { return Held, "" }
