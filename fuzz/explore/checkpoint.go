package explore

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"raftcheck/fuzz/trial"
)

// The files in a folder of checkpoints. A kill leaves those that the checkpoint names as they
// were, but for the end of the first one, over which the next process writes.
const (
	visitedFile    = "visited"    // the visited states with their predecessors, 20 bytes each
	checkpointFile = "checkpoint" // the rest, of the latest depth that was finished
)

func levelFileOf(depth int) string { return fmt.Sprintf("level-%d", depth) }   // the states to explore
func sortedFile(number int) string { return fmt.Sprintf("sorted-%d", number) } // see sorted

// checkpoint is an exploration between two depths, with which another process can go on.
type checkpoint struct {
	Of       string // the code, the bounds and the start
	Report   Report
	First    map[string]seen
	Visited  [][shards]int // the sizes in the file
	Sum      fingerprint   // of the visited states and their predecessors
	Level    [][shards]int // the sizes in the file
	LevelSum fingerprint
	Sorted   int // the number of the file; 0 is none
	Starts   [shards + 1]int
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
	of        string      // the text that explorations have in common if one can go on where another ended
	onDisk    shardsFile  // of visited states
	saved     [shards]int // the states of each shard that are there
	sum       fingerprint // of these states and their predecessors
	sorted    *sorted
	exploring levelFile // no file: the level is in memory
	next      levelFile // the part of the next level that is on disk
	parts     [kinds][]partAt
	numbers   *[kinds][]uint32 // the numbers of parts by those in the file; nil if they are the same
	named     []string         // the files that the last checkpoint needs; nil if there is none
	depth     int              // of the last checkpoint
}

func newCheckpoints(x *explorer) *checkpoints {
	c := &checkpoints{explorer: x, sorted: new(sorted)}
	c.of = fmt.Sprintf("keep going %t\n%s", c.KeepGoing, c.Certify(&Report{Levels: []int{1}}))
	return c
}

// create creates a file of the folder, and empties it if it is there.
func (c *checkpoints) create(name string) *os.File {
	orOutage(os.MkdirAll(c.Folder, 0o755))
	f, err := os.Create(filepath.Join(c.Folder, name))
	orOutage(err)
	return f
}

// close closes all files.
func (c *checkpoints) close() {
	for _, f := range []*os.File{c.onDisk.file, c.sorted.file, c.exploring.file, c.next.file} {
		f.Close() // of nil, too; and all writes were checked
	}
}

// save writes a checkpoint, so that a process that is killed at any time leaves this one, or
// the one before it.
func (c *checkpoints) save() {
	c.saveVisited()
	c.saveDeeper()
	c.exploring.file.Close()
	c.exploring, c.next, c.numbers = c.next, levelFile{}, nil
	c.level = [shards][]uint32{}
	c.noteParts()
	now := checkpoint{
		Of: c.of, Report: c.report, First: map[string]seen{}, Visited: c.onDisk.sizes, Sum: c.sum,
		Level: c.exploring.sizes, LevelSum: c.exploring.sum, Sorted: c.sorted.number, Starts: c.sorted.starts,
		Parts: c.parts,
	}
	for name, s := range c.first {
		now.First[name] = seen{int(s.at), s.option, s.depth}
	}
	var b bytes.Buffer
	orOutage(gob.NewEncoder(&b).Encode(&now))
	sum := fingerprintOf(b.Bytes()).append(nil)
	orOutage(trial.WriteWhole(c.Folder, checkpointFile, append(sum, b.Bytes()...)))
	c.named, c.depth = c.files(), c.exploring.depth
	c.tidy()
}

// files lists the files, apart from the two that every checkpoint has, that are in use.
func (c *checkpoints) files() []string {
	return []string{levelFileOf(c.exploring.depth), levelFileOf(c.next.depth), sortedFile(c.sorted.number)}
}

// ours are the names that the folder has for a while.
var ours = regexp.MustCompile(`^(level|sorted)-[0-9]+$`)

// tidy removes the files that are in use no more.
func (c *checkpoints) tidy() {
	list, err := os.ReadDir(c.Folder)
	orOutage(err)
	for _, f := range list {
		if name := f.Name(); ours.MatchString(name) && !slices.Contains(slices.Concat(c.named, c.files()), name) {
			orOutage(os.Remove(filepath.Join(c.Folder, name)))
		}
	}
}

// saveVisited appends the states that are new since the last time.
func (c *checkpoints) saveVisited() {
	if c.onDisk.file == nil {
		c.onDisk.file = c.create(visitedFile)
	}
	c.onDisk.add(func(number int) (b []byte) {
		shard := &c.visited[number]
		for ; c.saved[number] < shard.count; c.saved[number]++ {
			at := c.saved[number] - shard.base
			b = c.appendVisited(b, shard.print(at), shard.parent(at))
		}
		return b
	})
}

// saveDeeper moves the states of the next level to its file.
func (c *checkpoints) saveDeeper() {
	if c.next.file == nil {
		c.next.depth = c.exploring.depth + 1
		c.next.file = c.create(levelFileOf(c.next.depth))
	}
	c.next.add(&c.deeper)
	c.deeper = [shards][]uint32{}
}

// visitedBytes is the size of a state in the file.
const visitedBytes = printBytes + 4

func (c *checkpoints) appendVisited(b []byte, f fingerprint, parent ref) []byte {
	c.sum = c.sum.plus(f.at(int(parent)))
	return binary.LittleEndian.AppendUint32(f.append(b), uint32(parent))
}

func visitedIn(b []byte) (fingerprint, ref) {
	return printIn(b), ref(binary.LittleEndian.Uint32(b[printBytes:]))
}

