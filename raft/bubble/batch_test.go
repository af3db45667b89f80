package bubble

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// slow is a peer that appends a proposal and applies it at once, in goroutines.
type slow struct {
	plain
	at      []time.Time
	applied raft.Index
}

func (s *slow) Propose(op raft.OpID, data []byte) {
	s.at = append(s.at, time.Now())
	e := raft.Entry{ID: raft.EntryID{Term: 1, Index: raft.Index(len(s.at))}, Data: data}
	s.core.Proposed(op, e.ID)
	s.core.Go(func() {
		s.core.AwaitMachine()
		s.applied = max(s.applied, e.ID.Index)
		s.core.Apply(e)
	})
}

func (s *slow) Status() raft.Status { return raft.Status{Applied: s.applied} }

func booted(t *testing.T) (*Node, *slow) {
	s := &slow{}
	config := raft.NodeConfig{ID: 1, Rand: strings.NewReader("12345678")}
	n, err := Boot(config, Tick, func(c *Core) (Peer, error) { s.core = c; return s, nil })
	require.NoError(t, err)
	t.Cleanup(n.(*Node).Stop)
	return n.(*Node), s
}

func op(client uint32) raft.OpID { return raft.OpID{Client: client, Seq: 1} }

// TestNode_batch: a peer takes the inputs of a batch at one moment, each with memory of its
// own, and the node returns the output of all.
func TestNode_batch(t *testing.T) {
	n, s := booted(t)
	data := []byte("a")
	for _, in := range []raft.Input{&raft.Batch{Inputs: 3}, &raft.Propose{Op: op(1), Data: data}, &raft.Tick{}} {
		require.Equal(t, raft.Output{}, n.Step(in))
	}
	require.Empty(t, s.at)
	copy(data, "b")
	out := n.Step(&raft.Propose{Op: op(2), Data: data})
	require.Equal(t, Tick, s.at[1].Sub(s.at[0]))
	require.Equal(t, []string{"a", "b"}, []string{string(out.Applied[0].Data), string(out.Applied[1].Data)})
	require.Len(t, out.Replies, 2)
	require.Len(t, n.Step(&raft.Propose{Op: op(3)}).Applied, 1, "a batch ends")
}

// TestNode_lag: a peer that applies waits for its state machine, until the lag or the node ends.
func TestNode_lag(t *testing.T) {
	n, _ := booted(t)
	require.Equal(t, raft.Output{}, n.Step(&raft.Lag{Inputs: 3}))
	require.Equal(t, raft.Output{}, n.Step(&raft.Propose{Op: op(1)}))
	require.Equal(t, raft.Output{}, n.Step(&raft.Tick{}))
	require.Zero(t, n.Status().Applied)
	out := n.Step(&raft.Tick{})
	require.Len(t, out.Applied, 1)
	require.Equal(t, []raft.Reply{{Op: op(1), Outcome: raft.Done}}, out.Replies)
	require.Equal(t, raft.Index(1), n.Status().Applied)

	n.Step(&raft.Lag{Inputs: 8})
	n.Step(&raft.Propose{Op: op(2)})
	n.Stop()
	require.Empty(t, n.core.Left())
}
