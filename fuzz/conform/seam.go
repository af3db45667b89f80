package conform

import (
	"fmt"
	"slices"

	"raftcheck/raft"
)

// seamWatch is a system whose outputs are checked before the world gets them.
type seamWatch struct {
	watched
	writes  int
	problem string // the first mistake in an output, or ""
}

// Boot boots a node and checks its outputs.
func (s *seamWatch) Boot(c raft.NodeConfig) (raft.Node, error) {
	return around(s.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		issued := raft.WriteID(0)
		return func(in raft.Input) raft.Output {
			out := sound.Step(in)
			for i := range out.Writes {
				s.writes++
				if issued++; out.Writes[i].ID != issued {
					s.note("%s has the ID %d in the write after its write %d since it booted: "+
						"writes must be numbered from 1 without gaps", c.ID, out.Writes[i].ID, issued-1)
				}
			}
			for i := range out.Sends {
				if after := out.Sends[i].After; after > issued {
					s.note("a %s of %s waits for write %d, and the node has issued %d",
						out.Sends[i].Kind, c.ID, after, issued)
				}
			}
			return out
		}
	})
}

// note keeps the first mistake.
func (s *seamWatch) note(format string, args ...any) {
	if s.problem == "" {
		s.problem = fmt.Sprintf(format, args...)
	}
}

// The kinds of memory that a node must not read after Step or Boot has returned.
const (
	payload  = "a message's payload"
	proposal = "a proposal's data"
	state    = "a snapshot's state"
	record   = "a disk's record"
	itself   = "what the pointer to an input points to"
)

// perishable lists all kinds.
var perishable = []string{payload, proposal, state, record, itself}

// lender is a system that gets copies of its inputs. Copies of the kinds in perishes are
// overwritten once Step has returned, as the world may do.
type lender struct {
	raft.System
	perishes []string
}

// Readless returns the answer of the system.
func (l lender) Readless() string {
	if s, ok := l.System.(raft.Readless); ok {
		return s.Readless()
	}
	return ""
}

// Limits returns those of the system.
func (l lender) Limits() raft.Limits { return raft.LimitsOf(l.System) }

// Boot boots a node that gets copies of its disk and its inputs.
func (l lender) Boot(c raft.NodeConfig) (raft.Node, error) {
	disk := c.Disk
	c.Disk = nil
	for _, bytes := range disk {
		c.Disk = append(c.Disk, slices.Clone(bytes))
	}
	return around(l.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		for _, bytes := range c.Disk {
			l.overwrite(record, bytes)
		}
		return func(in raft.Input) raft.Output {
			mine, over := l.copied(in)
			defer over()
			return sound.Step(mine)
		}
	})
}

// copied returns a copy of an input, and the function to call after the step.
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
	return in, func() {} // it points to no memory
}

// lent returns a copy of an input and of the bytes in it, if it has any. The function that
// it returns overwrites the copies whose kinds perish.
func lent[T any, I interface {
	*T
	raft.Input
}](l lender, in I, kind string, bytes func(I) *[]byte) (raft.Input, func()) {
	c := I(new(T))
	*c = *in
	if bytes != nil {
		*bytes(c) = slices.Clone(*bytes(c))
	}
	return c, func() {
		if bytes != nil {
			l.overwrite(kind, *bytes(c))
		}
		if slices.Contains(l.perishes, itself) {
			*c = *new(T)
		}
	}
}

// overwrite overwrites bytes if their kind perishes.
func (l lender) overwrite(kind string, bytes []byte) {
	if !slices.Contains(l.perishes, kind) {
		return
	}
	for i := range bytes {
		bytes[i] = 0xa5
	}
}

// around boots a node and replaces its Step by the function that wrap returns. The node
// stays an Inspector and a Stopper if it was one.
func around(
	s raft.System, c raft.NodeConfig, wrap func(raft.Node) func(raft.Input) raft.Output,
) (raft.Node, error) {
	sound, err := s.Boot(c)
	if err != nil {
		return nil, err
	}
	wrapped := stepper{sound, wrap(sound)}
	if inspector, ok := sound.(raft.Inspector); ok {
		return struct {
			stepper
			raft.Inspector
		}{wrapped, inspector}, nil
	}
	return wrapped, nil
}

// stepper is a node with another Step.
type stepper struct {
	sound raft.Node
	step  func(raft.Input) raft.Output
}

// Step calls the function in place of the node's Step.
func (s stepper) Step(in raft.Input) raft.Output { return s.step(in) }

// Stop stops the node if it is a Stopper.
func (s stepper) Stop() {
	if stopper, ok := s.sound.(raft.Stopper); ok {
		stopper.Stop()
	}
}
