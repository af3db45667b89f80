package conform

import (
	"strconv"

	"raftcheck/models/service"
)

// storing is the first service of a set whose reads show the last write and nothing else:
// by it a rule sees whether a command took effect. It is nil if there is none.
func storing(set service.Set) service.Service {
	for _, s := range set {
		if read(s) != nil && answer(s, 7, 8) == answer(s, 8) && answer(s, 7) != answer(s, 8) {
			return s
		}
	}
	return nil
}

// answer is the answer to a read after some writes.
func answer(s service.Service, values ...int) string {
	m := s.NewMachine()
	for _, value := range values {
		m.Apply(1, 0, write(s, value))
	}
	return m.Query(read(s))
}

// write is an operation that writes a value.
func write(s service.Service, value int) service.Op { return s.Examples(strconv.Itoa(value))[0] }

// read is an operation that reads, nil if there is none.
func read(s service.Service) service.Op {
	for _, op := range s.Examples("none") {
		if op.ReadOnly() {
			return op
		}
	}
	return nil
}
