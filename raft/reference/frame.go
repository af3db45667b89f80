package reference

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame is a record as it lies on the disk: a header and the payload. The header
// has a checksum of its own, which separates a torn record from a damaged one. An
// intact header gives the length that was written. Fewer bytes than that mean that
// a crash cut the write off; every other mismatch is damage.
//
// Truncating the log at the first bad checksum instead would lose state that the
// node promised to keep ("Protocol-Aware Recovery for Consensus-Based Storage",
// FAST 2018).
//
//	0   4  length of the payload, little-endian like all of the header
//	4   8  number of the record: the whole records before it on this disk
//	12  4  CRC-32C of the payload
//	16  4  CRC-32C of the bytes 0 to 15
//	20     payload
const frameHeader = 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// extent is how much of a frame survived on the disk.
type extent uint8

const (
	tornHeader  extent = iota // part of the header is missing: nothing in it can be trusted
	tornPayload               // the header is there, but not all of the payload
	whole
)

// frame is a record as found on the disk.
type frame struct {
	extent  extent
	number  uint64 // not known if the header is torn
	payload []byte // only if it is whole
}

var (
	errHeaderRot    = errors.New("header checksum does not match: the record is rotten")
	errPayloadRot   = errors.New("payload checksum does not match: the record is rotten")
	errAfterPayload = errors.New("bytes follow the payload")
)

// openFrame parses a frame and returns how much of it survived. Damage is an error.
func openFrame(data []byte) (frame, error) {
	if len(data) < frameHeader {
		return frame{extent: tornHeader}, nil
	}
	header, payload := data[:frameHeader], data[frameHeader:]
	if crc32.Checksum(header[:16], castagnoli) != binary.LittleEndian.Uint32(header[16:]) {
		return frame{}, errHeaderRot
	}
	length := uint64(binary.LittleEndian.Uint32(header))
	number := binary.LittleEndian.Uint64(header[4:])
	switch {
	case uint64(len(payload)) < length:
		return frame{extent: tornPayload, number: number}, nil
	case uint64(len(payload)) > length:
		return frame{}, errAfterPayload
	case crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(header[12:]):
		return frame{}, errPayloadRot
	}
	return frame{extent: whole, number: number, payload: payload}, nil
}

// sealFrame fills in the header of a frame whose payload is in place.
func sealFrame(data []byte, number uint64) {
	header, payload := data[:frameHeader], data[frameHeader:]
	if uint64(len(payload)) > 1<<32-1 {
		assertionFailed("a record of %d bytes does not fit a frame", len(payload))
	}
	binary.LittleEndian.PutUint32(header, uint32(len(payload)))
	binary.LittleEndian.PutUint64(header[4:], number)
	binary.LittleEndian.PutUint32(header[12:], crc32.Checksum(payload, castagnoli))
	binary.LittleEndian.PutUint32(header[16:], crc32.Checksum(header[:16], castagnoli))
}
