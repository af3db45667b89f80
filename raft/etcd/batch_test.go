package etcd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/etcd"
)

// zeros is a source of randomness.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestBatch: the only voter takes two proposals before one Ready, which has both entries in one
// write. It applies them late, and answers then.
func TestBatch(t *testing.T) {
	n, err := etcd.System{}.Boot(raft.NodeConfig{ID: 1, Voters: raft.NodeSetOf(1), Rand: zeros{}})
	require.NoError(t, err)
	issued := raft.WriteID(0)
	for _, in := range []raft.Input{&raft.Timeout{}, &raft.Persisted{ID: 1}, &raft.Persisted{ID: 2}, &raft.Persisted{ID: 3}} {
		if out := n.Step(in); len(out.Writes) > 0 {
			issued = out.Writes[len(out.Writes)-1].ID
		}
	}
	status := func() raft.Status { return n.(raft.Inspector).Status() }
	shown := status()
	require.Equal(t, raft.Leader, shown.Role)

	require.Equal(t, raft.Output{}, n.Step(&raft.Batch{Inputs: 2}))
	a, b := raft.OpID{Client: 1, Seq: 1}, raft.OpID{Client: 2, Seq: 1}
	require.Equal(t, raft.Output{}, n.Step(&raft.Propose{Op: a, Data: []byte("a")}))
	out := n.Step(&raft.Propose{Op: b, Data: []byte("b")})
	require.Len(t, out.Writes, 1)
	require.Equal(t, issued+1, out.Writes[0].ID)
	require.Equal(t, shown.Last.Index+2, status().Last.Index)

	require.Equal(t, raft.Output{}, n.Step(&raft.Lag{Inputs: 2}))
	require.Empty(t, n.Step(&raft.Persisted{ID: issued + 1}).Applied)
	require.Equal(t, status().Last.Index, status().Commit)
	require.Equal(t, shown.Applied, status().Applied)
	out = n.Step(&raft.Tick{})
	require.Len(t, out.Applied, 2)
	require.Equal(t, []raft.Reply{{Op: a, Outcome: raft.Done}, {Op: b, Outcome: raft.Done}}, out.Replies)
}

// TestBatch_twoAcknowledgements: the leader counts two acknowledgements before one Ready, and a
// follower that applies late answers a read once it has applied what was written before.
func TestBatch_twoAcknowledgements(t *testing.T) {
	s, err := faults.Parse("batch", []byte("system etcd\nnodes 3\nrand 1\n\ntimeout 1\nsettle\ncall c1 1 put x 1\n"+
		"deliver 1->2\ndeliver 1->3\npersist 2\npersist 3\nbatch 1 k=2\ndeliver 2->1\ndeliver 3->1\nexpect 1 commit=2\n"+
		"lag 2 k=8\nsettle\nexpect 2 applied=1\nread c2 2 get x\nsettle\nheal k=400\n"), services.All())
	require.NoError(t, err)
	runner := trial.NewRunner(etcd.System{}, services.All())
	result := runner.Run(s)
	require.Empty(t, result.Violated())
	require.Equal(t, models.Held, result.Of("Linearizability").Outcome)
	require.Equal(t, models.Held, result.Of("Liveness").Outcome)
}
