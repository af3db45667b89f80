package reference

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

func TestAppend_refusedAndWhereToLook(t *testing.T) {
	tests := map[string]struct {
		request message
		says    string
	}{
		"log too short": {appendRequest(5, at(5, 9), 0, 5), "n2 AppendReply t5 refused at 9: log ends at 6"},
		"other term":    {appendRequest(5, at(4, 6), 0, 5), "n2 AppendReply t5 refused at 6: term 3 from 4"},
		"older term":    {appendRequest(5, at(1, 3), 0, 5), "n2 AppendReply t5 refused at 3: term 2 from 2"},
		"stale leader":  {appendRequest(4, at(3, 6), 6), "n2 AppendReply t5 refused: old term"},
		"stale, empty":  {appendRequest(4, at(0, 0), 0), "n2 AppendReply t5 refused: old term"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithLog(5, 1, 2, 2, 3, 3, 3)...)
			out := receive(n, 2, tt.request)
			require.Equal(t, []string{tt.says}, said(out))
			require.Equal(t, raft.Promise{Term: 5}, out.Sends[0].Promise)
			require.Empty(t, out.Writes, "a refusal changes nothing")
			require.Zero(t, n.Status().Commit)
		})
	}
}

func TestAppend_truncatesFromTheFirstConflictOnly(t *testing.T) {
	tests := map[string]struct {
		request message
		writes  []string
		log     []raft.Term
		match   raft.Index
	}{
		"new entries": {appendRequest(5, at(3, 4), 0, 5, 5), []string{"entries 5..6"},
			[]raft.Term{1, 2, 3, 3, 5, 5}, 6},
		"heartbeat":    {appendRequest(5, at(2, 2), 0), nil, []raft.Term{1, 2, 3, 3}, 2},
		"held already": {appendRequest(5, at(1, 1), 0, 2, 3), nil, []raft.Term{1, 2, 3, 3}, 3},
		"held and new": {appendRequest(5, at(1, 1), 0, 2, 3, 3, 5),
			[]string{"entries 5..5"}, []raft.Term{1, 2, 3, 3, 5}, 5},
		"conflict": {appendRequest(5, at(1, 1), 0, 2, 5),
			[]string{"truncate from 3", "entries 3..3"}, []raft.Term{1, 2, 5}, 3},
		"conflict at the ends": {appendRequest(5, at(0, 0), 0, 5),
			[]string{"truncate from 1", "entries 1..1"}, []raft.Term{5}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithLog(5, 1, 2, 3, 3)...)
			out := receive(n, 2, tt.request)
			require.Equal(t, tt.writes, wrote(out))
			require.Equal(t, tt.log, terms(n))
			m, env := only(t, out)
			require.True(t, m.appendReply.matches)
			require.Equal(t, tt.match, m.appendReply.index, "prev and the entries, never the own end")
			require.Equal(t, raft.Promise{Term: 5, Last: at(n.log.term(tt.match), tt.match)}, env.Promise)
			require.Equal(t, raft.WriteID(len(tt.writes)), env.After)
		})
	}
}

func TestAppend_staleDoesNotTruncate(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0, 1, 1, 1))
	out := receive(n, 2, appendRequest(1, at(0, 0), 0, 1))
	require.Equal(t, []string{"n2 AppendReply t1 matches up to 1"}, said(out))
	require.Equal(t, []raft.Term{1, 1, 1}, terms(n))
}

func TestAppend_neverTruncatesWhatIsCommitted(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(1, 1, 1, 1)...)
	receive(n, 2, appendRequest(1, at(1, 3), 2))
	require.Equal(t, raft.Index(2), n.Status().Commit)
	require.PanicsWithValue(t, "reference: assertion failed: truncation from 2 reaches the committed entry 2",
		func() { receive(n, 3, appendRequest(2, at(1, 1), 0, 2)) })
}

func TestAppend_commitStopsAtTheLastNewEntry(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(2, 1, 1, 1)...)
	out := receive(n, 2, appendRequest(2, at(1, 1), 3))
	require.Equal(t, raft.Index(1), n.Status().Commit, "entries 2 and 3 may be another leader's")
	require.Len(t, out.Applied, 1)
	out = receive(n, 2, appendRequest(2, at(1, 1), 3, 2))
	require.Equal(t, raft.Index(2), n.Status().Commit)
	require.Equal(t, []raft.Entry{{ID: at(2, 2), Data: []byte{'t', 2}}}, out.Applied)
	receive(n, 2, appendRequest(2, at(1, 1), 0))
	require.Equal(t, raft.Index(2), n.Status().Commit, "the commit index never goes back")
}

