package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func TestVote_atMostOncePerTerm(t *testing.T) {
	n := bootNode(t, 1, 3)
	m, _ := only(t, receive(n, 2, voteRequest(1, at(0, 0))))
	require.True(t, m.voteReply.granted)
	m, _ = only(t, receive(n, 3, voteRequest(1, at(0, 0))))
	require.False(t, m.voteReply.granted)
	m, _ = only(t, receive(n, 2, voteRequest(1, at(0, 0))))
	require.True(t, m.voteReply.granted, "the same candidate asks again")
	m, _ = only(t, receive(n, 3, voteRequest(2, at(0, 0))))
	require.True(t, m.voteReply.granted, "a new term, a new vote")
}

func TestVote_survivesRestartAndLeaderContact(t *testing.T) {
	n := bootNode(t, 1, 3, diskOf(hardRecord(4, 2))...)
	m, _ := only(t, receive(n, 3, voteRequest(4, at(0, 0))))
	require.False(t, m.voteReply.granted, "the vote was on the disk")
	receive(n, 2, appendRequest(4, at(0, 0), 0))
	m, _ = only(t, receive(n, 3, voteRequest(4, at(0, 0))))
	require.False(t, m.voteReply.granted, "an accepted AppendEntries clears no vote")
}

func TestVote_candidateAndLeaderKeepTheirOwn(t *testing.T) {
	n := bootNode(t, 1, 3)
	timeout(n)
	m, _ := only(t, receive(n, 3, voteRequest(1, at(0, 0))))
	require.False(t, m.voteReply.granted)
	receive(n, 2, voteGranted(1))
	persist(n)
	require.Equal(t, raft.Leader, n.role)
	m, _ = only(t, receive(n, 3, voteRequest(1, at(0, 0))))
	require.False(t, m.voteReply.granted)
	require.Equal(t, raft.Leader, n.role)
}

func TestVote_onlyForAnUpToDateLog(t *testing.T) {
	tests := map[string]struct {
		last    raft.EntryID
		granted bool
	}{
		"equal":                    {at(3, 3), true},
		"longer":                   {at(3, 4), true},
		"shorter":                  {at(3, 2), false},
		"later term, shorter log":  {at(4, 1), true},
		"earlier term, longer log": {at(2, 9), false},
		"empty":                    {at(0, 0), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithLog(5, 1, 3, 3)...)
			m, _ := only(t, receive(n, 2, voteRequest(6, tt.last)))
			require.Equal(t, tt.granted, m.voteReply.granted)
			require.Equal(t, raft.Term(6), n.Status().Term, "the term counts whatever the log")
		})
	}
}

func TestVote_waitsForItsRecord(t *testing.T) {
	n := bootNode(t, 1, 3)
	out := receive(n, 2, voteRequest(1, at(0, 0)))
	require.Equal(t, []string{"term 1 vote n2"}, wrote(out), "term and vote in one record")
	_, env := only(t, out)
	require.Equal(t, out.Writes[0].ID, env.After)
	require.Equal(t, raft.Promise{Term: 1, Vote: 2}, env.Promise)

	_, env = only(t, receive(n, 2, voteRequest(1, at(0, 0))))
	require.Equal(t, raft.WriteID(1), env.After, "repeated while the write is under way")
	_, env = only(t, receive(n, 3, voteRequest(1, at(0, 0))))
	require.Equal(t, raft.WriteID(1), env.After, "the refusal promises the term")
	require.Equal(t, raft.Promise{Term: 1}, env.Promise)
	persist(n)
	_, env = only(t, receive(n, 2, voteRequest(1, at(0, 0))))
	require.Zero(t, env.After)
}

func TestVote_staleRequestLearnsTheTerm(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(5)...)
	out := receive(n, 2, voteRequest(3, at(0, 0)))
	require.Equal(t, []string{"n2 VoteReply t5 refused"}, said(out))
	require.Empty(t, out.Writes)
}

func TestCandidate_asksEveryPeer(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(3, 1, 3)...)
	out := timeout(n)
	require.Equal(t, []string{"n2 RequestVote t4 last=t3i2", "n3 RequestVote t4 last=t3i2"}, said(out))
	require.Equal(t, []string{"term 4 vote n1"}, wrote(out))
	require.Equal(t, raft.Promise{Term: 4, Vote: 1}, out.Sends[0].Promise)
	require.Equal(t, raft.WriteID(1), out.Sends[0].After)
}

func TestCandidate_ownVoteCountsOnceDurable(t *testing.T) {
	n := bootNode(t, 1, 1)
	timeout(n)
	require.Equal(t, raft.Candidate, n.role)
	persist(n)
	require.Equal(t, raft.Leader, n.role)

	n = bootNode(t, 1, 3)
	timeout(n)
	receive(n, 2, voteGranted(1))
	require.Equal(t, raft.Candidate, n.role, "one vote and one that may be forgotten")
	persist(n)
	require.Equal(t, raft.Leader, n.role)

	n = bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0, 1)) // writes 1 (term), 2 (entry)
	timeout(n)                                      // write 3 (term and vote)
	receive(n, 2, voteGranted(2))
	n.Step(&raft.Persisted{ID: 2})
	require.Equal(t, raft.Candidate, n.role, "the durable write is not the vote")
	n.Step(&raft.Persisted{ID: 3})
	require.Equal(t, raft.Leader, n.role)
}

