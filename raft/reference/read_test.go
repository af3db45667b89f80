package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func readReplyOf(term raft.Term, ctx uint64, index raft.Index) message {
	return message{kind: kindReadReply, term: term, readReply: readReply{ctx, index}}
}

func readRequestOf(term raft.Term, ctx uint64) message {
	return message{kind: kindReadRequest, term: term, readRequest: readRequest{ctx}}
}

func replies(op raft.OpID, outcome raft.Outcome) []raft.Reply {
	return []raft.Reply{{Op: op, Outcome: outcome}}
}

// established is a leader of size nodes that committed the blank entry of its
// term, and whose latest round nobody answered.
func established(t *testing.T, n *Node) *Node {
	t.Helper()
	for from := raft.NodeID(2); n.commit < n.log.lastIndex(); from++ {
		receive(n, from, appendMatches(n.hard.term, n.log.lastIndex()))
	}
	return n
}

// Thesis, section 6.4, steps 1 to 4.
func TestRead_takesARoundThatBeganAfterIt(t *testing.T) {
	n := established(t, leaderOf(t, 5))
	before := ackOf(n, 1)
	out := n.Step(&raft.Read{Op: client(1), Lease: true})
	require.Len(t, out.Sends, 4, "without pre-vote there is no lease")
	require.Empty(t, out.Replies)
	for from := raft.NodeID(2); from <= 5; from++ {
		require.Empty(t, receive(n, from, before).Replies, "of the round before")
	}
	require.Empty(t, receive(n, 2, ackOf(n, 1)).Replies)
	require.Empty(t, receive(n, 2, ackOf(n, 1)).Replies, "doubled")
	require.Empty(t, receive(n, 6, ackOf(n, 1)).Replies, "no member")
	require.Equal(t, replies(client(1), raft.Done), receive(n, 3, refusalOf(n, 1)).Replies,
		"a rejection confirms the leader too")
	require.Empty(t, receive(n, 4, ackOf(n, 1)).Replies, "once")

	n.Step(&raft.Read{Op: client(2)})
	first := ackOf(n, 1)
	n.Step(&raft.Read{Op: client(3)})
	receive(n, 2, ackOf(n, 1))
	require.Equal(t, replies(client(2), raft.Done), receive(n, 3, first).Replies)
	require.Empty(t, receive(n, 2, first).Replies)
	require.Equal(t, replies(client(3), raft.Done), receive(n, 3, ackOf(n, 1)).Replies,
		"an answer that was overtaken takes none back")

	n = established(t, leaderOf(t, 1))
	require.Equal(t, replies(client(1), raft.Done), n.Step(&raft.Read{Op: client(1)}).Replies, "alone")
}

// Section 8: a leader knows the commit index once an entry of its term is committed
// (etcd issue 7331).
func TestRead_waitsForTheTermsFirstCommit(t *testing.T) {
	n := preVoteLeaderOf(t, 3, diskWithLog(1, 1)...)
	n.Step(&raft.Read{Op: client(1)})
	require.Empty(t, receive(n, 2, ackOf(n, 1)).Replies)
	require.True(t, n.leased())
	require.Empty(t, n.Step(&raft.Read{Op: client(2), Lease: true}).Replies, "nor does a lease help")
	receive(n, 3, readRequestOf(2, 77))
	out := receive(n, 2, ackOf(n, 1))
	require.Empty(t, out.Replies)
	require.Empty(t, out.Sends, "nor is a follower answered")
	out = receive(n, 2, ackOf(n, 2))
	require.Equal(t, []raft.Reply{{Op: client(1), Outcome: raft.Done}, {Op: client(2), Outcome: raft.Done}},
		out.Replies)
	require.Equal(t, []string{"n3 ReadReply t2 context 4d after 2"}, said(out))
}

func TestRead_rejectedWhenTheLeadershipEnds(t *testing.T) {
	n := established(t, leaderOf(t, 3))
	n.Step(&raft.Read{Op: client(1)})
	receive(n, 3, readRequestOf(1, 77))
	out := receive(n, 2, voteReplyRefused(5))
	require.Equal(t, replies(client(1), raft.Rejected), out.Replies)
	require.Empty(t, out.Sends, "the follower finds out by itself")
	require.Equal(t, replies(client(2), raft.Rejected),
		n.Step(&raft.Read{Op: client(2)}).Replies, "no leader is known")
}

// A leader that was deposed and does not know answers no read.
func TestRead_aLeaderThatIsCutOffAnswersNone(t *testing.T) {
	c := newCluster(t, 3)
	c.elect(1)
	c.cut = raft.NodeSetOf(1)
	c.elect(2)
	c.propose(2, 1)
	c.step(1, &raft.Read{Op: client(2)})
	c.settle()
	require.Equal(t, []raft.OpID{client(1)}, c.done)
	c.cut = 0
	c.heartbeat(2)
	c.heartbeat(1)
	require.Equal(t, []raft.Outcome{raft.Rejected}, c.outcomes(client(2)))
}

