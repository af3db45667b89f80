// Package msgpack encodes the requests of hashicorp/raft, as its own transport does. The
// adapters to several releases share it.
package msgpack

import "github.com/hashicorp/go-msgpack/v2/codec"

// Encode encodes a value.
func Encode(v any) []byte {
	var b []byte
	if err := codec.NewEncoderBytes(&b, &codec.MsgpackHandle{}).Encode(v); err != nil {
		panic("a value that cannot be encoded: " + err.Error())
	}
	return b
}

// Decode decodes a value into the one that v points to.
func Decode(b []byte, v any) error { return codec.NewDecoderBytes(b, &codec.MsgpackHandle{}).Decode(v) }
