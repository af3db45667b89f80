package reference

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// letter is a message that was sent, and whether its receiver ignores it for good.
type letter struct {
	raft.Message
	ignored bool
}

// TestIgnores_forGood: in any storm, a message that a node ignores changes nothing at any later time,
// also after crashes. Every kind of reply is ignored at some time, and no request that wants an
// answer ever is.
func TestIgnores_forGood(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(20) {
		s, sent := newStorm(t, seed+1), []letter{}
		for range 1200 {
			s.event()
			for _, m := range s.flying {
				same := func(l letter) bool { return l.To == m.To && string(l.Payload) == string(m.Payload) }
				if !slices.ContainsFunc(sent, same) {
					sent = append(sent, letter{Message: m})
				}
			}
			sent = sent[max(0, len(sent)-30):]
			for i := range sent {
				l, n := &sent[i], s.nodes[sent[i].To]
				if l.ignored {
					requireIgnored(t, n, l.Message)
				} else if l.ignored = len(s.pending[l.To]) == 0 && n.Ignores(&l.Message); l.ignored {
					kinds[l.Kind]++
				}
			}
		}
	}
	t.Logf("%v", kinds)
	for _, kind := range []string{"PreVoteReply", "VoteReply", "AppendReply", "InstallReply", "ReadReply",
		"ReadRequest", "TimeoutNow"} {
		require.NotZero(t, kinds[kind], kind)
		delete(kinds, kind)
	}
	require.Empty(t, kinds)
}

// requireIgnored wants a message to change nothing. A node that booted from a snapshot hands it over in
// its next step, whatever its input is.
func requireIgnored(t *testing.T, n *Node, m raft.Message) {
	require.True(t, n.Ignores(&m), "%s", m.Kind)
	if n.applied < n.snapshot.id.Index || n.batch > 0 || n.lag > 0 {
		return
	}
	c := n.Clone().(*Node)
	require.Equal(t, raft.Output{}, flat(c.Step(&raft.Receive{Msg: m})), "%s", m.Kind)
	require.Equal(t, n.AppendState(nil), c.AppendState(nil), "%s", m.Kind)
}

// flat is an output in which empty lists are nil.
func flat(out raft.Output) raft.Output {
	if len(out.Writes)+len(out.Sends)+len(out.Applied)+len(out.Replies) == 0 {
		return raft.Output{Restore: out.Restore}
	}
	return out
}
