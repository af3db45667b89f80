package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func timeoutNow(term raft.Term) message { return message{kind: kindTimeoutNow, term: term} }

func TestTransfer_whatIsRefused(t *testing.T) {
	leader := func(config raft.Configuration) func(t *testing.T) *Node {
		return func(t *testing.T) *Node { return leaderOf(t, 3, diskWithConfigurations(1, config)...) }
	}
	tests := map[string]struct {
		node    func(t *testing.T) *Node
		to      raft.NodeID
		refused bool
	}{
		"to a voter":      {leader(three), 2, false},
		"to itself":       {leader(three), 1, true},
		"to nobody":       {leader(three), raft.None, true},
		"to a learner":    {leader(threeAndOne), 4, true},
		"to no member":    {leader(three), 5, true},
		"to a new voter":  {leader(joint), 5, false},
		"to an old voter": {leader(joint), 2, true},
		"of a follower":   {func(t *testing.T) *Node { return bootNode(t, 1, 3) }, 2, true},
		"of a candidate":  {func(t *testing.T) *Node { n := bootNode(t, 1, 3); timeout(n); return n }, 2, true},
		"while one is under way": {func(t *testing.T) *Node {
			n := leaderOf(t, 3)
			n.Step(&raft.Transfer{To: 3})
			return n
		}, 2, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := tt.node(t)
			before := n.AppendState(nil)
			out := n.Step(&raft.Transfer{Op: operator(1), To: tt.to})
			if tt.refused {
				require.Equal(t, replies(operator(1), raft.Rejected), out.Replies)
				require.Equal(t, before, n.AppendState(nil))
				return
			}
			require.Empty(t, out.Replies)
			require.Equal(t, tt.to, n.lead.transfer.to)
		})
	}
}

// Thesis, section 3.10: no proposals, the target catches up, then TimeoutNow.
func TestTransfer_waitsForTheTarget(t *testing.T) {
	n := established(t, leaderOf(t, 3))
	require.Equal(t, []string{"n2 TimeoutNow t1"}, said(n.Clone().Step(&raft.Transfer{Op: operator(1), To: 2})),
		"it has every entry")

	n.Step(&raft.Propose{})
	require.Empty(t, n.Step(&raft.Transfer{Op: operator(1), To: 2}).Sends)
	require.Equal(t, replies(client(1), raft.Rejected), n.Step(&raft.Propose{Op: client(1)}).Replies)
	require.Empty(t, receive(n, 3, appendMatches(1, 2)).Sends, "not the target")
	require.Equal(t, []string{"n2 TimeoutNow t1"}, said(receive(n, 2, appendMatches(1, 2))))
	require.Empty(t, receive(n, 2, appendMatches(1, 2)).Sends, "once")
	out := receive(n, 2, forcedVoteRequest(2, at(1, 2)))
	require.Equal(t, replies(operator(1), raft.Unknown), out.Replies)
	require.Equal(t, raft.NodeID(2), n.hard.vote)

	n = established(t, leaderOf(t, 3)) // of 3 nothing is known
	heartbeat := func() (out raft.Output) {
		for range HeartbeatTicks {
			out = n.Step(&raft.Tick{})
		}
		return out
	}
	n.Step(&raft.Transfer{To: 3})
	require.Contains(t, said(heartbeat()), "n3 AppendEntries t1 prev=t0i0 entries=1..1 commit=1")
	require.Equal(t, []string{"n3 TimeoutNow t1"}, said(receive(n, 3, appendMatches(1, 1))))
}

