package hostile

import (
	"errors"
	"math"
	"strings"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// System is the reference whose nodes return and show other values now and then. The
// values follow from Salt, the state of the node and its input alone, so that runs repeat
// exactly.
type System struct {
	Salt uint64
	// Rarity is the mean number of steps from one odd value to the next; at least 1.
	Rarity uint64
	// Hidden makes the nodes no raft.Inspector.
	Hidden bool
	// Kinds limits the odd values to the kinds whose bits are set; 0 means every kind.
	Kinds uint64
}

// Name is "hostile".
func (System) Name() string { return "hostile" }

// DescribeMessage panics, or describes the message with control characters, or at length.
func (s System) DescribeMessage(m raft.Message) string {
	d := &dice{trace.HashBytes(s.Salt, m.Payload)}
	if d.below(s.Rarity) == 0 {
		return text(d)
	}
	return reference.System{}.DescribeMessage(m)
}

// DescribeWrite does the same for a disk record.
func (s System) DescribeWrite(data []byte) string {
	d := &dice{trace.HashBytes(s.Salt+1, data)}
	if d.below(s.Rarity) == 0 {
		return text(d)
	}
	return reference.System{}.DescribeWrite(data)
}

// Boot boots a node, refuses a disk, panics, or returns neither a node nor an error.
func (s System) Boot(c raft.NodeConfig) (raft.Node, error) {
	sound, err := reference.System{}.Boot(c)
	if err != nil {
		return nil, err
	}
	n := &node{sound: sound.(*reference.Node), system: s, id: c.ID, voters: c.Voters}
	n.look()
	d := n.dice(boots)
	switch n.odd(d, boots) {
	case 1:
		return nil, errors.New(text(d))
	case 2:
		return nil, nil
	case 3:
		panic(text(d))
	}
	if s.Hidden {
		return hidden{n}, nil
	}
	return n, nil
}

// hidden is a node that shows nothing.
type hidden struct{ raft.Node }

// node is a node of a [System].
type node struct {
	sound  *reference.Node
	system System
	id     raft.NodeID
	voters raft.NodeSet
	state  uint64 // a hash of the reference's state, on which all odd values depend
	buf    []byte
}

// The kinds of odd values.
const (
	boots = iota
	outputs
	statuses
	logs
)

// Step takes the step, and returns another output than it should.
func (n *node) Step(in raft.Input) raft.Output {
	d := n.dice(outputs)
	d.mix(inputKind(in))
	out := n.sound.Step(in)
	n.look()
	if change := n.odd(d, outputs); change > 0 {
		return n.change(d, out, change)
	}
	return out
}

// Status is the status, with odd numbers in it.
func (n *node) Status() raft.Status {
	s := n.sound.Status()
	d := n.dice(statuses)
	if n.odd(d, statuses) > 0 {
		for range 1 + d.below(3) {
			n.changeStatus(d, &s)
		}
	}
	return s
}

// EntryAt is the entry at an index, another one, or one beyond the end of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.sound.EntryAt(i)
	d := n.dice(logs)
	d.mix(uint64(i))
	if n.odd(d, logs) == 0 {
		return e, ok
	}
	if d.below(4) == 0 {
		return e, !ok
	}
	return n.entry(d, e), true
}

// Clone returns a copy of the node.
func (n *node) Clone() raft.Node {
	c := *n
	c.sound, c.buf = n.sound.Clone().(*reference.Node), nil
	return &c
}

// AppendState appends the state of the reference, on which everything depends.
func (n *node) AppendState(b []byte) []byte { return n.sound.AppendState(b) }

// dice returns the dice for values of a kind in the node's present state.
func (n *node) dice(kind uint64) *dice {
	return &dice{trace.Mix(trace.Mix(n.system.Salt, kind<<8|uint64(n.id)), n.state)}
}

// look takes the hash of the reference's state.
func (n *node) look() {
	n.buf = n.sound.AppendState(n.buf[:0])
	n.state = trace.HashBytes(0, n.buf)
}

// odd returns 0, or now and then a number from 1 to 16, if values of this kind may be odd.
func (n *node) odd(d *dice, kind uint64) uint64 {
	allowed := n.system.Kinds == 0 || n.system.Kinds>>kind&1 != 0
	if d.below(n.system.Rarity) != 0 || !allowed {
		return 0
	}
	return 1 + d.below(16)
}

// inputKind distinguishes the inputs that differ most.
func inputKind(in raft.Input) uint64 {
	switch in.(type) {
	case *raft.Tick:
		return 1
	case *raft.Timeout:
		return 2
	case *raft.Receive:
		return 3
	case *raft.Persisted:
		return 4
	}
	return 5
}

// dice draws numbers that follow from a hash.
type dice struct{ h uint64 }

func (d *dice) mix(v uint64) { d.h = trace.Mix(d.h, v) }

func (d *dice) next() uint64 {
	d.mix(1)
	return trace.Mix(d.h, 2)
}

func (d *dice) below(n uint64) uint64 { return d.next() % max(n, 1) }

// number returns a number near one that was there, near zero, or near the end of a range
// of integers.
func (d *dice) number(was uint64) uint64 {
	ends := [...]uint64{0, 0, 7, 1 << 20, math.MaxInt32, math.MaxUint32, 1 << 62, math.MaxInt64, math.MaxUint64}
	v := was
	if d.below(3) > 0 {
		v = ends[d.below(uint64(len(ends)))]
	}
	return v + d.below(5) - 2
}

func (d *dice) index(was raft.Index) raft.Index { return raft.Index(d.number(uint64(was))) }
func (d *dice) term(was raft.Term) raft.Term    { return raft.Term(d.number(uint64(was))) }

func (d *dice) id(was raft.EntryID) raft.EntryID {
	if d.below(2) == 0 {
		was.Term = d.term(was.Term)
	}
	if d.below(3) > 0 {
		was.Index = d.index(was.Index)
	}
	return was
}

func (d *dice) node() raft.NodeID { return raft.NodeID(d.next() >> d.below(9)) }

// nodes returns a set of nodes: none, all possible, or a few.
func (d *dice) nodes(was raft.NodeSet) raft.NodeSet {
	switch d.below(4) {
	case 0:
		return 0
	case 1:
		return math.MaxUint64
	case 2:
		return was ^ 1<<d.below(64)
	}
	return raft.NodeSet(d.next() >> d.below(64))
}

// text is a text that is hard to print, or a panic.
func text(d *dice) string {
	switch d.below(5) {
	case 0:
		return ""
	case 1:
		return "\x1b[31m\r\nheld\n----\nheld\xff\x00"
	case 2:
		return strings.Repeat("long ", 1<<10)
	case 3:
		panic(errors.New("no text\n\x1b[2J"))
	}
	return "odd"
}
