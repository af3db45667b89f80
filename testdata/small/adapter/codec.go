package adapter

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"example.com/small"
	"raftcheck/raft"
)

// record is what one save writes.
type record struct {
	State   small.State
	Entries []small.Entry
}

var errRotten = errors.New("small: a record is damaged")

const headerBytes = 12

// encodeRecord puts the body's length, its checksum and that of the length before it,
// so that a torn record is told from a rotten one.
func encodeRecord(r small.Ready) []byte {
	body := encode(record{r.State, r.Entries})
	var b []byte
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	return append(b, body...)
}

// recovered is what a disk's records come to. A torn one counts for nothing.
func recovered(disk [][]byte) (state small.State, log []small.Entry, err error) {
	for _, b := range disk {
		body, err := bodyOf(b)
		if err != nil {
			return state, nil, err
		}
		if body == nil {
			continue
		}
		var r record
		if err := json.Unmarshal(body, &r); err != nil {
			return state, nil, fmt.Errorf("%w: %w", errRotten, err)
		}
		state = r.State
		if len(r.Entries) > 0 {
			log = append(log[:r.Entries[0].Index-1], r.Entries...)
		}
	}
	return state, log, nil
}

// bodyOf is the body of a record, nil if it is torn.
func bodyOf(b []byte) ([]byte, error) {
	if len(b) < headerBytes {
		return nil, nil
	}
	length, body := binary.LittleEndian.Uint32(b), b[headerBytes:]
	switch {
	case crc32.ChecksumIEEE(b[:4]) != binary.LittleEndian.Uint32(b[4:]):
		return nil, errRotten
	case len(body) < int(length):
		return nil, nil
	case crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[8:]):
		return nil, errRotten
	}
	return body, nil
}

// encode panics for what JSON cannot hold, which these types do not have.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func decodeMessage(b []byte) small.Message {
	var m small.Message
	if err := json.Unmarshal(b, &m); err != nil {
		panic(err)
	}
	return m
}

// DescribeMessage says what a message means.
func (System) DescribeMessage(m raft.Message) string { return string(m.Payload) }

// DescribeWrite says what a record means.
func (System) DescribeWrite(b []byte) string {
	body, err := bodyOf(b)
	if err != nil {
		return err.Error()
	}
	return string(body)
}
