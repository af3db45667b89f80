package faults

import (
	"fmt"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

// maxLog bounds the log of one node; a longer one is a broken contract, not a long wait.
const maxLog = 1 << 20

// maxRead bounds the entries that are read from all logs in a run, again or for the first
// time: a log that changes as a whole in every step would cost hours.
const maxRead = 1 << 24

// inspect looks at the node's state and finds what changed in its log: from
// the end backwards until log and shadow meet. By Log Matching they are then
// equal before that, which is verified in full when the node boots again and
// when the run ends. The log of another algorithm than Raft may change in the
// middle alone, and is compared from its beginning. A node in the middle of a batch is not
// looked at: it shows what it showed before.
func (w *World) inspect(n *node) bool {
	r := &w.record
	switch was := &w.view.Nodes[n.id]; {
	case n.inspector == nil:
		return true
	case r.Batch == trace.Amid:
		r.Inspected, r.Status, r.Kept = true, was.Status, raft.Index(len(was.Log))
		return true
	}
	r.Inspected, r.Status = true, n.inspector.Status()
	last, shadow := r.Status.Last, w.view.Nodes[n.id].Log
	kept := min(last.Index, raft.Index(len(shadow)))
	if w.limits.Algorithm != "" {
		kept = w.unchanged(n, shadow[:kept])
	}
	for ; kept > 0; kept-- {
		if kept == last.Index {
			if shadow[kept-1].Term == last.Term {
				break
			}
		} else if w.keeps(n, kept, &shadow[kept-1]) {
			break
		}
	}
	r.Kept = kept
	w.digest(n, kept, shadow)
	return true
}

// unchanged returns the number of entries at the beginning of a log that are those of its shadow.
func (w *World) unchanged(n *node, shadow []trace.Logged) (kept raft.Index) {
	for int(kept) < len(shadow) && w.keeps(n, kept+1, &shadow[kept]) {
		kept++
	}
	return kept
}

// keeps reports whether a node's log still has the entry at an index that its shadow has. A
// snapshot that ends with an entry of the shadow stands for all of the shadow up to it.
func (w *World) keeps(n *node, i raft.Index, shadow *trace.Logged) bool {
	switch base := w.record.Status.Base; {
	case i == base.Index:
		return shadow.Term == base.Term
	case i < base.Index:
		return i <= raft.Index(len(w.view.Committed)) && w.view.Committed[i-1].Prefix == shadow.Prefix
	}
	e, ok := n.inspector.EntryAt(i)
	return ok && e.ID.Term == shadow.Term
}

// digest appends the digests of the node's entries after an index. Entries before the node's
// log are those of an earlier log of its own that has the last of them, or the committed ones.
func (w *World) digest(n *node, after raft.Index, own []trace.Logged) {
	base, last := w.record.Status.Base, w.record.Status.Last
	switch {
	case last.Index > maxLog:
		panic(fmt.Sprintf("its log ends at %s, longer than the %d entries a run can have", last, maxLog))
	case base.Index > last.Index:
		panic(fmt.Sprintf("its log begins after %s and ends at %s", base, last))
	case w.entries > maxRead:
		panic(fmt.Sprintf("its log changed so often that %d entries were read in a run", w.entries))
	}
	w.entries += int(last.Index - min(after, last.Index))
	i, had := after+1, has(own, base)
	for ; i <= base.Index; i++ {
		if had {
			w.appended = append(w.appended, own[i-1].Digest(i))
		} else {
			w.appended = append(w.appended, w.committed(i, base))
		}
	}
	for ; i <= last.Index; i++ {
		e, ok := n.inspector.EntryAt(i)
		if !ok {
			panic(fmt.Sprintf("its log ends at %s and does not hold entry %d", last, i))
		}
		w.appended = append(w.appended, trace.DigestOf(&e))
	}
}

// has reports whether a log has an entry of the index and the term of id.
func has(log []trace.Logged, id raft.EntryID) bool {
	return id.Index > 0 && id.Index <= raft.Index(len(log)) && log[id.Index-1].Term == id.Term
}

// committed is the digest of the committed entry at an index that is in a
// node's snapshot. It is of no term if there is none or if the node has another.
func (w *World) committed(i raft.Index, base raft.EntryID) trace.Digest {
	if i > raft.Index(len(w.view.Committed)) || i == base.Index && w.view.Committed[i-1].Term != base.Term {
		return trace.Digest{ID: raft.EntryID{Index: i}}
	}
	return w.view.Committed[i-1].Digest(i)
}

// verify compares a node's log with its shadow in full. Nothing more is known of entries that
// only its snapshot has, nor of a log in the middle of a batch.
func (w *World) verify(n *node) {
	if n.inspector == nil || n.batch > 0 {
		return
	}
	w.begin(trace.Rewrote, n.id)
	w.appended = w.appended[:0]
	text, ok := w.readLog(n)
	if !ok {
		w.panicked(n, text)
		return
	}
	shadow := w.view.Nodes[n.id].Log
	base := int(w.record.Status.Base.Index)
	if has := base + len(w.appended); has != len(shadow) {
		w.record.Text = fmt.Sprintf("its log of %d entries now has %d, without a step", len(shadow), has)
		w.emit()
		return
	}
	for i, d := range w.appended {
		if e := &shadow[base+i]; d.ID.Term != e.Term || d.Hash != e.Hash {
			w.record.Text = fmt.Sprintf("entry %d changed to %s without a change of the log's end", base+i+1, d.ID)
			w.emit()
			return
		}
	}
}

// readLog takes the digests of a node's whole log after its snapshot.
func (w *World) readLog(n *node) (text string, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			text = w.panicText(p)
		}
	}()
	w.record.Status = n.inspector.Status()
	w.digest(n, w.record.Status.Base.Index, nil)
	return "", true
}

// Beliefs are those of a node that shows them; none of one that is down, or that panics.
func (w *World) Beliefs(id raft.NodeID) (b raft.Beliefs) {
	defer func() { recover() }()
	if n, ok := w.nodes[id].running.(raft.Believer); ok {
		b = n.Beliefs()
	}
	return b
}
