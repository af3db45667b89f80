package reference

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// Figure 13, chunk by chunk.
func TestInstall_takesChunksInOrderOnly(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithLog(2, 1)...)
	const one, two = MaxChunkBytes, 2 * MaxChunkBytes
	chunk := func(from, to int) message { return installRequest(2, at(2, 6), bigState, from, to) }
	has := func(bytes int) string { return fmt.Sprintf("n2 InstallReply t2 t2i6 has %d bytes", bytes) }
	for _, step := range []struct {
		m    message
		says string
	}{
		{chunk(one, two), has(0)}, // it overtook the first
		{chunk(0, one), has(one)},
		{chunk(0, one), has(one)}, // doubled
		{chunk(two, len(bigState)), has(one)},
		{chunk(one, two), has(two)},
		{installRequest(2, at(1, 5), bigState, 0, one), has(two)},             // an earlier one, late
		{installRequest(2, at(1, 5), bigState, two, len(bigState)), has(two)}, // and one that would fit
		{installRequest(2, at(1, 5), bigState[:two], 0, one), has(two)},       // of as many bytes as have arrived
		{chunk(two-9, two+1), has(two)},
	} {
		out := receive(n, 2, step.m)
		require.Equal(t, []string{step.says}, said(out))
		require.Equal(t, raft.Promise{Term: 2}, out.Sends[0].Promise, "parts promise nothing")
		require.Empty(t, out.Writes)
		require.Zero(t, n.timer.elapsed, "the leader is alive")
	}
	out := receive(n, 2, chunk(two, len(bigState)))
	require.Equal(t, []string{"n2 AppendReply t2 matches up to 6"}, said(out))
	require.Zero(t, n.incoming.id)
	require.True(t, out.Writes[0].Checkpoint)
	require.Equal(t, out.Writes[0].ID, out.Sends[0].After)
	require.Equal(t, raft.Promise{Term: 2, Last: at(2, 6)}, out.Sends[0].Promise)
	require.Equal(t, raft.Snapshot{ID: at(2, 6), State: bigState}, out.Restore)
	require.Equal(t, raft.Status{Term: 2, Leader: 2, Base: at(2, 6), Last: at(2, 6),
		Commit: 6, Applied: 6, Config: three}, n.Status())
	_, env := only(t, receive(n, 2, chunk(0, one)))
	require.Equal(t, raft.WriteID(1), env.After, "late, while it is being written")

	n = bootNode(t, 1, 3)
	require.Equal(t, []string{"n2 AppendReply t2 matches up to 6"},
		said(receive(n, 2, installRequest(2, at(2, 6), nil, 0, 0))), "of nothing")
}

func TestInstall_aNewerSnapshotOrTermBeginsAnew(t *testing.T) {
	const one = MaxChunkBytes
	n := bootNode(t, 1, 3)
	receive(n, 2, installRequest(2, at(2, 6), bigState, 0, one))
	require.Equal(t, []string{"n2 InstallReply t2 t2i8 has 0 bytes"},
		said(receive(n, 2, installRequest(2, at(2, 8), bigState, one, 2*one))))
	require.Equal(t, []string{fmt.Sprintf("n2 InstallReply t2 t2i8 has %d bytes", one)},
		said(receive(n, 2, installRequest(2, at(2, 8), bigState, 0, one))))
	require.Equal(t, []string{fmt.Sprintf("n3 InstallReply t3 t2i6 has %d bytes", one)},
		said(receive(n, 3, installRequest(3, at(2, 6), bigState, 0, one))), "another leader's")
	timeout(n)
	require.Zero(t, n.incoming.id, "it has no leader")
	receive(n, 3, installRequest(4, at(2, 6), bigState, 0, one))
	require.Equal(t, raft.Follower, n.role, "a candidate follows the sender of a snapshot in its term")
}

