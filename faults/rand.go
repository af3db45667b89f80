package faults

import "encoding/binary"

// splitMix is the randomness that a node reads: SplitMix64 (Steele, Lea,
// Flood: Fast splittable pseudorandom number generators, 2014), eight bytes a
// step. The world itself draws nothing.
type splitMix struct{ state uint64 }

// Read fills b; it never fails.
func (s *splitMix) Read(b []byte) (int, error) {
	for done := 0; done < len(b); {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], s.next())
		done += copy(b[done:], word[:])
	}
	return len(b), nil
}

func (s *splitMix) next() uint64 {
	s.state += 0x9e3779b97f4a7c15
	z := s.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
