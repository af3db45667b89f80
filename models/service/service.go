// Package service defines a replicated service: its operations as text, the state machine
// that Raft's log drives, the sequential specification that judges its answers, and its
// clients.
//
// A [Service] is five methods. Everything else is an optional interface with a default:
//
//	[Drawing]     the operation that a client calls next in a random schedule; else one of Examples
//	[Simplifying] simpler operations for the shrinker; else none
//	[Purposeful]  situations that a campaign must reach; else none
//	[Worldly]     a world outside of the cluster in which clients act on answers; else none
//
// The services of this repository are listed in models/services. Machine and specification
// of a service share no code: each checks the other.
package service

import "raftcheck/linearizability"

// Service is a kind of replicated state machine, with its clients.
type Service interface {
	// Name is the name in schedules: 1 to 64 of a-z 0-9 - + and dots.
	Name() string
	// ParseOp reads an operation from its text; the error says which text was
	// expected and which was found. Equal texts are equal operations.
	ParseOp(text string) (Op, error)
	// NewMachine returns a state machine in its first state.
	NewMachine() Machine
	// Spec is the sequential specification of one key.
	Spec() linearizability.Spec
	// Examples returns the operations that a systematic search tries, the first of
	// which is no read. Unique is a word of letters, digits and dots, of at most 32
	// bytes, that no earlier operation had: a value to write, so that a read shows
	// which write it saw.
	Examples(unique string) []Op
}

// Op is an operation. It does not change.
type Op interface {
	// Key is the partition: operations on different keys are independent.
	Key() string
	// Input is the operation without its key, as histories have it.
	Input() string
	// ReadOnly reports whether the operation leaves every state as it is.
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
	// Restore returns to a state that AppendState wrote, and does not keep the
	// bytes. After an error the machine is in its first state.
	Restore(state []byte) error
}
