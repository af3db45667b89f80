package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LogMatching judges that two logs with an entry of the same index and term are equal up
// to that entry (Raft paper, figure 3, Log Matching). It compares all logs of the run, also
// those of different times. It further judges the premises (section 5.3): an entry stands
// at its own index, terms never decrease along a log, and only steps change a log.
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
}

// Property returns the name, rule and source.
func (c *LogMatching) Property() Property {
	return Property{
		Name:     "LogMatching",
		Rule:     "Two logs that hold an entry of the same index and term are equal up to that entry.",
		Source:   "Raft paper, figure 3, Log Matching, and section 5.3",
		Inspects: true,
		OfRaft:   true,
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
// their nodes, which only appear in the texts of verdicts.
func (c *LogMatching) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{Buf: b, Names: as}
	e.Length(len(c.first))
	for _, m := range c.first {
		for ; m.node != raft.None; m = c.after(m) {
			e.Flags(true)
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
	if !r.Shows() {
		return ""
	}
	log := v.Nodes[r.Node].Log
	for i := range r.Appended {
		at, id := r.Kept+raft.Index(i)+1, r.Appended[i].ID
		if at <= r.Status.Base.Index {
			continue // a snapshot replaced it: it was judged before, or its content is unknown
		}
		if text := c.judgeEntry(r.Node, log, at, id); text != "" {
			return text
		}
	}
	return ""
}

// judgeEntry judges the entry id, which is new at index at of a node's log.
func (c *LogMatching) judgeEntry(
	node raft.NodeID, log []trace.Logged, at raft.Index, id raft.EntryID,
) string {
	if id.Index != at {
		return fmt.Sprintf("%s holds %s at index %d", node, id, at)
	}
	if at > 1 && log[at-2].Term > id.Term {
		return fmt.Sprintf("%s holds %s after an entry of term %d", node, id, log[at-2].Term)
	}
	m := c.markOf(node, at, &log[at-1])
	if m.prefix == log[at-1].Prefix {
		return ""
	}
	return fmt.Sprintf("the log of %s up to %s is not the one that %s had", node, id, m.node)
}

// markOf returns the mark of the index and term of an entry. If there is none, the entry
// becomes the mark.
func (c *LogMatching) markOf(node raft.NodeID, at raft.Index, e *trace.Logged) *mark {
	own := mark{term: e.Term, prefix: e.Prefix, node: node}
	for at > raft.Index(len(c.first)) {
		c.first = append(c.first, mark{})
	}
	m := &c.first[at-1]
	if m.node == raft.None {
		*m = own
		return m
	}
	if e.Term < m.term {
		own.next = len(c.later) + 1
		c.later = append(c.later, *m)
		*m = own
		return m
	}
	for m.next != 0 && c.later[m.next-1].term <= e.Term {
		m = &c.later[m.next-1]
	}
	if m.term == e.Term {
		return m
	}
	own.next, m.next = m.next, len(c.later)+1
	c.later = append(c.later, own)
	return &c.later[len(c.later)-1]
}

// Finish reports that the property held.
func (c *LogMatching) Finish(*trace.View) (Outcome, string) { return Held, "" }
