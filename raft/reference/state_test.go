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
	switch k := rapid.IntRange(0, 20).Draw(t, "input"); k {
	case 0:
		return &raft.Timeout{}
	case 1, 2:
		return &raft.Propose{Op: drawOp(t), Data: rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "data")}
	case 3:
		return &raft.Read{Op: drawOp(t), Lease: rapid.Bool().Draw(t, "lease")}
	case 4:
		return &raft.Compact{
			Index: max(n.applied, n.snapshot.id.Index), Keep: rapid.IntRange(0, 3).Draw(t, "keep"),
			State: rapid.SliceOfN(rapid.Byte(), 0, 2*MaxChunkBytes).Draw(t, "state"),
		}
	case 5:
		sets := rapid.Uint64Range(0, 63)
		return &raft.Reconfigure{Op: drawOp(t), Voters: raft.NodeSet(sets.Draw(t, "voters")),
			Learners: raft.NodeSet(sets.Draw(t, "learners"))}
	case 6:
		return &raft.Transfer{Op: drawOp(t), To: raft.NodeID(rapid.IntRange(1, 5).Draw(t, "to"))}
	case 7, 8:
		return &raft.Persisted{ID: raft.WriteID(rapid.Uint64Range(uint64(n.disk.durable),
			uint64(n.disk.issued)).Draw(t, "id"))}
	case 9, 10:
		return &raft.Tick{}
	default:
		from := raft.NodeID(rapid.IntRange(2, 5).Draw(t, "from"))
		m := drawReceived(t, n, from, k)
		m.term = max(m.term, 1)
		return &raft.Receive{Msg: raft.Message{From: from, To: n.id, Payload: m.append(nil)}}
	}
}

func drawOp(t *rapid.T) raft.OpID { return raft.OpID{Client: 1, Seq: rapid.Uint32().Draw(t, "seq")} }

// drawReceived draws a message of kind k-10.
func drawReceived(t *rapid.T, n *Node, from raft.NodeID, k int) message {
	term := n.hard.term + raft.Term(rapid.IntRange(0, 1).Draw(t, "later"))
	m := message{kind: kind(k - 10), term: term}
	r := round(rapid.Uint64Range(0, uint64(n.lead.round)).Draw(t, "round"))
	p := progress{next: 1}
	if int(from) < len(n.lead.peers) {
		p = n.lead.peers[from]
	}
	switch m.kind {
	case kindRequestVote:
		m = voteRequest(max(term, n.log.last().Term+1), n.log.last())
		m.requestVote.forced = rapid.Bool().Draw(t, "forced")
	case kindVoteReply:
		m = voteGranted(term)
	case kindAppendEntries:
		m = drawAppend(t, n, term+1)
	case kindAppendReply:
		probe := max(p.next, 1) - 1
		if rapid.Bool().Draw(t, "matches") {
			m = appendMatches(term, min(n.log.lastIndex(), p.next))
		} else {
			m = appendRefused(term, probe, at(0, min(1, probe)))
		}
		m.appendReply.round = r
	case kindInstallSnapshot:
		m = drawInstall(t, n, term+1)
	case kindInstallReply:
		m.installReply = installReply{id: n.snapshot.id,
			have: rapid.IntRange(0, 2*MaxChunkBytes).Draw(t, "have"), round: r}
	case kindPreVote:
		m.preVote.last = n.log.last()
	case kindPreVoteReply:
		m.preVoteReply = preVoteReply{asked: max(term, 1), granted: rapid.Bool().Draw(t, "granted")}
	case kindTimeoutNow:
		m.term++ // nobody asks a leader of the own term
	case kindReadReply:
		m.readReply = readReply{ctx: n.asked.ctx, index: n.log.lastIndex() + 1}
	}
	return m
}

// drawAppend draws an AppendEntries that attaches above the commit index.
func drawAppend(t *rapid.T, n *Node, term raft.Term) message {
	prev := raft.Index(rapid.Uint64Range(uint64(n.commit), uint64(n.log.lastIndex())).Draw(t, "prev"))
	var list []raft.Term
	for range rapid.IntRange(0, 3).Draw(t, "count") {
		list = append(list, term)
	}
	commit := raft.Index(rapid.Uint64Range(0, uint64(prev)+2).Draw(t, "commit"))
	m := appendRequest(term, n.log.id(prev), commit, list...)
	if rapid.IntRange(0, 3).Draw(t, "reconfigures") == 0 {
		m.appendEntries.entries = configurations(term, drawConfiguration(t))
	}
	return m
}

