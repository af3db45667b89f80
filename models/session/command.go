package session

import (
	"encoding/binary"
	"fmt"
	"math"

	"raftcheck/models/service"
)

// TimeLimit is above every time of a command, in ticks. Services can therefore add to
// times without overflow.
const TimeLimit = 1 << 48

// Command is the content of an entry of Raft's log: an operation, its client and number,
// and two times.
type Command struct {
	Client uint32     // from 1
	Seq    uint32     // the number of the operation, from 1, rising for each client; a retry keeps it
	Born   uint64     // the time, in ticks, of the client's first attempt; a retry keeps it
	Stamp  uint64     // the time, in ticks, of this attempt
	Op     service.Op // the operation
}

// valid reports whether DecodeCommand could have returned the command.
func (c *Command) valid() bool {
	return c.Client != 0 && c.Seq != 0 && c.Born < TimeLimit && c.Stamp < TimeLimit && c.Op != nil
}

// AppendCommand appends the bytes of a command to dst: client, seq, born and stamp as
// uvarints, then the text of the operation. It checks nothing, and DecodeCommand rejects
// the bytes if they are no valid command.
func AppendCommand(dst []byte, client, seq uint32, born, stamp uint64, op string) []byte {
	dst = binary.AppendUvarint(dst, uint64(client))
	dst = binary.AppendUvarint(dst, uint64(seq))
	dst = binary.AppendUvarint(dst, born)
	dst = binary.AppendUvarint(dst, stamp)
	return append(dst, op...)
}

// DecodeCommand reads the bytes of a command of a service. A valid command has a client
// and a sequence number from 1, times below TimeLimit, and an operation that the service
// accepts. DecodeCommand accepts only the bytes that AppendCommand writes for it, so equal
// commands have equal bytes. The error names the expected and the found value. The command
// keeps no reference to data.
func DecodeCommand(s service.Service, data []byte) (Command, error) {
	r := reader{data: data}
	c := Command{
		Client: uint32(r.number("client", 1, math.MaxUint32)),
		Seq:    uint32(r.number("sequence number", 1, math.MaxUint32)),
		Born:   r.number("birth", 0, TimeLimit-1),
		Stamp:  r.number("stamp", 0, TimeLimit-1),
	}
	err := r.err
	if err == nil {
		c.Op, err = s.ParseOp(string(r.data))
	}
	if err != nil {
		return Command{}, fmt.Errorf("command: %w", err)
	}
	return c, nil
}

// reader reads numbers and strings from the front of data. After an error it reads zeros.
type reader struct {
	data []byte
	err  error
}

// number reads a uvarint from least to most in its shortest form. The error names the
// value by name.
func (r *reader) number(name string, least, most uint64) uint64 {
	if r.err != nil {
		return 0
	}
	n, size := binary.Uvarint(r.data)
	switch {
	case size <= 0:
		r.err = fmt.Errorf("expected a %s as a uvarint, found %d bytes that are none", name, len(r.data))
	case size > 1 && r.data[size-1] == 0:
		r.err = fmt.Errorf("expected the shortest uvarint of %s %d, found %d bytes", name, n, size)
	case n < least || n > most:
		r.err = fmt.Errorf("expected a %s from %d to %d, found %d", name, least, most, n)
	default:
		r.data = r.data[size:]
		return n
	}
	return 0
}

// text reads a string, which follows its length.
func (r *reader) text(name string) string {
	n := r.number("length of a "+name, 0, math.MaxInt32)
	if n > uint64(len(r.data)) {
		r.err = fmt.Errorf("expected a %s of %d bytes, found %d", name, n, len(r.data))
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}
