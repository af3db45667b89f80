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

// scribbler is a system whose inputs become something else once Step has returned,
// as the world's do.
type scribbler struct{ raft.System }

func (s scribbler) Boot(c raft.NodeConfig) (raft.Node, error) {
	disk := c.Disk
	c.Disk = nil
	for _, record := range disk {
		c.Disk = append(c.Disk, slices.Clone(record))
	}
	return around(s.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		for _, record := range c.Disk {
			scribble(record)
		}
		return func(in raft.Input) raft.Output {
			mine, over := copied(in)
			defer over()
			return sound.Step(mine)
		}
	})
}

// copied is a copy of an input, and what ends its life.
func copied(in raft.Input) (raft.Input, func()) {
	switch in := in.(type) {
	case *raft.Receive:
		c := *in
		c.Msg.Payload = slices.Clone(in.Msg.Payload)
		return &c, func() { scribble(c.Msg.Payload); c = raft.Receive{} }
	case *raft.Propose:
		c := raft.Propose{Op: in.Op, Data: slices.Clone(in.Data)}
		return &c, func() { scribble(c.Data); c = raft.Propose{} }
	case *raft.Compact:
		c := raft.Compact{Index: in.Index, Keep: in.Keep, State: slices.Clone(in.State)}
		return &c, func() { scribble(c.State); c = raft.Compact{} }
	}
	return in, func() {}
}

func scribble(b []byte) {
	for i := range b {
		b[i] = 0xa5
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
