package explore

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// sorted has the fingerprints of the visited states on disk, in a file in their order.
type sorted struct {
	file   *os.File              // nil: no state is on disk
	number int                   // of the file
	starts [shards + 1]int       // of each shard, in states
	firsts [shards][]fingerprint // of each block of a shard
	sum    fingerprint           // of all states, if load read them
}

// count returns the number of states of a shard.
func (s *sorted) count(number int) int { return s.starts[number+1] - s.starts[number] }

// among reports which states of a shard in memory are in the file. It reads each block once
// at most.
func (s *sorted) among(number int, held *shard) []bool {
	known, order := make([]bool, held.count), make([]int, held.count)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return held.print(a).compare(held.print(b)) })
	at, block := -1, []fingerprint(nil)
	for _, i := range order {
		f := held.print(i)
		next, first := slices.BinarySearchFunc(s.firsts[number], f, fingerprint.compare)
		if known[i] = first; first || next == 0 {
			continue
		}
		if next-1 != at {
			at = next - 1
			block = s.block(number, at, block)
		}
		_, known[i] = slices.BinarySearchFunc(block, f, fingerprint.compare)
	}
	return known
}

// block reads a block of a shard into the memory of b.
func (s *sorted) block(number, at int, b []fingerprint) []fingerprint {
	from := s.starts[number] + at*blockSize
	bytes := make([]byte, min(blockSize, s.starts[number+1]-from)*printBytes)
	_, err := s.file.ReadAt(bytes, int64(from)*printBytes)
	orOutage(err)
	for b = b[:0]; len(bytes) > 0; bytes = bytes[printBytes:] {
		b = append(b, printIn(bytes))
	}
	return b
}

// all lists the fingerprints of a shard in their order.
func (s *sorted) all(number int) iter.Seq[fingerprint] {
	return func(yield func(fingerprint) bool) {
		var b []fingerprint
		for at := range s.firsts[number] {
			b = s.block(number, at, b)
			for _, f := range b {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// merge writes a shard: its states in another file, and those that memory holds.
func (s *sorted) merge(number int, was *sorted, held *shard) {
	prints := make([]fingerprint, held.held())
	for at := range prints {
		prints[at] = held.print(at)
	}
	slices.SortFunc(prints, fingerprint.compare)
	w := bufio.NewWriterSize(io.NewOffsetWriter(s.file, int64(s.starts[number])*printBytes), 1<<16)
	n := 0
	put := func(f fingerprint) {
		if n%blockSize == 0 {
			s.firsts[number] = append(s.firsts[number], f)
		}
		n++
		w.Write(f.append(w.AvailableBuffer())) // Flush returns the error
	}
	for f := range was.all(number) {
		for ; len(prints) > 0 && prints[0].compare(f) < 0; prints = prints[1:] {
			put(prints[0])
		}
		put(f)
	}
	for _, f := range prints {
		put(f)
	}
	orOutage(w.Flush())
}

// load reads the file, whose shards begin at starts.
func (s *sorted) load() error {
	r := bufio.NewReaderSize(s.file, 1<<16)
	var b [printBytes]byte
	var last fingerprint
	for i := range shards {
		for n := range s.count(i) {
			if _, err := io.ReadFull(r, b[:]); err != nil {
				return fmt.Errorf("%s: expected %d states: %w", s.file.Name(), s.starts[shards], err)
			}
			f := printIn(b[:])
			if shardOf(f) != i || f.compare(last) < 0 {
				return fmt.Errorf("%s: expected states in their order", s.file.Name())
			}
			if n%blockSize == 0 {
				s.firsts[i] = append(s.firsts[i], f)
			}
			s.sum, last = s.sum.plus(f), f
		}
	}
	return nil
}
