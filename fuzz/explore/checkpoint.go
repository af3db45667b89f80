package explore

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"raftcheck/fuzz/trial"
)

// The files in a folder of checkpoints.
const (
	visitedFile    = "visited"    // the visited states but the root, 20 bytes each
	checkpointFile = "checkpoint" // the rest, of the latest depth that was finished
)

// checkpoint is an exploration between two depths, with which another process can go on.
type checkpoint struct {
	Of     string // the code, the bounds and the start
	Report Report
	Sum    fingerprint // of the states in the other file, and their predecessors
	First  map[string]seen
	Level  [shards][]uint32
	// Parts has the parts of the states of all levels, by kind and number. A part is made anew
	// by the way to the first state that has it.
	Parts [kinds][]partAt
}

// seen is a sighting.
type seen struct{ At, Option, Depth int }

// partAt is a part, by its fingerprint, in a visited state. The zero value is a part that no
// visited state has.
type partAt struct {
	Key   fingerprint
	In    ref
	Known bool
}

// kinds is the number of kinds of part that states have by number, in the order of parts.
const kinds = 4

// checkpoints writes and reads the checkpoints of an exploration.
type checkpoints struct {
	*explorer
	of    string      // the text that explorations have in common if one can go on where another ended
	saved [shards]int // the states of each shard that are in the file
	sum   fingerprint // of these states and their predecessors
	parts [kinds][]partAt
}

func newCheckpoints(x *explorer) *checkpoints {
	c := &checkpoints{explorer: x}
	c.of = fmt.Sprintf("keep going %t\n%s", c.KeepGoing, c.Certify(&Report{Levels: []int{1}}))
	c.saved[x.root.ref.shard()] = 1
	return c
}

// save writes a checkpoint, so that a process that is killed at any time leaves this one, or
// the one before it.
func (c *checkpoints) save() error {
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return err
	}
	if err := c.saveVisited(); err != nil {
		return err
	}
	now := checkpoint{Of: c.of, Report: c.report, Sum: c.sum, First: map[string]seen{}, Level: c.level}
	for name, s := range c.first {
		now.First[name] = seen{int(s.at), s.option, s.depth}
	}
	c.noteParts()
	now.Parts = c.parts
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&now); err != nil {
		return err
	}
	sum, _ := fingerprintOf(b.Bytes()).MarshalBinary()
	return trial.WriteWhole(c.Folder, checkpointFile, append(sum, b.Bytes()...))
}

// saveVisited appends the states that are new since the last checkpoint.
func (c *checkpoints) saveVisited() error {
	f, err := os.OpenFile(filepath.Join(c.Folder, visitedFile), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	before := -1 // the root
	for _, n := range c.saved {
		before += n
	}
	var b []byte
	for i := range c.visited {
		shard := &c.visited[i]
		for ; c.saved[i] < shard.count; c.saved[i]++ {
			b = c.appendVisited(b, shard.print(c.saved[i]), shard.parent(c.saved[i]))
		}
	}
	_, err = f.WriteAt(b, int64(before)*visitedBytes) // over the rest of a process that was killed
	return errors.Join(err, f.Close())
}

// visitedBytes is the size of a state in the file.
const visitedBytes = 20

func (c *checkpoints) appendVisited(b []byte, f fingerprint, parent ref) []byte {
	c.sum = c.sum.plus(f.at(int(parent)))
	b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, f.hi), f.lo)
	return binary.LittleEndian.AppendUint32(b, uint32(parent))
}

// noteParts notes the first state of each part of the level.
func (c *checkpoints) noteParts() {
	for _, rest := range c.level {
		for s := (state{}); len(rest) > 0; {
			rest = s.take(rest, c.nodes)
			c.parted(&s, func(kind int, number *uint32) {
				if list := c.parts[kind]; int(*number) >= len(list) || !list[*number].Known {
					c.note(kind, *number, partAt{c.key(kind, *number), s.ref, true})
				}
			})
		}
	}
}

// note notes the part with a number.
func (c *checkpoints) note(kind int, number uint32, part partAt) {
	if more := int(number) + 1 - len(c.parts[kind]); more > 0 {
		c.parts[kind] = append(c.parts[kind], make([]partAt, more)...)
	}
	c.parts[kind][number] = part
}

// parted calls do with the numbers of all parts of a state.
func (c *checkpoints) parted(s *state, do func(kind int, number *uint32)) {
	for i := range s.places {
		do(0, &s.places[i])
	}
	for i := range s.messages {
		do(1, &s.messages[i])
	}
	do(2, &s.memory)
	do(3, &s.clients)
}

