// Package seal adds checksums to the records of an implementation that has none, so that
// a torn record and a rotten one are told apart at boot.
//
//	0  4  length of the body, little-endian like all of the header
//	4  4  CRC-32C of the body
//	8  4  CRC-32C of the bytes 0 to 7
//	12    body
//
// Without a checksum of the length a crash looks like damage. Truncating a log at the first
// bad checksum instead would lose state that the node promised to keep ("Protocol-Aware
// Recovery for Consensus-Based Storage", FAST 2018).
package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// header is the number of bytes in front of a body.
const header = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrRotten is the error of a record that was durable and changed on the disk.
var ErrRotten = errors.New("checksum does not match: the record is rotten")

// Append appends the record of a body to b. A body has less than 4 GB.
func Append(b, body []byte) []byte {
	if uint64(len(body)) > 1<<32-1 {
		panic(fmt.Sprintf("a record of %d bytes", len(body)))
	}
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(body, castagnoli))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
	return append(b, body...)
}

// Open returns the body of a record, which shares the record's memory. A torn record is the
// beginning of one: a crash cut it off, and nothing relied on it. Any other change is the
// error [ErrRotten].
func Open(record []byte) (body []byte, torn bool, err error) {
	if len(record) < header {
		return nil, true, nil
	}
	if binary.LittleEndian.Uint32(record[8:]) != crc32.Checksum(record[:8], castagnoli) {
		return nil, false, ErrRotten
	}
	body = record[header:]
	switch length := uint64(binary.LittleEndian.Uint32(record)); {
	case uint64(len(body)) < length:
		return nil, true, nil
	case uint64(len(body)) > length ||
		binary.LittleEndian.Uint32(record[4:]) != crc32.Checksum(body, castagnoli):
		return nil, false, ErrRotten
	}
	return body, false, nil
}

// Bodies returns the bodies of a disk's records, oldest first, without those that are torn.
// The error names the record that is rotten.
func Bodies(disk [][]byte) ([][]byte, error) {
	var bodies [][]byte
	for i, record := range disk {
		body, torn, err := Open(record)
		switch {
		case err != nil:
			return nil, fmt.Errorf("record %d of %d: %w", i+1, len(disk), err)
		case !torn:
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}