// Figure 13, rules 6 to 8.
func TestInstall_andTheLogThatIsThere(t *testing.T) {
	tests := map[string]struct {
		id       raft.EntryID
		last     raft.EntryID
		commit   raft.Index
		replaced bool
	}{
		"below the commit index":          {at(1, 1), at(3, 5), 2, false},
		"at the commit index":             {at(1, 2), at(3, 5), 2, false},
		"its last entry is there":         {at(2, 3), at(3, 5), 3, false}, // and the later entries stay
		"at the end of the log":           {at(3, 5), at(3, 5), 5, false},
		"a conflicting entry":             {at(3, 3), at(3, 3), 3, true},
		"a conflicting entry at the end":  {at(4, 5), at(4, 5), 5, true},
		"beyond the log":                  {at(4, 9), at(4, 9), 9, true},
		"beyond the log, of an older one": {at(2, 9), at(2, 9), 9, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithLog(4, 1, 1, 2, 3, 3)...)
			receive(n, 2, appendRequest(4, at(1, 2), 2))
			out := receive(n, 2, installRequest(4, tt.id, []byte("abc"), 0, 3))
			m, env := only(t, out)
			require.True(t, m.appendReply.matches)
			require.Equal(t, tt.id.Index, m.appendReply.index)
			require.Equal(t, tt.replaced, env.After > 0)
			require.Equal(t, tt.replaced, out.Restore.ID == tt.id)
			require.Equal(t, tt.replaced, n.snapshot.id == tt.id)
			require.Equal(t, tt.last, n.log.last())
			require.Equal(t, tt.commit, n.commit)
			require.Equal(t, tt.commit, n.applied)
		})
	}
}

// The answer waits for the entries under way when the snapshot came, and for no
// more.
func TestInstall_ackWaitsForTheEntries(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0, 1, 1)) // writes 1 (term), 2 (entries)
	_, env := only(t, receive(n, 2, installRequest(1, at(1, 2), []byte("abc"), 0, 3)))
	require.Equal(t, raft.WriteID(2), env.After)
	require.Equal(t, raft.Index(2), n.commit)
}

func TestPersisted_ofEntriesBeforeASnapshotDoesNotCountForTheirSuccessors(t *testing.T) {
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 0, 1, 1, 1, 1, 1)) // writes 1 (term), 2 (entries 1..5)
	receive(n, 3, installRequest(2, at(2, 3), []byte("abc"), 0, 3))
	ack := appendRequest(2, at(2, 3), 0, 2, 2) // writes 3 (checkpoint), 4 (entries 4..5)
	receive(n, 3, ack)
	n.Step(&raft.Persisted{ID: 2})
	_, env := only(t, receive(n, 3, ack))
	require.Equal(t, raft.WriteID(4), env.After)
	_, env = only(t, receive(n, 3, installRequest(2, at(2, 3), []byte("abc"), 0, 3)))
	require.Equal(t, raft.WriteID(3), env.After)
	n.Step(&raft.Persisted{ID: 3})
	_, env = only(t, receive(n, 3, ack))
	require.Equal(t, raft.WriteID(4), env.After)

	n = bootNode(t, 1, 3, diskWithLog(1, 1, 1, 1, 1)...) // the same of entries that were durable before
	receive(n, 3, installRequest(2, at(2, 3), []byte("abc"), 0, 3))
	receive(n, 3, appendRequest(2, at(2, 3), 0, 2))
	_, env = only(t, receive(n, 3, appendRequest(2, at(2, 3), 0, 2)))
	require.Equal(t, n.disk.issued, env.After)
}

// The configuration comes with the snapshot, and counts from then on.
func TestInstall_bringsItsConfiguration(t *testing.T) {
	n := bootNode(t, 1, 3, diskWithConfigurations(1, threeAndOne, joint)...)
	m := installRequest(2, at(2, 9), []byte("abc"), 0, 3)
	m.installSnapshot.members = configured{7, afterJoint}
	out := receive(n, 4, m)
	require.Equal(t, membership{{7, afterJoint}}, n.members)
	n = bootNode(t, 1, 3, bytes.Clone(out.Writes[len(out.Writes)-1].Data))
	require.Equal(t, membership{{7, afterJoint}}, n.members)
	require.Equal(t, configured{7, afterJoint}, n.snapshot.members)
}
