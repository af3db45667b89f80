// Package counter is a replicated service of another module: counters that only grow. It
// has the five methods that raftcheck needs, and leaves the rest to their defaults.
//
//	add x     adds one, and answers the new value
//	value x   reads the value
package counter

import (
	"fmt"
	"strconv"
	"strings"

	"raftcheck/linearizability"
	"raftcheck/models/service"
)

// Service is the counters. Lossy is the bug of a machine that leaves its largest counter
// one short when it is restored.
type Service struct{ Lossy bool }

// Name is the name in schedules.
func (s Service) Name() string { return "counter" }

// op is an operation on a counter.
type op struct{ verb, key string }

func (o op) Key() string    { return o.key }
func (o op) Input() string  { return o.verb }
func (o op) ReadOnly() bool { return o.verb == "value" }
func (o op) String() string { return o.verb + " " + o.key }

// ParseOp reads "add KEY" and "value KEY".
func (s Service) ParseOp(text string) (service.Op, error) {
	verb, key, _ := strings.Cut(text, " ")
	if (verb != "add" && verb != "value") || !service.IsToken(key, 16) {
		return nil, fmt.Errorf("expected add KEY or value KEY, found %s", service.Quote(text))
	}
	return op{verb, key}, nil
}

// Examples are one operation of each kind.
func (s Service) Examples(string) []service.Op { return []service.Op{op{"add", "x"}, op{"value", "x"}} }

// NewMachine returns counters at zero.
func (s Service) NewMachine() service.Machine { return &machine{lossy: s.Lossy} }

// Spec is a counter as a text of digits.
func (s Service) Spec() linearizability.Spec {
	return linearizability.Spec{
		Name: "counter", Init: "0", Step: step,
		ReadOnly: func(input string) bool { return input == "value" },
	}
}

func step(state, input, output string, known bool) (next string, ok bool) {
	next = state
	if input == "add" {
		n, err := strconv.Atoi(state)
		if err != nil {
			return state, false
		}
		next = strconv.Itoa(n + 1)
	}
	return next, !known || output == next
}
