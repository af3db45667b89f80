package conform

import (
	"bytes"
	"slices"
	"sync/atomic"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// refusesOutsiders panics at a node outside of the first configuration.
func refusesOutsiders(c *raft.NodeConfig) {
	if !c.Voters.Has(c.ID) {
		panic("who am I")
	}
}

// refusesHalfADisk panics at a disk of one record.
func refusesHalfADisk(c *raft.NodeConfig) {
	if len(c.Disk) == 1 {
		panic("half a disk")
	}
}

// refusesTornRecords panics at a torn record that is not the last.
func refusesTornRecords(c *raft.NodeConfig) {
	for i, record := range c.Disk {
		if len(record) == 1 && i < len(c.Disk)-1 {
			panic("torn in the middle")
		}
	}
}

// asksForPreVotes is a Raft whose pre-votes cannot be turned off.
var asksForPreVotes = clumsy{config: func(c *raft.NodeConfig) { c.PreVote = true }}

// standsLater is a Raft whose third node is late where nodes ask for pre-votes: another one leads.
var standsLater = clumsy{around: func(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	return func(in raft.Input) raft.Output {
		if _, fires := in.(*raft.Timeout); fires && c.PreVote && c.ID == 3 {
			return raft.Output{}
		}
		return sound.Step(in)
	}
}}

// drawsLuck replaces the randomness that the schedule decides.
func drawsLuck(c *raft.NodeConfig) { c.Rand = luck{} }

// appliesMore adds a byte to each applied command.
func appliesMore(out *raft.Output) {
	for i := range out.Applied {
		out.Applied[i].Data = append(slices.Clone(out.Applied[i].Data), 0)
	}
}

// countsFrom101 renumbers writes.
func countsFrom101(out *raft.Output) {
	for i := range out.Writes {
		out.Writes[i].ID += 100
	}
}

// writesNothing drops all writes, and the waiting for them.
func writesNothing(out *raft.Output) {
	out.Writes = nil
	everySend(func(m *raft.Message) { m.After = 0 })(out)
}

// everySend changes each message.
func everySend(change func(*raft.Message)) func(*raft.Output) {
	return func(out *raft.Output) {
		for i := range out.Sends {
			change(&out.Sends[i])
		}
	}
}

// payloadOf is the memory of a message.
func payloadOf(in raft.Input) []byte {
	if in, ok := in.(*raft.Receive); ok {
		return in.Msg.Payload
	}
	return nil
}

// stateOf is the memory of a snapshot.
func stateOf(in raft.Input) []byte {
	if in, ok := in.(*raft.Compact); ok {
		return in.State
	}
	return nil
}

// showing is an adapter whose nodes show another status.
func showing(change func(raft.NodeConfig, *raft.Status)) clumsy { return clumsy{shows: change} }

// afterRestart changes the status of nodes that booted from a disk with records.
func afterRestart(change func(*raft.Status)) func(raft.NodeConfig, *raft.Status) {
	return func(c raft.NodeConfig, is *raft.Status) {
		if len(c.Disk) > 0 {
			change(is)
		}
	}
}

// appliesNothingAgain applies no entry after a restart.
func appliesNothingAgain(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	return func(in raft.Input) raft.Output {
		out := sound.Step(in)
		if len(c.Disk) > 0 {
			out.Applied = nil
		}
		return out
	}
}

// keepsDisk panics if the records of its disk changed since it booted.
func keepsDisk(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	was := slices.Concat(c.Disk...)
	return func(in raft.Input) raft.Output {
		if !bytes.Equal(was, slices.Concat(c.Disk...)) {
			panic("it became something else")
		}
		return sound.Step(in)
	}
}

// keepsProposals passes a proposal on when the next input comes.
func keepsProposals(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	var kept *raft.Propose
	return func(in raft.Input) raft.Output {
		out := raft.Output{}
		if kept != nil {
			out = sound.Step(kept)
			kept = nil
			if len(out.Writes)+len(out.Sends)+len(out.Replies) == 0 {
				out = sound.Step(in)
			} else if _, ok := in.(*raft.Persisted); ok {
				panic("a write was durable between a proposal and what came next")
			}
			return out
		}
		if p, ok := in.(*raft.Propose); ok {
			kept = &raft.Propose{Op: p.Op, Data: p.Data}
			return raft.Output{}
		}
		return sound.Step(in)
	}
}

// keepsPointers answers a read when the next input comes.
func keepsPointers(_ raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	var kept *raft.Read
	return func(in raft.Input) raft.Output {
		if read, ok := in.(*raft.Read); ok {
			kept = read
			return raft.Output{}
		}
		out := sound.Step(in)
		if kept != nil {
			out.Replies = append(slices.Clone(out.Replies), raft.Reply{Op: kept.Op, Outcome: raft.Rejected})
			kept = nil
		}
		return out
	}
}

// luck is randomness that no schedule decides.
type luck struct{}

var drawn atomic.Int64

func (luck) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(trace.Mix(1, uint64(drawn.Add(1))))
	}
	return len(b), nil
}

// owning is a system that states that it is not deterministic.
type owning struct{ clumsy }

func (owning) Nondeterminism() string { return "luck of its own" }

// readless is a system without reads.
type readless struct{ clumsy }

func (readless) Readless() string { return "they are in the log" }

// owningReadless is one that is not deterministic either.
type owningReadless struct{ owning }

func (owningReadless) Readless() string { return "they are in the log" }

// outliving is a system whose nodes live until they are stopped.
type outliving struct {
	reference.System
	alive *atomic.Int64
}

type outlivingNode struct {
	raft.Node
	raft.Inspector
	alive *atomic.Int64
	ended bool
}

func (s outliving) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	s.alive.Add(1)
	return &outlivingNode{Node: n, Inspector: n.(raft.Inspector), alive: s.alive}, nil
}

func (n *outlivingNode) Stop() {
	if !n.ended {
		n.alive.Add(-1)
	}
	n.ended = true
}

// appliesKeptAgain applies the entries that its log kept before its snapshot, after each restart.
func appliesKeptAgain(c raft.NodeConfig, sound raft.Node) func(raft.Input) raft.Output {
	return func(in raft.Input) raft.Output {
		out := sound.Step(in)
		if out.Restore.ID.Index == 0 || len(c.Disk) == 0 {
			return out
		}
		shown := sound.(raft.Inspector)
		var kept []raft.Entry
		for i := shown.Status().Base.Index + 1; i <= out.Restore.ID.Index; i++ {
			e, _ := shown.EntryAt(i)
			kept = append(kept, e)
		}
		out.Applied = append(kept, out.Applied...)
		return out
	}
}
