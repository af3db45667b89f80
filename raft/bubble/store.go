package bubble

import (
	"errors"
	"fmt"
	"slices"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// ErrNotFound is the absence of a key or a snapshot. hashicorp/raft recognizes it by this
// text.
var ErrNotFound = errors.New("not found")

// Entry is an entry of the log as a store keeps it.
type Entry struct {
	Index, Term uint64
	Type        uint8
	Data        []byte
	Extensions  []byte
}

// Snapshot is a snapshot as a store keeps it; Meta is the implementation's description.
type Snapshot struct {
	Name        string
	Index, Term uint64
	Meta        []byte
	State       []byte
}

// record is one change of a store, one of its fields.
type record struct {
	Key      string
	Value    []byte
	Entries  []Entry
	Delete   bool
	Min, Max uint64 // of the entries to delete
	Snapshot *Snapshot
}

// retained is the number of snapshots that are kept; programs usually give this number to
// hashicorp/raft's own store of snapshots.
const retained = 2

// Store is the contents of a node's disk. A change returns when it is durable, and readers
// see it at once: only the goroutine that made the change acts on it, and that one waits.
type Store struct {
	core *Core
	// Factory says that the store is being filled with the contents of a disk before
	// its first use. These are not written: an empty disk has them too.
	Factory   bool
	keys      map[string]value
	sets      int // of keys since the store was loaded
	entries   map[uint64]Entry
	low, high uint64       // of the entries; 0 without any
	start     uint64       // from here to high no entry is missing
	before    raft.EntryID // the entry before start, if there was one
	snapshots []Snapshot   // latest first
	made      int          // snapshots so far
}

// NewStore returns an empty store.
func NewStore(c *Core) *Store {
	return &Store{core: c, keys: map[string]value{}, entries: map[uint64]Entry{}}
}

// value is the value of a key, and the number of the set that wrote it, 0 before the boot.
type value struct {
	bytes []byte
	set   int
}

// Load fills the store with the records of a disk. A rotten record is an error.
func (s *Store) Load(disk [][]byte) error {
	bodies, err := seal.Bodies(disk)
	if err != nil {
		return err
	}
	for i, body := range bodies {
		r := record{}
		if err := decode(body, &r); err != nil {
			return fmt.Errorf("record %d of %d: %w", i+1, len(bodies), err)
		}
		s.change(&r)
	}
	for key, v := range s.keys {
		s.keys[key] = value{v.bytes, 0}
	}
	s.sets = 0
	return nil
}

// write changes the store and returns when that is durable.
func (s *Store) write(r record) {
	if s.Factory {
		s.change(&r)
		return
	}
	s.core.Write(seal.Append(nil, encode(&r)), func() { s.change(&r) })
}

func (s *Store) change(r *record) {
	switch {
	case r.Key != "":
		s.sets++
		s.keys[r.Key] = value{r.Value, s.sets}
	case r.Delete:
		s.delete(r.Min, r.Max)
	case r.Snapshot != nil:
		s.made++
		s.keep(*r.Snapshot)
	default:
		for _, e := range r.Entries {
			s.put(e)
		}
	}
}

func (s *Store) put(e Entry) {
	if s.low == 0 {
		s.low = e.Index
	}
	if e.Index != s.high+1 || s.high == 0 {
		s.start, s.before = e.Index, s.latest()
	}
	s.entries[e.Index] = e
	s.high = e.Index
}

// latest is the entry after which the latest snapshot was taken.
func (s *Store) latest() raft.EntryID {
	if len(s.snapshots) == 0 {
		return raft.EntryID{}
	}
	n := &s.snapshots[0]
	return raft.EntryID{Term: raft.Term(n.Term), Index: raft.Index(n.Index)}
}

// delete removes entries from one index to another, of those that there are.
func (s *Store) delete(from, to uint64) {
	from, to = max(from, s.low), min(to, s.high)
	if s.high == 0 || from > to {
		return
	}
	if last, ok := s.entries[to]; ok && from <= s.start {
		s.before = raft.EntryID{Term: raft.Term(last.Term), Index: raft.Index(to)}
	}
	for i := from; i <= to; i++ {
		delete(s.entries, i)
	}
	if from <= s.low {
		s.low = to + 1
	}
	if to >= s.high {
		s.high = from - 1
	}
	s.start = max(s.start, s.low)
	if s.low > s.high {
		s.low, s.high, s.start = 0, 0, 0
		return
	}
	for s.high > 0 && s.high >= s.low {
		if _, ok := s.entries[s.high]; ok {
			break
		}
		s.high--
	}
	if s.start > s.high { // the cut reaches back beyond a gap
		for s.start = s.high; s.start > s.low; s.start-- {
			if _, ok := s.entries[s.start-1]; !ok {
				break
			}
		}
	}
}

func (s *Store) keep(n Snapshot) {
	s.snapshots = append([]Snapshot{n}, s.snapshots...) // of equal ones the latest made comes first
	slices.SortStableFunc(s.snapshots, func(a, b Snapshot) int {
		if a.Term != b.Term {
			return int(b.Term) - int(a.Term)
		}
		return int(b.Index) - int(a.Index)
	})
	s.snapshots = s.snapshots[:min(len(s.snapshots), retained)]
}

// Describe describes a record on one line.
func Describe(data []byte) string {
	body, torn, err := seal.Open(data)
	r := record{}
	if err == nil && !torn {
		err = decode(body, &r)
	}
	switch n := len(r.Entries); {
	case err != nil:
		return err.Error()
	case torn:
		return "torn"
	case r.Key != "":
		return fmt.Sprintf("%s %x", r.Key, r.Value)
	case r.Delete:
		return fmt.Sprintf("delete %d..%d", r.Min, r.Max)
	case r.Snapshot != nil:
		return fmt.Sprintf("snapshot of t%di%d", r.Snapshot.Term, r.Snapshot.Index)
	case n > 0:
		return fmt.Sprintf("entries %d..%d", r.Entries[0].Index, r.Entries[n-1].Index)
	}
	return "nothing"
}
