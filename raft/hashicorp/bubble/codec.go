package bubble

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/hashicorp/go-msgpack/v2/codec"
)

// Encode encodes a value as msgpack, and Decode reads it back.
func Encode(v any) []byte {
	var b []byte
	if err := codec.NewEncoderBytes(&b, &codec.MsgpackHandle{}).Encode(v); err != nil {
		panic("a value that cannot be encoded: " + err.Error())
	}
	return b
}

// Decode decodes msgpack into the value that v points to.
func Decode(b []byte, v any) error { return codec.NewDecoderBytes(b, &codec.MsgpackHandle{}).Decode(v) }

// headerBytes is the size of a record's header: the length of the body, the checksum of
// the length, and the checksum of the body.
const headerBytes = 12

var errRotten = errors.New("a record is rotten")

// frame puts a header before the body of a record.
func frame(body []byte) []byte {
	b := make([]byte, headerBytes, headerBytes+len(body))
	binary.LittleEndian.PutUint32(b, uint32(len(body)))
	binary.LittleEndian.PutUint32(b[4:], crc32.ChecksumIEEE(b[:4]))
	binary.LittleEndian.PutUint32(b[8:], crc32.ChecksumIEEE(body))
	return append(b, body...)
}

// unframe returns the body of a record. A record that is cut short is torn: it was
// never durable. One that is whole and does not match its checksums is rotten.
func unframe(b []byte) (body []byte, torn bool, err error) {
	if len(b) < headerBytes {
		return nil, true, nil
	}
	length := binary.LittleEndian.Uint32(b)
	body = b[headerBytes:]
	switch {
	case binary.LittleEndian.Uint32(b[4:]) != crc32.ChecksumIEEE(b[:4]):
		return nil, false, errRotten
	case len(body) < int(length):
		return nil, true, nil
	case len(body) > int(length) || binary.LittleEndian.Uint32(b[8:]) != crc32.ChecksumIEEE(body):
		return nil, false, errRotten
	}
	return body, false, nil
}
