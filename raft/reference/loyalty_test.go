package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func voteReplyRefused(term raft.Term) message { return message{kind: kindVoteReply, term: term} }

func preVoteRefused(term, asked raft.Term) message {
	return message{kind: kindPreVoteReply, term: term, preVoteReply: preVoteReply{asked: asked}}
}

func forcedVoteRequest(term raft.Term, last raft.EntryID) message {
	return message{kind: kindRequestVote, term: term, requestVote: requestVote{last: last, forced: true}}
}

// silent has heard of no leader for so long that it promises nothing any more.
func silent(n *Node) *Node {
	n.timer.silence = ElectionTicks
	return n
}

// Thesis, section 9.6: a term begins only once a quorum would elect.
func TestPreVote_asksBeforeATermBegins(t *testing.T) {
	n := bootPreVote(t, 1, 3, diskWithLog(3, 1, 3)...)
	out := timeout(n)
	require.Equal(t, []string{"n2 PreVote t3 last=t3i2", "n3 PreVote t3 last=t3i2"}, said(out))
	require.Empty(t, out.Writes)
	require.Equal(t, raft.Promise{Term: 3}, out.Sends[0].Promise, "nothing but the term")
	require.Equal(t, raft.PreCandidate, n.role)
	out = receive(n, 3, preVoteGranted(3, 3))
	require.Equal(t, []string{"n2 RequestVote t4 last=t3i2", "n3 RequestVote t4 last=t3i2"}, said(out))
	require.Equal(t, []string{"term 4 vote n1"}, wrote(out))

	n = bootPreVote(t, 1, 3)
	require.Equal(t, []string{"n2 PreVote t0 last=t0i0", "n3 PreVote t0 last=t0i0"},
		said(timeout(n)), "before the first term")
	require.Len(t, receive(n, 2, preVoteGranted(0, 0)).Sends, 2)

	n = bootPreVote(t, 1, 1)
	timeout(n)
	require.Equal(t, raft.Candidate, n.role, "no other elector")
}

func TestPreVote_grantedByWhoWouldVote(t *testing.T) {
	tests := map[string]struct {
		silence int
		asks    message
		says    string
	}{
		"equal log":               {ElectionTicks, preVoteRequest(5, at(3, 3)), "n2 PreVoteReply t5 granted"},
		"longer log":              {ElectionTicks, preVoteRequest(5, at(3, 4)), "n2 PreVoteReply t5 granted"},
		"shorter log":             {ElectionTicks, preVoteRequest(5, at(3, 2)), "n2 PreVoteReply t5 refused"},
		"later term":              {ElectionTicks, preVoteRequest(9, at(3, 3)), "n2 PreVoteReply t5 granted"},
		"later term, shorter log": {ElectionTicks, preVoteRequest(9, at(3, 2)), "n2 PreVoteReply t5 refused"},
		"earlier term": { // the sender learns the term
			ElectionTicks, preVoteRequest(4, at(3, 3)), "n2 PreVoteReply t5 refused",
		},
		"loyal":       {0, preVoteRequest(5, at(3, 3)), "n2 PreVoteReply t5 refused"},
		"still loyal": {ElectionTicks - 1, preVoteRequest(9, at(4, 9)), "n2 PreVoteReply t5 refused"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootPreVote(t, 1, 3, append(diskWithLog(5, 1, 3, 3), sealed(2, hardRecord(5, 3)))...)
			n.timer.silence = tt.silence
			n.timer.elapsed = 1 // a reset would show
			before := n.AppendState(nil)
			out := receive(n, 2, tt.asks)
			require.Equal(t, []string{tt.says}, said(out), "the vote for another in this term is no obstacle")
			require.Equal(t, raft.Promise{Term: 5}, out.Sends[0].Promise)
			require.Equal(t, tt.asks.term, decoded(t, out.Sends[0]).preVoteReply.asked)
			require.Equal(t, before, n.AppendState(nil), "it promises nothing, adopts nothing and resets no timer")
		})
	}
	n := preVoteLeaderOf(t, 3)
	require.Equal(t, []string{"n2 PreVoteReply t1 refused"}, said(receive(n, 2, preVoteRequest(5, at(4, 4)))))
}

