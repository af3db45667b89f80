package explore

// The visited states lie in shards by their fingerprints, so that several workers
// can add to them at once. The number of shards is fixed: it decides the order
// of the states, which must not depend on the number of workers.
const (
	shardBits = 6
	shards    = 1 << shardBits
	placeBits = 32 - shardBits // of a state's place in its shard
	maxPlaces = 1<<placeBits - 1
	blockBits = 12
	blockSize = 1 << blockBits
)

// ref names a visited state: its shard and its place there.
type ref uint32

func (r ref) shard() int { return int(r >> placeBits) }
func (r ref) place() int { return int(r & maxPlaces) }

// shardOf is the shard of a state.
func shardOf(f fingerprint) int { return int(f.hi >> (64 - shardBits)) }

// shard has visited states in the order in which they were found: of each the
// fingerprint and the state that led to it, 20 bytes, found through an index of
// 4 bytes at a load of 3/8 to 3/4.
type shard struct {
	number  int
	count   int
	sum     fingerprint // of all of them
	prints  []*[blockSize]fingerprint
	parents []*[blockSize]ref
	index   []uint32 // a place and one, below a tag of the fingerprint; 0 is free
}

// add adds a state that was not visited yet; new reports whether it is one.
func (s *shard) add(f fingerprint, parent ref) (r ref, added bool) {
	if 4*(s.count+1) > 3*len(s.index) {
		s.grow()
	}
	slot := s.slot(f)
	if s.index[slot] != 0 {
		return 0, false
	}
	s.index[slot] = entry(s.count, f)
	if s.count%blockSize == 0 {
		s.prints = append(s.prints, new([blockSize]fingerprint))
		s.parents = append(s.parents, new([blockSize]ref))
	}
	s.prints[s.count>>blockBits][s.count%blockSize] = f
	s.parents[s.count>>blockBits][s.count%blockSize] = parent
	r = ref(s.number<<placeBits | s.count)
	s.count++
	return r, true
}

// has reports whether a state was visited.
func (s *shard) has(f fingerprint) bool {
	return len(s.index) > 0 && s.index[s.slot(f)] != 0
}

// entry is what the index has for the state at a place.
func entry(place int, f fingerprint) uint32 { return tag(f) | uint32(place+1) }

// tag is bits of the fingerprint that neither shard nor slot is found by.
func tag(f fingerprint) uint32 { return uint32(f.hi) << placeBits }

// slot is where the index has a state, or would have it.
func (s *shard) slot(f fingerprint) int {
	mask := len(s.index) - 1
	for i := int(f.lo) & mask; ; i = (i + 1) & mask {
		e := s.index[i]
		if e == 0 || e&^maxPlaces == tag(f) && s.print(int(e&maxPlaces)-1) == f {
			return i
		}
	}
}

func (s *shard) print(place int) fingerprint { return s.prints[place>>blockBits][place%blockSize] }
func (s *shard) parent(place int) ref        { return s.parents[place>>blockBits][place%blockSize] }

func (s *shard) grow() {
	s.index = make([]uint32, max(1024, 2*len(s.index)))
	for place := range s.count {
		f := s.print(place)
		s.index[s.slot(f)] = entry(place, f)
	}
}

// bytes is how much memory the shard takes.
func (s *shard) bytes() int {
	return len(s.prints)*blockSize*16 + len(s.parents)*blockSize*4 + 4*len(s.index)
}
