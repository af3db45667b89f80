// Package service says what a replicated service is to the harness: how its
// operations are written, the state machine that Raft's log drives, and the
// sequential specification that its answers are judged by.
//
// The services are models/kv and models/election. Machine and specification of
// one share no code on purpose: what they agree on was said twice.
package service

import "raftcheck/linearizability"

// Service is a kind of replicated state machine.
type Service interface {
	// Name is how schedules name it.
	Name() string
	// ParseOp reads an operation from its text; the error says what was
	// expected and what was found. Equal texts are equal operations.
	ParseOp(text string) (Op, error)
	// NewMachine returns a state machine in its first state.
	NewMachine() Machine
	// Spec is the sequential specification of what one key may answer.
	Spec() linearizability.Spec
}

// Op is an operation. It does not change.
type Op interface {
	// Key is the partition: operations on different keys are independent.
	Key() string
	// Input is the operation without its key, as histories have it.
	Input() string
	// ReadOnly reports whether it leaves the state as it is, whatever that is.
	ReadOnly() bool
	// String is the text, as ParseOp reads it.
	String() string
}

// Machine is a state machine. The same operations give the same answers and
// the same state everywhere: no clock, no randomness, no iteration over a map.
type Machine interface {
	// Reset returns to the first state, keeping memory.
	Reset()
	// Apply carries out an operation of a client and returns its answer. The
	// time now comes from the log, in ticks, and never goes back.
	Apply(client uint32, now uint64, op Op) string
	// Query answers an operation that is read-only and changes nothing.
	Query(op Op) string
	// AppendState appends the state; equal states have equal bytes.
	AppendState(dst []byte) []byte
	// Restore returns to a state that AppendState wrote, keeping nothing of the
	// bytes. After an error the machine is in its first state.
	Restore(state []byte) error
}

// Worldly is a service whose clients act on its answers, in a world outside of the cluster.
type Worldly interface {
	Service
	// NewOutside returns that world, in its first state.
	NewOutside() Outside
}

// Outside is a world outside of the cluster in which clients act on what a
// service told them. Times are ticks of a clock that is nobody's.
type Outside interface {
	// Reset returns to the first state, keeping memory.
	Reset()
	// Heard tells a client the answer to its operation.
	Heard(client uint32, op Op, result string, now uint64)
	// Work has a client act, with the token that the service gave it; ok reports
	// whether it believes that it may, and nothing changes if it does not.
	Work(client uint32, now uint64) (token uint64, text string, ok bool)
	// Land has the k-th oldest act of a client take effect, counted from 0, or be
	// refused; ok reports whether there is one.
	Land(client uint32, k int) (token uint64, accepted bool, text string, ok bool)
}