func TestPreVote_whatCounts(t *testing.T) {
	counts := func(n *Node) bool { return n.votes.Has(2) }
	tests := map[string]struct {
		m    message
		want bool
		term raft.Term
	}{
		"a grant":                        {preVoteGranted(5, 5), true, 5},
		"a grant from an earlier term":   {preVoteGranted(3, 5), true, 5},
		"a grant of an earlier canvass":  {preVoteGranted(5, 4), false, 5},
		"a grant of an earlier term's":   {preVoteGranted(3, 4), false, 5},
		"a refusal":                      {preVoteRefused(5, 5), false, 5},
		"a refusal from an earlier term": {preVoteRefused(3, 5), false, 5},
		"a refusal from a later term":    {preVoteRefused(7, 5), false, 7},
		"a vote of the election before":  {voteGranted(5), false, 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootPreVote(t, 1, 5, diskWithLog(5)...)
			timeout(n)
			receive(n, 2, tt.m)
			require.Equal(t, tt.want, counts(n))
			require.Equal(t, tt.term, n.hard.term)
			receive(n, 2, tt.m)
			require.NotEqual(t, raft.Candidate, n.role, "a doubled one is one")
		})
	}
}

// A late pre-vote is no vote: it was promised to nobody (canonical/raft commit 0ed4553).
func TestPreVote_isNoVote(t *testing.T) {
	n := bootPreVote(t, 1, 5)
	timeout(n)
	receive(n, 2, preVoteGranted(0, 0))
	receive(n, 3, preVoteGranted(0, 0))
	require.Equal(t, raft.Candidate, n.role)
	persist(n)
	for from := raft.NodeID(2); from <= 5; from++ {
		receive(n, from, preVoteGranted(0, 0))
		receive(n, from, preVoteGranted(1, 0))
		receive(n, from, preVoteGranted(1, 1))
	}
	require.Equal(t, raft.Candidate, n.role)
	timeout(n) // it asks again, in the term of its vote
	require.Equal(t, hardState{1, 1}, n.hard, "the vote stays (canonical/raft commit 98d8f51)")
	receive(n, 2, voteGranted(1))
	receive(n, 3, voteGranted(1))
	require.Equal(t, raft.PreCandidate, n.role, "nor is a vote a pre-vote")
	receive(n, 4, appendRequest(1, at(0, 0), 0))
	require.Equal(t, raft.Follower, n.role, "another node won")
	receive(n, 2, preVoteGranted(1, 1))
	receive(n, 3, preVoteGranted(1, 1))
	receive(n, 5, preVoteGranted(0, 1))
	require.Equal(t, raft.Follower, n.role, "the canvass is over")
	require.Zero(t, n.votes)
}

// Whose timer fires gives its leader up, for others as for itself.
func TestPreVote_whoseTimerFiredIsLoyalNoMore(t *testing.T) {
	n := bootPreVote(t, 1, 3, diskWithLog(1)...)
	receive(n, 3, appendRequest(1, at(0, 0), 0))
	timeout(n)
	require.Equal(t, []string{"n2 PreVoteReply t1 granted"}, said(receive(n, 2, preVoteRequest(1, at(0, 0)))))
	require.Equal(t, []string{"n2 VoteReply t2 granted"}, said(receive(n, 2, voteRequest(2, at(0, 0)))))
}

// A node ahead in its term but behind in its log, and one behind in its term but
// ahead in its log: the second one must win (etcd commit 8597361).
func TestPreVote_termAndLogApartIsNoDeadlock(t *testing.T) {
	c := newClusterOf(t, 3, raft.FirstNodes(3), true)
	c.disks[2] = diskWithLog(4, 1)
	c.disks[3] = diskWithLog(2, 1, 1)
	c.restart(2)
	c.restart(3)
	c.cut = raft.NodeSetOf(1)
	c.pass(6 * ElectionTicks)
	require.Equal(t, raft.Leader, c.nodes[3].role)
	require.Equal(t, c.nodes[3].log.last(), c.nodes[2].log.last())
}

