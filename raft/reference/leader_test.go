package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func TestLeader_opensItsTermWithANoOp(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(2, 1, 2)...)
	timeout(n)
	persist(n)
	out := receive(n, 2, voteGranted(3))
	require.Equal(t, []string{"entries 3..3"}, wrote(out))
	require.Equal(t, []string{
		"n2 AppendEntries t3 prev=t2i2 entries=3..3 commit=0",
		"n3 AppendEntries t3 prev=t2i2 entries=3..3 commit=0",
	}, said(out))
	require.Zero(t, out.Sends[0].After, "the term is durable, and the entry need not be")
	require.Equal(t, raft.Promise{Term: 3}, out.Sends[0].Promise)
	e, ok := n.EntryAt(3)
	require.True(t, ok)
	require.Equal(t, raft.NoOp, e.Kind)
	require.Equal(t, raft.Status{Term: 3, Vote: 1, Role: raft.Leader, Leader: 1,
		Last: at(3, 3), Config: voters(1, 2, 3)}, n.Status())
}

func TestPropose_atAFollowerIsRejected(t *testing.T) {
	op := raft.OpID{Client: 3, Seq: 4}
	out := bootNode(t, 1, 3).Step(&raft.Propose{Op: op})
	require.Equal(t, []raft.Reply{{Op: op, Outcome: raft.Rejected}}, out.Replies)
	require.Empty(t, out.Writes)
}

func TestPropose_answeredOnceApplied(t *testing.T) {
	n := leaderOf(t, 3)
	data := []byte("abc")
	op := raft.OpID{Client: 3, Seq: 4}
	out := n.Step(&raft.Propose{Op: op, Data: data})
	data[0] = 'x'
	require.Empty(t, out.Sends, "the probes are unanswered")
	require.Equal(t, []string{"entries 2..2"}, wrote(out))
	require.Empty(t, out.Replies)
	out = receive(n, 2, appendMatches(1, 1))
	require.Equal(t, []string{"n2 AppendEntries t1 prev=t1i1 entries=2..2 commit=1"}, said(out))
	require.Empty(t, out.Replies, "only the blank entry is committed")
	require.Len(t, out.Applied, 1)
	out = receive(n, 2, appendMatches(1, 2))
	require.Empty(t, out.Replies, "one follower, and a leader whose entry is not durable")
	out = persist(n)
	require.Equal(t, []raft.Reply{{Op: op, Outcome: raft.Done}}, out.Replies)
	require.Equal(t, []raft.Entry{{ID: at(1, 2), Data: []byte("abc")}}, out.Applied, "a copy of the data")
	require.Empty(t, out.Sends, "followers learn it from the next AppendEntries")
}

func TestCommit_onlyCurrentTermByCounting(t *testing.T) {
	n := leaderOf(t, 5, diskWithLog(3, 1, 2)...) // figure 8 (c): the entry of term 2 is old
	receive(n, 2, appendMatches(4, 2))
	receive(n, 3, appendMatches(4, 2))
	require.Zero(t, n.Status().Commit, "a majority has entry 2, of an earlier term")
	receive(n, 2, appendMatches(4, 3))
	require.Zero(t, n.Status().Commit)
	receive(n, 3, appendMatches(4, 3))
	require.Equal(t, raft.Index(3), n.Status().Commit, "figure 8 (e): with it all before it")
}

func TestCommit_countsMajoritiesOfEachIndex(t *testing.T) {
	n := leaderOf(t, 5)
	n.Step(&raft.Propose{})
	persist(n)
	receive(n, 2, appendMatches(1, 2))
	receive(n, 2, appendMatches(1, 2))
	require.Zero(t, n.Status().Commit)
	receive(n, 3, appendMatches(1, 1))
	require.Equal(t, raft.Index(1), n.Status().Commit)
}

func TestCommit_countsTheLeaderByWhatItsDiskHolds(t *testing.T) {
	n := leaderOf(t, 3)
	first := n.Step(&raft.Propose{}).Writes[0].ID
	n.Step(&raft.Propose{})
	receive(n, 2, appendMatches(1, 3))
	require.Equal(t, raft.Index(1), n.Status().Commit)
	n.Step(&raft.Persisted{ID: first})
	require.Equal(t, raft.Index(2), n.Status().Commit)
	n.Step(&raft.Persisted{ID: first + 1})
	require.Equal(t, raft.Index(3), n.Status().Commit)
}

func TestProgress_matchNeverRegresses(t *testing.T) {
	n := leaderOf(t, 3)
	n.Step(&raft.Propose{})
	receive(n, 2, appendMatches(1, 2))
	before := n.AppendState(nil)
	for _, m := range []message{
		appendMatches(1, 1), appendMatches(1, 2),
		appendRefused(1, 0, at(0, 0)), appendRefused(1, 1, at(0, 1)), appendRefused(1, 2, at(0, 1)),
	} {
		require.Empty(t, receive(n, 2, m).Sends)
		require.Equal(t, before, n.AppendState(nil))
	}
	require.Panics(t, func() { receive(n, 2, appendMatches(1, 9)) })
}

