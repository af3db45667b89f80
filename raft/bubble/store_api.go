package bubble

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"raftcheck/raft"
)

// Doom dooms the node, as [Core.Doom] does.
func (s *Store) Doom(text string) { s.core.Doom(text) }

// Set sets a key. The first set after a boot writes nothing if the key has the value
// already: a node that boots may set its term to the stored one.
func (s *Store) Set(key, value []byte) {
	s.core.mu.Lock()
	v, ok := s.keys[string(key)]
	same := ok && s.sets == 0 && bytes.Equal(v.bytes, value)
	s.core.mu.Unlock()
	if !same {
		s.write(record{Key: string(key), Value: bytes.Clone(value)})
	}
}

// Keys returns the value of each key.
func (s *Store) Keys() map[string][]byte {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	keys := map[string][]byte{}
	for key, v := range s.keys {
		keys[key] = v.bytes
	}
	return keys
}

// SetUint64 sets a key to a number.
func (s *Store) SetUint64(key []byte, value uint64) {
	s.Set(key, binary.BigEndian.AppendUint64(nil, value))
}

// Get returns the value of a key, or ErrNotFound.
func (s *Store) Get(key []byte) ([]byte, error) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	v, ok := s.keys[string(key)]
	if !ok {
		return nil, ErrNotFound
	}
	return v.bytes, nil
}

// Vote returns the value of the key vote if the key term, which is set first each time,
// has the number of the given term. The two together are a vote; between the two sets
// there is none.
func (s *Store) Vote(vote, term []byte, of raft.Term) []byte {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	v, t := s.keys[string(vote)], s.keys[string(term)]
	if v.set < t.set || len(t.bytes) == 0 || binary.BigEndian.Uint64(t.bytes) != uint64(of) {
		return nil
	}
	return v.bytes
}

// GetUint64 returns the number of a key, or ErrNotFound.
func (s *Store) GetUint64(key []byte) (uint64, error) {
	v, err := s.Get(key)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(v), nil
}

// Append stores entries.
func (s *Store) Append(entries []Entry) { s.write(record{Entries: entries}) }

// Delete removes the entries from one index to another.
func (s *Store) Delete(from, to uint64) { s.write(record{Delete: true, Min: from, Max: to}) }

// Bounds returns the first and the last index of an entry, 0 without any.
func (s *Store) Bounds() (first, last uint64) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	return s.low, s.high
}

// Entry returns the entry at an index.
func (s *Store) Entry(i uint64) (Entry, bool) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	e, ok := s.entries[i]
	return e, ok
}

// SaveSnapshot stores a snapshot.
func (s *Store) SaveSnapshot(n Snapshot) { s.write(record{Snapshot: &n}) }

// SnapshotName is the name of the next snapshot.
func (s *Store) SnapshotName() string {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	return "snapshot-" + strconv.Itoa(s.made+1)
}

// Snapshots lists the snapshots, latest first.
func (s *Store) Snapshots() []Snapshot {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	return append([]Snapshot(nil), s.snapshots...)
}

// Extent returns the base of the node's log and its last entry: the log is the latest
// snapshot and the entries after it, or entries without a gap. Where the snapshot and the
// log differ, the snapshot counts, and the entries after it.
func (s *Store) Extent() (base, last raft.EntryID) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	snapshot := s.latest()
	if s.high == 0 || raft.Index(s.high) < snapshot.Index {
		return snapshot, snapshot
	}
	last = raft.EntryID{Term: raft.Term(s.entries[s.high].Term), Index: raft.Index(s.high)}
	if e, ok := s.entries[uint64(snapshot.Index)]; ok && raft.Term(e.Term) != snapshot.Term {
		return snapshot, last
	}
	switch base.Index = raft.Index(s.start - 1); {
	case base.Index == snapshot.Index:
		base = snapshot
	case base.Index == s.before.Index:
		base = s.before
	case base.Index != 0:
		panic("a log that begins after " + strconv.FormatUint(s.start-1, 10) + ", which nothing stands for")
	}
	return base, last
}

// LastOf returns the last entry of a type in the node's log, up to an index.
func (s *Store) LastOf(kind uint8, upTo uint64) (Entry, bool) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	for i := min(s.high, upTo); i >= max(s.start, 1); i-- {
		if e := s.entries[i]; e.Type == kind {
			return e, true
		}
	}
	return Entry{}, false
}