func TestAppend_ackWaitsForTheEntries(t *testing.T) {
	n := bootNode(t, 1, 3)
	request := appendRequest(1, at(0, 0), 0, 1, 1)
	out := receive(n, 2, request)
	require.Equal(t, []string{"term 1 vote none", "entries 1..2"}, wrote(out))
	require.Equal(t, raft.WriteID(2), out.Sends[0].After)

	_, env := only(t, receive(n, 2, request))
	require.Equal(t, raft.WriteID(2), env.After, "the entries of a repeated request are still being written")
	_, env = only(t, receive(n, 2, appendRequest(1, at(0, 0), 0)))
	require.Equal(t, raft.WriteID(1), env.After, "nothing but the term is promised")
	receive(n, 2, appendRequest(1, at(1, 2), 0, 1))
	_, env = only(t, receive(n, 2, request))
	require.Equal(t, raft.WriteID(2), env.After, "later entries do not matter")
	n.Step(&raft.Persisted{ID: 2})
	_, env = only(t, receive(n, 2, request))
	require.Zero(t, env.After)
	_, env = only(t, receive(n, 2, appendRequest(1, at(0, 0), 0, 1, 1, 1)))
	require.Equal(t, raft.WriteID(3), env.After)
}

func TestPersisted_ofTruncatedEntriesDoesNotCountForTheirSuccessors(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0, 1, 1, 1)) // writes 1 (term), 2 (entries 1..3)
	receive(n, 3, appendRequest(2, at(1, 1), 0, 2, 2))    // writes 3 (term), 4 (truncation), 5 (entries 2..3)
	n.Step(&raft.Persisted{ID: 2})
	_, env := only(t, receive(n, 3, appendRequest(2, at(1, 1), 0, 2, 2)))
	require.Equal(t, raft.WriteID(5), env.After)
	n.Step(&raft.Persisted{ID: 4})
	_, env = only(t, receive(n, 3, appendRequest(2, at(1, 1), 0, 2, 2)))
	require.Equal(t, raft.WriteID(5), env.After)
	_, env = only(t, receive(n, 3, appendRequest(2, at(0, 0), 0, 1)))
	require.Zero(t, env.After, "entry 1 is durable by write 2")

	// The same for entries that were durable before they were truncated.
	n = bootNode(t, 1, 3, diskWithLog(1, 1, 1)...)
	receive(n, 3, appendRequest(2, at(1, 1), 0, 2)) // writes 1 (term), 2 (truncation), 3 (entry 2)
	n.Step(&raft.Persisted{ID: 2})
	_, env = only(t, receive(n, 3, appendRequest(2, at(1, 1), 0, 2)))
	require.Equal(t, raft.WriteID(3), env.After)
}

func TestPersistFailed_stopsTheNode(t *testing.T) {
	n := leaderOf(t, 3)
	n.Step(&raft.Propose{Data: []byte("x")})
	before := n.Status()
	require.Zero(t, n.Step(&raft.PersistFailed{ID: n.disk.issued}))
	for _, in := range []raft.Input{
		&raft.Tick{}, &raft.Timeout{}, &raft.Persisted{ID: n.disk.issued}, &raft.Propose{},
		&raft.Receive{Msg: raft.Message{From: 2, To: 1}},
	} {
		require.Zero(t, n.Step(in))
	}
	require.Equal(t, before, n.Status())
	_, ok := n.EntryAt(1)
	require.True(t, ok)
}

func TestReceive_whatLinksCannotBringIsABug(t *testing.T) {
	n := bootNode(t, 1, 3)
	for name, m := range map[string]raft.Message{
		"undecodable": {From: 2, To: 1, Payload: []byte{9}},
		"not for me":  {From: 2, To: 3, Payload: []byte{2, 1, 0}},
		"from nobody": {From: raft.None, To: 1, Payload: []byte{2, 1, 0}},
		"from myself": {From: 1, To: 1, Payload: []byte{2, 1, 0}},
	} {
		require.Panics(t, func() { n.Step(&raft.Receive{Msg: m}) }, name)
	}
}
