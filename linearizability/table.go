package linearizability

// slotSet is a set of slots.
type slotSet []uint64

func (b slotSet) has(i int32) bool { return b[i>>6]>>(i&63)&1 != 0 }
func (b slotSet) set(i int32)      { b[i>>6] |= 1 << (i & 63) }
func (b slotSet) clear(i int32)    { b[i>>6] &^= 1 << (i & 63) }

// config is one point of a search: a level, the operations placed among those
// that are open, and the state behind everything placed.
type config struct {
	level  int32
	state  int32
	used   int32   // how many of each unknown class are placed, see usedSets
	done   slotSet // the slots of operations that need no place any more
	placed slotSet // of these, the slots of operations that can have no place any more
}

// table remembers the configs that a search has met. One is worth no look if
// another is as good: from wherever it leads on, the other one does too.
//
// Config b is as good as a, of the same level and state, if
//
//   - every operation that is done in a is done in b,
//   - every operation that is placed in b is placed in a (one that overwrites may
//     be done and not placed, see search.place), and
//   - b has used no more operations of any unknown class than a.
//
// For an operation that does anything, done is placed, so the first two make
// both agree on it, and it is part of the hash.
type table struct {
	plain slotSet // the slots of operations that do anything
	words int     // of a set of slots
	size  int     // words of a config in the arena
	arena []uint64
	heads []int32 // by hash, a config + 1 of a chain
	count int
}

func newTable(plain slotSet) *table {
	return &table{plain: plain, words: len(plain), size: 2 + 2*len(plain), heads: make([]int32, 16)}
}

// bytes is the memory that the table holds.
func (t *table) bytes() int { return 8*len(t.arena) + 4*len(t.heads) }

// at is the words of a config: level and state; the set of used operations and
// the next config + 1 of the chain; the slots done; the slots placed.
func (t *table) at(id int32) []uint64 { return t.arena[int(id)*t.size:][:t.size] }

// add adds c unless one as good is there. steps is how many it was compared with.
func (t *table) add(c *config, used *usedSets) (id int32, added bool, steps int) {
	key := uint64(uint32(c.level))<<32 | uint64(uint32(c.state))
	head := t.head(key, c.done)
	for chain := *head; chain > 0; {
		at := t.at(chain - 1)
		steps++
		if at[0] == key && t.asGood(at, c, used) {
			return 0, false, steps
		}
		chain = int32(uint32(at[1]))
	}
	if t.count == len(t.heads) {
		t.grow()
		head = t.head(key, c.done)
	}
	id = int32(t.count)
	t.arena = append(t.arena, key, uint64(uint32(c.used))<<32|uint64(uint32(*head)))
	t.arena = append(t.arena, c.done...)
	t.arena = append(t.arena, c.placed...)
	*head = id + 1
	t.count++
	return id, true, steps
}

// asGood reports whether the config at words at, of the same level and state,
// is as good as c.
func (t *table) asGood(at []uint64, c *config, used *usedSets) bool {
	done, placed := at[2:2+t.words], at[2+t.words:]
	for i := range done {
		if c.done[i]&^done[i] != 0 || placed[i]&^c.placed[i] != 0 {
			return false
		}
	}
	return used.within(int32(at[1]>>32), c.used)
}

func (t *table) head(key uint64, done slotSet) *int32 {
	h := mix(key)
	for i := range done {
		h = mix(h ^ done[i]&t.plain[i])
	}
	return &t.heads[h&uint64(len(t.heads)-1)]
}

// grow doubles the number of chains.
func (t *table) grow() {
	t.heads = make([]int32, 2*len(t.heads))
	for id := range int32(t.count) {
		at := t.at(id)
		head := t.head(at[0], at[2:2+t.words])
		at[1] = at[1]>>32<<32 | uint64(uint32(*head))
		*head = id + 1
	}
}

// reset empties the table; the memory is used again.
func (t *table) reset() {
	if t.count < len(t.heads)/8 {
		for id := range int32(t.count) {
			at := t.at(id)
			*t.head(at[0], at[2:2+t.words]) = 0
		}
	} else {
		clear(t.heads)
	}
	t.arena, t.count = t.arena[:0], 0
}
