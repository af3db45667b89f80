package fuzz_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// forwarding is the reference whose followers pass proposals on to the leader, as many
// Rafts do. The link may deliver one late, or twice.
type forwarding struct{ reference.System }

func (forwarding) Name() string { return "forwarding" }

// Batches returns false: a forwarder keeps no output back.
func (forwarding) Batches() bool { return false }

func (s forwarding) Liberties() raft.Liberties { return s.System.Liberties() | raft.Forwards }

func (s forwarding) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return &forwarder{Inspector: n.(raft.Inspector), node: n, id: c.ID}, nil
}

// forwarder is a node.
type forwarder struct {
	raft.Inspector
	node   raft.Node
	id     raft.NodeID
	asked  []raft.OpID // proposals that it owes an answer
	passed []raft.OpID // those that others passed on
	failed bool        // its disk
}

// forwarded is the kind of the message with a proposal.
const forwarded = "Forward"

func (f *forwarder) Step(in raft.Input) raft.Output {
	leader := f.Status().Leader
	switch in := in.(type) {
	case *raft.PersistFailed:
		f.failed = true
	case *raft.Receive:
		if !f.failed && in.Msg.Kind == forwarded {
			p := in.Msg.Payload
			op := raft.OpID{Client: uint32(p[0]), Seq: uint32(p[1])<<8 | uint32(p[2])}
			f.passed = append(f.passed, op)
			return f.own(f.node.Step(&raft.Propose{Op: op, Data: p[3:]}))
		}
	case *raft.Propose:
		if !f.failed && leader != raft.None && leader != f.id {
			payload := append([]byte{byte(in.Op.Client), byte(in.Op.Seq >> 8), byte(in.Op.Seq)}, in.Data...)
			return raft.Output{
				Sends:   []raft.Message{{From: f.id, To: leader, Kind: forwarded, Payload: payload}},
				Replies: []raft.Reply{{Op: in.Op, Outcome: raft.Unknown}},
			}
		}
		f.asked = append(f.asked, in.Op)
	}
	return f.own(f.node.Step(in))
}

// own leaves out the answers to proposals that others passed on.
func (f *forwarder) own(out raft.Output) raft.Output {
	var replies []raft.Reply
	for _, r := range out.Replies {
		if i := slices.Index(f.asked, r.Op); i >= 0 {
			f.asked = slices.Delete(f.asked, i, i+1)
		} else if slices.Contains(f.passed, r.Op) {
			continue
		}
		replies = append(replies, r)
	}
	out.Replies = replies
	return out
}

// TestForwarding: a proposal that is committed after a later one of its client is left out by
// the state machine, and breaks nothing.
func TestForwarding(t *testing.T) {
	late, err := faults.Parse("late", []byte("system forwarding\nnodes 3\nrand 1\n\ntimeout 1\nsettle\n"+
		"call c1 2 put x 1\nabandon c1\ncall c1 1 put x 2\nsettle 1 3\nsettle\nread c2 1 get x\nsettle\n"),
		services.All())
	require.NoError(t, err)
	runner := trial.NewRunner(forwarding{}, services.All())
	result := runner.Run(late)
	require.Equal(t, models.Held, result.Of("ExactlyOnce").Outcome, result.Lines())
	require.Equal(t, []string{"held"}, result.Lines())
	require.Equal(t, raft.Index(3), runner.World().View().Nodes[1].Status.Applied)

	c := fuzz.Campaign{
		Services: services.All(), System: forwarding{}, Profile: generate.Rough,
		Seed: 1, Schedules: 200, Workers: 1,
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings.InTurn() {
		t.Error(f.Describe("TestForwarding"))
	}
}