// Thesis, section 6.4.1.
func TestRead_leases(t *testing.T) {
	tick := func(n *Node, count int) {
		for range count {
			n.Step(&raft.Tick{})
		}
	}
	tests := map[string]struct {
		plain   bool // without pre-vote
		prepare func(n *Node)
		leased  bool
	}{
		"no answer to any round": {prepare: func(*Node) {}},
		"an answer":              {prepare: func(n *Node) { receive(n, 2, ackOf(n, 1)) }, leased: true},
		"one that is nearly over": {prepare: func(n *Node) { receive(n, 2, ackOf(n, 1)); tick(n, LeaseTicks-1) },
			leased: true},
		"one that is over": {prepare: func(n *Node) { receive(n, 2, ackOf(n, 1)); tick(n, LeaseTicks) }},
		"counted from when the round began": {prepare: func(n *Node) {
			tick(n, HeartbeatTicks)
			m := ackOf(n, 1)
			tick(n, LeaseTicks-1)
			receive(n, 2, m)
		}, leased: true},
		"and not from when it was answered": {prepare: func(n *Node) {
			tick(n, HeartbeatTicks)
			m := ackOf(n, 1)
			tick(n, LeaseTicks)
			receive(n, 2, m)
		}},
		"by a learner":     {prepare: func(n *Node) { receive(n, 4, ackOf(n, 1)) }},
		"without pre-vote": {plain: true, prepare: func(n *Node) { receive(n, 2, ackOf(n, 1)) }},
		"after TimeoutNow": {prepare: func(n *Node) {
			receive(n, 2, ackOf(n, 3))
			n.Step(&raft.Transfer{To: 2})
		}}, // etcd issue 12704
		"after a transfer that came to nothing": {prepare: func(n *Node) {
			receive(n, 2, ackOf(n, 3))
			n.Step(&raft.Transfer{To: 2})
			for range ElectionTicks {
				tick(n, 1)
				receive(n, 2, ackOf(n, 3))
			}
			require.Equal(t, raft.None, n.lead.transfer.to)
			other := n.Clone().(*Node)
			require.Empty(t, other.Step(&raft.Transfer{To: 3}).Replies)
			require.False(t, other.leased(), "nor during another one")
		}},
		"during a transfer without TimeoutNow": {prepare: func(n *Node) {
			receive(n, 2, ackOf(n, 3))
			n.Step(&raft.Transfer{To: 3})
		}, leased: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := lead(bootPreVote(t, 1, 3, diskWithConfigurations(1, threeAndOne)...))
			n.preVote = !tt.plain
			receive(n, 2, appendMatches(2, 2))
			n.Step(&raft.Propose{}) // entry 3
			tt.prepare(n)
			require.Equal(t, raft.Leader, n.role)
			n.Clone().Step(&raft.Read{Op: client(1)}) // the others
			out := n.Clone().Step(&raft.Read{Op: client(1), Lease: true})
			require.Equal(t, tt.leased, len(out.Replies) == 1)
			require.Equal(t, tt.leased, len(out.Sends) == 0)
			require.Empty(t, n.Step(&raft.Read{Op: client(1)}).Replies, "a read without lease waits for a round")
		})
	}
}

// LeaseTicks of a slow clock pass before ElectionTicks of one half as fast again,
// whenever its ticks fall.
func TestLease_fitsTheElectionTimeout(t *testing.T) {
	require.LessOrEqual(t, 3*LeaseTicks, 2*(ElectionTicks-1))
	require.Less(t, 2*HeartbeatTicks, ElectionTicks)
}

// Thesis, section 6.4: a follower sends ReadRequest to the leader, and answers once
// it has applied the leader's commit index.
func TestRead_atAFollower(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 1, 1, 1, 1))
	out := n.Step(&raft.Read{Op: client(1)})
	require.Empty(t, out.Replies)
	m, env := only(t, out)
	require.Equal(t, kindReadRequest, m.kind)
	require.Equal(t, raft.NodeID(2), env.To)
	other, _ := only(t, n.Step(&raft.Read{Op: client(2)}))
	require.NotEqual(t, m.readRequest.ctx, other.readRequest.ctx)
	require.Empty(t, receive(n, 2, readReplyOf(1, m.readRequest.ctx+99, 1)).Replies, "of another read")
	require.Empty(t, receive(n, 2, readReplyOf(1, m.readRequest.ctx, 3)).Replies, "not applied yet")
	require.Empty(t, receive(n, 2, appendRequest(1, at(1, 3), 2)).Replies)
	require.Equal(t, replies(client(1), raft.Done), receive(n, 2, appendRequest(1, at(1, 3), 3)).Replies)
	require.Empty(t, receive(n, 2, readReplyOf(1, m.readRequest.ctx, 3)).Replies, "doubled")
	require.Equal(t, replies(client(2), raft.Done),
		receive(n, 2, readReplyOf(1, other.readRequest.ctx, 3)).Replies)
}

