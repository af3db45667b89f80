package kv

import (
	"fmt"
	"strings"

	"raftcheck/models/service"
)

// MaxTokenBytes is the longest key or value of an operation.
const MaxTokenBytes = 64

// MaxValueBytes is the longest value that append makes.
const MaxValueBytes = 1024

// Nil stands for the absence of a value, in results and as the expected value of cas.
const Nil = "nil"

// Kind is the kind of an operation. The zero value is none.
type Kind uint8

// The kinds of operations.
const (
	Get Kind = iota + 1
	Put
	Append
	Cas
	Delete
)

// shapes has the name and the operands of each kind.
var shapes = [...]struct{ name, operands string }{
	Get:    {"get", "KEY"},
	Put:    {"put", "KEY VALUE"},
	Append: {"append", "KEY VALUE"},
	Cas:    {"cas", "KEY OLD NEW"},
	Delete: {"delete", "KEY"},
}

// String returns the first word of operations of this kind.
func (k Kind) String() string {
	if k < Get || k > Delete {
		return "none"
	}
	return shapes[k].name
}

// Op is an operation on one key. Equal operations are equal values.
type Op struct {
	Kind  Kind
	Name  string // of the key
	Value string // put, append; cas: the new value
	Old   string // cas: the expected value, Nil for none
}

// ParseOp reads an operation as String writes it: words with single spaces
// between them. The error says which text was expected and which was found.
func ParseOp(text string) (Op, error) {
	name, rest, _ := strings.Cut(text, " ")
	op := Op{}
	for kind := Get; kind <= Delete; kind++ {
		if name == shapes[kind].name {
			op.Kind = kind
		}
	}
	if op.Kind == 0 {
		return Op{}, fmt.Errorf("expected get, put, append, cas or delete, found %s", service.Quote(name))
	}
	shape := shapes[op.Kind]
	if found, want := strings.Count(text, " "), strings.Count(shape.operands, " ")+1; found != want {
		return Op{}, fmt.Errorf("expected %s %s with single spaces, found %s", shape.name, shape.operands,
			service.Quote(text))
	}
	op.Name, rest, _ = strings.Cut(rest, " ")
	if op.Kind == Cas {
		op.Old, rest, _ = strings.Cut(rest, " ")
	}
	op.Value = rest
	if err := op.validate(); err != nil {
		return Op{}, err
	}
	return op, nil
}

// validate checks the words of an operation of a known kind.
func (op *Op) validate() error {
	if !service.IsToken(op.Name, MaxTokenBytes) {
		return fmt.Errorf("expected a key of 1 to %d letters, digits, '.', '_' and '-', found %s",
			MaxTokenBytes, service.Quote(op.Name))
	}
	if op.Kind == Cas && !service.IsToken(op.Old, MaxTokenBytes) {
		return fmt.Errorf("expected an old value of 1 to %d letters, digits, '.', '_' and '-', found %s",
			MaxTokenBytes, service.Quote(op.Old))
	}
	if op.Kind == Get || op.Kind == Delete {
		return nil
	}
	if !service.IsToken(op.Value, MaxTokenBytes) {
		return fmt.Errorf("expected a value of 1 to %d letters, digits, '.', '_' and '-', found %s",
			MaxTokenBytes, service.Quote(op.Value))
	}
	if op.Value == Nil {
		return fmt.Errorf("expected a value other than nil, which stands for the absence of one, found %s",
			service.Quote(op.Value))
	}
	return nil
}

// Key returns the key: operations on different keys are independent.
func (op Op) Key() string { return op.Name }

// ReadOnly reports whether it is a get. A cas that finds another value than it expects
// changes nothing either, but that depends on the state.
func (op Op) ReadOnly() bool { return op.Kind == Get }

// String returns the operation as ParseOp reads it.
func (op Op) String() string {
	switch op.Kind {
	case Put, Append:
		return op.Kind.String() + " " + op.Name + " " + op.Value
	case Cas:
		return "cas " + op.Name + " " + op.Old + " " + op.Value
	default:
		return op.Kind.String() + " " + op.Name
	}
}

// Input returns the operation without its key, as Operation.Input of a history.
func (op Op) Input() string {
	switch op.Kind {
	case Put, Append:
		return op.Kind.String() + " " + op.Value
	case Cas:
		return "cas " + op.Old + " " + op.Value
	default:
		return op.Kind.String()
	}
}
