package queue

import (
	"strconv"

	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// Service is the queues as a kind of replicated state machine.
type Service struct{}

var (
	_ service.Drawing     = Service{}
	_ service.Simplifying = Service{}
	_ service.Purposeful  = Service{}
)

// Name returns queue.
func (Service) Name() string { return "queue" }

// ParseOp reads an operation, which is an Op.
func (Service) ParseOp(text string) (service.Op, error) {
	op, err := ParseOp(text)
	if err != nil {
		return nil, err
	}
	return op, nil
}

// NewMachine returns a machine without queues.
func (Service) NewMachine() service.Machine { return new(Machine) }

// Spec is the specification of one queue.
func (Service) Spec() linearizability.Spec { return Spec() }

// Examples are one operation of each kind.
func (Service) Examples(unique string) []service.Op {
	return []service.Op{
		Op{Kind: Enqueue, Name: "x", Value: unique},
		Op{Kind: Dequeue, Name: "x"},
		Op{Kind: Peek, Name: "x"},
	}
}

// Draw draws an operation, mostly on the same queue, and a few more values come in than
// go out.
func (Service) Draw(c *service.Caller) string {
	op := Op{Kind: Peek, Name: "x"}
	if !c.OneKey && c.Source.Below(8) == 0 {
		op.Name = "y"
	}
	if c.Reads {
		return op.String()
	}
	switch c.Source.Below(8) {
	case 0, 1, 2, 3:
		c.Numbers++
		op.Kind, op.Value = Enqueue, strconv.Itoa(c.Numbers)
	case 4, 5, 6:
		op.Kind = Dequeue
	}
	return op.String()
}

// Simpler is the same on queue x.
func (Service) Simpler(op service.Op) []service.Op {
	o := op.(Op)
	if o.Name == "x" {
		return nil
	}
	o.Name = "x"
	return []service.Op{o}
}

// Goals are about dequeues.
func (Service) Goals() []service.Goal {
	return []service.Goal{
		{Name: "value-dequeued", About: "a client took a value out of a queue"},
		{Name: "queue-empty", About: "a client found a queue empty"},
	}
}

// The goals, in the order of Goals.
const (
	dequeued = 1 << iota
	empty
)

// NewWatch watches for the goals.
func (Service) NewWatch() service.Watch { return &watch{} }

// watch has a bit for each client whose latest call is a dequeue.
type watch struct{ dequeues uint32 }

// Reset forgets the run.
func (w *watch) Reset() { w.dequeues = 0 }

// Observe looks at calls and their answers.
func (w *watch) Observe(r *trace.Record) uint64 {
	client := uint32(1) << r.Op.Client
	switch r.Kind {
	case trace.Called:
		w.dequeues &^= client
		if op, err := ParseOp(r.Text); err == nil && op.Kind == Dequeue {
			w.dequeues |= client
		}
	case trace.Returned:
		if w.dequeues&client == 0 {
			return 0
		}
		if r.Text == Nil {
			return empty
		}
		return dequeued
	}
	return 0
}
