package reference

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

// data takes size bytes as an entry of term 1.
func data(size int) []byte {
	d := make([]byte, size)
	return d[:2*size-len(appendEntry(nil, 1, raft.Command, d))]
}

// streaming is a leader of three in term 1 that replicates to node 2, which has
// its blank entry, and probes node 3.
func streaming(t *testing.T) *Node {
	t.Helper()
	n := established(t, leaderOf(t, 3))
	require.Equal(t, replicating, n.lead.peers[2].state)
	require.Equal(t, probing, n.lead.peers[3].state)
	return n
}

func beat(n *Node) (out raft.Output) {
	for range HeartbeatTicks {
		out = n.Step(&raft.Tick{})
	}
	return out
}

// to are the messages of an output to one node.
func to(id raft.NodeID, out raft.Output) (lines []string) {
	for _, m := range out.Sends {
		if m.To == id {
			lines = append(lines, System{}.DescribeMessage(m))
		}
	}
	return lines
}

// Thesis, section 10.2.1: requests follow one another without waiting, up to a window.
func TestWindow_ofMessages(t *testing.T) {
	n := streaming(t)
	for i := range MaxInFlight {
		require.Len(t, n.Step(&raft.Propose{}).Sends, 1, "%d", i)
	}
	require.Empty(t, n.Step(&raft.Propose{}).Sends)
	require.Empty(t, n.Step(&raft.Propose{}).Sends)
	require.Equal(t, []string{"AppendEntries t1 prev=t1i5 commit=1"}, to(2, beat(n)),
		"a heartbeat follows the requests in flight")
	require.Equal(t, []string{"AppendEntries t1 prev=t1i5 entries=6..7 commit=1"},
		to(2, receive(n, 2, appendMatches(1, 2))))
	require.Empty(t, n.Step(&raft.Propose{}).Sends, "full again")
	require.Equal(t, []string{"AppendEntries t1 prev=t1i7 entries=8..8 commit=1"},
		to(2, receive(n, 2, appendMatches(1, 5))))
	require.Equal(t, 2, n.lead.peers[2].flight.count)
	receive(n, 2, appendMatches(1, 8))
	require.Zero(t, n.lead.peers[2].flight.count)
	require.Zero(t, n.lead.peers[2].flight.bytes)
}

func TestWindow_ofBytes(t *testing.T) {
	n := streaming(t)
	size := MaxBytesPerAppend - 1
	sent := 0
	for range MaxInFlight {
		sent += len(n.Step(&raft.Propose{Data: data(size)}).Sends)
	}
	require.Equal(t, MaxInFlightBytes/size+1, sent, "the last may go beyond")
	require.Equal(t, []string{"AppendEntries t1 prev=t1i4 entries=5..5 commit=1"},
		to(2, receive(n, 2, appendMatches(1, 2))))

	n = streaming(t)
	require.Len(t, n.Step(&raft.Propose{Data: data(2 * MaxInFlightBytes)}).Sends, 1, "one is always allowed")
	require.Empty(t, n.Step(&raft.Propose{}).Sends)

	n = streaming(t)
	require.Len(t, n.Step(&raft.Propose{Data: data(MaxInFlightBytes)}).Sends, 1)
	require.Empty(t, n.Step(&raft.Propose{}).Sends, "the bound is reached exactly")
}

// TestWindow_neverExceedsItsBounds: whichever sizes clients propose, one AppendEntries
// and all unanswered ones stay within the documented bounds.
func TestWindow_neverExceedsItsBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := streaming(t)
		w := window{}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			if rapid.IntRange(0, 4).Draw(rt, "input") > 0 {
				size := rapid.IntRange(8, MaxInFlightBytes+8).Draw(rt, "bytes")
				w.send(rt, n.Step(&raft.Propose{Data: data(size)}))
				persist(n)
			} else if len(w) > 0 {
				answered := w[rapid.IntRange(0, len(w)-1).Draw(rt, "answered")].last
				w = slices.DeleteFunc(w, func(f inFlight) bool { return f.last <= answered })
				w.send(rt, receive(n, 2, appendMatches(1, answered)))
			}
		}
	})
}

// inFlight is an unanswered request with entries, and window is those to node 2.
type inFlight struct {
	last  raft.Index
	bytes int
}

type window []inFlight

