package reference

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// bigState takes three chunks, the last of which is short.
var bigState = append(append(bytes.Repeat([]byte("a"), MaxChunkBytes),
	bytes.Repeat([]byte("b"), MaxChunkBytes)...), "end"...)

// chunkLine describes a chunk, counted from 0, of a snapshot for node 3.
func chunkLine(id raft.EntryID, state []byte, i int) string {
	m := installRequest(2, id, state, i*MaxChunkBytes, min((i+1)*MaxChunkBytes, len(state)))
	return "n3 " + System{}.DescribeMessage(raft.Message{Payload: m.append(nil)})
}

// compacted is a leader of three in term 2, whose log was five entries of term
// 1 and its blank one, all of which it compacted but for the last keep.
func compacted(t *testing.T, keep int) *Node {
	t.Helper()
	n := leaderOf(t, 3, diskWithLog(1, 1, 1, 1, 1, 1)...)
	receive(n, 2, appendMatches(2, 6))
	n.Step(&raft.Compact{Index: 6, Keep: keep, State: bigState})
	persist(n)
	return n
}

// Section 7: the snapshot takes the place of the log, but for its end.
func TestCompact_keepsTheLastEntries(t *testing.T) {
	for keep, want := range map[int]struct {
		base raft.EntryID
		log  []raft.Term
	}{
		0: {at(2, 6), nil},
		1: {at(1, 5), []raft.Term{2}},
		4: {at(1, 2), []raft.Term{1, 1, 1, 2}},
		6: {at(0, 0), []raft.Term{1, 1, 1, 1, 1, 2}},
		9: {at(0, 0), []raft.Term{1, 1, 1, 1, 1, 2}},
	} {
		n := leaderOf(t, 3, diskWithLog(1, 1, 1, 1, 1, 1)...)
		n.Step(&raft.Propose{Data: []byte("x")})
		receive(n, 2, appendMatches(2, 6))
		in := raft.Compact{Index: 6, Keep: keep, State: bytes.Clone(bigState)}
		out := n.Step(&in)
		clear(in.State)
		require.Len(t, out.Writes, 1)
		require.True(t, out.Writes[0].Checkpoint)
		require.Equal(t, snapshot{at(2, 6), configured{config: three}, bigState}, n.snapshot)
		require.Equal(t, want.base, n.Status().Base, "keep %d", keep)
		require.Equal(t, append(want.log, 2), terms(n), "keep %d", keep)
		_, held := n.EntryAt(want.base.Index)
		require.False(t, held)
		_, held = n.EntryAt(want.base.Index + 1)
		require.True(t, held)
		require.Empty(t, n.Step(&raft.Compact{Index: 6, State: bigState}).Writes, "once is enough")
	}
	n := bootNode(t, 1, 3)
	receive(n, 2, appendRequest(1, at(0, 0), 2, 1, 1))
	require.Panics(t, func() { n.Step(&raft.Compact{Index: 1}) }, "not the last that was applied")
}

func TestCheckpoint_bootsToTheSame(t *testing.T) {
	for _, keep := range []int{0, 2, 9} {
		c := newCluster(t, 3)
		c.elect(1)
		for seq := range uint32(4) {
			c.propose(1, seq+1)
		}
		c.cut = raft.NodeSetOf(2)
		c.heartbeat(1)
		c.compact(1, keep)
		require.Len(t, c.disks[1], 1, "it stands for all before it")
		before := c.nodes[1].Status()
		c.restart(1)
		require.Equal(t, raft.Status{Term: 1, Vote: 1, Config: three, Base: before.Base,
			Last: before.Last, Commit: 5}, c.nodes[1].Status())
		c.step(1, &raft.Tick{})
		require.Equal(t, []byte{1, 2, 3, 4}, c.states[1], "the state machine gets it back")
		require.Equal(t, raft.Index(5), c.nodes[1].applied)

		c.elect(1)
		c.propose(1, 5)
		c.restart(1)
		require.Equal(t, raft.Index(7), c.nodes[1].log.lastIndex(), "with what was written after it")
		c.elect(1)
		require.Equal(t, []byte{1, 2, 3, 4, 5}, c.states[1])
		c.cut = 0
		c.heartbeat(1)
		c.heartbeat(1)
		require.Equal(t, []byte{1, 2, 3, 4, 5}, c.states[2])
	}
}

