package maelstrom

import (
	"fmt"
	"strconv"

	"raftcheck/linearizability"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// Store is the key-value store of the workload: get, put and cas of models/kv, with integers
// as keys and values, which are those that Maelstrom sends.
type Store struct{}

var (
	_ service.Drawing     = Store{}
	_ service.Simplifying = Store{}
)

// Name is that of the workload.
func (Store) Name() string { return "lin-kv" }

// ParseOp reads an operation.
func (Store) ParseOp(text string) (service.Op, error) {
	op, err := kv.ParseOp(text)
	if err != nil {
		return nil, err
	}
	if op.Kind == kv.Append || op.Kind == kv.Delete {
		return nil, fmt.Errorf("expected get, put or cas, found %s", service.Quote(text))
	}
	for _, word := range []string{op.Name, op.Value, op.Old} {
		if number, err := strconv.Atoi(word); word != "" && (err != nil || word != strconv.Itoa(number)) {
			return nil, fmt.Errorf("expected an integer, found %s", service.Quote(word))
		}
	}
	return op, nil
}

// NewMachine returns an empty store.
func (Store) NewMachine() service.Machine { return new(kv.Machine) }

// Spec is the specification of one key.
func (Store) Spec() linearizability.Spec { return kv.Spec() }

// Examples are a write of the unique value, and a read.
func (Store) Examples(unique string) []service.Op {
	return []service.Op{kv.Op{Kind: kv.Put, Name: "1", Value: unique}, kv.Op{Kind: kv.Get, Name: "1"}}
}

// Draw draws an operation on one of two keys.
func (Store) Draw(c *service.Caller) string {
	key := " 1"
	if !c.OneKey && c.Source.Below(2) == 0 {
		key = " 2"
	}
	choice := c.Source.Below(8)
	if c.Reads || choice > 4 {
		return "get" + key
	}
	c.Numbers++
	value := " " + strconv.Itoa(c.Numbers)
	if choice == 4 {
		return "cas" + key + " " + strconv.Itoa(max(c.Numbers-1-c.Source.Below(4), 0)) + value
	}
	return "put" + key + value
}

// Simpler is a put in the place of a cas.
func (Store) Simpler(op service.Op) []service.Op {
	if op.(kv.Op).Kind == kv.Cas {
		return []service.Op{kv.Op{Kind: kv.Put, Name: "1", Value: "1"}}
	}
	return nil
}
