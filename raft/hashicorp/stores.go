package hashicorp

import (
	"bytes"
	"fmt"
	"io"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft/bubble"
	"raftcheck/raft/hashicorp/msgpack"
)

// logs is the log on the disk.
type logs struct{ *bubble.Store }

// FirstIndex and LastIndex are where the log begins and ends.
func (s logs) FirstIndex() (uint64, error) { first, _ := s.Bounds(); return first, nil }
func (s logs) LastIndex() (uint64, error)  { _, last := s.Bounds(); return last, nil }

// GetLog reads an entry. When the library is about to apply one that is not there, it
// panics in a goroutine of its own, which would end the process.
func (s logs) GetLog(i uint64, l *lib.Log) error {
	e, ok := s.Entry(i)
	switch {
	case ok:
	case bubble.CalledBy("(*Raft).processLogs"):
		s.Doom(fmt.Sprintf("hashicorp/raft: entry %d is to be applied: %v", i, lib.ErrLogNotFound))
		e = bubble.Entry{Index: i, Type: uint8(lib.LogNoop)}
	default:
		return lib.ErrLogNotFound
	}
	*l = lib.Log{Index: e.Index, Term: e.Term, Type: lib.LogType(e.Type), Data: e.Data, Extensions: e.Extensions}
	return nil
}

// StoreLog and StoreLogs store entries.
func (s logs) StoreLog(l *lib.Log) error { return s.StoreLogs([]*lib.Log{l}) }
func (s logs) StoreLogs(list []*lib.Log) error {
	var entries []bubble.Entry
	for _, l := range list {
		entries = append(entries, bubble.Entry{
			Index: l.Index, Term: l.Term, Type: uint8(l.Type), Data: l.Data, Extensions: l.Extensions,
		})
	}
	s.Append(entries)
	return nil
}

// DeleteRange removes entries.
func (s logs) DeleteRange(from, to uint64) error { s.Delete(from, to); return nil }

// stable is the term and the vote on the disk.
type stable struct{ *bubble.Store }

// Set and SetUint64 set a key.
func (s stable) Set(key, value []byte) error              { s.Store.Set(key, value); return nil }
func (s stable) SetUint64(key []byte, value uint64) error { s.Store.SetUint64(key, value); return nil }

// snapshots are the snapshots on the disk.
type snapshots struct{ *bubble.Store }

// meta is the library's description of a snapshot.
func meta(s *bubble.Snapshot) *lib.SnapshotMeta {
	m := &lib.SnapshotMeta{}
	if err := msgpack.Decode(s.Meta, m); err != nil {
		panic("a snapshot that nobody stored: " + err.Error())
	}
	return m
}

// Create begins a snapshot.
func (s snapshots) Create(
	version lib.SnapshotVersion, index, term uint64, c lib.Configuration, at uint64, _ lib.Transport,
) (lib.SnapshotSink, error) {
	return &sink{store: s.Store, meta: lib.SnapshotMeta{
		Version: version, ID: s.SnapshotName(), Index: index, Term: term, Configuration: c, ConfigurationIndex: at,
	}}, nil
}

// List lists the snapshots, latest first.
func (s snapshots) List() ([]*lib.SnapshotMeta, error) {
	var all []*lib.SnapshotMeta
	for _, one := range s.Snapshots() {
		all = append(all, meta(&one))
	}
	return all, nil
}

// Open opens a snapshot.
func (s snapshots) Open(name string) (*lib.SnapshotMeta, io.ReadCloser, error) {
	for _, one := range s.Snapshots() {
		if one.Name == name {
			return meta(&one), io.NopCloser(bytes.NewReader(one.State)), nil
		}
	}
	return nil, nil, bubble.ErrNotFound
}

// sink is a snapshot that is being written; it is on the disk when it is closed.
type sink struct {
	store *bubble.Store
	meta  lib.SnapshotMeta
	state []byte
	done  bool
}

// ID is the snapshot's name.
func (s *sink) ID() string { return s.meta.ID }

// Write adds to the state.
func (s *sink) Write(b []byte) (int, error) {
	s.state = append(s.state, b...)
	return len(b), nil
}

// Close stores the snapshot.
func (s *sink) Close() error {
	if s.done {
		return nil
	}
	s.done = true
	s.meta.Size = int64(len(s.state))
	s.store.SaveSnapshot(bubble.Snapshot{
		Name: s.meta.ID, Index: s.meta.Index, Term: s.meta.Term, Meta: msgpack.Encode(&s.meta), State: s.state,
	})
	return nil
}

// Cancel forgets the snapshot.
func (s *sink) Cancel() error { s.done = true; return nil }