func TestRestore_onceAndBeforeWhatFollows(t *testing.T) {
	n := bootNode(t, 1, 3, sealed(7, checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3)))
	out := receive(n, 2, appendRequest(3, at(3, 4), 4))
	require.Equal(t, raft.Snapshot{ID: at(2, 3), State: []byte("state")}, out.Restore)
	require.Len(t, out.Applied, 1)
	require.Equal(t, at(3, 4), out.Applied[0].ID)
	require.Zero(t, n.Step(&raft.Tick{}).Restore)
}

// The log may reach back behind the snapshot; the snapshot's configuration is
// the oldest that counts.
func TestCheckpoint_configurationsBeforeItsSnapshot(t *testing.T) {
	r := checkpointRecord(hardState{1, 0}, at(0, 0), at(1, 2))
	r.snapshot.members = configured{2, joint}
	r.entries = configurations(1, threeAndOne, joint, afterJoint)
	disk := sealed(0, r)
	n := bootNode(t, 1, 3, disk)
	require.Equal(t, membership{{2, joint}, {3, afterJoint}}, n.members)
	clear(disk)
	require.Equal(t, []byte("state"), n.Step(&raft.Tick{}).Restore.State, "nothing of the disk is kept")
}

func TestCheckpoint_onTheDisk(t *testing.T) {
	good := checkpointRecord(hardState{3, 1}, at(1, 2), at(2, 3), 2, 3)
	before := [][]byte{sealed(0, hardRecord(2, 0)), sealed(1, logRecord(1, 1, 1, 2))}
	torn := sealed(2, good)
	torn = torn[:len(torn)-1]
	other := good
	other.snapshot.id = at(1, 3)
	tests := map[string]struct {
		disk [][]byte
		last raft.EntryID
		err  string
	}{
		"alone":                     {[][]byte{sealed(7, good)}, at(3, 4), ""},
		"behind what it stands for": {append(before[:2:2], sealed(2, good)), at(3, 4), ""},
		"torn":                      {append(before[:2:2], torn), at(2, 3), ""},
		"torn, and carried on":      {append(before[:2:2], torn, sealed(2, logRecord(4, 2))), at(2, 4), ""},
		"torn, and written again":   {append(before[:2:2], torn, sealed(2, good)), at(3, 4), ""},
		"carried on":                {[][]byte{sealed(7, good), sealed(8, logRecord(5, 3, 3))}, at(3, 6), ""},
		"carried on after a tear": {[][]byte{sealed(7, good), sealed(8, logRecord(5, 3))[:9],
			sealed(8, logRecord(5, 3))}, at(3, 5), ""},
		"truncated": {[][]byte{sealed(7, good), sealed(8, cutRecord(4))}, at(2, 3), ""},
		"a record after it is missing": {[][]byte{sealed(7, good), sealed(9, logRecord(5, 3))},
			at(0, 0), "record 2 of 2: its number is 9 after 8"},
		"a record before it is missing": {append(before[:2:2], sealed(3, good)),
			at(0, 0), "record 3 of 3: its number is 3 after 2"},
		"the first, torn, of a number": {[][]byte{torn}, at(0, 0), "record 1 of 1: its number is 2 after 0"},
		"twice": {[][]byte{sealed(7, good), sealed(8, good)},
			at(0, 0), "the snapshot of t2i3 follows one of t2i3"},
		"truncated behind the snapshot": {[][]byte{sealed(7, good), sealed(8, cutRecord(3))}, at(0, 0),
			"truncation from 3 goes behind the snapshot of t2i3"},
		"of another log": {[][]byte{sealed(7, other)}, at(0, 0),
			"the snapshot of t1i3 is not of the log beside it"},
		"of an earlier term": {append([][]byte{sealed(0, hardRecord(4, 0))}, sealed(1, good)),
			at(0, 0), "term 3 goes back from term 4"},
		"of another vote": {append([][]byte{sealed(0, hardRecord(3, 2))}, sealed(1, good)),
			at(0, 0), "a vote for n1 in term 3 follows one for n2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := bootDisk(tt.disk)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.last, n.log.last())
		})
	}
}