func TestProgress_sendsOnWhileEntriesRemain(t *testing.T) {
	n := leaderOf(t, 3)
	for range 2*MaxEntriesPerAppend - 1 {
		n.Step(&raft.Propose{})
	}
	out := receive(n, 2, appendMatches(1, 1))
	require.Equal(t, []string{
		"n2 AppendEntries t1 prev=t1i1 entries=2..65 commit=1",
		"n2 AppendEntries t1 prev=t1i65 entries=66..128 commit=1",
	}, said(out), "the entries after the blank one are not durable at the leader")
	require.Empty(t, receive(n, 2, appendMatches(1, 65)).Sends)
	out = n.Step(&raft.Propose{})
	require.Equal(t, []string{"n2 AppendEntries t1 prev=t1i128 entries=129..129 commit=1"},
		said(out), "without waiting for answers")
	require.Empty(t, receive(n, 2, appendMatches(1, 129)).Sends)
}

// TestProgress_oneTermAtATime sends the entries of an older term without the
// leader's own blank one, as in figure 8.
func TestProgress_oneTermAtATime(t *testing.T) {
	n := leaderOf(t, 3, diskWithLog(2, 1, 2, 2)...)
	out := receive(n, 2, appendRefused(3, 3, at(0, 1)))
	require.Equal(t, []string{"n2 AppendEntries t3 prev=t0i0 entries=1..1 commit=0"}, said(out))
	out = receive(n, 2, appendMatches(3, 1))
	require.Equal(t, []string{
		"n2 AppendEntries t3 prev=t1i1 entries=2..3 commit=0",
		"n2 AppendEntries t3 prev=t2i3 entries=4..4 commit=0",
	}, said(out))
	require.Empty(t, receive(n, 2, appendMatches(3, 3)).Sends)
	require.Equal(t, raft.Index(0), n.Status().Commit, "on a majority and not committed")
}

func TestBackOff_findsTheLastCommonEntry(t *testing.T) {
	tests := map[string]struct {
		refusal message
		says    string // "" if it is not of the latest probe
	}{
		"log too short": {appendRefused(7, 6, at(0, 3)),
			"n2 AppendEntries t7 prev=t1i2 entries=3..4 commit=0"},
		"empty log": {appendRefused(7, 6, at(0, 1)),
			"n2 AppendEntries t7 prev=t0i0 entries=1..2 commit=0"},
		"leader has the term": {appendRefused(7, 6, at(4, 3)),
			"n2 AppendEntries t7 prev=t4i4 entries=5..6 commit=0"},
		"leader lacks the term": {appendRefused(7, 6, at(3, 2)),
			"n2 AppendEntries t7 prev=t1i1 entries=2..2 commit=0"},
		"not the latest probe":    {appendRefused(7, 5, at(0, 1)), ""},
		"of an earlier term":      {appendRefused(7, 6, at(0, 0)), ""},
		"reply of a smaller term": {appendRefused(6, 6, at(0, 1)), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := leaderOf(t, 3, diskWithLog(6, 1, 1, 4, 4, 6, 6)...)
			out := receive(n, 2, tt.refusal)
			if tt.says == "" {
				require.Empty(t, out.Sends)
				return
			}
			require.Equal(t, []string{tt.says}, said(out))
			require.Empty(t, receive(n, 2, tt.refusal).Sends, "the same refusal again is stale")
		})
	}
}

func TestBackOff_leadersEntriesOfTheTermBeyondTheProbe(t *testing.T) {
	n := leaderOf(t, 3, diskWithLog(4, 1, 1, 1, 4, 4)...)
	receive(n, 2, appendRefused(5, 5, at(0, 4))) // next probe: prev=t1i3
	out := receive(n, 2, appendRefused(5, 3, at(4, 2)))
	require.Equal(t, []string{"n2 AppendEntries t5 prev=t1i1 entries=2..3 commit=0"}, said(out))
}

func TestHeartbeat_everyFewTicksWithWhatIsMissing(t *testing.T) {
	n := leaderOf(t, 3)
	receive(n, 2, appendMatches(1, 1))
	for range HeartbeatTicks - 1 {
		require.Empty(t, n.Step(&raft.Tick{}).Sends)
	}
	require.Equal(t, []string{
		"n2 AppendEntries t1 prev=t1i1 commit=1",
		"n3 AppendEntries t1 prev=t0i0 entries=1..1 commit=1",
	}, said(n.Step(&raft.Tick{})))
}
