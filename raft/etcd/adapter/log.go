package adapter

import "raftcheck/raft"

// Log computes where a log begins and ends. It uses the part of the library's
// storage that is alike in all releases.
type Log struct {
	Storage interface {
		FirstIndex() (uint64, error)
		LastIndex() (uint64, error)
		Term(index uint64) (uint64, error)
	}
}

// Base returns the entry after which the log begins.
func (l Log) Base() raft.EntryID { return l.At(Must(l.Storage.FirstIndex()) - 1) }

// Last returns the end of the log.
func (l Log) Last() raft.EntryID { return l.At(Must(l.Storage.LastIndex())) }

// At returns the name of the entry at an index that the log has.
func (l Log) At(i uint64) raft.EntryID {
	return raft.EntryID{Term: raft.Term(Must(l.Storage.Term(i))), Index: raft.Index(i)}
}

// Has reports whether the log holds an entry at an index.
func (l Log) Has(i raft.Index) bool { return i > l.Base().Index && i <= l.Last().Index }

// Check panics on an error that only a bug can cause.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}

// Must returns v; it panics on an error that only a bug can cause.
func Must[T any](v T, err error) T {
	Check(err)
	return v
}