func chunkReply(term raft.Term, id raft.EntryID, have int) message {
	return message{kind: kindInstallReply, term: term, installReply: installReply{id: id, have: have}}
}

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
	require.Zero(t, n.incoming.id, "it follows nobody")
	receive(n, 3, installRequest(4, at(2, 6), bigState, 0, one))
	require.Equal(t, raft.Follower, n.role, "a candidate yields to who sends a snapshot in its term")
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
		"its last entry is there":         {at(2, 3), at(3, 5), 3, false}, // and what follows stays
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

// The answer promises what was under way when the snapshot came, and no more.
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

// An AppendEntries may begin before what the follower compacted (willemt/raft pull 118).
func TestAppend_beforeTheBase(t *testing.T) {
	tests := map[string]struct {
		m     message
		match raft.Index
		last  raft.Index
	}{
		"altogether":          {appendRequest(1, at(1, 1), 9, 1), 4, 5},
		"up to the base":      {appendRequest(1, at(1, 1), 9, 1, 1, 1), 4, 5},
		"across the base":     {appendRequest(1, at(1, 1), 9, 1, 1, 1, 1, 1), 6, 6},
		"from the beginning":  {appendRequest(1, at(0, 0), 9, 1, 1, 1, 1, 1), 5, 5},
		"an empty one":        {appendRequest(1, at(1, 2), 9), 4, 5},
		"an empty one, first": {appendRequest(1, at(0, 0), 9), 4, 5},
		"at the base":         {appendRequest(1, at(1, 4), 9), 4, 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := bootNode(t, 1, 3, diskWithLog(1, 1, 1, 1, 1, 1)...)
			receive(n, 2, appendRequest(1, at(1, 4), 4))
			n.Step(&raft.Compact{Index: 4})
			m, env := only(t, receive(n, 2, tt.m))
			require.True(t, m.appendReply.matches)
			require.Equal(t, tt.match, m.appendReply.index)
			require.Equal(t, at(1, tt.match), env.Promise.Last)
			require.Equal(t, tt.match, n.commit, "of what is known to be equal, all is committed")
			require.Equal(t, tt.last, n.log.lastIndex())
		})
	}
}

// Section 7: a leader sends its snapshot to who needs what it compacted.
func TestSnapshot_isSentInChunks(t *testing.T) {
	n := compacted(t, 0)
	id := at(2, 6)
	const one, two = MaxChunkBytes, 2 * MaxChunkBytes
	out := receive(n, 3, appendRefused(2, 5, at(0, 1)))
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 0)}, said(out))
	require.Empty(t, n.Step(&raft.Propose{}).Sends[1:], "only to the other one")
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 1)}, said(receive(n, 3, chunkReply(2, id, one))))
	require.Empty(t, receive(n, 3, chunkReply(2, id, one)).Sends, "doubled")
	require.Empty(t, receive(n, 3, appendRefused(2, 5, at(0, 1))).Sends, "of before")
	require.Empty(t, receive(n, 3, chunkReply(2, at(1, 3), two)).Sends, "of another one")
	require.Empty(t, receive(n, 3, chunkReply(2, id, 999)).Sends, "of nothing")

	heartbeat := func() []string {
		var lines []string
		for range HeartbeatTicks {
			lines = said(n.Step(&raft.Tick{}))
		}
		return lines[1:]
	}
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 1)}, heartbeat(), "what was lost is sent again")
	require.Empty(t, receive(n, 3, chunkReply(2, id, 0)).Sends, "it lost its part, or this was overtaken")
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 0)}, heartbeat())
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 2)}, said(receive(n, 3, chunkReply(2, id, two))))
	require.Equal(t, []string{"n3 AppendEntries t2 prev=t2i6 entries=7..7 commit=6"},
		said(receive(n, 3, appendMatches(2, 6))))
}

