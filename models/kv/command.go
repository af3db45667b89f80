package kv

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Command is what Raft's log carries: an operation, and whose it is.
type Command struct {
	Client uint32 // from 1
	Seq    uint32 // from 1, higher with each operation of the client; a retry keeps it
	Op     Op
}

// AppendCommand appends the bytes of a command to dst: client and seq as
// uvarints, and the text of the operation. It checks nothing; DecodeCommand
// refuses what is no command.
func AppendCommand(dst []byte, client, seq uint32, op string) []byte {
	dst = binary.AppendUvarint(dst, uint64(client))
	dst = binary.AppendUvarint(dst, uint64(seq))
	return append(dst, op...)
}

// DecodeCommand reads the bytes of a command. It accepts only what
// AppendCommand writes for a client and a sequence number from 1 and an
// operation that ParseOp accepts, so that equal commands have equal bytes. The
// command keeps no reference to data.
func DecodeCommand(data []byte) (Command, error) {
	client, rest, err := number("client", data)
	if err != nil {
		return Command{}, err
	}
	seq, rest, err := number("sequence number", rest)
	if err != nil {
		return Command{}, err
	}
	op, err := ParseOp(string(rest))
	if err != nil {
		return Command{}, fmt.Errorf("command: %w", err)
	}
	return Command{Client: client, Seq: seq, Op: op}, nil
}

// number reads a uvarint from 1 to 2^32-1, in its shortest form.
func number(what string, data []byte) (uint32, []byte, error) {
	n, size := binary.Uvarint(data)
	switch {
	case size <= 0:
		return 0, nil, fmt.Errorf("command: expected a %s as a uvarint, found %d bytes that are none", what, len(data))
	case size > 1 && data[size-1] == 0:
		return 0, nil, fmt.Errorf("command: expected the shortest uvarint of %s %d, found %d bytes", what, n, size)
	case n == 0 || n > math.MaxUint32:
		return 0, nil, fmt.Errorf("command: expected a %s from 1 to %d, found %d", what, uint32(math.MaxUint32), n)
	}
	return uint32(n), data[size:], nil
}
