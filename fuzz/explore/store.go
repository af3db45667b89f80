package explore

import (
	"fmt"
	"sync"
)

// store has every part of a kind once, found by what tells it from others, and by
// its number. Several workers may use it at once.
type store[K comparable, T any] struct {
	lock   sync.Mutex
	known  map[K]*T
	blocks [1 << 16]*[blockSize]*T
	count  uint32
}

// at is the part of a number. Whoever was told the number need not wait for the
// lock: what is there is never moved.
func (s *store[K, T]) at(number uint32) *T { return s.blocks[number>>blockBits][number%blockSize] }

// find returns the part that is kept under a key, nil if there is none.
func (s *store[K, T]) find(key K) *T {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.known[key]
}

// keep keeps a part under a key and gives it a number. If another worker kept one
// before, that one is returned.
func (s *store[K, T]) keep(key K, part *T, number *uint32) *T {
	s.lock.Lock()
	defer s.lock.Unlock()
	if first := s.known[key]; first != nil {
		return first
	}
	if s.known == nil {
		s.known = map[K]*T{}
	}
	block := s.count >> blockBits
	if int(block) == len(s.blocks) {
		panic(fmt.Sprintf("an exploration has more than %d parts of a kind", s.count))
	}
	if s.blocks[block] == nil {
		s.blocks[block] = new([blockSize]*T)
	}
	*number = s.count
	s.blocks[block][s.count%blockSize] = part
	s.known[key] = part
	s.count++
	return part
}
