package sabotage

import (
	"slices"
	"strconv"

	"raftcheck/raft"
)

// Systems returns the saboteurs of a system. Each is named after that system, and can be explored
// as that system can (raft.Canonical, raft.Renamer).
func Systems(sound raft.System) (list []raft.System) {
	renamer, renames := sound.(raft.Renamer)
	for _, s := range saboteurs(sound) {
		if list = append(list, s); renames {
			list[len(list)-1] = renaming{s, renamer}
		}
	}
	return list
}

func saboteurs(sound raft.System) []saboteur {
	return []saboteur{
		// Replies leave the node before the state that they promise is on disk. After a
		// crash the node may vote twice in a term, or lack entries that it acknowledged.
		{System: sound, name: "send-before-persist", output: sendBeforePersist},
		// The node boots as if its disk were empty.
		{System: sound, name: "forget-disk", config: forgetDisk},
		// A failed fsync is treated as a success: the pages are lost, and the node goes
		// on (Rebello and others: Can applications recover from fsync failures?, 2020).
		{System: sound, name: "trust-failed-fsync", input: trustFailedFsync},
		// Every node draws the same election timeouts, so that split votes
		// never end (Raft paper, section 5.2).
		{System: sound, name: "same-timeouts", config: sameTimeouts},
		// A node answers reads from its own state machine at once, leader or not
		// (Kingsbury: Jepsen: etcd and Consul, 2014).
		{System: sound, name: "read-at-once", around: func() alteration { return new(readAtOnce) }},
		// A snapshot that arrives, or is found at boot, never reaches the state machine,
		// which goes on from its old state.
		{System: sound, name: "lose-snapshot", output: loseSnapshot},
		// The node keeps the state of the previous compaction as its snapshot: the state
		// was written in the background, and the index was not.
		{System: sound, name: "stale-snapshot", around: func() alteration { return new(staleSnapshot) }},
		// A node that joins a cluster starts one of its own, as if it were the first.
		{System: sound, name: "join-alone", config: joinAlone},
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
	around func() alteration
}

// renaming is a saboteur of a system that can rename nodes in configurations.
type renaming struct {
	saboteur
	sound raft.Renamer
}

// AppendPayload appends the payload of a message as the sound system does.
func (r renaming) AppendPayload(b []byte, m *raft.Message, as *raft.Renaming) []byte {
	return r.sound.AppendPayload(b, m, as)
}

// AppendConfiguration appends the data of an entry as the sound system does.
func (r renaming) AppendConfiguration(b, data []byte, as *raft.Renaming) []byte {
	return r.sound.AppendConfiguration(b, data, as)
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
	n := node{sound: sound, by: s}
	if s.around != nil {
		n.alters = s.around()
	}
	return n.whole(), nil
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
	sound  raft.Node
	alters alteration // nil if the hooks keep no state
	by     saboteur
}

// alteration is a way to step a node that keeps a state of its own.
type alteration interface {
	step(sound raft.Node, in raft.Input) raft.Output
	clone() alteration
	append(b []byte) []byte // an encoding of the state
}

// whole returns the node with the abilities that the sound node has beside Step.
func (n node) whole() raft.Node {
	inspector, ok := n.sound.(raft.Inspector)
	if !ok {
		return n
	}
	inspected := inspectedNode{n, inspector}
	r, recurs := n.sound.(raft.Recurrent)
	recurs = recurs && n.alters == nil
	c, renamed := n.sound.(raft.Canonical)
	switch {
	case recurs && renamed:
		return struct {
			inspectedNode
			recurrent
			canonical
		}{inspected, recurrent{r}, canonical{n, c}}
	case recurs:
		return struct {
			inspectedNode
			recurrent
		}{inspected, recurrent{r}}
	case renamed:
		return struct {
			inspectedNode
			canonical
		}{inspected, canonical{n, c}}
	}
	return inspected
}

type inspectedNode struct {
	node
	raft.Inspector
}

// recurrent has the state of the sound node alone.
type recurrent struct{ of raft.Recurrent }

// AppendRecurrent appends the encoding of the sound node.
func (r recurrent) AppendRecurrent(b []byte) []byte { return r.of.AppendRecurrent(b) }

// canonical has the state of the sound node, and that of the alteration.
type canonical struct {
	by node
	of raft.Canonical
}

// Clone returns a node that behaves as this one does.
func (c canonical) Clone() raft.Node {
	n := c.by
	n.sound = c.of.Clone()
	if n.alters != nil {
		n.alters = n.alters.clone()
	}
	return n.whole()
}

// AppendState appends the encoding of the sound node, and that of the alteration.
func (c canonical) AppendState(b []byte) []byte { return c.by.appendTo(c.of.AppendState(b)) }

// AppendCanonical does the same, with the sound node's under renamed nodes.
func (c canonical) AppendCanonical(b []byte, as *raft.Renaming) []byte {
	return c.by.appendTo(c.of.AppendCanonical(b, as))
}

func (n node) appendTo(b []byte) []byte {
	if n.alters != nil {
		b = n.alters.append(b)
	}
	return b
}

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
	var out raft.Output
	if n.alters != nil {
		out = n.alters.step(n.sound, in)
	} else {
		out = n.sound.Step(in)
	}
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

// readAtOnce answers reads, unless the node's disk failed: then it answers nothing.
type readAtOnce struct{ failed bool }

func (r *readAtOnce) step(sound raft.Node, in raft.Input) raft.Output {
	switch in := in.(type) {
	case *raft.PersistFailed:
		r.failed = true
	case *raft.Read:
		if !r.failed {
			return raft.Output{Replies: []raft.Reply{{Op: in.Op, Outcome: raft.Done}}}
		}
	}
	return sound.Step(in)
}

func (r *readAtOnce) clone() alteration { c := *r; return &c }

func (r *readAtOnce) append(b []byte) []byte { return strconv.AppendBool(b, r.failed) }

func loseSnapshot(out *raft.Output) { out.Restore = raft.Snapshot{} }

// staleSnapshot hands the state of the compaction before over. There is none before the first.
type staleSnapshot struct {
	before []byte
	any    bool
}

func (s *staleSnapshot) step(sound raft.Node, in raft.Input) raft.Output {
	if c, ok := in.(*raft.Compact); ok {
		now := slices.Clone(c.State)
		if s.any {
			in = &raft.Compact{Index: c.Index, Keep: c.Keep, State: s.before}
		}
		s.before, s.any = now, true
	}
	return sound.Step(in)
}

// clone shares the state before, which is never changed.
func (s *staleSnapshot) clone() alteration { c := *s; return &c }

func (s *staleSnapshot) append(b []byte) []byte {
	return append(strconv.AppendBool(b, s.any), s.before...)
}

func joinAlone(c *raft.NodeConfig) {
	if !c.Voters.Has(c.ID) {
		c.Voters, c.Learners = raft.NodeSetOf(c.ID), 0
	}
}
