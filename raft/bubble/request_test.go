package bubble

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// plain is a peer without any of the requests.
type plain struct{ core *Core }

func (plain) Timeout()                              {}
func (p plain) Propose(op raft.OpID, _ []byte)      { p.core.Reply(op, raft.Done) }
func (plain) Status() raft.Status                   { return raft.Status{} }
func (plain) EntryAt(raft.Index) (raft.Entry, bool) { return raft.Entry{}, false }
func (plain) Stop()                                 {}

// full is one that has all but transfers.
type full struct {
	plain
	took *[]raft.Input
}

func (f full) Request(in raft.Input) bool {
	switch in := in.(type) {
	case *raft.Compact:
		f.core.Go(func() { f.core.Write(in.State, func() {}) })
	case *raft.Read:
		f.core.Reply(in.Op, raft.Done)
	case *raft.Reconfigure:
		f.core.Reply(in.Op, raft.Unknown)
	default:
		return false
	}
	*f.took = append(*f.took, in)
	return true
}

// TestNode_request: a peer takes the requests that it has, which stay its own, and the others
// are rejected. A plain peer has none.
func TestNode_request(t *testing.T) {
	var took []raft.Input
	for _, test := range []struct {
		peer func(*Core) (Peer, error)
		want []raft.Outcome // of a read, a change and a transfer
		took int
	}{
		{func(c *Core) (Peer, error) { return plain{c}, nil },
			[]raft.Outcome{raft.Rejected, raft.Rejected, raft.Rejected}, 0},
		{func(c *Core) (Peer, error) { return full{plain{c}, &took}, nil },
			[]raft.Outcome{raft.Done, raft.Unknown, raft.Rejected}, 3},
	} {
		config := raft.NodeConfig{ID: 1, Rand: strings.NewReader("12345678")}
		n, err := Boot(config, time.Second, test.peer)
		require.NoError(t, err)
		op := raft.OpID{Client: 1, Seq: 7}
		read, change := &raft.Read{Op: op, Lease: true}, &raft.Reconfigure{Op: op, Voters: 3, Learners: 4}
		for i, in := range []raft.Input{read, change, &raft.Transfer{Op: op, To: 2}} {
			require.Equal(t, []raft.Reply{{Op: op, Outcome: test.want[i]}}, n.Step(in).Replies)
		}
		compact := &raft.Compact{Index: 5, Keep: 2, State: []byte("state")}
		out := n.Step(compact)
		require.Empty(t, out.Replies)
		require.Len(t, out.Writes, min(test.took, 1))
		*read, *change = raft.Read{}, raft.Reconfigure{}
		copy(compact.State, "other")
		require.Len(t, took, test.took)
		n.(raft.Stopper).Stop()
	}
	op := raft.OpID{Client: 1, Seq: 7}
	require.Equal(t, []raft.Input{
		&raft.Read{Op: op, Lease: true}, &raft.Reconfigure{Op: op, Voters: 3, Learners: 4},
		&raft.Compact{Index: 5, Keep: 2, State: []byte("state")},
	}, took)
}

// hasty is a peer that appends an entry, saves, cuts its log back, and saves again.
type hasty struct {
	plain
	log []raft.Entry
}

func (h *hasty) Propose(raft.OpID, []byte) {
	h.core.Go(func() {
		h.log = []raft.Entry{{ID: raft.EntryID{Term: 1, Index: 1}}}
		h.core.Write([]byte("r"), func() {})
		h.log = nil
		h.core.Write([]byte("s"), func() {})
	})
}

func (h *hasty) Status() (s raft.Status) {
	if len(h.log) > 0 {
		s.Last = h.log[0].ID
	}
	return s
}

func (h *hasty) EntryAt(i raft.Index) (raft.Entry, bool) { return h.log[i-1], true }

// TestNode_failedDisk: the log of a node whose disk failed stays as it was, whatever the
// goroutine does that waited for the disk.
func TestNode_failedDisk(t *testing.T) {
	config := raft.NodeConfig{ID: 1, Rand: strings.NewReader("12345678")}
	booted, err := Boot(config, time.Second, func(c *Core) (Peer, error) { return &hasty{plain: plain{c}}, nil })
	require.NoError(t, err)
	n := booted.(*Node)
	n.Step(&raft.Propose{})
	n.Step(&raft.PersistFailed{ID: 1})
	e, ok := n.EntryAt(n.Status().Last.Index)
	require.True(t, ok)
	require.Equal(t, n.Status().Last, e.ID)
	_, ok = n.EntryAt(2)
	require.False(t, ok)
}