// Section 6, last paragraphs; thesis, section 4.2.3.
func TestLoyalty_disregardsElections(t *testing.T) {
	follower := func(t *testing.T) *Node {
		n := silent(bootPreVote(t, 1, 3, diskWithLog(5, 1)...))
		receive(n, 3, appendRequest(5, at(1, 1), 0))
		return n
	}
	tests := map[string]struct {
		node  func(t *testing.T) *Node
		asks  message
		loyal bool
	}{
		"heard a leader":          {follower, voteRequest(9, at(1, 1)), true},
		"its term came otherwise": {follower, voteRequest(5, at(1, 1)), true},
		"by the leader's wish":    {follower, forcedVoteRequest(9, at(1, 1)), false},
		"just booted": {func(t *testing.T) *Node { return bootPreVote(t, 1, 3, diskWithLog(5, 1)...) },
			voteRequest(9, at(1, 1)), true},
		"just booted, forced": {func(t *testing.T) *Node { return bootPreVote(t, 1, 3, diskWithLog(5, 1)...) },
			forcedVoteRequest(9, at(1, 1)), false},
		"silent": {func(t *testing.T) *Node { return silent(follower(t)) },
			voteRequest(9, at(1, 1)), false},
		"silent, in its own term": {func(t *testing.T) *Node { return silent(follower(t)) },
			voteRequest(5, at(1, 1)), false},
		"leads": {func(t *testing.T) *Node { return preVoteLeaderOf(t, 3, diskWithLog(5, 1)...) },
			voteRequest(9, at(6, 2)), true},
		"leads, forced": {func(t *testing.T) *Node { return preVoteLeaderOf(t, 3, diskWithLog(5, 1)...) },
			forcedVoteRequest(9, at(6, 2)), false},
		"without pre-vote": {func(t *testing.T) *Node { return bootNode(t, 1, 3, diskWithLog(5, 1)...) },
			voteRequest(9, at(1, 1)), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := tt.node(t)
			before := n.AppendState(nil)
			out := receive(n, 2, tt.asks)
			if tt.loyal {
				require.Empty(t, out.Sends)
				require.Equal(t, before, n.AppendState(nil), "not even the term is adopted")
				return
			}
			m, _ := only(t, out)
			require.True(t, m.voteReply.granted)
			require.Equal(t, tt.asks.term, n.hard.term)
		})
	}
}

func TestLoyalty_runsOutAfterTheShortestElectionTimeout(t *testing.T) {
	for name, prepare := range map[string]func(n *Node){
		"of a boot": func(n *Node) {
			*n = *bootPreVote(t, 1, 3, diskOf(hardRecord(1, raft.None))...)
		},
		"of a heartbeat": func(n *Node) {
			n.Step(&raft.Tick{})
			receive(n, 3, appendRequest(1, at(0, 0), 0))
		},
		"of a snapshot": func(n *Node) {
			n.Step(&raft.Tick{})
			receive(n, 3, installRequest(1, at(1, 5), []byte("abc"), 0, 2))
		},
		"of a leader at the time of a term after it": func(n *Node) {
			receive(n, 3, appendRequest(1, at(0, 0), 0))
			receive(n, 2, preVoteRefused(2, 1))
			require.Equal(t, raft.Term(2), n.hard.term)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := bootPreVote(t, 1, 3)
			prepare(n)
			for range ElectionTicks - 1 {
				n.Step(&raft.Tick{})
				require.Empty(t, receive(n, 2, voteRequest(2, at(0, 0))).Sends)
			}
			n.timer.timeout = 2 * ElectionTicks
			n.Step(&raft.Tick{})
			m, _ := only(t, receive(n, 2, voteRequest(2, at(0, 0))))
			require.True(t, m.voteReply.granted)
		})
	}
}

// Where nobody ever led there is nobody to be loyal to.
func TestLoyalty_notOfTheFirstBoot(t *testing.T) {
	m, _ := only(t, receive(bootPreVote(t, 1, 3), 2, voteRequest(1, at(0, 0))))
	require.True(t, m.voteReply.granted)
}

// A leader that resigned stays loyal to itself as long as the nodes that answered it do.
func TestLoyalty_ofALeaderThatResigned(t *testing.T) {
	n := preVoteLeaderOf(t, 3)
	for range HeartbeatTicks + 1 {
		n.Step(&raft.Tick{})
	}
	receive(n, 2, ackOf(n, 1)) // the round of one tick ago
	for range 4 {
		n.Step(&raft.Tick{})
	}
	receive(n, 3, voteReplyRefused(4))
	require.Equal(t, raft.Follower, n.role)
	for range ElectionTicks - 5 {
		require.Empty(t, receive(n, 3, voteRequest(5, at(4, 9))).Sends)
		n.Step(&raft.Tick{})
	}
	require.NotEmpty(t, receive(n, 3, voteRequest(5, at(4, 9))).Sends)
}

// A node may learn a term other than by RequestVote. If a RequestVote of that term
// follows, the node is as loyal as before. Otherwise a lease is worth nothing.
func TestLoyalty_inATermThatCameOtherwise(t *testing.T) {
	n := silent(bootPreVote(t, 2, 3, diskWithLog(1)...))
	timeout(n)                                   // it asks, and so does 3, which it grants
	receive(n, 1, appendRequest(1, at(0, 0), 0)) // the leader is back, and counts this answer for its lease
	receive(n, 3, preVoteRefused(2, 1))          // from 3, which stands for election meanwhile
	require.Equal(t, raft.Term(2), n.hard.term)
	require.Empty(t, receive(n, 3, voteRequest(2, at(0, 0))).Sends)
	require.Equal(t, raft.None, n.hard.vote)
	m, _ := only(t, receive(n, 3, forcedVoteRequest(2, at(0, 0))))
	require.True(t, m.voteReply.granted)
	m, _ = only(t, receive(n, 3, voteRequest(2, at(0, 0))))
	require.True(t, m.voteReply.granted, "a repeated request gets the same answer")
}

