package small

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged is a record that was not merely cut short.
var ErrDamaged = errors.New("small: a record is damaged")

// record is what one save writes.
type record struct {
	State   State
	Entries []Entry
}

const headerBytes = 12

// Record is what to save of a Ready, behind what was saved before. It begins with its
// body's length, the checksum of that and the checksum of the body, so that a record
// that a crash cut short is told from one that is damaged.
func (r Ready) Record() []byte {
	body, err := json.Marshal(record{r.State, r.Entries})
	if err != nil {
		panic(err) // there is nothing in it that JSON does not have
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	return append(b, body...)
}

// Recover is what records come to, oldest first. One that was cut short was never
// relied on, wherever it is: a node that crashed wrote on behind it.
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

// Body is the JSON of a record, nil if that was cut short.
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
