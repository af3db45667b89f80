package explore

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
)

// When memory ends, the visited states go to disk: their fingerprints to a sorted file, and
// all else to the file of visited states that checkpoints have. From then on, successors that
// memory does not hold are collected, and compared with the sorted file at the end of the
// depth, all at once and in its order (U. Stern and D. Dill, "Using Magnetic Disk Instead of
// Main Memory in the Murphi Verifier", CAV 1998). So the states are found in the same order.

// Outage is the error of an exploration whose disk failed.
type Outage struct{ Err error }

func (o Outage) Error() string { return o.Err.Error() }
func (o Outage) Unwrap() error { return o.Err }

// orOutage panics if the disk failed. Run returns the panic as its error.
func orOutage(err error) {
	if err != nil {
		panic(Outage{err})
	}
}

// intact adds to the failure of a disk where the exploration can go on.
func (c *checkpoints) intact(o Outage) error {
	if c.named == nil {
		return Outage{fmt.Errorf("%w; there is no checkpoint yet", o.Err)}
	}
	return Outage{fmt.Errorf("%w; the checkpoint of depth %d is whole, and the same command goes on with it",
		o.Err, c.depth)}
}

// fresh has successors that memory does not hold. The disk may.
type fresh struct {
	shard
	states []uint32 // as in a level
}

// siftAll adds the collected successors that are not on disk to the visited states.
func (c *checkpoints) siftAll() {
	if c.sorted.file != nil {
		c.each(shards, func(_ *worker, i int) { c.sift(i) })
	}
}

func (c *checkpoints) sift(number int) {
	f := &c.fresh[number]
	known := c.sorted.among(number, &f.shard)
	for i, rest := 0, f.states; i < f.count; i++ {
		size := header + c.nodes + int(rest[0])
		if !known[i] {
			c.deeper[number] = c.visited[number].addTo(c.deeper[number], f.print(i), f.parent(i), rest[:size])
		}
		rest = rest[size:]
	}
	*f = fresh{}
}

// spill moves the visited states to disk, and those of the next depth.
func (c *checkpoints) spill() {
	c.siftAll()
	c.saveVisited()
	c.saveDeeper()
	was, now := c.sorted, &sorted{number: c.sorted.number + 1}
	now.file = c.create(sortedFile(now.number))
	for i := range c.visited {
		now.starts[i+1] = now.starts[i] + c.visited[i].count
	}
	c.each(shards, func(_ *worker, i int) { now.merge(i, was, &c.visited[i]) })
	for i := range c.visited {
		c.visited[i].forget()
	}
	c.sorted = now
	was.file.Close()
	c.tidy()
	runtime.GC() // so that liveBytes has the rest alone
}

// shardsFile is a file to whose end all shards are written from time to time.
type shardsFile struct {
	file  *os.File
	spans [][shards]int // the bytes of each shard, each time
}

// span is a part of a file.
type span struct{ at, size int64 }

// of lists the spans of a shard.
func (f *shardsFile) of(number int) (list []span) {
	at := int64(0)
	for i := range f.spans {
		for j, size := range &f.spans[i] {
			if j == number {
				list = append(list, span{at, int64(size)})
			}
			at += int64(size)
		}
	}
	return list
}

// read returns the bytes of a span.
func (f *shardsFile) read(s span) ([]byte, error) {
	b := make([]byte, s.size)
	if _, err := f.file.ReadAt(b, s.at); err != nil {
		return nil, fmt.Errorf("%s: expected %d bytes at %d: %w", f.file.Name(), s.size, s.at, err)
	}
	return b, nil
}

// size returns the bytes of all spans.
func (f *shardsFile) size() (n int64) {
	for i := range f.spans {
		for _, size := range &f.spans[i] {
			n += int64(size)
		}
	}
	return n
}

// add writes all shards to the end of the spans.
func (f *shardsFile) add(bytesOf func(number int) []byte) {
	end := f.size()
	var sizes [shards]int
	for i := range sizes {
		b := bytesOf(i)
		_, err := f.file.WriteAt(b, end)
		orOutage(err)
		sizes[i], end = len(b), end+int64(len(b))
	}
	f.spans = append(f.spans, sizes)
}

// levelFile has the states of a level, as numbers of variable length.
type levelFile struct {
	shardsFile
	depth int
	sum   fingerprint // of the bytes
}

// add writes states to the end of the file.
func (l *levelFile) add(level *[shards][]uint32) {
	l.shardsFile.add(func(number int) (b []byte) {
		for _, n := range level[number] {
			b = binary.AppendUvarint(b, uint64(n))
		}
		l.sum = l.sum.plus(fingerprintOf(b).at(number))
		return b
	})
}

// states returns the states of a shard.
func (l *levelFile) states(number int) (states []uint32, err error) {
	for _, s := range l.of(number) {
		b, err := l.read(s)
		if err != nil {
			return nil, err
		}
		for len(b) > 0 {
			n, size := binary.Uvarint(b)
			if size <= 0 {
				return nil, fmt.Errorf("%s: expected numbers", l.file.Name())
			}
			states, b = append(states, uint32(n)), b[size:]
		}
	}
	return states, nil
}

// sumNow returns the sum of the bytes in the file.
func (l *levelFile) sumNow() (sum fingerprint, err error) {
	for i := range shards {
		for _, s := range l.of(i) {
			b, err := l.read(s)
			if err != nil {
				return sum, err
			}
			sum = sum.plus(fingerprintOf(b).at(i))
		}
	}
	return sum, nil
}
