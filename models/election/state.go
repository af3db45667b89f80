package election

import (
	"encoding/binary"
	"fmt"
	"math"

	"raftcheck/models/service"
)

// AppendState appends the state: the time of the last operation, and each
// leadership, by name: the length of the name, the name, token, holder and
// expiry. Numbers are uvarints.
func (m *Machine) AppendState(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, m.now)
	for i := range m.leaderships {
		l := &m.leaderships[i]
		dst = binary.AppendUvarint(dst, uint64(len(l.name)))
		dst = append(dst, l.name...)
		dst = binary.AppendUvarint(dst, l.token)
		dst = binary.AppendUvarint(dst, uint64(l.holder))
		dst = binary.AppendUvarint(dst, l.expiry)
	}
	return dst
}

// Restore returns to a state that AppendState wrote. It accepts only the bytes that
// AppendState writes, so that equal states have equal bytes. The error says which bytes
// were expected and which were found; the machine is then in its first state.
func (m *Machine) Restore(state []byte) error {
	r := reader{rest: state}
	before := m.leaderships
	m.Reset()
	m.now = r.number("time", 0, math.MaxUint64)
	for len(r.rest) > 0 && r.err == nil {
		known := ""
		if n := len(m.leaderships); n < len(before) {
			known = before[n].name
		}
		m.leaderships = append(m.leaderships, r.leadership(known))
	}
	for i := 1; i < len(m.leaderships) && r.err == nil; i++ {
		if a, b := m.leaderships[i-1].name, m.leaderships[i].name; a >= b {
			r.fail("names in order, found %s before %s", service.Quote(a), service.Quote(b))
		}
	}
	if r.err != nil {
		m.Reset()
	}
	return r.err
}

// reader reads a state from the front. After an error it reads zeros.
type reader struct {
	rest []byte // not read yet
	err  error
}

// fail keeps the first error. The text goes on after "expected".
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("state of election: expected "+format, args...)
	}
}

// number reads a uvarint from least to most, in its shortest form.
func (r *reader) number(what string, least, most uint64) uint64 {
	n, size := binary.Uvarint(r.rest)
	switch {
	case r.err != nil:
		return 0
	case size <= 0:
		r.fail("a %s as a uvarint, found %d bytes that are none", what, len(r.rest))
		return 0
	case size > 1 && r.rest[size-1] == 0:
		r.fail("the shortest uvarint of %s %d, found %d bytes", what, n, size)
		return 0
	case n < least || n > most:
		r.fail("a %s from %d to %d, found %d", what, least, most, n)
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// leadership reads one. known is a name that it may have: an equal one is used
// instead of a copy, as a machine mostly returns to names that it had.
func (r *reader) leadership(known string) leadership {
	length := r.number("length of a name", 1, MaxNameBytes)
	if length > uint64(len(r.rest)) {
		r.fail("a name of %d bytes, found %d", length, len(r.rest))
		return leadership{}
	}
	l := leadership{name: known}
	if name := r.rest[:length]; string(name) != known {
		l.name = string(name)
	}
	r.rest = r.rest[length:]
	if r.err == nil && !service.IsToken(l.name, MaxNameBytes) {
		r.fail("a name of letters, digits, '.', '_' and '-', found %s", service.Quote(l.name))
	}
	l.token = r.number("token", 1, math.MaxUint64)
	l.holder = uint32(r.number("holder", 0, math.MaxUint32))
	l.expiry = r.number("time of expiry", 0, math.MaxUint64)
	if (l.holder == 0) != (l.expiry == 0) {
		r.fail("an expiry if and only if there is a holder, found c%d until %d", l.holder, l.expiry)
	}
	return l
}
