package linearizability

import "slices"

// usedSets are the multisets of unknown operations that the configs of a search
// have placed, each kept once. 0 is the empty one.
//
// Of two configs that differ only in this, the one that used less can do all that
// the other can, as unknown operations need not be placed. See table.
type usedSets struct {
	words []uint64 // of all sets: class and count, in order of the classes
	ends  []int32  // of each set, where its words end
	next  []int32  // of each set, the next set + 1 of the chain
	heads []int32  // by hash, a set + 1 of a chain
	last  []uint64 // the set that with is making
}

func newUsedSets() *usedSets {
	return &usedSets{ends: []int32{0}, next: []int32{0}, heads: make([]int32, 16)}
}

// bytes is the memory that the sets hold.
func (u *usedSets) bytes() int { return 8*len(u.words) + 8*len(u.ends) + 4*len(u.heads) }

func (u *usedSets) of(set int32) []uint64 {
	if set == 0 {
		return nil
	}
	return u.words[u.ends[set-1]:u.ends[set]]
}

// count returns the number of times that class is in a set.
func (u *usedSets) count(set, class int32) int {
	words := u.of(set)
	if i, ok := find(words, class); ok {
		return int(uint32(words[i]))
	}
	return 0
}

// find returns the place where class is, or would be, in the words of a set.
func find(words []uint64, class int32) (int, bool) {
	i, _ := slices.BinarySearch(words, uint64(class)<<32)
	return i, i < len(words) && int32(words[i]>>32) == class
}

// with is a set with one more operation of class.
func (u *usedSets) with(set, class int32) int32 {
	u.last = append(u.last[:0], u.of(set)...)
	if i, ok := find(u.last, class); ok {
		u.last[i]++
	} else {
		u.last = slices.Insert(u.last, i, uint64(class)<<32|1)
	}
	head := u.head(u.last)
	for chain := *head; chain > 0; chain = u.next[chain-1] {
		if slices.Equal(u.of(chain-1), u.last) {
			return chain - 1
		}
	}
	if len(u.ends) > len(u.heads) {
		u.grow()
		head = u.head(u.last)
	}
	id := int32(len(u.ends))
	u.words = append(u.words, u.last...)
	u.ends = append(u.ends, int32(len(u.words)))
	u.next = append(u.next, *head)
	*head = id + 1
	return id
}

func (u *usedSets) head(words []uint64) *int32 {
	h := uint64(len(words))
	for _, w := range words {
		h = mix(h ^ w)
	}
	return &u.heads[h&uint64(len(u.heads)-1)]
}

// grow doubles the number of chains.
func (u *usedSets) grow() {
	u.heads = make([]int32, 2*len(u.heads))
	for id := int32(1); int(id) < len(u.ends); id++ {
		head := u.head(u.of(id))
		u.next[id] = *head
		*head = id + 1
	}
}

// within reports whether set a has no more of any class than set b.
func (u *usedSets) within(a, b int32) bool {
	if a == b || a == 0 {
		return true
	}
	more := u.of(b)
	for _, w := range u.of(a) {
		for len(more) > 0 && more[0]>>32 < w>>32 {
			more = more[1:]
		}
		if len(more) == 0 || more[0]>>32 != w>>32 || more[0] < w {
			return false
		}
	}
	return true
}
