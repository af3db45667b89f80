package queue

import (
	"fmt"
	"slices"
	"strings"

	"raftcheck/models/service"
)

// The answers to an enqueue.
const (
	answerOK   = "ok"
	answerFull = "full"
)

// Machine holds the queues. The zero value has none.
type Machine struct {
	queues []waiting // by name; some may be empty
}

// waiting is the values of one queue, the first to go out in front.
type waiting struct {
	name   string
	values []string
}

var _ service.Machine = (*Machine)(nil)

// Reset forgets every queue, keeping memory.
func (m *Machine) Reset() { m.queues = m.queues[:0] }

// Apply carries out an operation; one of another service panics. Clients and times do
// not matter.
func (m *Machine) Apply(_ uint32, _ uint64, op service.Op) string {
	o := op.(Op)
	switch o.Kind {
	case Enqueue:
		return m.queue(o.Name).enqueue(o.Value)
	case Dequeue:
		return m.queue(o.Name).dequeue()
	case Peek:
		return m.first(o.Name)
	}
	panic("queue: no operation " + o.String())
}

// Query answers a peek; another operation panics.
func (m *Machine) Query(op service.Op) string {
	o := op.(Op)
	if !o.ReadOnly() {
		panic("queue: query of " + o.String())
	}
	return m.first(o.Name)
}

func (m *Machine) first(name string) string {
	if i, ok := m.find(name); ok && len(m.queues[i].values) > 0 {
		return m.queues[i].values[0]
	}
	return Nil
}

func (q *waiting) enqueue(value string) string {
	if len(q.values) == MaxWaiting {
		return answerFull
	}
	q.values = append(q.values, value)
	return answerOK
}

func (q *waiting) dequeue() string {
	if len(q.values) == 0 {
		return Nil
	}
	first := q.values[0]
	q.values = slices.Delete(q.values, 0, 1)
	return first
}

// find returns the place where a queue is, or would be.
func (m *Machine) find(name string) (int, bool) {
	return slices.BinarySearchFunc(m.queues, name, func(q waiting, name string) int {
		return strings.Compare(q.name, name)
	})
}

// queue finds or makes a queue. The pointer is good until the next call.
func (m *Machine) queue(name string) *waiting {
	i, ok := m.find(name)
	if !ok {
		m.queues = slices.Insert(m.queues, i, waiting{name: name})
	}
	return &m.queues[i]
}

// AppendState appends a line for each queue in which values wait, in the order of the
// names: the name, and the values from the first on, with spaces between them.
func (m *Machine) AppendState(dst []byte) []byte {
	for i := range m.queues {
		q := &m.queues[i]
		if len(q.values) == 0 {
			continue
		}
		dst = append(dst, q.name...)
		for _, value := range q.values {
			dst = append(append(dst, ' '), value...)
		}
		dst = append(dst, '\n')
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

// restoreLine adds the queue of one line, whose name must come after all others.
func (m *Machine) restoreLine(line string, ended bool) error {
	words := strings.Split(line, " ")
	name, values := words[0], words[1:]
	isValue := func(word string) bool { return service.IsToken(word, MaxTokenBytes) && word != Nil }
	switch {
	case !ended:
		return fmt.Errorf("queue state: expected the end of line %s, found the end of the state",
			service.Quote(line))
	case !service.IsToken(name, MaxTokenBytes) || len(values) == 0 || len(values) > MaxWaiting ||
		slices.ContainsFunc(values, func(word string) bool { return !isValue(word) }):
		return fmt.Errorf("queue state: expected a queue and 1 to %d values, found %s",
			MaxWaiting, service.Quote(line))
	}
	if n := len(m.queues); n > 0 && m.queues[n-1].name >= name {
		return fmt.Errorf("queue state: expected a queue after %s, found %s",
			service.Quote(m.queues[n-1].name), service.Quote(name))
	}
	m.queues = append(m.queues, waiting{name: name, values: values})
	return nil
}