func TestTransfer_isAbandonedAfterAnElectionTimeout(t *testing.T) {
	for to, outcome := range map[raft.NodeID]raft.Outcome{2: raft.Unknown, 3: raft.Rejected} { // asked, and not
		n := established(t, leaderOf(t, 3))
		n.Step(&raft.Tick{})
		n.Step(&raft.Transfer{Op: operator(1), To: to})
		for range ElectionTicks - 1 {
			require.Empty(t, n.Step(&raft.Tick{}).Replies)
		}
		require.Equal(t, replies(client(1), raft.Rejected), n.Step(&raft.Propose{Op: client(1)}).Replies)
		require.Equal(t, replies(operator(1), outcome), n.Step(&raft.Tick{}).Replies)
		require.Empty(t, n.Step(&raft.Propose{Op: client(1)}).Replies,
			"it takes proposals again (hashicorp/raft commit f2fdbd6)")
		require.Empty(t, n.Step(&raft.Transfer{Op: operator(2), To: to}).Replies, "and transfers")
		out := receive(n, 2, voteReplyRefused(9))
		require.Equal(t, []raft.Reply{{Op: client(1)}, {Op: operator(2), Outcome: raft.Rejected}},
			out.Replies, "the second transfer sent no TimeoutNow")
	}
}

func TestTimeoutNow_standsForElectionAtOnce(t *testing.T) {
	n := bootPreVote(t, 1, 3, diskWithLog(2, 1)...)
	require.Empty(t, receive(n, 2, timeoutNow(1)).Sends, "of an earlier term")
	out := receive(n, 2, timeoutNow(2))
	require.Equal(t, []string{
		"n2 RequestVote t3 last=t1i1, by the leader's wish",
		"n3 RequestVote t3 last=t1i1, by the leader's wish",
	}, said(out), "without pre-votes")
	require.Empty(t, receive(n, 2, timeoutNow(3)).Sends, "its election is under way")
	timeout(n)
	require.Equal(t, raft.PreCandidate, n.role)
	require.Len(t, receive(n, 2, timeoutNow(3)).Sends, 2)
	n = silent(n)
	receive(n, 3, appendRequest(4, at(1, 1), 0))
	receive(n, 2, preVoteRefused(4, 4))
	timeout(n)
	require.Equal(t, []string{"n2 RequestVote t5 last=t1i1", "n3 RequestVote t5 last=t1i1"},
		said(receive(n, 2, preVoteGranted(4, 4))), "of its own will")
	require.Panics(t, func() { receive(leaderOf(t, 3), 2, timeoutNow(1)) }, "a leader has no other")
}

func TestTransfer_passesEverybodysLoyaltyBy(t *testing.T) {
	c := newClusterOf(t, 3, raft.FirstNodes(3), true)
	c.elect(1)
	c.step(1, &raft.Transfer{Op: operator(1), To: 2})
	c.settle()
	require.Equal(t, raft.Leader, c.nodes[2].role)
	require.Equal(t, raft.Term(2), c.nodes[2].hard.term)
	require.Equal(t, []raft.Outcome{raft.Unknown}, c.outcomes(operator(1)))
	c.propose(2, 1)
	require.Equal(t, []raft.OpID{client(1)}, c.done)
}

// The target is a voter of the new half only, in the middle of a change, and finishes it.
func TestTransfer_inAJointConfiguration(t *testing.T) {
	c := newClusterOf(t, 5, raft.FirstNodes(3), true)
	c.elect(1)
	c.reconfigure(1, 1, raft.Configuration{Voters: three.Voters, Learners: raft.NodeSetOf(4, 5)})
	c.heartbeat(1)
	c.step(1, &raft.Reconfigure{Op: operator(2), Voters: raft.NodeSetOf(4, 5)})
	c.step(1, &raft.Transfer{Op: operator(3), To: 4})
	c.pass(6 * ElectionTicks) // the change may go on meanwhile, so that another node wins
	require.Contains(t, []raft.NodeID{4, 5}, c.nodes[4].leader)
	require.Equal(t, voters(4, 5), c.nodes[4].config())
	require.Equal(t, c.nodes[4].log.lastIndex(), c.nodes[4].commit)
	require.Len(t, c.outcomes(operator(2)), 1)
	require.Len(t, c.outcomes(operator(3)), 1)
}
