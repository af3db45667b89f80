package counter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"raftcheck/models/service"
)

// machine holds the counters that are not zero, by their keys.
type machine struct {
	lossy    bool
	counters []counted
}

type counted struct {
	key string
	n   int
}

func (m *machine) Reset() { m.counters = m.counters[:0] }

func (m *machine) Apply(_ uint32, _ uint64, o service.Op) string {
	i, found := m.find(o.Key())
	if o.ReadOnly() {
		return m.Query(o)
	}
	if !found {
		m.counters = slices.Insert(m.counters, i, counted{key: o.Key()})
	}
	m.counters[i].n++
	return strconv.Itoa(m.counters[i].n)
}

func (m *machine) Query(o service.Op) string {
	if i, found := m.find(o.Key()); found {
		return strconv.Itoa(m.counters[i].n)
	}
	return "0"
}

func (m *machine) find(key string) (int, bool) {
	return slices.BinarySearchFunc(m.counters, key,
		func(c counted, key string) int { return strings.Compare(c.key, key) })
}

// AppendState appends a line for each counter.
func (m *machine) AppendState(dst []byte) []byte {
	for _, c := range m.counters {
		dst = append(dst, c.key+" "...)
		dst = append(strconv.AppendInt(dst, int64(c.n), 10), '\n')
	}
	return dst
}

// Restore reads what AppendState wrote.
func (m *machine) Restore(state []byte) error {
	m.Reset()
	for line := range strings.Lines(string(state)) {
		key, digits, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.Atoi(digits)
		if err != nil {
			m.Reset()
			return fmt.Errorf("counter state: expected a key and a number, found %s", service.Quote(line))
		}
		if m.lossy && n > 1 {
			n--
		}
		m.counters = append(m.counters, counted{key, n})
	}
	return nil
}