func TestRead_atAFollowerEndsWithItsLeader(t *testing.T) {
	for name, end := range map[string]func(n *Node) raft.Output{
		"a later term":           func(n *Node) raft.Output { return receive(n, 3, voteRequest(9, at(8, 9))) },
		"an election of its own": func(n *Node) raft.Output { return timeout(n) },
		"one that asks at first": func(n *Node) raft.Output { n.preVote = true; return timeout(n) },
		"the leader's wish": func(n *Node) raft.Output {
			return receive(n, 2, message{kind: kindTimeoutNow, term: 1})
		},
		"the leader of another one": func(n *Node) raft.Output {
			return receive(n, 3, appendRequest(2, at(0, 0), 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3)
			receive(n, 2, appendRequest(1, at(0, 0), 1, 1))
			m, _ := only(t, n.Step(&raft.Read{Op: client(1)}))
			require.Equal(t, replies(client(1), raft.Rejected), end(n).Replies)
			receive(n, 3, appendRequest(n.hard.term, at(1, 1), 1))
			require.Empty(t, receive(n, 3, readReplyOf(n.hard.term, m.readRequest.ctx, 1)).Replies)
		})
	}
	require.Equal(t, replies(client(1), raft.Rejected),
		bootNode(t, 1, 3).Step(&raft.Read{Op: client(1)}).Replies, "no leader is known")
}

// The answer to a read of an earlier boot answers none of this one: it may miss
// entries committed since.
func TestRead_contextsOfBootsDiffer(t *testing.T) {
	var seen []uint64
	for seed := range uint64(3) {
		n, err := bootSeeded(1, raft.FirstNodes(3), seed, nil)
		require.NoError(t, err)
		receive(n, 2, appendRequest(1, at(0, 0), 1, 1))
		for _, ctx := range seen {
			n.Step(&raft.Read{Op: client(1)})
			require.Empty(t, receive(n, 2, readReplyOf(1, ctx, 1)).Replies)
		}
		m, _ := only(t, n.Step(&raft.Read{Op: client(1)}))
		seen = append(seen, m.readRequest.ctx)
	}
}

func TestRead_ofAFollowerAtTheLeader(t *testing.T) {
	n := established(t, leaderOf(t, 3))
	out := receive(n, 3, readRequestOf(1, 77))
	require.Len(t, out.Sends, 2, "a round of its own")
	n.Step(&raft.Propose{})
	persist(n)
	receive(n, 2, appendMatches(1, 2))
	require.Equal(t, raft.Index(2), n.commit)
	out = receive(n, 2, ackOf(n, 2))
	require.Equal(t, []string{"n3 ReadReply t1 context 4d after 1"},
		said(out), "the commit index when it came")
	require.Empty(t, receive(n, 3, ackOf(n, 2)).Sends, "once")
	for _, role := range []raft.Role{raft.Follower, raft.PreCandidate, raft.Candidate} {
		n := bootNode(t, 1, 3, diskWithLog(1)...)
		n.role = role
		require.Empty(t, receive(n, 3, readRequestOf(1, 77)).Sends, "a follower answers no ReadRequest")
	}
}

func TestRead_theOldestMakesRoom(t *testing.T) {
	nodes := map[string]*Node{"leader": established(t, leaderOf(t, 3)), "follower": bootNode(t, 1, 3)}
	for name, n := range nodes {
		t.Run(name, func(t *testing.T) {
			if n.role != raft.Leader {
				receive(n, 2, appendRequest(1, at(0, 0), 1, 1))
			}
			for seq := range uint32(maxReads) {
				require.Empty(t, n.Step(&raft.Read{Op: client(seq)}).Replies)
			}
			require.Equal(t, replies(client(0), raft.Rejected), n.Step(&raft.Read{Op: client(100)}).Replies)
			require.Equal(t, replies(client(1), raft.Rejected), n.Step(&raft.Read{Op: client(101)}).Replies)
		})
	}
	n := established(t, leaderOf(t, 3))
	receive(n, 3, readRequestOf(1, 77))
	for seq := range uint32(maxReads) {
		require.Empty(t, n.Step(&raft.Read{Op: client(seq)}).Replies, "a follower's is dropped in silence")
	}
	require.Len(t, receive(n, 2, ackOf(n, 1)).Replies, maxReads)
}

// Rounds carry the leader's clock, and one follows another even in one tick.
func TestRound_increases(t *testing.T) {
	n := leaderOf(t, 3)
	last := round(0)
	for range 5 {
		for range 3 {
			require.Greater(t, n.lead.round, last)
			require.Equal(t, n.lead.clock, n.lead.round.began())
			last = n.lead.round
			n.Step(&raft.Read{})
		}
		for range HeartbeatTicks {
			n.Step(&raft.Tick{})
		}
	}
	m := ackOf(n, 1)
	m.appendReply.round++
	require.Panics(t, func() { receive(n, 2, m) }, "a round that never began")
}
