package adapter

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame is a record as it lies on the disk, numbers little-endian:
//
//	0   4  CRC-32C of the bytes 4 to 19
//	4   8  number: how many whole records the disk had ever held before it
//	12  4  length of the payload
//	16  4  CRC-32C of the payload
//	20     payload
//
// A crash may cut a frame off. If the header is intact, its length reveals the cut.
// Every other mismatch is damage, and the disk must be refused.
const headerBytes = 20

var crc = crc32.MakeTable(crc32.Castagnoli)

var errRot = errors.New("the record is rotten")

// frame fills in the header of a frame; the payload begins at headerBytes of data.
func frame(data []byte, number uint64) []byte {
	payload := data[headerBytes:]
	binary.LittleEndian.PutUint64(data[4:], number)
	binary.LittleEndian.PutUint32(data[12:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(data[16:], crc32.Checksum(payload, crc))
	binary.LittleEndian.PutUint32(data, crc32.Checksum(data[4:headerBytes], crc))
	return data
}

// unframe returns a frame's number and payload. The payload is nil if a crash cut
// it off. The result known reports whether the header was left, so that the number
// is known.
func unframe(data []byte) (number uint64, payload []byte, known bool, err error) {
	if len(data) < headerBytes {
		return 0, nil, false, nil
	}
	if crc32.Checksum(data[4:headerBytes], crc) != binary.LittleEndian.Uint32(data) {
		return 0, nil, false, errRot
	}
	number, payload = binary.LittleEndian.Uint64(data[4:]), data[headerBytes:]
	switch length := int(binary.LittleEndian.Uint32(data[12:])); {
	case len(payload) < length:
		return number, nil, true, nil
	case len(payload) > length || crc32.Checksum(payload, crc) != binary.LittleEndian.Uint32(data[16:]):
		return 0, nil, false, errRot
	}
	return number, payload, true, nil
}