func TestLoyalty_whoComesBackDeposesNobody(t *testing.T) {
	c := newClusterOf(t, 3, raft.FirstNodes(3), true)
	c.elect(1)
	c.cut = raft.NodeSetOf(3)
	c.propose(1, 1)
	c.pass(5 * ElectionTicks)
	require.Equal(t, raft.PreCandidate, c.nodes[3].role)
	c.cut = 0
	c.pass(2 * ElectionTicks)
	require.Equal(t, raft.Leader, c.nodes[1].role)
	require.Equal(t, raft.Term(1), c.nodes[3].hard.term)
	require.Equal(t, c.nodes[1].log.last(), c.nodes[3].log.last())
}

func TestLoyalty_whoWasRemovedDeposesNobody(t *testing.T) {
	c := newClusterOf(t, 4, raft.FirstNodes(4), true)
	c.elect(1)
	c.cut = raft.NodeSetOf(4)
	c.reconfigure(1, 1, voters(1, 2, 3))
	c.heartbeat(1)
	require.Equal(t, []raft.OpID{operator(1)}, c.done)
	c.cut = 0 // 4 never hears of its removal
	c.pass(10 * ElectionTicks)
	require.Equal(t, raft.Leader, c.nodes[1].role)
	require.Equal(t, raft.Term(1), c.nodes[1].hard.term)
	require.Equal(t, raft.PreCandidate, c.nodes[4].role)
}

// Thesis, section 6.2.
func TestCheckQuorum_aLeaderThatNobodyAnswersStepsDown(t *testing.T) {
	ticks := func(n *Node, count int) (out raft.Output) {
		for range count {
			out = n.Step(&raft.Tick{})
		}
		return out
	}
	n := preVoteLeaderOf(t, 5)
	n.Step(&raft.Propose{Op: client(1)})
	n.Step(&raft.Read{Op: client(2)})
	ticks(n, ElectionTicks-1)
	require.Equal(t, raft.Leader, n.role)
	out := ticks(n, 1)
	require.Equal(t, raft.Status{Term: 1, Vote: 1, Last: at(1, 2), Config: voters(1, 2, 3, 4, 5)}, n.Status())
	require.Equal(t, []raft.Reply{{Op: client(1)}, {Op: client(2), Outcome: raft.Rejected}}, out.Replies)
	require.Empty(t, out.Writes, "the term goes on")

	n = preVoteLeaderOf(t, 5)
	ticks(n, HeartbeatTicks)
	receive(n, 2, ackOf(n, 1))
	ticks(n, ElectionTicks-HeartbeatTicks)
	require.Equal(t, raft.Follower, n.role, "two of five are no quorum")

	n = preVoteLeaderOf(t, 5)
	ticks(n, HeartbeatTicks)
	receive(n, 2, ackOf(n, 1))
	receive(n, 3, refusalOf(n, 1)) // it disagrees about the log, not about the leader
	ticks(n, ElectionTicks-1)
	require.Equal(t, raft.Leader, n.role)
	ticks(n, 1)
	require.Equal(t, raft.Follower, n.role, "counted from when the round began")

	n = leaderOf(t, 5)
	ticks(n, 9*ElectionTicks)
	require.Equal(t, raft.Leader, n.role, "without pre-vote none can tell")
}

// ackOf answers the latest round of a leader, refusalOf does as well.
func ackOf(n *Node, index raft.Index) message {
	m := appendMatches(n.hard.term, index)
	m.appendReply.round = n.lead.round
	return m
}

func refusalOf(n *Node, index raft.Index) message {
	m := appendRefused(n.hard.term, index, at(0, index))
	m.appendReply.round = n.lead.round
	return m
}

// installRequest is a chunk of a snapshot with these three voters.
func installRequest(term raft.Term, id raft.EntryID, state []byte, from, to int) message {
	return message{kind: kindInstallSnapshot, term: term, installSnapshot: installSnapshot{
		id: id, members: configured{config: voters(1, 2, 3)}, size: len(state), offset: from, chunk: state[from:to],
	}}
}