// send adds the requests of an output, and checks the bounds.
func (w *window) send(t *rapid.T, out raft.Output) {
	for _, sent := range out.Sends {
		var m message
		require.NoError(t, m.decode(sent.Payload))
		entries := m.appendEntries.entries
		if sent.To != 2 || entries.count == 0 {
			continue
		}
		require.LessOrEqual(t, entries.count, MaxEntriesPerAppend)
		require.True(t, entries.count == 1 || len(entries.bytes) <= MaxBytesPerAppend,
			"%d entries of %d bytes in one request", entries.count, len(entries.bytes))
		before := 0
		for _, f := range *w {
			before += f.bytes
		}
		require.Less(t, before, MaxInFlightBytes, "bytes in flight before a request")
		*w = append(*w, inFlight{m.appendEntries.prev.Index + raft.Index(entries.count), len(entries.bytes)})
		require.LessOrEqual(t, len(*w), MaxInFlight)
	}
}

// TestOverload_boundsTheLeader: a leader without answers accepts proposals up to
// MaxUncommittedBytes and none beyond, and accepts any proposal once all is committed.
func TestOverload_boundsTheLeader(t *testing.T) {
	n := streaming(t)
	size, accepted := MaxUncommittedBytes/16, 0
	for range 40 {
		if len(n.Step(&raft.Propose{Op: client(1), Data: data(size)}).Replies) == 0 {
			accepted += size
		}
	}
	require.LessOrEqual(t, n.log.size(n.commit), MaxUncommittedBytes)
	require.Equal(t, MaxUncommittedBytes, accepted, "it accepts all that the bound allows")
	persist(n)
	receive(n, 2, appendMatches(1, n.log.lastIndex()))
	require.Equal(t, n.log.lastIndex(), n.commit)
	require.Empty(t, n.Step(&raft.Propose{Op: client(2), Data: data(size)}).Replies)
}

func TestRun_isBounded(t *testing.T) {
	lead := func(sizes ...int) *Node {
		n := leaderOf(t, 3)
		for _, size := range sizes {
			n.Step(&raft.Propose{Data: data(size)})
		}
		return n
	}
	half := MaxBytesPerAppend / 2
	tests := map[string]struct {
		node *Node
		says string
	}{
		"by bytes":            {lead(half, half, 300), "prev=t1i1 entries=2..3"},
		"by bytes, just over": {lead(half, half+1, 300), "prev=t1i1 entries=2..2"},
		"but takes one":       {lead(3*half, 300), "prev=t1i1 entries=2..2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, said(receive(tt.node, 2, appendMatches(1, 1)))[0], tt.says)
		})
	}
}

func TestOverload_isMeasuredInTheLog(t *testing.T) {
	n := streaming(t)
	require.Empty(t, n.Step(&raft.Propose{Data: make([]byte, 2*MaxUncommittedBytes)}).Replies,
		"one is always taken")
	require.Equal(t, replies(client(1), raft.Rejected), n.Step(&raft.Propose{Op: client(1)}).Replies)
	persist(n)
	receive(n, 2, appendMatches(1, 2))
	require.Equal(t, raft.Index(2), n.commit)
	half := MaxUncommittedBytes / 2
	require.Empty(t, n.Step(&raft.Propose{Data: data(half)}).Replies)
	require.Equal(t, replies(client(1), raft.Rejected),
		n.Step(&raft.Propose{Op: client(1), Data: make([]byte, half+1)}).Replies)
	require.Empty(t, n.Step(&raft.Propose{Data: make([]byte, half)}).Replies)
	require.Equal(t, replies(client(1), raft.Rejected),
		n.Step(&raft.Propose{Op: client(1), Data: []byte("x")}).Replies)

	n = lead(bootNode(t, 1, 3,
		diskOf(hardRecord(1, 0), record{kind: recordEntries, index: 1, entries: bigEntry(MaxUncommittedBytes)})...))
	require.Equal(t, replies(client(1), raft.Rejected), n.Step(&raft.Propose{Op: client(1)}).Replies,
		"uncommitted entries of earlier leaders count")
}

func bigEntry(bytes int) entryList {
	r := reader{rest: appendEntry(nil, 1, raft.Command, make([]byte, bytes))}
	return r.entries(1, 1)
}

// A lost request is detected by the rejection of a later request, or of the next
// heartbeat.
func TestWindow_isSentAgainWhenItWasLost(t *testing.T) {
	n := streaming(t)
	for range 3 {
		n.Step(&raft.Propose{})
	}
	require.Equal(t, []string{"AppendEntries t1 prev=t1i4 commit=1"}, to(2, beat(n)))
	out := receive(n, 2, appendRefused(1, 4, at(0, 2)))
	require.Equal(t, []string{"AppendEntries t1 prev=t1i1 entries=2..4 commit=1"}, to(2, out))
	require.Equal(t, probing, n.lead.peers[2].state)
	require.Empty(t, n.Step(&raft.Propose{}).Sends, "one at a time")
	out = receive(n, 2, appendMatches(1, 4))
	require.Equal(t, []string{"AppendEntries t1 prev=t1i4 entries=5..5 commit=1"}, to(2, out))
	require.Equal(t, replicating, n.lead.peers[2].state)
}

