package reference

import (
	"slices"

	"raftcheck/raft"
)

// log is the sequence of entries after base, which is the last compacted entry, or
// zero. The encodings of the entries lie one behind the other in one arena. So a
// run of entries is a slice of it, the steady state allocates nothing, and a clone
// is two copies.
//
// Invariants, asserted where entries come in and go: indexes are consecutive, terms
// do not decrease, and nothing at or below the commit index is truncated.
type log struct {
	base  raft.EntryID
	slots []slot
	arena []byte
}

// slot locates an entry in the arena: it reaches from the end of the one before to
// end.
type slot struct {
	term raft.Term
	end  int
}

// place returns the slot number of the entry at index. All arithmetic between
// indexes and slots is here and in lastIndex; -1 is the place of base.
func (l *log) place(index raft.Index) int { return int(index-l.base.Index) - 1 }

// lastIndex returns the index of the last entry, that of base if there is none.
func (l *log) lastIndex() raft.Index { return l.base.Index + raft.Index(len(l.slots)) }

// last returns the end of the log, base if it is empty.
func (l *log) last() raft.EntryID { return l.id(l.lastIndex()) }

// id returns the name of the entry at index, which must be from base to lastIndex.
func (l *log) id(index raft.Index) raft.EntryID {
	return raft.EntryID{Term: l.term(index), Index: index}
}

// term returns the term of the entry at index, which must be from base to
// lastIndex.
func (l *log) term(index raft.Index) raft.Term {
	p := l.place(index)
	if p < 0 {
		if p < -1 {
			assertionFailed("entry %d was compacted; the log begins after %v", index, l.base)
		}
		return l.base.Term
	}
	return l.slots[p].term
}

// holds reports whether the log has this very entry, or begins after it. The logs
// of any two nodes that hold it are equal up to it (figure 3, Log Matching). It is
// false for entries before base.
func (l *log) holds(id raft.EntryID) bool {
	return id.Index >= l.base.Index && id.Index <= l.lastIndex() && l.term(id.Index) == id.Term
}

// size returns the number of bytes that the entries after index take.
func (l *log) size(index raft.Index) int { return len(l.arena) - l.end(index) }

// end returns where the entry at index ends in the arena.
func (l *log) end(index raft.Index) int {
	p := l.place(index)
	if p < 0 {
		return 0
	}
	return l.slots[p].end
}

// entry returns the entry at index, which must be in the log; its data belong to
// the log.
func (l *log) entry(index raft.Index) raft.Entry {
	r := reader{rest: l.arena[l.end(index-1):l.end(index)]}
	e := r.entry()
	e.ID.Index = index
	return e
}

// list returns the run of entries from index first on, at most limit of them. It
// borrows from the log. It does not set reconfigures.
func (l *log) list(first raft.Index, limit int) entryList {
	last := min(l.lastIndex(), first+raft.Index(limit)-1)
	if first > last {
		return entryList{}
	}
	return entryList{
		bytes: l.arena[l.end(first-1):l.end(last)],
		count: int(last - first + 1),
		first: l.term(first),
		last:  l.term(last),
	}
}

// run returns the entries that one request may carry, from index first on. They are
// at most limit entries, all of the term of the first, and at most the given number
// of bytes. The first entry is included even if it alone exceeds the bytes.
func (l *log) run(first raft.Index, limit, bytes int) entryList {
	last := l.lastIndex()
	if first <= last && l.term(first) != l.term(last) {
		last = l.lastOfTerm(l.term(first))
	}
	last = min(last, first+raft.Index(limit)-1)
	for last > first && l.end(last)-l.end(first-1) > bytes {
		last--
	}
	return l.list(first, int(last+1-first))
}

// append appends an entry; data is copied.
func (l *log) append(term raft.Term, kind raft.EntryKind, data []byte) {
	l.arena = appendEntry(l.arena, term, kind, data)
	l.push(term, len(l.arena))
}

// appendList appends a run of entries; its bytes are copied.
func (l *log) appendList(list entryList) {
	start := len(l.arena)
	l.arena = append(l.arena, list.bytes...)
	if list.count == 1 { // the common case, which needs no decoding
		l.push(list.first, len(l.arena))
		return
	}
	for r := (reader{rest: l.arena[start:]}); len(r.rest) > 0; {
		term := r.entry().ID.Term
		l.push(term, len(l.arena)-len(r.rest))
	}
}

func (l *log) push(term raft.Term, end int) {
	if last := l.last().Term; term < last || term == 0 {
		assertionFailed("an entry of term %d is appended after one of term %d", term, last)
	}
	l.slots = append(l.slots, slot{term, end})
}

// truncate removes the entries from index first on; commit is the node's commit
// index.
func (l *log) truncate(first, commit raft.Index) {
	if first <= commit {
		assertionFailed("truncation from %d reaches the committed entry %d", first, commit)
	}
	if first > l.lastIndex() {
		assertionFailed("truncation from %d is beyond the end of the log, %d", first, l.lastIndex())
	}
	l.arena = l.arena[:l.end(first-1)]
	l.slots = l.slots[:l.place(first)]
}

// compact drops the entries up to index, which becomes the base.
func (l *log) compact(index raft.Index) {
	base, gone, end := l.id(index), l.place(index)+1, l.end(index)
	l.arena = l.arena[:copy(l.arena, l.arena[end:])]
	l.slots = l.slots[:copy(l.slots, l.slots[gone:])]
	for i := range l.slots {
		l.slots[i].end -= end
	}
	l.base = base
}

// reset drops all entries; the log begins after base.
func (l *log) reset(base raft.EntryID) {
	l.base, l.slots, l.arena = base, l.slots[:0], l.arena[:0]
}

// missing skips the entries of list that the log holds; the first of list has index
// first. It returns the rest of list, and the index of its first entry.
func (l *log) missing(first raft.Index, list entryList) (raft.Index, entryList) {
	for list.count > 0 && l.holds(raft.EntryID{Term: list.first, Index: first}) {
		list = list.tail()
		first++
	}
	return first, list
}

// firstOfTerm returns the index of the first entry after base whose term is at
// least term; the one after the end if there is none. Terms do not decrease, so a
// binary search finds it.
func (l *log) firstOfTerm(term raft.Term) raft.Index {
	low, high := l.base.Index+1, l.lastIndex()+1
	for low < high {
		if mid := low + (high-low)/2; l.term(mid) < term {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// lastOfTerm returns the index of the last entry of term, base included; 0 if there
// is none, as for term 0.
func (l *log) lastOfTerm(term raft.Term) raft.Index {
	if i := l.firstOfTerm(term+1) - 1; l.term(i) == term {
		return i
	}
	return 0
}

// clone returns a log that shares nothing with l.
func (l *log) clone() log {
	return log{base: l.base, slots: slices.Clone(l.slots), arena: slices.Clone(l.arena)}
}
