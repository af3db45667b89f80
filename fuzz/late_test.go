package fuzz_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// blocking is the reference behind a disk that it waits for, as a Raft does that saves with a
// mutex held. The step that writes shows the term, the vote and the log that it writes. Its
// effects come with the step in which the write is durable, and until then inputs wait. At boot
// it greets the others, which its first step says.
type blocking struct {
	raft.System
	hasty bool // it shows its role and both indexes at once, and keeps the effects back
}

func (blocking) Name() string { return "blocking" }

func (blocking) Limits() raft.Limits {
	return raft.Limits{Lacks: raft.Snapshots | raft.Membership | raft.Transfers}
}

func (s blocking) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	b := &blocked{node: n, inspector: n.(raft.Inspector), id: c.ID, hasty: s.hasty, voters: c.Voters}
	b.shown = b.inspector.Status()
	return b, nil
}

// blocked is a node.
type blocked struct {
	node      raft.Node
	inspector raft.Inspector
	id        raft.NodeID
	voters    raft.NodeSet
	hasty     bool
	greeted   bool
	failed    bool
	shown     raft.Status
	issued    raft.WriteID // that it waits for; 0 for none
	inputs    []raft.Input
	effects   raft.Output
}

func (b *blocked) EntryAt(i raft.Index) (raft.Entry, bool) { return b.inspector.EntryAt(i) }

// Status is the term, the vote and the log as they are, and the rest as it was.
func (b *blocked) Status() raft.Status {
	is := b.inspector.Status()
	if b.issued == 0 || b.hasty {
		return is
	}
	s := b.shown
	if s.Term != is.Term {
		s.Role, s.Leader = raft.Follower, raft.None
	}
	s.Term, s.Vote, s.Base, s.Last = is.Term, is.Vote, is.Base, is.Last
	s.Config, s.ConfigIndex = is.Config, is.ConfigIndex
	return s
}

func (b *blocked) Step(in raft.Input) (out raft.Output) {
	defer func() { b.greet(&out) }()
	done, saved := in.(*raft.Persisted)
	_, failed := in.(*raft.PersistFailed)
	b.failed = b.failed || failed
	switch {
	case b.failed:
		return raft.Output{}
	case b.issued == 0:
		return b.do(in)
	case !saved || done.ID < b.issued:
		b.inputs = append(b.inputs, kept(in))
		return raft.Output{}
	}
	out, b.issued = b.effects, 0
	b.join(&out, b.do(in))
	for b.issued == 0 && len(b.inputs) > 0 {
		next := b.inputs[0]
		b.inputs = b.inputs[1:]
		b.join(&out, b.do(next))
	}
	return out
}

// greet adds what the node did at boot to its first output.
func (b *blocked) greet(out *raft.Output) {
	if b.greeted || b.failed {
		return
	}
	b.greeted = true
	for to := range b.voters.Without(b.id).All() {
		out.Sends = append(out.Sends, raft.Message{From: b.id, To: to, Kind: "Hello"})
	}
}

// do passes an input on. If the node writes, the effects wait.
func (b *blocked) do(in raft.Input) raft.Output {
	if m, ok := in.(*raft.Receive); ok && m.Msg.Kind == "Hello" {
		return raft.Output{}
	}
	b.shown = b.inspector.Status()
	out := b.node.Step(in)
	if len(out.Writes) == 0 {
		return out
	}
	b.issued = out.Writes[len(out.Writes)-1].ID
	b.effects = raft.Output{
		Sends: messages(out.Sends), Restore: out.Restore,
		Applied: slices.Clone(out.Applied), Replies: slices.Clone(out.Replies),
	}
	return raft.Output{Writes: out.Writes}
}

// join adds the output of another input in the same step.
func (b *blocked) join(out *raft.Output, more raft.Output) {
	out.Writes = append(out.Writes, more.Writes...)
	out.Sends = append(out.Sends, messages(more.Sends)...)
	out.Applied = append(out.Applied, more.Applied...)
	out.Replies = append(out.Replies, more.Replies...)
}

func messages(list []raft.Message) (copies []raft.Message) {
	for _, m := range list {
		m.Payload = slices.Clone(m.Payload)
		copies = append(copies, m)
	}
	return copies
}

// kept copies an input whose memory is the caller's.
func kept(in raft.Input) raft.Input {
	switch in := in.(type) {
	case *raft.Receive:
		c := *in
		c.Msg.Payload = slices.Clone(in.Msg.Payload)
		return &c
	case *raft.Propose:
		return &raft.Propose{Op: in.Op, Data: slices.Clone(in.Data)}
	case *raft.Read:
		c := *in
		return &c
	case *raft.Persisted:
		c := *in
		return &c
	}
	return in
}

// TestBlocking: effects that come late break nothing, and an applied index that the node shows
// before it applies the entry does.
func TestBlocking(t *testing.T) {
	for hasty, broken := range map[bool]bool{false: false, true: true} {
		c := fuzz.Campaign{
			Services: services.All(), System: blocking{reference.System{}, hasty}, Profile: generate.Elections,
			Seed: 1, Schedules: 100, Workers: 1,
		}
		report, err := c.Run(t.Context())
		require.NoError(t, err)
		for _, f := range report.Findings.InTurn() {
			require.True(t, broken, f.Describe("TestBlocking"))
		}
		require.Equal(t, broken, report.Verdicts["StateMachineSafety"].Violated > 0)
	}
}
