package kv

import (
	"raftcheck/linearizability"
	"raftcheck/models/service"
)

// Service is the key-value store as a kind of replicated state machine.
type Service struct{}

var _ service.Service = Service{}

// Name returns kv.
func (Service) Name() string { return "kv" }

// ParseOp reads an operation, which is an Op.
func (Service) ParseOp(text string) (service.Op, error) {
	op, err := ParseOp(text)
	if err != nil {
		return nil, err
	}
	return op, nil
}

// NewMachine returns an empty store.
func (Service) NewMachine() service.Machine { return new(Machine) }

// Spec is the specification of one key.
func (Service) Spec() linearizability.Spec { return Spec() }