func TestCandidate_countsVotersOnceAndOfItsTerm(t *testing.T) {
	n := bootNode(t, 1, 5)
	timeout(n)
	persist(n)
	receive(n, 2, voteGranted(1))
	receive(n, 2, voteGranted(1))
	require.Equal(t, raft.Candidate, n.role, "a doubled vote is one")
	timeout(n)
	persist(n)
	receive(n, 3, voteGranted(1))
	receive(n, 4, voteGranted(1))
	require.Equal(t, raft.Candidate, n.role, "votes of an earlier term")
	receive(n, 3, message{kind: kindVoteReply, term: 2})
	receive(n, 4, voteGranted(2))
	require.Equal(t, raft.Candidate, n.role, "a refusal is no vote")
	receive(n, 5, voteGranted(2))
	require.Equal(t, raft.Leader, n.role)
}

func TestCandidate_yieldsToTheLeaderOfItsTerm(t *testing.T) {
	n := bootNode(t, 1, 3)
	timeout(n)
	receive(n, 2, appendRequest(1, at(0, 0), 0))
	require.Equal(t, raft.Status{Term: 1, Vote: 1, Leader: 2, Config: voters(1, 2, 3)}, n.Status())
}

func TestTerm_aLaterOneMakesAFollower(t *testing.T) {
	for _, m := range []message{
		voteRequest(9, at(0, 0)), {kind: kindVoteReply, term: 9},
		appendRequest(9, at(0, 0), 0), appendRefused(9, 1, at(0, 0)), appendMatches(9, 1),
	} {
		t.Run(m.kind.String(), func(t *testing.T) {
			n := leaderOf(t, 3)
			n.Step(&raft.Propose{Op: raft.OpID{Client: 1, Seq: 1}, Data: []byte("x")})
			out := receive(n, 2, m)
			require.Equal(t, raft.Follower, n.role)
			require.Equal(t, raft.Term(9), n.Status().Term)
			require.Equal(t, "term 9 vote none", wrote(out)[0])
			require.Equal(t, []raft.Reply{{Op: raft.OpID{Client: 1, Seq: 1}, Outcome: raft.Unknown}}, out.Replies)
			if m.kind != kindAppendEntries {
				require.Equal(t, raft.None, n.Status().Leader, "a later term names no leader")
			}
		})
	}
}

func TestLeader_aRivalOfItsTermIsABug(t *testing.T) {
	n := leaderOf(t, 3)
	require.Panics(t, func() { receive(n, 2, appendRequest(1, at(0, 0), 0)) })
}

func TestTimeout_leadersAndNonVotersIgnoreIt(t *testing.T) {
	n := leaderOf(t, 3)
	before := n.AppendState(nil)
	require.Zero(t, len(timeout(n).Sends))
	require.Equal(t, before, n.AppendState(nil))

	n, err := bootSeeded(4, raft.FirstNodes(3), 7, nil)
	require.NoError(t, err)
	for range ElectionTicks { // its promises, to whomever it heard, run out
		n.Step(&raft.Tick{})
	}
	before = n.AppendState(nil)
	timeout(n)
	for range 3 * ElectionTicks {
		require.Empty(t, n.Step(&raft.Tick{}).Sends)
	}
	require.Equal(t, before, n.AppendState(nil))
}

// ticksToElection ticks until n stands for election.
func ticksToElection(n *Node) int {
	term := n.hard.term
	for ticks := 1; ; ticks++ {
		if n.Step(&raft.Tick{}); n.hard.term > term {
			return ticks
		}
	}
}

func TestTimer_drawnForEveryElection(t *testing.T) {
	n := bootNode(t, 1, 3)
	seen := map[int]bool{}
	for range 400 {
		ticks := ticksToElection(n)
		require.GreaterOrEqual(t, ticks, ElectionTicks)
		require.Less(t, ticks, 2*ElectionTicks)
		seen[ticks] = true
	}
	require.Len(t, seen, ElectionTicks, "every timeout in the range comes up")
}

func TestTimer_resetOnlyByVoteLeaderOrElection(t *testing.T) {
	tests := map[string]struct {
		m     message
		reset bool
	}{
		"granted vote":              {voteRequest(2, at(1, 2)), true},
		"refused vote":              {voteRequest(1, at(0, 0)), false},
		"refused vote, later term":  {voteRequest(2, at(0, 0)), false},
		"heartbeat":                 {appendRequest(1, at(1, 2), 0), true},
		"refused append":            {appendRequest(1, at(1, 7), 0), true}, // the leader is alive all the same
		"reply of a later term":     {appendMatches(2, 1), false},
		"append of an earlier term": {appendRequest(1, at(0, 0), 0), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			term := raft.Term(1)
			if name == "append of an earlier term" {
				term = 2
			}
			n := bootNode(t, 1, 3, diskWithLog(term, 1, 1)...)
			for range ElectionTicks - 1 {
				n.Step(&raft.Tick{})
			}
			receive(n, 2, tt.m)
			ticks := ticksToElection(n)
			require.Equal(t, tt.reset, ticks >= ElectionTicks, "%d ticks", ticks)
		})
	}
}
