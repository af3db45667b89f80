package explore

// The visited states are divided into shards by their fingerprints, so that several
// workers can add states at the same time. The number of shards is fixed: the order of
// the states depends on it, and must not depend on the number of workers.
const (
	shardBits = 6
	shards    = 1 << shardBits
	placeBits = 32 - shardBits // of a state's place in its shard
	maxPlaces = 1<<placeBits - 1
	blockBits = 12
	blockSize = 1 << blockBits
)

// ref identifies a visited state by its shard and its position there.
type ref uint32

func (r ref) shard() int { return int(r >> placeBits) }
func (r ref) place() int { return int(r & maxPlaces) }

// shardOf returns the shard of a state.
func shardOf(f fingerprint) int { return int(f.hi >> (64 - shardBits)) }

// shard has visited states in the order in which they were found. It holds those that are
// not on disk (disk.go). Each takes 20 bytes for its fingerprint and its predecessor, and an
// entry of 4 bytes in an index whose load is 3/8 to 3/4.
type shard struct {
	number  int
	count   int
	base    int         // the first states, which are on disk
	sum     fingerprint // of all of them
	prints  []*[blockSize]fingerprint
	parents []*[blockSize]ref
	index   []uint32 // a tag of the fingerprint above the position after base plus 1; 0 is free
}

// add adds a state with its predecessor. It reports false if the state was visited before.
func (s *shard) add(f fingerprint, parent ref) (r ref, added bool) {
	held := s.held()
	if 4*(held+1) > 3*len(s.index) {
		s.grow()
	}
	slot := s.slot(f)
	if s.index[slot] != 0 {
		return 0, false
	}
	s.index[slot] = entry(held, f)
	if held%blockSize == 0 {
		s.prints = append(s.prints, new([blockSize]fingerprint))
		s.parents = append(s.parents, new([blockSize]ref))
	}
	s.prints[held>>blockBits][held%blockSize] = f
	s.parents[held>>blockBits][held%blockSize] = parent
	r = ref(s.number<<placeBits | s.count)
	s.count++
	return r, true
}

// addTo adds a state with its predecessor, and its numbers to the states of a level, unless it
// was visited before.
func (s *shard) addTo(level []uint32, f fingerprint, parent ref, numbers []uint32) []uint32 {
	r, added := s.add(f, parent)
	if !added {
		return level
	}
	s.sum = s.sum.plus(f)
	from := len(level)
	level = append(level, numbers...)
	level[from+1] = uint32(r)
	return level
}

// held returns the number of states in memory.
func (s *shard) held() int { return s.count - s.base }

// forget leaves all states to the disk.
func (s *shard) forget() {
	s.base, s.prints, s.parents, s.index = s.count, nil, nil, nil
}

// has reports whether memory holds a state.
func (s *shard) has(f fingerprint) bool {
	return len(s.index) > 0 && s.index[s.slot(f)] != 0
}

// entry returns the index entry for the state at a position in memory.
func entry(at int, f fingerprint) uint32 { return tag(f) | uint32(at+1) }

// tag returns bits of the fingerprint that select neither the shard nor the slot.
func tag(f fingerprint) uint32 { return uint32(f.hi) << placeBits }

// slot returns the slot of a state in the index, or the free slot for it.
func (s *shard) slot(f fingerprint) int {
	mask := len(s.index) - 1
	for i := int(f.lo) & mask; ; i = (i + 1) & mask {
		e := s.index[i]
		if e == 0 || e&^maxPlaces == tag(f) && s.print(int(e&maxPlaces)-1) == f {
			return i
		}
	}
}

// print and parent return a state at a position in memory.
func (s *shard) print(at int) fingerprint { return s.prints[at>>blockBits][at%blockSize] }
func (s *shard) parent(at int) ref        { return s.parents[at>>blockBits][at%blockSize] }

func (s *shard) grow() {
	s.index = make([]uint32, max(1024, 2*len(s.index)))
	for at := range s.held() {
		f := s.print(at)
		s.index[s.slot(f)] = entry(at, f)
	}
}

// bytes returns the memory that the shard takes.
func (s *shard) bytes() int {
	return len(s.prints)*blockSize*16 + len(s.parents)*blockSize*4 + 4*len(s.index)
}
