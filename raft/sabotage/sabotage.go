package sabotage

import (
	"slices"

	"raftcheck/raft"
)

// Systems returns the saboteurs of a system. Each is named after that system.
func Systems(sound raft.System) []raft.System {
	return []raft.System{
		// Replies leave the node before the state that they promise is on disk. After a
		// crash the node may vote twice in a term, or lack entries that it acknowledged.
		saboteur{System: sound, name: "send-before-persist", output: sendBeforePersist},
		// The node boots as if its disk were empty.
		saboteur{System: sound, name: "forget-disk", config: forgetDisk},
		// A failed fsync is treated as a success: the pages are lost, and the node goes
		// on (Rebello and others: Can applications recover from fsync failures?, 2020).
		saboteur{System: sound, name: "trust-failed-fsync", input: trustFailedFsync},
		// Every node draws the same election timeouts, so that split votes
		// never end (Raft paper, section 5.2).
		saboteur{System: sound, name: "same-timeouts", config: sameTimeouts},
		// A node answers reads from its own state machine at once, leader or not
		// (Kingsbury: Jepsen: etcd and Consul, 2014).
		saboteur{System: sound, name: "read-at-once", around: readAtOnce},
		// A snapshot that arrives, or is found at boot, never reaches the state machine,
		// which goes on from its old state.
		saboteur{System: sound, name: "lose-snapshot", output: loseSnapshot},
		// The node keeps the state of the previous compaction as its snapshot: the state
		// was written in the background, and the index was not.
		saboteur{System: sound, name: "stale-snapshot", around: staleSnapshot},
		// A node that joins a cluster starts one of its own, as if it were the first.
		saboteur{System: sound, name: "join-alone", config: joinAlone},
	}
}

// saboteur is a system whose inputs or outputs are altered at its seam. Hooks that
// are nil alter nothing.
type saboteur struct {
	raft.System
	name   string
	config func(*raft.NodeConfig)
	input  func(raft.Input) raft.Input
	output func(*raft.Output)
	around func(raft.Node) raft.Node
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
	if s.around != nil {
		sound = s.around(sound)
	}
	if !ok {
		return node{sound, s}, nil
	}
	inspected := inspectedNode{node{sound, s}, inspector}
	if r, ok := sound.(raft.Recurrent); ok {
		return recurrentNode{inspected, r}, nil
	}
	return inspected, nil
}

// Learns reports whether a first configuration of the sound system may have learners.
func (s saboteur) Learns() bool {
	l, ok := s.System.(raft.Learning)
	return ok && l.Learns()
}

// DescribeMessage describes a message as the sound system does, if it does.
func (s saboteur) DescribeMessage(m raft.Message) string {
	if d, ok := s.System.(raft.Describer); ok {
		return d.DescribeMessage(m)
	}
	return m.Kind
}

// DescribeWrite describes a disk record as the sound system does, if it does.
func (s saboteur) DescribeWrite(data []byte) string {
	if d, ok := s.System.(raft.Describer); ok {
		return d.DescribeWrite(data)
	}
	return "a record"
}

// node is a sound node whose inputs or outputs are altered at its seam.
type node struct {
	sound raft.Node
	by    saboteur
}

type inspectedNode struct {
	node
	raft.Inspector
}

// recurrentNode has the state of the sound node alone.
type recurrentNode struct {
	inspectedNode
	sound raft.Recurrent
}

// AppendRecurrent appends the encoding of the sound node.
func (n recurrentNode) AppendRecurrent(b []byte) []byte { return n.sound.AppendRecurrent(b) }

// Beliefs returns those of the sound node, if it shows any.
func (n inspectedNode) Beliefs() (b raft.Beliefs) {
	if sound, ok := n.Inspector.(raft.Believer); ok {
		b = sound.Beliefs()
	}
	return b
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

// zeroes is a source of randomness that yields only zero bytes.
type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// stepper makes a function a node.
type stepper func(raft.Input) raft.Output

func (step stepper) Step(in raft.Input) raft.Output { return step(in) }

func readAtOnce(sound raft.Node) raft.Node {
	failed := false
	return stepper(func(in raft.Input) raft.Output {
		switch in := in.(type) {
		case *raft.PersistFailed:
			failed = true
		case *raft.Read:
			if failed {
				break // a node whose disk failed answers nothing
			}
			return raft.Output{Replies: []raft.Reply{{Op: in.Op, Outcome: raft.Done}}}
		}
		return sound.Step(in)
	})
}

func loseSnapshot(out *raft.Output) { out.Restore = raft.Snapshot{} }

func staleSnapshot(sound raft.Node) raft.Node {
	var before []byte
	return stepper(func(in raft.Input) raft.Output {
		if c, ok := in.(*raft.Compact); ok {
			now := slices.Clone(c.State)
			if before != nil {
				in = &raft.Compact{Index: c.Index, Keep: c.Keep, State: before}
			}
			before = now
		}
		return sound.Step(in)
	})
}

func joinAlone(c *raft.NodeConfig) {
	if !c.Voters.Has(c.ID) {
		c.Voters, c.Learners = raft.NodeSetOf(c.ID), 0
	}
}
