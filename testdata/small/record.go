package small

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged reports a record that is damaged, and not merely cut short.
var ErrDamaged = errors.New("small: a record is damaged")

// record is the content of one save.
type record struct {
	State   State
	Entries []Entry
}

const headerBytes = 12

// Record encodes the state to save of a Ready; it follows the records saved before.
// It begins with three numbers: the length of its body, the checksum of that
// length, and the checksum of the body. They separate a record that a crash cut
// short from a damaged one.
func (r Ready) Record() []byte {
	body, err := json.Marshal(record{r.State, r.Entries})
	if err != nil {
		panic(err) // JSON can encode all of its types
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	return append(b, body...)
}

// Recover adds up records, oldest first. A record that was cut short is ignored
// wherever it is: no message relied on it, and a node that crashed wrote its next
// record after it.
func Recover(records [][]byte) (state State, log []Entry, err error) {
	for _, b := range records {
		body, err := Body(b)
		if err != nil {
			return State{}, nil, err
		}
		if body == nil {
			continue
		}
		var r record
		if err := json.Unmarshal(body, &r); err != nil {
			return State{}, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		state = r.State
		if len(r.Entries) > 0 {
			log = append(log[:r.Entries[0].Index-1], r.Entries...)
		}
	}
	return state, log, nil
}

// Body returns the JSON of a record, nil if the record was cut short.
func Body(b []byte) ([]byte, error) {
	if len(b) < headerBytes {
		return nil, nil
	}
	length, body := binary.LittleEndian.Uint32(b), b[headerBytes:]
	switch {
	case crc32.ChecksumIEEE(b[:4]) != binary.LittleEndian.Uint32(b[4:]):
		return nil, ErrDamaged
	case uint64(len(body)) < uint64(length):
		return nil, nil
	case crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[8:]):
		return nil, ErrDamaged
	}
	return body, nil
}
