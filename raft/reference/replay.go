package reference

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// survivor is the state that a node recovers from its disk.
type survivor struct {
	records  uint64 // whole records that were ever on the disk
	hard     hardState
	log      log
	snapshot snapshot
	members  membership
}

// replay reads the disk of a node, oldest record first. The cluster began with the
// first configuration.
//
// It accepts every disk that a crash can leave behind. The last record before a
// reboot may be torn; it is then ignored, and the next record has the same number.
// Any other damage is an error that names the record: a node that went on without
// its contents would break a promise.
func replay(first raft.Configuration, records [][]byte) (survivor, error) {
	s := survivor{members: membership{{config: first}}}
	size := 0
	for _, data := range records {
		size += len(data)
	}
	s.log = log{slots: make([]slot, 0, len(records)), arena: make([]byte, 0, size)}
	for i, data := range records {
		if err := s.replayFrame(data); err != nil {
			return survivor{}, fmt.Errorf("record %d of %d: %w", i+1, len(records), err)
		}
	}
	return s, nil
}

// replayFrame applies a record if it is whole.
func (s *survivor) replayFrame(data []byte) error {
	f, err := openFrame(data)
	if err != nil {
		return err
	}
	if f.extent == tornHeader {
		return nil
	}
	if s.hard.term == 0 && s.records == 0 && f.extent == whole && isCheckpoint(f.payload) {
		s.records = f.number // it replaces all records before it
	}
	if f.number != s.records {
		return fmt.Errorf("its number is %d after %d whole records: records are missing, repeated or out of order",
			f.number, s.records)
	}
	if f.extent == tornPayload {
		return nil
	}
	r, err := decodeRecord(f.payload)
	if err != nil {
		return fmt.Errorf("its payload cannot be decoded: %w", err)
	}
	s.records++
	return s.apply(&r)
}

func (s *survivor) apply(r *record) error {
	switch r.kind {
	case recordHardState:
		return s.applyHardState(r.hard)
	case recordEntries:
		return s.applyEntries(r.index, r.entries)
	case recordTruncation:
		return s.applyTruncation(r.index)
	default:
		return s.applyCheckpoint(r)
	}
}

// applyHardState accepts a later term, or the first vote in the same term.
func (s *survivor) applyHardState(h hardState) error {
	firstVote := h.term == s.hard.term && s.hard.vote == raft.None && h.vote != raft.None
	if h.term < s.hard.term {
		return fmt.Errorf("term %d goes back from term %d", h.term, s.hard.term)
	}
	if h.term == s.hard.term && !firstVote {
		return fmt.Errorf("a vote for %v in term %d follows one for %v", h.vote, h.term, s.hard.vote)
	}
	s.hard = h
	return nil
}

// applyEntries accepts entries that continue the log, of terms that the node has
// reached.
func (s *survivor) applyEntries(first raft.Index, entries entryList) error {
	switch last := s.log.last(); {
	case first != last.Index+1:
		return fmt.Errorf("entries from %d do not attach to a log that ends at %d", first, last.Index)
	case entries.first < last.Term:
		return fmt.Errorf("an entry of term %d follows one of term %d", entries.first, last.Term)
	case entries.last > s.hard.term:
		return fmt.Errorf("an entry of term %d is ahead of the node's term %d", entries.last, s.hard.term)
	}
	return s.append(entries)
}

// append appends entries and adopts the configurations in them.
func (s *survivor) append(entries entryList) error {
	first := s.log.lastIndex() + 1
	s.log.appendList(entries)
	if !entries.reconfigures {
		return nil
	}
	for i := first; i <= s.log.lastIndex(); i++ {
		e := s.log.entry(i)
		if e.Kind != raft.Reconfiguration || i <= s.snapshot.id.Index {
			continue
		}
		config, err := decodeConfiguration(e.Data)
		if err != nil {
			return fmt.Errorf("the configuration in %v: %w", e.ID, err)
		}
		s.members = append(s.members, configured{i, config})
	}
	return nil
}

// applyTruncation accepts the removal of entries that the log holds. The commit
// index is volatile (figure 2), so only the snapshot protects entries here.
func (s *survivor) applyTruncation(first raft.Index) error {
	if first > s.log.lastIndex() {
		return fmt.Errorf("truncation from %d is beyond the end of the log, %d", first, s.log.lastIndex())
	}
	if first <= s.snapshot.id.Index {
		return fmt.Errorf("truncation from %d goes behind the snapshot of %v", first, s.snapshot.id)
	}
	s.log.truncate(first, s.snapshot.id.Index)
	s.members.truncate(first)
	return nil
}

// isCheckpoint reports whether a payload is that of a checkpoint.
func isCheckpoint(payload []byte) bool {
	return len(payload) > 0 && recordKind(payload[0]) == recordCheckpoint
}

// applyCheckpoint accepts a checkpoint whose term and snapshot are not behind those
// of earlier records.
func (s *survivor) applyCheckpoint(r *record) error {
	if r.hard != s.hard {
		if err := s.applyHardState(r.hard); err != nil {
			return err
		}
	}
	if r.snapshot.id.Index <= s.snapshot.id.Index {
		return fmt.Errorf("the snapshot of %v follows one of %v", r.snapshot.id, s.snapshot.id)
	}
	s.snapshot = r.snapshot
	s.snapshot.state = slices.Clone(r.snapshot.state)
	s.members = append(s.members[:0], r.snapshot.members)
	s.log.reset(r.base)
	if err := s.append(r.entries); err != nil {
		return err
	}
	if !s.log.holds(r.snapshot.id) {
		return fmt.Errorf("the snapshot of %v is not of the log beside it", r.snapshot.id)
	}
	return nil
}
