package models

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// LogMatching judges that two logs which hold an entry of the same index and
// term are the same up to it (Raft paper, figure 3), in all logs that ever
// were, and what that rests on: an entry is where its index says, terms do not
// decrease along a log, and a log changes only by steps (section 5.3).
type LogMatching struct {
	first []mark // the entry of the first term seen at each index, from 1; of no node if none was
	later []mark // the entries of later terms, chained by next in the order of their terms
}

// mark is an entry that some log held, with the hash of that log up to it.
type mark struct {
	term   raft.Term
	prefix uint64
	node   raft.NodeID
	next   int // the position in later, counted from 1, of the next mark of this index; 0 is none
}

// Property names the promise.
func (c *LogMatching) Property() Property {
	return Property{Name: "LogMatching", Source: "Raft paper, figure 3, Log Matching, and section 5.3", Inspects: true}
}

// Reset forgets the run.
func (c *LogMatching) Reset() { c.first, c.later = c.first[:0], c.later[:0] }

// Copy copies the marks.
func (c *LogMatching) Copy(from Checker) {
	f := from.(*LogMatching)
	c.first, c.later = append(c.first[:0], f.first...), append(c.later[:0], f.later...)
}

// AppendMemory appends the marks of each index, in the order of their terms; who
// had them first is only named.
func (c *LogMatching) AppendMemory(b []byte, as *raft.Renaming) []byte {
	e := trace.Encoder{B: b, As: as}
	e.Length(len(c.first))
	for _, m := range c.first {
		for ; m.node != raft.None; m = c.after(m) {
			e.Flags(true)
			e.Numbers(uint64(m.term))
			e.Hash(m.prefix)
		}
		e.Flags(false)
	}
	return e.B
}

// after is the next mark of the same index, of no node if there is none.
func (c *LogMatching) after(m mark) mark {
	if m.next == 0 {
		return mark{}
	}
	return c.later[m.next-1]
}

// Observe compares every entry that is new in a log with its like in any log.
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
		if at <= r.Status.Base.Index && id.Term == 0 {
			continue // a snapshot stands for it, and nobody knows it
		}
		if text := c.appended(r.Node, log, at, id); text != "" {
			return text
		}
	}
	return ""
}

func (c *LogMatching) appended(node raft.NodeID, log []trace.Logged, at raft.Index, id raft.EntryID) string {
	if id.Index != at {
		return fmt.Sprintf("%s holds %s at index %d", node, id, at)
	}
	if at > 1 && log[at-2].Term > id.Term {
		return fmt.Sprintf("%s holds %s after an entry of term %d", node, id, log[at-2].Term)
	}
	m := c.like(node, at, &log[at-1])
	if m.prefix == log[at-1].Prefix {
		return ""
	}
	return fmt.Sprintf("the log of %s up to %s is not the one that %s had", node, id, m.node)
}

// like returns the mark of the index and term of an entry, which becomes the
// mark if there is none.
func (c *LogMatching) like(node raft.NodeID, at raft.Index, e *trace.Logged) *mark {
	own := mark{term: e.Term, prefix: e.Prefix, node: node}
	for int(at) > len(c.first) {
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

// Finish says that the property held.
func (c *LogMatching) Finish(*trace.View) (Outcome, string) { return Held, "" }
