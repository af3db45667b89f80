package hashicorp

import (
	"io"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/hashicorp/msgpack"
)

// fsm is the seam in the place of a state machine: it collects the entries that the
// library applies.
type fsm struct {
	seen    []raft.Entry // since the last step
	applied raft.Index   // up to which the world has the entries
	restore *raft.Snapshot
	// snapshot is the state that the world handed over for the next snapshot.
	snapshot raft.Snapshot
}

// shown reports whether the library counts an entry as seen by its FSM.
func shown(t lib.LogType) bool {
	return t == lib.LogCommand || t == lib.LogConfiguration || t == lib.LogBarrier
}

// Apply takes a command.
func (f *fsm) Apply(l *lib.Log) any {
	f.seen = append(f.seen, entry(l.Index, l.Term, l.Type, l.Data))
	return nil
}

// StoreConfiguration does nothing: it exists so that the library counts configurations as
// applied.
func (f *fsm) StoreConfiguration(uint64, lib.Configuration) {}

// Snapshot returns the state that the world handed over, with its last entry, which the
// library does not report to Restore.
func (f *fsm) Snapshot() (lib.FSMSnapshot, error) {
	return snapshotState(msgpack.Encode(&f.snapshot)), nil
}

// Restore takes a snapshot.
func (f *fsm) Restore(r io.ReadCloser) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s := &raft.Snapshot{}
	if err := msgpack.Decode(b, s); err != nil {
		return err
	}
	f.restore = s
	f.seen = f.seen[:0] // of an earlier state
	return nil
}

// collect hands out the snapshot that was restored and the entries that were applied. The
// library does not show every entry to its FSM; the others are in the log. It also restores
// the state that its FSM is in already, which is ignored.
func (f *fsm) collect(n *node) {
	if r := f.restore; r != nil && r.ID.Index != f.applied {
		n.core.Restore(*r)
		f.applied = r.ID.Index
	}
	f.restore = nil
	for _, e := range f.seen {
		f.fill(n, e.ID.Index-1)
		n.core.Apply(e)
		f.applied = e.ID.Index
	}
	f.seen = f.seen[:0]
	f.fill(n, raft.Index(n.raft.AppliedIndex()))
}

// fill hands out entries of the log up to an index.
func (f *fsm) fill(n *node, to raft.Index) {
	for f.applied < to {
		e, ok := n.store.Entry(uint64(f.applied) + 1)
		if !ok || lib.LogType(e.Type) == lib.LogCommand {
			return // the library counts an entry as applied that it did not apply
		}
		f.applied++
		n.core.Apply(entry(e.Index, e.Term, lib.LogType(e.Type), e.Data))
	}
}

// snapshotState is a state on its way into a snapshot.
type snapshotState []byte

// Persist writes the state.
func (s snapshotState) Persist(sink lib.SnapshotSink) error {
	if _, err := sink.Write(s); err != nil {
		return err
	}
	return sink.Close()
}

// Release frees nothing.
func (s snapshotState) Release() {}
