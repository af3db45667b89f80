package explore

import (
	"fmt"
	"sync"
)

// store holds each different part of a kind once. Parts are found by a key and by their
// number. Several workers may use it at the same time.
type store[K comparable, T any] struct {
	lock   sync.Mutex
	known  map[K]*T
	blocks [1 << 16]*[blockSize]*T
	count  uint32
}

// at returns the part with a number. It needs no lock: a part never moves once keep
// has returned its number.
func (s *store[K, T]) at(number uint32) *T { return s.blocks[number>>blockBits][number%blockSize] }

// find returns the part with a key, or nil.
func (s *store[K, T]) find(key K) *T {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.known[key]
}

// keep stores a part under a key and sets its number. If another worker has stored a
// part with that key, keep returns that part instead.
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
