package reference

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

// drawInput draws an input as a correct cluster might give it to n; lying peers
// would only run into assertions.
func drawInput(t *rapid.T, n *Node) raft.Input {
	from := raft.NodeID(rapid.IntRange(2, 3).Draw(t, "from"))
	term := n.hard.term + raft.Term(rapid.IntRange(0, 1).Draw(t, "later"))
	receive := func(m message) raft.Input {
		m.term = max(m.term, 1)
		return &raft.Receive{Msg: raft.Message{From: from, To: n.id, Payload: m.append(nil)}}
	}
	switch rapid.IntRange(0, 8).Draw(t, "input") {
	case 0:
		return &raft.Timeout{}
	case 1:
		return receive(voteRequest(max(term, n.log.last().Term+1), n.log.last()))
	case 2:
		return receive(voteGranted(term))
	case 3:
		return receive(appendMatches(term, min(n.log.lastIndex(), n.next[from])))
	case 4:
		return &raft.Propose{Op: raft.OpID{Client: 1, Seq: rapid.Uint32().Draw(t, "seq")}, Data: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "data")}
	case 5:
		return &raft.Persisted{ID: raft.WriteID(rapid.Uint64Range(uint64(n.disk.durable), uint64(n.disk.issued)).Draw(t, "id"))}
	case 6:
		return receive(drawAppend(t, n, term+1))
	case 7:
		probe := max(n.next[from], 1) - 1
		return receive(appendRefused(term, probe, at(0, min(1, probe))))
	default:
		return &raft.Tick{}
	}
}

// drawAppend draws an AppendEntries that attaches above the commit index.
func drawAppend(t *rapid.T, n *Node, term raft.Term) message {
	prev := raft.Index(rapid.Uint64Range(uint64(n.commit), uint64(n.log.lastIndex())).Draw(t, "prev"))
	var list []raft.Term
	for range rapid.IntRange(0, 3).Draw(t, "count") {
		list = append(list, term)
	}
	commit := raft.Index(rapid.Uint64Range(0, uint64(prev)+2).Draw(t, "commit"))
	return appendRequest(term, n.log.id(prev), commit, list...)
}

// flatten is an output as bytes that are nobody's memory.
func flatten(out raft.Output) (b []byte) {
	for _, w := range out.Writes {
		b = append(append(b, byte(w.ID)), w.Data...)
	}
	for _, m := range out.Sends {
		b = append(append(b, byte(m.To), byte(m.After), byte(m.Promise.Last.Index)), m.Payload...)
	}
	for _, e := range out.Applied {
		b = append(append(b, byte(e.ID.Index)), e.Data...)
	}
	for _, r := range out.Replies {
		b = append(b, byte(r.Op.Seq), byte(r.Outcome))
	}
	return b
}

// drawHistory lets things happen to n, and returns what the last one led to.
func drawHistory(t *rapid.T, n *Node) (out raft.Output) {
	if rapid.Bool().Draw(t, "leads") && n.role != raft.Leader {
		n.Step(&raft.Timeout{})
		n.Step(&raft.Persisted{ID: n.disk.issued})
		out = n.Step(&raft.Receive{Msg: raft.Message{From: 2, To: 1, Payload: new(voteGranted(n.hard.term)).append(nil)}})
	}
	for range rapid.IntRange(0, 30).Draw(t, "history") {
		out = n.Step(drawInput(t, n))
	}
	return out
}

func TestClone_isIndependentAndTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := bootSeeded(1, raft.FirstNodes(3), 7, nil)
		require.NoError(t, err)
		out := drawHistory(t, n)
		said := flatten(out)
		a, b := n.Clone().(*Node), n.Clone().(*Node)
		before := n.AppendState(nil)
		require.Equal(t, before, a.AppendState(nil))
		for range rapid.IntRange(1, 30).Draw(t, "future") {
			in := drawInput(t, a)
			require.Equal(t, flatten(a.Step(in)), flatten(b.Step(in)))
			require.Equal(t, a.AppendState(nil), b.AppendState(nil))
		}
		require.Equal(t, before, n.AppendState(nil))
		require.Equal(t, said, flatten(out), "the original's last output is its own")
		after := a.AppendState(nil)
		drawHistory(t, n)
		require.Equal(t, after, a.AppendState(nil), "nor does the original change its clones")
	})
}

func TestClone_ofALeaderHasProposalsOfItsOwn(t *testing.T) {
	n := leaderOf(t, 3)
	for seq := range uint32(16) { // at some length the list has room to share
		c := n.Clone()
		n.Step(&raft.Propose{Op: raft.OpID{Client: 1, Seq: seq}})
		before := n.AppendState(nil)
		c.Step(&raft.Propose{Op: raft.OpID{Client: 2, Seq: seq}})
		require.Equal(t, before, n.AppendState(nil))
	}
}

// Whatever happens, the disk that a node wrote boots to its term, vote and log.
func TestWrites_bootToTheSameTermVoteAndLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := bootDisk(nil)
		require.NoError(t, err)
		var disk [][]byte
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			for i, w := range n.Step(drawInput(t, n)).Writes {
				require.Equal(t, raft.WriteID(len(disk)+1), w.ID, "write %d", i)
				disk = append(disk, bytes.Clone(w.Data))
			}
		}
		b, err := bootDisk(disk)
		require.NoError(t, err)
		require.Equal(t, n.hard, b.hard)
		require.True(t, bytes.Equal(n.log.arena, b.log.arena))
		require.True(t, slices.Equal(n.log.slots, b.log.slots))
	})
}

func TestStep_keepsNothingOfItsInput(t *testing.T) {
	n := bootNode(t, 1, 3)
	in := raft.Receive{Msg: raft.Message{From: 2, To: 1}}
	m := appendRequest(1, at(0, 0), 0, 1)
	in.Msg.Payload = m.append(nil)
	n.Step(&in)
	clear(in.Msg.Payload)
	require.Equal(t, []raft.Term{1}, terms(n))
	e, _ := n.EntryAt(1)
	require.Equal(t, []byte{'t', 1}, e.Data)
}

func TestHandlers_areCompleteForEveryRole(t *testing.T) {
	for _, role := range []raft.Role{raft.Follower, raft.Candidate, raft.Leader} {
		for k := kindRequestVote; k < kinds; k++ {
			require.NotNil(t, handlers[role][k], "%v, %v", role, k)
			require.NotNil(t, refusals[k], "%v", k)
		}
	}
}
