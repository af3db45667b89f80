package session

import (
	"encoding/binary"
	"fmt"
	"math"

	"raftcheck/models/service"
)

// TimeLimit is above every time, in ticks, so that services may add to times
// without overflow.
const TimeLimit = 1 << 48

// Command is what Raft's log carries: an operation, whose it is, and when.
type Command struct {
	Client uint32 // from 1
	Seq    uint32 // from 1, higher with each operation of the client; a retry keeps it
	Born   uint64 // when the client first sent the operation, in ticks; a retry keeps it
	Stamp  uint64 // when this attempt was sent, in ticks
	Op     service.Op
}

// valid reports whether the command is one that DecodeCommand may return.
func (c *Command) valid() bool {
	return c.Client != 0 && c.Seq != 0 && c.Born < TimeLimit && c.Stamp < TimeLimit && c.Op != nil
}

// AppendCommand appends the bytes of a command to dst: client, seq, born and
// stamp as uvarints, and the text of the operation. It checks nothing;
// DecodeCommand refuses what is no command.
func AppendCommand(dst []byte, client, seq uint32, born, stamp uint64, op string) []byte {
	dst = binary.AppendUvarint(dst, uint64(client))
	dst = binary.AppendUvarint(dst, uint64(seq))
	dst = binary.AppendUvarint(dst, born)
	dst = binary.AppendUvarint(dst, stamp)
	return append(dst, op...)
}

// DecodeCommand reads the bytes of a command of a service. It accepts only what
// AppendCommand writes for a client and a sequence number from 1, times below
// TimeLimit, and an operation that the service accepts, so that equal commands
// have equal bytes. The command keeps no reference to data.
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

// reader takes numbers and strings off data. After an error it reads zeros.
type reader struct {
	data []byte
	err  error
}

// number reads a uvarint from least to most, in its shortest form.
func (r *reader) number(what string, least, most uint64) uint64 {
	if r.err != nil {
		return 0
	}
	n, size := binary.Uvarint(r.data)
	switch {
	case size <= 0:
		r.err = fmt.Errorf("expected a %s as a uvarint, found %d bytes that are none", what, len(r.data))
	case size > 1 && r.data[size-1] == 0:
		r.err = fmt.Errorf("expected the shortest uvarint of %s %d, found %d bytes", what, n, size)
	case n < least || n > most:
		r.err = fmt.Errorf("expected a %s from %d to %d, found %d", what, least, most, n)
	default:
		r.data = r.data[size:]
		return n
	}
	return 0
}

// text reads a string with its length before it.
func (r *reader) text(what string) string {
	n := r.number("length of a "+what, 0, math.MaxInt32)
	if n > uint64(len(r.data)) {
		r.err = fmt.Errorf("expected a %s of %d bytes, found %d", what, n, len(r.data))
		return ""
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}