// drawInstall draws a snapshot in one part or the first of two.
func drawInstall(t *rapid.T, n *Node, term raft.Term) message {
	index := raft.Index(rapid.Uint64Range(1, uint64(n.log.lastIndex())+2).Draw(t, "index"))
	chunk := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "chunk")
	return message{kind: kindInstallSnapshot, term: term, installSnapshot: installSnapshot{
		id: at(term, index), members: configured{index, drawConfiguration(t)},
		size: len(chunk) * rapid.IntRange(1, 2).Draw(t, "parts"), chunk: chunk,
	}}
}

// drawConfiguration draws one of the first five nodes in which node 1 has a vote.
func drawConfiguration(t *rapid.T) raft.Configuration {
	sets := rapid.Uint64Range(0, 31)
	c := raft.Configuration{Voters: raft.NodeSet(sets.Draw(t, "voters")<<1 | 2),
		Outgoing: raft.NodeSet(sets.Draw(t, "outgoing") << 1)}
	c.Learners = raft.NodeSet(sets.Draw(t, "learners")<<1) &^ c.Voters
	return c
}

// flatten is an output as bytes that are nobody's memory.
func flatten(out raft.Output) (b []byte) {
	for _, w := range out.Writes {
		b = append(append(b, byte(w.ID)), w.Data...)
	}
	for _, m := range out.Sends {
		b = append(append(b, byte(m.To), byte(m.After), byte(m.Promise.Last.Index)), m.Payload...)
	}
	b = append(append(b, byte(out.Restore.ID.Index)), out.Restore.State...)
	for _, e := range out.Applied {
		b = append(append(b, byte(e.ID.Index)), e.Data...)
	}
	for _, r := range out.Replies {
		b = append(b, byte(r.Op.Seq), byte(r.Outcome))
	}
	return b
}

// drawHistory gives n random inputs, and returns the output of the last one.
func drawHistory(t *rapid.T, n *Node) (out raft.Output) {
	if rapid.Bool().Draw(t, "leads") && n.role != raft.Leader && n.elector() {
		timeout(n)
		for from := raft.NodeID(2); n.role == raft.PreCandidate; from++ {
			receive(n, from, preVoteGranted(max(n.hard.term, 1), n.hard.term))
		}
		persist(n)
		for from := raft.NodeID(2); n.role == raft.Candidate; from++ {
			out = receive(n, from, voteGranted(n.hard.term))
		}
	}
	for range rapid.IntRange(0, 30).Draw(t, "history") {
		out = n.Step(drawInput(t, n))
	}
	return out
}

func TestClone_isIndependentAndTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := bootWith(raft.NodeConfig{ID: 1, Voters: raft.FirstNodes(3),
			PreVote: rapid.Bool().Draw(t, "pre-vote")}, 7)
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
		var last raft.WriteID
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			for i, w := range n.Step(drawInput(t, n)).Writes {
				last++
				require.Equal(t, last, w.ID, "write %d", i)
				if w.Checkpoint && rapid.Bool().Draw(t, "replaces") { // else it waits to take their place
					disk = nil
				}
				disk = append(disk, bytes.Clone(w.Data))
			}
		}
		b, err := bootDisk(disk)
		require.NoError(t, err)
		require.Equal(t, n.hard, b.hard)
		require.Equal(t, n.log.base, b.log.base)
		require.Equal(t, n.snapshot.id, b.snapshot.id)
		require.True(t, bytes.Equal(n.snapshot.state, b.snapshot.state))
		require.Equal(t, n.snapshot.members, b.snapshot.members)
		require.Equal(t, n.members, b.members)
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
	for _, role := range []raft.Role{raft.Follower, raft.PreCandidate, raft.Candidate, raft.Leader} {
		for k := kindRequestVote; k < kinds; k++ {
			require.NotNil(t, handlers[role][k], "%v, %v", role, k)
			require.NotNil(t, refusals[k], "%v", k)
		}
	}
}
