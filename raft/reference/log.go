package reference

import (
	"slices"

	"raftcheck/raft"
)

// log is the sequence of entries 1 to last. The entries' encodings lie one
// behind the other in one arena, so that a run of them is a slice of it, a
// steady state allocates nothing, and a clone is two copies.
//
// Invariants, asserted where entries come in and go: indexes are consecutive,
// terms do not decrease, and nothing at or below the commit index goes.
type log struct {
	slots []slot
	arena []byte
}

// slot is where an entry lies: from the end of the one before it to end.
type slot struct {
	term raft.Term
	end  int
}

// place is the slot of the entry at index. All arithmetic between indexes and
// slots is here and in lastIndex; -1 is the place before the first entry.
func (l *log) place(index raft.Index) int { return int(index) - 1 }

// lastIndex is the index of the last entry, 0 if there is none.
func (l *log) lastIndex() raft.Index { return raft.Index(len(l.slots)) }

// last is the end of the log, zero if it is empty.
func (l *log) last() raft.EntryID { return l.id(l.lastIndex()) }

// id names the entry at index, which must be at most lastIndex; zero for 0.
func (l *log) id(index raft.Index) raft.EntryID {
	return raft.EntryID{Term: l.term(index), Index: index}
}

// term is the term of the entry at index, which must be at most lastIndex; 0 for 0.
func (l *log) term(index raft.Index) raft.Term {
	p := l.place(index)
	if p < 0 {
		return 0
	}
	return l.slots[p].term
}

// holds reports whether the log has this very entry. Then the logs of any two
// nodes that hold it are equal up to it (figure 3, Log Matching).
func (l *log) holds(id raft.EntryID) bool {
	return id.Index <= l.lastIndex() && l.term(id.Index) == id.Term
}

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
// from the log.
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

// run is what list is, of one term only: that of the entry at first.
func (l *log) run(first raft.Index, limit int) entryList {
	if last := l.lastIndex(); first <= last && l.term(first) != l.term(last) {
		limit = min(limit, int(l.lastOfTerm(l.term(first))-first)+1)
	}
	return l.list(first, limit)
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

// missing is the part of list, whose first entry has index first, that begins
// with the first entry which the log does not hold, and that entry's index.
func (l *log) missing(first raft.Index, list entryList) (raft.Index, entryList) {
	for list.count > 0 && l.holds(raft.EntryID{Term: list.first, Index: first}) {
		list = list.tail()
		first++
	}
	return first, list
}

// firstOfTerm is the index of the first entry whose term is at least term; the
// one after the end if there is none. Terms do not decrease, so halving finds it.
func (l *log) firstOfTerm(term raft.Term) raft.Index {
	low, high := raft.Index(1), l.lastIndex()+1
	for low < high {
		if mid := low + (high-low)/2; l.term(mid) < term {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// lastOfTerm is the index of the last entry of term, 0 if there is none, as
// there is for term 0.
func (l *log) lastOfTerm(term raft.Term) raft.Index {
	if i := l.firstOfTerm(term+1) - 1; l.term(i) == term {
		return i
	}
	return 0
}

// clone shares nothing with l.
func (l *log) clone() log {
	return log{slots: slices.Clone(l.slots), arena: slices.Clone(l.arena)}
}
