package queue

import (
	"fmt"
	"strings"

	"raftcheck/models/service"
)

// MaxTokenBytes is the longest name of a queue, and the longest value.
const MaxTokenBytes = 64

// MaxWaiting is the number of values that can wait in one queue.
const MaxWaiting = 64

// Nil is the answer of an empty queue. It cannot be a value.
const Nil = "nil"

// Kind is the kind of an operation. The zero value is none.
type Kind uint8

// The kinds of operations.
const (
	Enqueue Kind = iota + 1
	Dequeue
	Peek
)

// shapes has the name and the operands of each kind.
var shapes = [...]struct{ name, operands string }{
	Enqueue: {"enqueue", "QUEUE VALUE"},
	Dequeue: {"dequeue", "QUEUE"},
	Peek:    {"peek", "QUEUE"},
}

// String returns the first word of operations of this kind.
func (k Kind) String() string {
	if k < Enqueue || k > Peek {
		return "none"
	}
	return shapes[k].name
}

// Op is an operation on one queue. Equal operations are equal values.
type Op struct {
	Kind  Kind
	Name  string // of the queue
	Value string // enqueue
}

var _ service.Op = Op{}

// ParseOp reads an operation as String writes it: words with single spaces between
// them. The error says which text was expected and which was found.
func ParseOp(text string) (Op, error) {
	first, rest, _ := strings.Cut(text, " ")
	op := Op{}
	for kind := Enqueue; kind <= Peek; kind++ {
		if first == shapes[kind].name {
			op.Kind = kind
		}
	}
	if op.Kind == 0 {
		return Op{}, fmt.Errorf("expected enqueue, dequeue or peek, found %s", service.Quote(first))
	}
	shape := shapes[op.Kind]
	if found, want := strings.Count(text, " "), strings.Count(shape.operands, " ")+1; found != want {
		return Op{}, fmt.Errorf("expected %s %s with single spaces, found %s",
			shape.name, shape.operands, service.Quote(text))
	}
	op.Name, op.Value, _ = strings.Cut(rest, " ")
	switch {
	case !service.IsToken(op.Name, MaxTokenBytes):
		return Op{}, expectedToken("a queue", op.Name)
	case op.Kind == Enqueue && (!service.IsToken(op.Value, MaxTokenBytes) || op.Value == Nil):
		return Op{}, expectedToken("a value other than nil", op.Value)
	}
	return op, nil
}

func expectedToken(what, found string) error {
	return fmt.Errorf("expected %s of 1 to %d letters, digits, '.', '_' and '-', found %s",
		what, MaxTokenBytes, service.Quote(found))
}

// Key returns the name of the queue.
func (op Op) Key() string { return op.Name }

// ReadOnly reports whether the operation leaves the queue as it is.
func (op Op) ReadOnly() bool { return op.Kind == Peek }

// Input returns the operation without the name of the queue, as histories have it.
func (op Op) Input() string {
	if op.Kind == Enqueue {
		return "enqueue " + op.Value
	}
	return op.Kind.String()
}

// String returns the operation as ParseOp reads it.
func (op Op) String() string {
	text := op.Kind.String() + " " + op.Name
	if op.Kind == Enqueue {
		text += " " + op.Value
	}
	return text
}
