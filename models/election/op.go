package election

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"raftcheck/models/service"
)

// MaxNameBytes is the longest name of a leadership.
const MaxNameBytes = 64

// MaxTTL is the longest time to live, in ticks.
const MaxTTL = 10_000

// Kind is the kind of an operation. The zero value is none.
type Kind uint8

// The kinds of operations.
const (
	Campaign Kind = iota + 1
	Keepalive
	Resign
	Holder
)

// shapes has the name and the operands of each kind.
var shapes = [...]struct {
	name, operands string
	token, ttl     bool
}{
	Campaign:  {name: "campaign", operands: "NAME TTL", ttl: true},
	Keepalive: {name: "keepalive", operands: "NAME TOKEN TTL", token: true, ttl: true},
	Resign:    {name: "resign", operands: "NAME TOKEN", token: true},
	Holder:    {name: "holder", operands: "NAME"},
}

// String returns the first word of operations of this kind.
func (k Kind) String() string {
	if k < Campaign || k > Holder {
		return "none"
	}
	return shapes[k].name
}

// Op is an operation on one leadership. Fields that its kind does not use are zero.
type Op struct {
	Kind  Kind
	Name  string // of the leadership
	Token uint64 // keepalive, resign: of the grant, from 1
	TTL   uint64 // campaign, keepalive: in ticks, from 1 to MaxTTL
}

var _ service.Op = Op{}

// ParseOp reads an operation as String writes it: words with single spaces
// between them, numbers without zeros in front. The error says which text was
// expected and which was found.
func ParseOp(text string) (Op, error) {
	first, rest, _ := strings.Cut(text, " ")
	op := Op{}
	for kind := Campaign; kind <= Holder; kind++ {
		if first == shapes[kind].name {
			op.Kind = kind
		}
	}
	if op.Kind == 0 {
		return Op{}, fmt.Errorf("expected campaign, keepalive, resign or holder, found %s", service.Quote(first))
	}
	shape := shapes[op.Kind]
	if found, want := strings.Count(text, " "), strings.Count(shape.operands, " ")+1; found != want {
		return Op{}, fmt.Errorf("expected %s %s with single spaces, found %s", shape.name, shape.operands,
			service.Quote(text))
	}
	op.Name, rest, _ = strings.Cut(rest, " ")
	if !service.IsToken(op.Name, MaxNameBytes) {
		return Op{}, fmt.Errorf("expected a name of 1 to %d letters, digits, '.', '_' and '-', found %s",
			MaxNameBytes, service.Quote(op.Name))
	}
	var err error
	if shape.token {
		word, after, _ := strings.Cut(rest, " ")
		if op.Token, err = operand("a token", word, math.MaxUint64); err != nil {
			return Op{}, err
		}
		rest = after
	}
	if shape.ttl {
		if op.TTL, err = operand("a time to live", rest, MaxTTL); err != nil {
			return Op{}, err
		}
	}
	return op, nil
}

// operand reads a number from 1 to most, in its one way of writing.
func operand(what, word string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil || word[0] < '1' || word[0] > '9' || n > most {
		return 0, fmt.Errorf("expected %s from 1 to %d, found %s", what, most, service.Quote(word))
	}
	return n, nil
}

// Key returns the name of the leadership.
func (op Op) Key() string { return op.Name }

// Input returns the operation without the name, as histories have it.
func (op Op) Input() string { return op.Kind.String() + op.numbers() }

// ReadOnly reports whether the operation leaves the leadership as it is.
func (op Op) ReadOnly() bool { return op.Kind == Holder }

// String returns the operation as ParseOp reads it.
func (op Op) String() string { return op.Kind.String() + " " + op.Name + op.numbers() }

// numbers is token and time to live, each with a space in front.
func (op Op) numbers() string {
	var buffer [2 * len(" 18446744073709551615")]byte
	text := buffer[:0]
	if op.Token != 0 {
		text = strconv.AppendUint(append(text, ' '), op.Token, 10)
	}
	if op.TTL != 0 {
		text = strconv.AppendUint(append(text, ' '), op.TTL, 10)
	}
	return string(text)
}