func TestSnapshot_thatIsReplacedOnTheWay(t *testing.T) {
	n := compacted(t, 0)
	receive(n, 3, appendRefused(2, 5, at(0, 1)))
	receive(n, 3, chunkReply(2, at(2, 6), MaxChunkBytes))
	n.Step(&raft.Propose{})
	persist(n)
	receive(n, 2, appendMatches(2, 7))
	n.Step(&raft.Compact{Index: 7, State: bigState[:MaxChunkBytes+1]})
	require.Empty(t, receive(n, 3, chunkReply(2, at(2, 6), 2*MaxChunkBytes)).Sends, "of the one before")
	n.beginRound()
	n.heartbeat(3)
	require.Equal(t, []string{chunkLine(at(2, 7), bigState[:MaxChunkBytes+1], 0)},
		said(n.out.output)[len(n.out.output.Sends)-1:])
	require.Equal(t, []string{chunkLine(at(2, 7), bigState[:MaxChunkBytes+1], 1)},
		said(receive(n, 3, chunkReply(2, at(2, 7), MaxChunkBytes))))
	receive(n, 3, appendMatches(2, 6))
	require.Equal(t, installing, n.lead.peers[3].state,
		"the earlier snapshot does not reach the log that is left")
	receive(n, 3, appendMatches(2, 7))
	require.Equal(t, replicating, n.lead.peers[3].state)
}

// A follower that is a little behind gets entries as long as they are kept, and
// any that reach the log end the snapshot (etcd-io/raft commit d87942f).
func TestSnapshot_onlyForWhatIsCompacted(t *testing.T) {
	n := compacted(t, 3)
	out := receive(n, 3, appendRefused(2, 5, at(0, 4)))
	require.Equal(t, []string{"n3 AppendEntries t2 prev=t1i3 entries=4..5 commit=6"}, said(out))
	n = compacted(t, 3)
	out = receive(n, 3, appendRefused(2, 5, at(0, 3)))
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 0)}, said(out))
	require.Empty(t, receive(n, 3, appendMatches(2, 2)).Sends, "which is not enough, and interrupts nothing")
	require.Equal(t, installing, n.lead.peers[3].state)
	out = receive(n, 3, appendMatches(2, 3))
	require.Equal(t, []string{
		"n3 AppendEntries t2 prev=t1i3 entries=4..5 commit=6",
		"n3 AppendEntries t2 prev=t1i5 entries=6..6 commit=6",
	}, said(out))
}

// Who receives a snapshot takes the sender for the leader, and that counts.
func TestSnapshot_answersCountForRounds(t *testing.T) {
	n := compacted(t, 0)
	receive(n, 3, appendRefused(2, 5, at(0, 1)))
	n.Step(&raft.Read{Op: client(1)})
	m := chunkReply(2, at(2, 6), MaxChunkBytes)
	m.installReply.round = n.lead.round
	out := receive(n, 3, m)
	require.Equal(t, []raft.Reply{{Op: client(1), Outcome: raft.Done}}, out.Replies)
	receive(n, 5, chunkReply(2, at(2, 6), MaxChunkBytes)) // who is no member is not listened to
}

func TestSnapshot_catchesUpWhoWasAway(t *testing.T) {
	for name, during := range map[string]func(c *cluster){
		"without a hitch":        func(*cluster) {},
		"which restarts halfway": func(c *cluster) { c.restart(3) },
		"whose leader compacts again": func(c *cluster) {
			c.propose(1, 99)
			c.compact(1, 0)
		},
		"whose leader is another one then": func(c *cluster) {
			c.compact(2, 0)
			c.restart(1)
			c.elect(2)
		},
		"of which messages are lost": func(c *cluster) { c.queue = nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 3)
			c.elect(1)
			c.cut = raft.NodeSetOf(3)
			for seq := range uint32(150) {
				c.propose(1, seq)
				c.propose(1, seq)
			}
			c.compact(1, 2)
			c.heartbeat(1)
			c.cut = 0
			for range HeartbeatTicks {
				c.step(1, &raft.Tick{})
			}
			for len(c.nodes[3].incoming.state) == 0 {
				m := c.queue[0]
				c.queue = c.queue[1:]
				c.step(m.To, &raft.Receive{Msg: m})
			}
			during(c)
			for range 3 {
				c.pass(2 * HeartbeatTicks)
			}
			require.Equal(t, c.nodes[2].log.last(), c.nodes[3].log.last())
			require.Equal(t, c.states[2], c.states[3])
			require.NotZero(t, c.nodes[3].snapshot.id)
			state := c.states[3]
			c.restart(3)
			c.pass(4 * HeartbeatTicks)
			require.Equal(t, state, c.states[3])
		})
	}
}