func TestWindow_staleAnswers(t *testing.T) {
	tests := map[string]struct {
		m     message
		state progressState
		next  raft.Index
	}{
		"an ack of known entries":        {appendMatches(1, 1), replicating, 5},
		"an ack of a part":               {appendMatches(1, 3), replicating, 5},
		"an ack of all":                  {appendMatches(1, 4), replicating, 5},
		"a refusal of known entries":     {appendRefused(1, 1, at(0, 1)), replicating, 5},
		"a refusal of unsent entries":    {appendRefused(1, 5, at(0, 2)), replicating, 5},
		"a refusal of an earlier term's": {appendRefused(1, 4, at(0, 0)), replicating, 5},
		"a refusal":                      {appendRefused(1, 4, at(0, 2)), probing, 2},
		"a refusal in the middle":        {appendRefused(1, 3, at(0, 3)), probing, 3},
		"a hint below match":             {appendRefused(1, 4, at(0, 1)), probing, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := streaming(t)
			for range 3 {
				n.Step(&raft.Propose{})
			}
			receive(n, 2, tt.m)
			require.Equal(t, tt.state, n.lead.peers[2].state)
			require.Equal(t, tt.next, n.lead.peers[2].next)
		})
	}
}

func TestProbe_onceAHeartbeat(t *testing.T) {
	n := leaderOf(t, 3, diskWithLog(1, 1, 1, 1)...)
	require.Empty(t, n.Step(&raft.Propose{}).Sends, "the blank entry is a probe")
	require.Equal(t, []string{"AppendEntries t2 prev=t1i3 entries=4..5 commit=0"}, to(2, beat(n)))
	require.Empty(t, n.Step(&raft.Propose{}).Sends)
	require.Empty(t, receive(n, 2, appendMatches(2, 1)).Sends, "less than was asked")
	require.Equal(t, raft.Index(1), n.lead.match[2])
	require.Empty(t, receive(n, 2, appendRefused(2, 2, at(0, 2))).Sends, "not the latest")
	require.Equal(t, []string{"AppendEntries t2 prev=t1i1 entries=2..3 commit=0"},
		to(2, receive(n, 2, appendRefused(2, 3, at(0, 1)))), "never below match")
	require.Empty(t, receive(n, 2, appendRefused(2, 3, at(0, 1))).Sends)
	receive(n, 2, appendMatches(2, 3))
	require.Equal(t, replicating, n.lead.peers[2].state)
}

// An answer to a request that was on the way when a probe began ends the probe.
func TestProbe_anyAnswerThatReachesItEndsIt(t *testing.T) {
	n := streaming(t)
	for range 3 {
		n.Step(&raft.Propose{})
	}
	receive(n, 2, appendRefused(1, 3, at(0, 3)))
	require.Equal(t, progress{next: 3, asked: true}, n.lead.peers[2])
	receive(n, 2, appendMatches(1, 2))
	require.Equal(t, replicating, n.lead.peers[2].state)
}

// An empty answer of one term does not disturb: the run of another follows at once.
func TestRun_isOfOneTerm(t *testing.T) {
	l := log{}
	for _, term := range []raft.Term{1, 1, 2, 2, 2, 4} {
		l.append(term, raft.NoOp, nil)
	}
	wants := map[raft.Index][2]int{1: {2, 1}, 2: {1, 1}, 3: {3, 2}, 5: {1, 2}, 6: {1, 4}, 7: {0, 0}}
	for first, want := range wants {
		run := l.run(first, 64, 1<<20)
		require.Equal(t, want[0], run.count, "from %d", first)
		require.Equal(t, raft.Term(want[1]), run.first)
		require.Equal(t, run.first, run.last)
	}
	require.Equal(t, 2, l.run(3, 2, 1<<20).count)
	require.Equal(t, 4, l.list(3, 100).count, "no more than there are")
}

// A new term starts without the requests that the term before had in flight.
func TestLeadership_beginsAnew(t *testing.T) {
	n := streaming(t)
	for seq := range uint32(3) {
		n.Step(&raft.Propose{Op: client(seq)})
		n.Step(&raft.Read{Op: client(10 + seq)})
	}
	n.Step(&raft.Transfer{To: 2})
	receive(n, 3, voteReplyRefused(4))
	lead(n)
	require.Equal(t, leadership{
		match: []raft.Index{0, 5, 0, 0}, acked: []round{0, 1, 0, 0}, round: 1,
		peers:   []progress{{}, {next: 5}, {next: 5, asked: true}, {next: 5, asked: true}},
		waiting: []proposal{}, reads: []read{},
	}, n.lead)
}
