package adapter

import (
	"errors"
	"fmt"
	"slices"

	"raftcheck/raft"
)

// Saved is the state that a node recovers from its disk.
type Saved struct {
	Hard     HardState
	Snapshot Snapshot
	Entries  []raft.Entry // after the snapshot
	records  uint64       // whole records that were ever on the disk
}

// Load reads a disk, oldest record first. The last record before a reboot may be
// cut off; any other damage is an error.
func Load(disk [][]byte) (*Saved, error) {
	s := &Saved{}
	for i, data := range disk {
		if err := s.load(data); err != nil {
			return nil, fmt.Errorf("record %d of %d: %w", i+1, len(disk), err)
		}
	}
	return s, nil
}

// First sets the configuration of a node without a snapshot: the first
// configuration, which conf holds in the library's encoding.
func (s *Saved) First(voters raft.NodeSet, conf []byte) {
	s.Snapshot.Conf, s.Snapshot.All = conf, voters
	s.Snapshot.Data = sealData(raft.Configuration{Voters: voters}, 0, nil)
}

func (s *Saved) load(data []byte) error {
	number, payload, known, err := unframe(data)
	if err != nil || !known {
		return err
	}
	var r *record
	if payload != nil {
		if r, err = unseal(slices.Clone(payload)); err != nil {
			return err
		}
		if r.checkpoint && s.records == 0 {
			s.records = number // it replaces all records before it
		}
	}
	if number != s.records {
		return fmt.Errorf("its number is %d after %d whole records", number, s.records)
	}
	if r == nil {
		return nil
	}
	s.records++
	return s.take(r)
}

// take applies a whole record.
func (s *Saved) take(r *record) error {
	if r.hard.Term < s.Hard.Term {
		return fmt.Errorf("term %d goes back from term %d", r.hard.Term, s.Hard.Term)
	}
	s.Hard = r.hard
	if r.checkpoint {
		if r.snapshot.ID.Index <= s.Snapshot.ID.Index {
			return fmt.Errorf("the snapshot of %v follows one of %v", r.snapshot.ID, s.Snapshot.ID)
		}
		s.Snapshot, s.Entries = r.snapshot, nil
	}
	if len(r.entries) == 0 {
		return nil
	}
	first, base := r.entries[0].ID.Index, s.Snapshot.ID.Index
	if first <= base || first > base+raft.Index(len(s.Entries))+1 {
		return errors.New("its entries do not attach to the log")
	}
	s.Entries = append(s.Entries[:first-base-1], r.entries...)
	return nil
}
