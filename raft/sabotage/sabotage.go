package sabotage

import (
	"raftcheck/raft"
)

// Systems returns the saboteurs of a system, named after it.
func Systems(sound raft.System) []raft.System {
	return []raft.System{
		// Replies leave the node before what they promise is on disk: after a
		// crash it may vote twice in a term, or lack entries that it acknowledged.
		saboteur{System: sound, name: "send-before-persist", output: sendBeforePersist},
		// The node boots as if its disk were empty.
		saboteur{System: sound, name: "forget-disk", config: forgetDisk},
		// An fsync that failed is taken for one that succeeded: the pages are
		// gone, and the node goes on (Rebello and others: Can applications
		// recover from fsync failures?, 2020).
		saboteur{System: sound, name: "trust-failed-fsync", input: trustFailedFsync},
		// Every node draws the same election timeouts, so that split votes
		// never end (Raft paper, section 5.2).
		saboteur{System: sound, name: "same-timeouts", config: sameTimeouts},
	}
}

// saboteur is a system with a hand at its seam.
type saboteur struct {
	raft.System
	name   string
	config func(*raft.NodeConfig)
	input  func(raft.Input) raft.Input
	output func(*raft.Output)
}

func (s saboteur) Name() string { return s.System.Name() + "+" + s.name }

func (s saboteur) Boot(c raft.NodeConfig) (raft.Node, error) {
	if s.config != nil {
		s.config(&c)
	}
	sound, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	inspector, ok := sound.(raft.Inspector)
	if !ok {
		return node{sound, s}, nil
	}
	return inspectedNode{node{sound, s}, inspector}, nil
}

// DescribeMessage reads a message aloud if the sound system can.
func (s saboteur) DescribeMessage(m raft.Message) string {
	if d, ok := s.System.(raft.Describer); ok {
		return d.DescribeMessage(m)
	}
	return m.Kind
}

// DescribeWrite reads a disk record aloud if the sound system can.
func (s saboteur) DescribeWrite(data []byte) string {
	if d, ok := s.System.(raft.Describer); ok {
		return d.DescribeWrite(data)
	}
	return "a record"
}

// node is a sound node with a hand at its seam.
type node struct {
	sound raft.Node
	by    saboteur
}

type inspectedNode struct {
	node
	raft.Inspector
}

func (n node) Step(in raft.Input) raft.Output {
	if n.by.input != nil {
		in = n.by.input(in)
	}
	out := n.sound.Step(in)
	if n.by.output != nil {
		n.by.output(&out)
	}
	return out
}

func sendBeforePersist(out *raft.Output) {
	for i := range out.Sends {
		out.Sends[i].After = 0
	}
}

func forgetDisk(c *raft.NodeConfig) { c.Disk = nil }

func trustFailedFsync(in raft.Input) raft.Input {
	if failed, ok := in.(*raft.PersistFailed); ok {
		return &raft.Persisted{ID: failed.ID}
	}
	return in
}

func sameTimeouts(c *raft.NodeConfig) { c.Rand = zeroes{} }

// zeroes is the randomness that is none.
type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
