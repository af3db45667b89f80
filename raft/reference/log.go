package reference

import (
	"slices"

	"raftcheck/raft"
)

// log is the sequence of entries after base, which is the last one that was
// compacted, or zero. The entries' encodings lie one behind the other in one
// arena, so that a run of them is a slice of it, a steady state allocates
// nothing, and a clone is two copies.
//
// Invariants, asserted where entries come in and go: indexes are consecutive,
// terms do not decrease, and nothing at or below the commit index is truncated.
type log struct {
	base  raft.EntryID
	slots []slot
	arena []byte
}

// slot is where an entry lies: from the end of the one before it to end.
type slot struct {
	term raft.Term
	end  int
}

// place is the slot of the entry at index. All arithmetic between indexes and
// slots is here and in lastIndex; -1 is the place of base.
func (l *log) place(index raft.Index) int { return int(index-l.base.Index) - 1 }

// lastIndex is the index of the last entry, that of base if there is none.
func (l *log) lastIndex() raft.Index { return l.base.Index + raft.Index(len(l.slots)) }

// last is the end of the log, base if it is empty.
func (l *log) last() raft.EntryID { return l.id(l.lastIndex()) }

// id names the entry at index, which must be from base to lastIndex.
func (l *log) id(index raft.Index) raft.EntryID {
	return raft.EntryID{Term: l.term(index), Index: index}
}

// term is the term of the entry at index, which must be from base to lastIndex.
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

// holds reports whether the log has this very entry, or begins after it. Then
// the logs of any two nodes that hold it are equal up to it (figure 3, Log
// Matching). Of entries before base it knows nothing.
func (l *log) holds(id raft.EntryID) bool {
	return id.Index >= l.base.Index && id.Index <= l.lastIndex() && l.term(id.Index) == id.Term
}

// size is how many bytes the entries after index take.
func (l *log) size(index raft.Index) int { return len(l.arena) - l.end(index) }

// end is where the entry at index ends in the arena.
func (l *log) end(index raft.Index) int {
	p := l.place(index)
	if p < 0 {
		return 0
	}
	return l.slots[p].end
}

// entry is the entry at index, which must be in the log; its data belong to the log.
func (l *log) entry(index raft.Index) raft.Entry {
	r := reader{rest: l.arena[l.end(index-1):l.end(index)]}
	e := r.entry()
	e.ID.Index = index
	return e
}

// list is the run of entries from first on, at most limit of them. It borrows
// from the log, and does not say whether it reconfigures.
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

// run is what list is, of one term only, that of the entry at first, and of no
// more than so many bytes unless the first entry alone takes them.
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
	if list.count == 1 { // the common case, in which nothing needs to be measured
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

// truncate removes the entries from first on; commit is the node's commit index.
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

// compact forgets the entries up to index, which becomes the base.
func (l *log) compact(index raft.Index) {
	base, gone, end := l.id(index), l.place(index)+1, l.end(index)
	l.arena = l.arena[:copy(l.arena, l.arena[end:])]
	l.slots = l.slots[:copy(l.slots, l.slots[gone:])]
	for i := range l.slots {
		l.slots[i].end -= end
	}
	l.base = base
}

// reset forgets all entries; the log begins after base.
func (l *log) reset(base raft.EntryID) {
	l.base, l.slots, l.arena = base, l.slots[:0], l.arena[:0]
}

// missing is the part of list, whose first entry has index first, that begins
// with the first entry which the log does not hold, and that entry's index.
func (l *log) missing(first raft.Index, list entryList) (raft.Index, entryList) {
	for list.count > 0 && l.holds(raft.EntryID{Term: list.first, Index: first}) {
		list = list.tail()
		first++
	}
	return first, list
}

// firstOfTerm is the index of the first entry after base whose term is at least
// term; the one after the end if there is none. Terms do not decrease, so halving finds it.
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

// lastOfTerm is the index of the last entry of term, base among them; 0 if there
// is none, as there is for term 0.
func (l *log) lastOfTerm(term raft.Term) raft.Index {
	if i := l.firstOfTerm(term+1) - 1; l.term(i) == term {
		return i
	}
	return 0
}

// clone shares nothing with l.
func (l *log) clone() log {
	return log{base: l.base, slots: slices.Clone(l.slots), arena: slices.Clone(l.arena)}
}
