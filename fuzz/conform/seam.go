package conform

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// seamWatch is a system whose outputs are looked at before the world has them.
type seamWatch struct {
	raft.System
	writes  int
	problem string // the first
}

func (s *seamWatch) Boot(c raft.NodeConfig) (raft.Node, error) {
	return around(s.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		issued := raft.WriteID(0)
		return func(in raft.Input) raft.Output {
			out := sound.Step(in)
			for i := range out.Writes {
				s.writes++
				if issued++; out.Writes[i].ID != issued {
					s.note("%s has the ID %d in the write after its write %d since it booted: they are to be numbered from 1 without gaps", c.ID, out.Writes[i].ID, issued-1)
				}
			}
			for i := range out.Sends {
				if after := out.Sends[i].After; after > issued {
					s.note("a %s of %s waits for write %d, and the node has issued %d", out.Sends[i].Kind, c.ID, after, issued)
				}
			}
			return out
		}
	})
}

func (s *seamWatch) note(format string, args ...any) {
	if s.problem == "" {
		s.problem = fmt.Sprintf(format, args...)
	}
}

// What becomes something else once a node has taken it.
const (
	payload  = "a message's payload"
	proposal = "a proposal's data"
	state    = "a snapshot's state"
	record   = "a disk's record"
	itself   = "what the pointer to an input points to"
)

var perishable = []string{payload, proposal, state, record, itself}

// lender is a system that is lent copies of its inputs, some of which become
// something else once Step has returned, as the world's own do.
type lender struct {
	raft.System
	perishes []string
}

// Readless is what the system says.
func (l lender) Readless() string {
	if s, ok := l.System.(raft.Readless); ok {
		return s.Readless()
	}
	return ""
}

func (l lender) Boot(c raft.NodeConfig) (raft.Node, error) {
	disk := c.Disk
	c.Disk = nil
	for _, bytes := range disk {
		c.Disk = append(c.Disk, slices.Clone(bytes))
	}
	return around(l.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		for _, bytes := range c.Disk {
			l.scribble(record, bytes)
		}
		return func(in raft.Input) raft.Output {
			mine, over := l.copied(in)
			defer over()
			return sound.Step(mine)
		}
	})
}

// copied is a copy of an input, and what ends its life.
func (l lender) copied(in raft.Input) (raft.Input, func()) {
	switch in := in.(type) {
	case *raft.Receive:
		return lent(l, in, payload, func(c *raft.Receive) *[]byte { return &c.Msg.Payload })
	case *raft.Propose:
		return lent(l, in, proposal, func(c *raft.Propose) *[]byte { return &c.Data })
	case *raft.Compact:
		return lent(l, in, state, func(c *raft.Compact) *[]byte { return &c.State })
	case *raft.Read:
		return lent(l, in, itself, nil)
	case *raft.Reconfigure:
		return lent(l, in, itself, nil)
	case *raft.Transfer:
		return lent(l, in, itself, nil)
	}
	return in, func() {} // it is only heard of
}

// lent is a copy of an input and of the bytes in it, if it has any, and what ends its life.
func lent[T any, I interface {
	*T
	raft.Input
}](l lender, in I, what string, bytes func(I) *[]byte) (raft.Input, func()) {
	c := I(new(T))
	*c = *in
	if bytes != nil {
		*bytes(c) = slices.Clone(*bytes(c))
	}
	return c, func() {
		if bytes != nil {
			l.scribble(what, *bytes(c))
		}
		if slices.Contains(l.perishes, itself) {
			*c = *new(T)
		}
	}
}

func (l lender) scribble(what string, bytes []byte) {
	if !slices.Contains(l.perishes, what) {
		return
	}
	for i := range bytes {
		bytes[i] = 0xa5
	}
}

// around boots a node with a hand at its seam; what else it can do it can do still.
func around(s raft.System, c raft.NodeConfig, hand func(raft.Node) func(raft.Input) raft.Output) (raft.Node, error) {
	sound, err := s.Boot(c)
	if err != nil {
		return nil, err
	}
	held := stepper{sound, hand(sound)}
	if inspector, ok := sound.(raft.Inspector); ok {
		return struct {
			stepper
			raft.Inspector
		}{held, inspector}, nil
	}
	return held, nil
}

// stepper is a node that takes its steps through a hand.
type stepper struct {
	sound raft.Node
	hand  func(raft.Input) raft.Output
}

func (s stepper) Step(in raft.Input) raft.Output { return s.hand(in) }

// Stop ends the node if it outlives itself.
func (s stepper) Stop() {
	if stopper, ok := s.sound.(raft.Stopper); ok {
		stopper.Stop()
	}
}
