package reference

import (
	"bytes"
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

// compacted is a leader of three in term 2. Its log was five entries of term 1 and
// its blank one. It compacted all of them but for the last keep.
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
		require.Equal(t, raft.Index(7), c.nodes[1].log.lastIndex(), "with the entries written after it")
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

// An AppendEntries may begin before the follower's compacted entries (willemt/raft
// pull 118).
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
			require.Equal(t, tt.match, n.commit, "every entry known to be equal is committed")
			require.Equal(t, tt.last, n.log.lastIndex())
		})
	}
}

// Section 7: a leader sends its snapshot to a peer that needs compacted entries.
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
	require.Equal(t, []string{chunkLine(at(2, 6), bigState, 1)}, heartbeat(), "a lost chunk is sent again")
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

// The receiver of a snapshot accepts the sender as the leader, and its answer
// counts for the round.
func TestSnapshot_answersCountForRounds(t *testing.T) {
	n := compacted(t, 0)
	receive(n, 3, appendRefused(2, 5, at(0, 1)))
	n.Step(&raft.Read{Op: client(1)})
	m := chunkReply(2, at(2, 6), MaxChunkBytes)
	m.installReply.round = n.lead.round
	out := receive(n, 3, m)
	require.Equal(t, []raft.Reply{{Op: client(1), Outcome: raft.Done}}, out.Replies)
	receive(n, 5, chunkReply(2, at(2, 6), MaxChunkBytes)) // a reply of a node that is no member is ignored
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
