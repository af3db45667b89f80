package election

import (
	"raftcheck/linearizability"
	"raftcheck/models/service"
)

// Service is the election of workers, as the harness runs it.
type Service struct {
	// Trusting says that the database takes every write, with any token.
	Trusting bool
}

var _ service.Worldly = Service{}

// Name returns "election", or "election-unfenced" if the database is trusting.
func (s Service) Name() string {
	if s.Trusting {
		return "election-unfenced"
	}
	return "election"
}

// ParseOp reads an operation as [ParseOp] does.
func (s Service) ParseOp(text string) (service.Op, error) {
	op, err := ParseOp(text)
	if err != nil {
		return nil, err
	}
	return op, nil
}

// NewMachine returns a machine that never granted anything.
func (s Service) NewMachine() service.Machine { return new(Machine) }

// Spec is the same for both services: the database answers no client.
func (s Service) Spec() linearizability.Spec { return Spec() }

// NewOutside returns workers that hold nothing, and a database without a write.
func (s Service) NewOutside() service.Outside { return NewOutside(s.Trusting) }