// key returns the fingerprint by which a part is found.
func (c *checkpoints) key(kind int, number uint32) fingerprint {
	p := c.explorer.parts
	switch kind {
	case 0:
		return p.places.at(number).prints.under(0)
	case 1:
		return p.messages.at(number).prints.under(0)
	case 2:
		return p.memories.at(number).prints.under(0)
	}
	return p.clients.at(number).print
}

// number returns the number of the part with a fingerprint.
func (c *checkpoints) number(kind int, key fingerprint) (number uint32, known bool) {
	p := c.explorer.parts
	switch kind {
	case 0:
		if is := p.places.find(key); is != nil {
			return is.number, true
		}
	case 1:
		if is := p.messages.find(key); is != nil {
			return is.number, true
		}
	case 2:
		if is := p.memories.find(key); is != nil {
			return is.number, true
		}
	case 3:
		if is := p.clients.find(key); is != nil {
			return is.number, true
		}
	}
	return 0, false
}

// load goes on with the checkpoint in the folder, if there is one.
func (c *checkpoints) load() error {
	file := filepath.Join(c.Folder, checkpointFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	was, err := decoded(text)
	if err != nil {
		return fmt.Errorf("%s: expected a checkpoint: %w", file, err)
	}
	if was.Of != c.of {
		return fmt.Errorf("%s: expected a checkpoint of this exploration, found one of\n%s", file, was.Of)
	}
	if err := c.loadVisited(was.Report.Distinct - 1); err != nil {
		return err
	}
	if c.sum != was.Sum {
		return fmt.Errorf("%s: expected states with the sum %v, found %v", visitedFile, was.Sum, c.sum)
	}
	c.report, c.level = was.Report, was.Level
	for name, s := range was.First {
		c.first[name] = &sighting{ref(s.At), s.Option, s.Depth}
	}
	return c.renumber(was)
}

// decoded returns the checkpoint in a file, which begins with the fingerprint of the rest.
func decoded(text []byte) (*checkpoint, error) {
	var sum fingerprint
	if err := sum.UnmarshalBinary(text[:min(len(text), 16)]); err != nil {
		return nil, err
	}
	if sum != fingerprintOf(text[16:]) {
		return nil, errors.New("its bytes are not those that were written")
	}
	was := new(checkpoint)
	return was, gob.NewDecoder(bytes.NewReader(text[16:])).Decode(was)
}

// loadVisited reads the first n states of the file.
func (c *checkpoints) loadVisited(n int) error {
	f, err := os.Open(filepath.Join(c.Folder, visitedFile))
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, n*visitedBytes)
	if _, err := io.ReadFull(f, b); err != nil {
		return fmt.Errorf("%s: expected %d states: %w", f.Name(), n, err)
	}
	for ; len(b) > 0; b = b[visitedBytes:] {
		print := fingerprint{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
		shard, parent := &c.visited[shardOf(print)], ref(binary.LittleEndian.Uint32(b[16:]))
		before := parent.place() < c.visited[parent.shard()].count
		if _, added := shard.add(print, parent); !added || !before {
			return fmt.Errorf("%s: expected each state once, after its predecessor", f.Name())
		}
		shard.sum, c.sum = shard.sum.plus(print), c.sum.plus(print.at(int(parent)))
		c.saved[shardOf(print)]++
	}
	return nil
}

// renumber makes the parts of the level anew, and gives them their new numbers.
func (c *checkpoints) renumber(was *checkpoint) error {
	p := newPath(c.workers[0])
	var numbers [kinds][]uint32
	for kind, parts := range was.Parts {
		numbers[kind] = make([]uint32, len(parts))
		for old, part := range parts {
			if !part.Known {
				continue
			}
			number, known := c.number(kind, part.Key)
			if !known {
				p.to(part.In)
				number, known = c.number(kind, part.Key)
			}
			if !known {
				return fmt.Errorf("%s: expected the system that it was written with", c.Folder)
			}
			numbers[kind][old] = number
			c.note(kind, number, part)
		}
	}
	for i := range c.level {
		var again []uint32
		for rest, s := c.level[i], (state{}); len(rest) > 0; {
			rest = s.take(rest, c.nodes)
			c.parted(&s, func(kind int, number *uint32) { *number = numbers[kind][*number] })
			again = s.append(again)
		}
		c.level[i] = again
	}
	return nil
}
