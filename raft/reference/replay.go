package reference

import (
	"fmt"

	"raftcheck/raft"
)

// survivor is what a node still knows after a crash.
type survivor struct {
	records uint64 // whole records
	hard    hardState
	log     log
}

// replay reads a disk, oldest record first. What a crash can leave behind it
// accepts: the last record before a reboot may be torn, is ignored then, and
// the next one takes its number. All else is an error that says which record is
// wrong: to go on without what it held would break a promise.
func replay(records [][]byte) (survivor, error) {
	var s survivor
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
	if f.number != s.records {
		return fmt.Errorf("its number is %d after %d whole records: records are missing, repeated or out of order", f.number, s.records)
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
	default:
		return s.applyTruncation(r.index)
	}
}

// applyHardState accepts a later term, or the first vote of the same one.
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

// applyEntries accepts entries that attach to the log, of terms the node has reached.
func (s *survivor) applyEntries(first raft.Index, entries entryList) error {
	switch last := s.log.last(); {
	case first != last.Index+1:
		return fmt.Errorf("entries from %d do not attach to a log that ends at %d", first, last.Index)
	case entries.first < last.Term:
		return fmt.Errorf("an entry of term %d follows one of term %d", entries.first, last.Term)
	case entries.last > s.hard.term:
		return fmt.Errorf("an entry of term %d is ahead of the node's term %d", entries.last, s.hard.term)
	}
	s.log.appendList(entries)
	return nil
}

// applyTruncation accepts the removal of entries that are there. What was
// committed is not known here: it is volatile (figure 2).
func (s *survivor) applyTruncation(first raft.Index) error {
	if first > s.log.lastIndex() {
		return fmt.Errorf("truncation from %d is beyond the end of the log, %d", first, s.log.lastIndex())
	}
	s.log.truncate(first, 0)
	return nil
}
