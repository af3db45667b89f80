package kv

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/models/service"
)

// Answers of operations other than get, which answers the value or Nil.
const (
	answerOK   = "ok"   // done
	answerNo   = "no"   // cas found another value, and changed nothing
	answerFull = "full" // append would have made a value too long, and changed nothing
)

// Machine is the contents of the store. The zero value is empty and ready. It
// keeps the strings of the operations it applies.
type Machine struct {
	entries []entry // in the order of their keys
}

var _ service.Machine = (*Machine)(nil)

// entry is one key. It stays when the key is deleted, so that neither deleting
// nor creating again costs an allocation.
type entry struct {
	key, value string // value "" is absence; no value is empty
}

// Reset empties the machine. It keeps its memory: applying the same operations
// again allocates only the values that append makes.
func (m *Machine) Reset() {
	// The memory beyond the length must not keep the old strings alive.
	clear(m.entries)
	m.entries = m.entries[:0]
}

// Apply carries out an Op that ParseOp returned, for any client at any time; another
// operation panics.
func (m *Machine) Apply(_ uint32, _ uint64, op service.Op) string {
	o := op.(Op)
	switch o.Kind {
	case Get:
		return m.get(o.Name)
	case Put:
		m.entry(o.Name).value = o.Value
		return answerOK
	case Append:
		return m.entry(o.Name).append(o.Value)
	case Cas:
		return m.cas(&o)
	case Delete:
		m.delete(o.Name)
		return answerOK
	}
	panic("kv: apply of " + o.String())
}

// Query answers a get; another operation panics.
func (m *Machine) Query(op service.Op) string {
	o := op.(Op)
	if !o.ReadOnly() {
		panic("kv: query of " + o.String())
	}
	return m.get(o.Name)
}

func (m *Machine) get(key string) string {
	if i, ok := m.find(key); ok && m.entries[i].value != "" {
		return m.entries[i].value
	}
	return Nil
}

func (e *entry) append(value string) string {
	switch {
	case e.value == "":
		e.value = value
	case len(e.value)+len(".")+len(value) > MaxValueBytes:
		return answerFull
	default:
		e.value += "." + value
	}
	return answerOK
}

func (m *Machine) cas(o *Op) string {
	if m.get(o.Name) != o.Old {
		return answerNo
	}
	m.entry(o.Name).value = o.Value
	return answerOK
}

func (m *Machine) delete(key string) {
	if i, ok := m.find(key); ok {
		m.entries[i].value = ""
	}
}

// find returns the place where a key's entry is, or would be.
func (m *Machine) find(key string) (int, bool) {
	return slices.BinarySearchFunc(m.entries, key,
		func(e entry, key string) int { return strings.Compare(e.key, key) })
}

// entry finds or makes the entry of a key. The pointer is good until the next call.
func (m *Machine) entry(key string) *entry {
	i, ok := m.find(key)
	if !ok {
		m.entries = slices.Insert(m.entries, i, entry{key: key})
	}
	return &m.entries[i]
}

// AppendState appends a line for each key that has a value, in the order of
// the keys: key, space, value.
func (m *Machine) AppendState(dst []byte) []byte {
	for i := range m.entries {
		if e := &m.entries[i]; e.value != "" {
			dst = append(dst, e.key...)
			dst = append(dst, ' ')
			dst = append(dst, e.value...)
			dst = append(dst, '\n')
		}
	}
	return dst
}

// Restore returns to a state that AppendState wrote, and accepts nothing else.
// After an error the machine is empty.
func (m *Machine) Restore(state []byte) error {
	m.Reset()
	for rest := string(state); rest != ""; {
		line, after, ended := strings.Cut(rest, "\n")
		if err := m.restoreLine(line, ended); err != nil {
			m.Reset()
			return err
		}
		rest = after
	}
	return nil
}

// restoreLine adds the key of one line, which must come after all others.
func (m *Machine) restoreLine(line string, ended bool) error {
	key, value, _ := strings.Cut(line, " ")
	switch {
	case !ended:
		return fmt.Errorf("kv state: expected the end of line %s, found the end of the state", service.Quote(line))
	case !service.IsToken(key, MaxTokenBytes) || !service.IsToken(value, MaxValueBytes) || value == Nil:
		return fmt.Errorf("kv state: expected a key and a value, found %s", service.Quote(line))
	}
	if n := len(m.entries); n > 0 && m.entries[n-1].key >= key {
		return fmt.Errorf("kv state: expected a key after %s, found %s",
			service.Quote(m.entries[n-1].key), service.Quote(key))
	}
	m.entries = append(m.entries, entry{key, value})
	return nil
}