// at returns a visited state on disk, and its predecessor.
func (c *checkpoints) at(r ref) (fingerprint, ref) {
	at := int64(r.place()) * visitedBytes
	for _, s := range c.onDisk.spans[r.shard()] {
		if at < s.size {
			var b [visitedBytes]byte
			_, err := c.onDisk.file.ReadAt(b[:], s.at+at)
			orOutage(err)
			return visitedIn(b[:])
		}
		at -= s.size
	}
	panic(fmt.Sprintf("state %d of shard %d is not on disk", r.place(), r.shard()))
}

// states returns the states of a shard of the level that is explored.
func (c *checkpoints) states(number int) []uint32 {
	if c.exploring.file == nil {
		return c.level[number]
	}
	states, err := c.exploring.states(number)
	orOutage(err)
	if c.numbers == nil {
		return states
	}
	again := states[:0]
	for s := (state{}); len(states) > 0; {
		states = s.take(states, c.nodes)
		c.parted(&s, func(kind int, number *uint32) { *number = c.numbers[kind][*number] })
		again = s.append(again)
	}
	return again
}

// noteParts notes the first state of each part of the level.
func (c *checkpoints) noteParts() {
	for i := range shards {
		for rest, s := c.states(i), (state{}); len(rest) > 0; {
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

// expectPlain wants no link, pipe or device in place of a file of ours.
func (c *checkpoints) expectPlain() error {
	list, err := os.ReadDir(c.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range list {
		name := f.Name()
		if name == visitedFile || name == checkpointFile || ours.MatchString(name) {
			err = cmp.Or(err, trial.ExpectPlain(filepath.Join(c.Folder, name)))
		}
	}
	return err
}

// load goes on with the checkpoint in the folder, if there is one.
func (c *checkpoints) load() error {
	if err := c.expectPlain(); err != nil {
		return err
	}
	file := filepath.Join(c.Folder, checkpointFile)
	text, err := trial.ReadFile(file, c.Memory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	was, err := decoded(text)
	if err != nil {
		return fmt.Errorf("%s: expected a checkpoint: %w", trial.ShownName(file), err)
	}
	if was.Of != c.of {
		return fmt.Errorf("%s: expected a checkpoint of this exploration, found one of\n%s",
			trial.ShownName(file), was.Of)
	}
	for _, load := range []func(*checkpoint) error{c.loadSorted, c.loadVisited, c.loadLevel, c.renumber} {
		if err := load(was); err != nil {
			return err
		}
	}
	c.report = was.Report
	for name, s := range was.First {
		c.first[name] = &sighting{ref(s.At), s.Option, s.Depth}
	}
	c.named, c.depth = c.files(), c.exploring.depth
	c.tidy()
	return nil
}

// decoded returns the checkpoint in a file, which begins with the fingerprint of the rest.
func decoded(text []byte) (*checkpoint, error) {
	if len(text) < printBytes || printIn(text) != fingerprintOf(text[printBytes:]) {
		return nil, errors.New("its bytes are not those that were written")
	}
	was := new(checkpoint)
	return was, gob.NewDecoder(bytes.NewReader(text[printBytes:])).Decode(was)
}

func (c *checkpoints) open(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(c.Folder, name), os.O_RDWR, 0)
}

// loadSorted reads the file of states that memory does not hold.
func (c *checkpoints) loadSorted(was *checkpoint) (err error) {
	if was.Sorted == 0 {
		return nil
	}
	c.sorted.number, c.sorted.starts = was.Sorted, was.Starts
	if c.sorted.file, err = c.open(sortedFile(was.Sorted)); err != nil {
		return err
	}
	return c.sorted.load()
}

// loadVisited reads the visited states. Those that are not in the sorted file go to memory.
func (c *checkpoints) loadVisited(was *checkpoint) (err error) {
	if c.onDisk.file, err = c.open(visitedFile); err != nil {
		return err
	}
	for _, sizes := range was.Visited {
		c.onDisk.note(sizes)
	}
	root, _ := c.explorer.at(c.root.ref)
	for i := range c.visited {
		c.visited[i] = shard{number: i, base: c.sorted.count(i)}
	}
	var sorted fingerprint // the sum of the states that memory does not hold
	var b [visitedBytes]byte
	r := bufio.NewReaderSize(c.onDisk.file, 1<<16)
	for range was.Report.Distinct {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return fmt.Errorf("%s: expected %d states: %w", visitedFile, was.Report.Distinct, err)
		}
		print, parent := visitedIn(b[:])
		shard := &c.visited[shardOf(print)]
		if c.sum = c.sum.plus(print.at(int(parent))); print != root {
			shard.sum = shard.sum.plus(print)
		}
		if shard.count < shard.base {
			shard.count++
			sorted = sorted.plus(print)
		} else {
			shard.add(print, parent)
		}
	}
	if c.sum != was.Sum || sorted != c.sorted.sum {
		return fmt.Errorf("%s: expected states with the sum %v, found %v", visitedFile, was.Sum, c.sum)
	}
	for i := range c.visited {
		c.saved[i] = c.visited[i].count
	}
	return nil
}

// loadLevel opens the file of the level to explore.
func (c *checkpoints) loadLevel(was *checkpoint) (err error) {
	l := &c.exploring
	l.depth, l.sum = len(was.Report.Levels)-1, was.LevelSum
	for _, sizes := range was.Level {
		l.note(sizes)
	}
	if l.file, err = c.open(levelFileOf(l.depth)); err != nil {
		return err
	}
	sum, err := l.sumNow()
	if err == nil && sum != l.sum {
		err = fmt.Errorf("%s: expected states with the sum %v, found %v", l.file.Name(), l.sum, sum)
	}
	return err
}

// renumber makes the parts of the level anew, and notes their new numbers.
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
	c.numbers = &numbers
	return nil
}
