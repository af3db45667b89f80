package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
)

func TestLink_messageWaitsForItsWrite(t *testing.T) {
	s := newStage(t, 2)
	out := raft.Output{Writes: writes(1, "v", "w"), Sends: letters(1, 2, 2, "x")}
	out.Sends = append(out.Sends, letters(1, 2, 0, "y")...)
	told := s.does(1, out)
	require.Equal(t, "y", s.onLink(1, 2), "only what waits for nothing leaves")
	require.Len(t, told[0].Released, 1)

	require.Empty(t, s.do("persist 1 k=1")[0].Released)
	require.Equal(t, "y", s.onLink(1, 2))

	told = s.do("persist 1 k=1")
	require.Equal(t, "yx", s.onLink(1, 2))
	require.Len(t, told[0].Released, 1)
	require.Equal(t, "x", string(told[0].Released[0].Payload))
	require.Equal(t, raft.WriteID(2), told[0].Durable)
}

func TestLink_heldMessagesLeaveBeforeNewOnes(t *testing.T) {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, "v"), Sends: letters(1, 2, 1, "x", "y")})
	s.says(1, raft.Output{Sends: letters(1, 2, 0, "z")})
	s.do("persist 1")
	require.Equal(t, "xyz", s.onLink(1, 2))
}

func TestLink_recordKeepsTheBytesOfWhatLeft(t *testing.T) {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, "v"), Sends: letters(1, 2, 1, "x")})
	s.says(1, raft.Output{Writes: writes(2, "w"), Sends: letters(1, 2, 2, "y")})
	told := s.do("persist 1")
	require.Equal(t, "x", string(told[0].Released[0].Payload))
	require.Equal(t, "x", s.onLink(1, 2))
}

func TestLink_heldMessagesAreLostOnCrash(t *testing.T) {
	for _, crash := range []string{"crash 1", "crash 1 k=1", "tear 1"} {
		s := newStage(t, 2)
		s.does(1, raft.Output{Writes: writes(1, "v"), Sends: letters(1, 2, 1, "x")})
		s.do(crash, "restart 1")
		s.does(1, raft.Output{Writes: writes(1, "w")})
		s.do("persist 1")
		require.Empty(t, s.onLink(1, 2), crash)
	}
}

func TestLink_positions(t *testing.T) {
	tests := []struct {
		events []string
		heard  []string
		left   string
		told   []trace.Kind
	}{
		{[]string{"deliver 1->2"}, []string{"a from n1"}, "bc", []trace.Kind{trace.Stepped}},
		{[]string{"deliver 1->2 k=1"}, []string{"b from n1"}, "ac", []trace.Kind{trace.Stepped}},
		{[]string{"deliver 1->2 k=2", "deliver 1->2"}, []string{"c from n1", "a from n1"}, "b", []trace.Kind{trace.Stepped, trace.Stepped}},
		{[]string{"deliver 1->2 k=3"}, nil, "abc", []trace.Kind{trace.Ignored}},
		{[]string{"drop 1->2 k=1"}, nil, "ac", []trace.Kind{trace.Lost}},
		{[]string{"drop 1->2 k=3"}, nil, "abc", []trace.Kind{trace.Ignored}},
		{[]string{"duplicate 1->2"}, nil, "abca", []trace.Kind{trace.Doubled}},
		{[]string{"duplicate 1->2 k=1", "deliver 1->2 k=3"}, []string{"b from n1"}, "abc", []trace.Kind{trace.Doubled, trace.Stepped}},
		{[]string{"duplicate 1->2 k=3"}, nil, "abc", []trace.Kind{trace.Ignored}},
		{[]string{"deliver 2->1", "drop 2->1", "duplicate 2->1"}, nil, "abc", []trace.Kind{trace.Ignored, trace.Ignored, trace.Ignored}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.events, "; "), func(t *testing.T) {
			s := newStage(t, 2)
			s.posts(1, 2, "abc")
			require.Equal(t, test.told, kinds(s.do(test.events...)))
			require.Equal(t, test.heard, s.heard(2))
			require.Equal(t, test.left, s.onLink(1, 2))
			require.Equal(t, len(test.left), s.InFlight(1, 2))
		})
	}
}

func TestLink_waitingFollowsTheQueues(t *testing.T) {
	s := newStage(t, 3)
	require.Zero(t, s.loaded[1])
	s.posts(1, 2, "a")
	s.posts(1, 3, "b")
	require.Equal(t, raft.NodeSetOf(2, 3), s.loaded[1])
	s.do("drop 1->2")
	require.Equal(t, raft.NodeSetOf(3), s.loaded[1])
	s.do("deliver 1->3")
	require.Zero(t, s.loaded[1])
}

func TestLink_fullLosesWhatComes(t *testing.T) {
	s := newStage(t, 2)
	s.posts(1, 2, strings.Repeat("a", maxInFlight-1)+"bc")
	require.Equal(t, maxInFlight, s.InFlight(1, 2))
	require.True(t, strings.HasSuffix(s.onLink(1, 2), "ab"))
	s.ignores("duplicate 1->2")
	s.do("deliver 1->2", "duplicate 1->2 k=62")
	require.True(t, strings.HasSuffix(s.onLink(1, 2), "bb"), "there is room again")
}

func TestLink_messageToANodeThatIsDownIsLost(t *testing.T) {
	s := newStage(t, 2)
	s.posts(1, 2, "ab")
	s.do("crash 2")
	told := s.do("deliver 1->2")
	require.Equal(t, []trace.Kind{trace.Lost}, kinds(told))
	require.Equal(t, [2]raft.NodeID{1, 2}, [2]raft.NodeID{told[0].Node, told[0].Peer})
	s.do("restart 2", "deliver 1->2")
	require.Equal(t, []string{"b from n1"}, s.heard(2))
}

func TestLink_messagesOutliveTheirSender(t *testing.T) {
	s := newStage(t, 2)
	s.posts(1, 2, "a")
	s.do("crash 1", "deliver 1->2")
	require.Equal(t, []string{"a from n1"}, s.heard(2))
}

func TestLink_cut(t *testing.T) {
	tests := []struct{ cut, open string }{
		{"cut 1 2 | 3", "12 21"},
		{"cut 3 | 1 2", "12 21"},
		{"cut 1 | 2", "13 23 31 32"},
		{"cut 1 | 2 | 3", ""},
		{"cut 1->3", "12 21 23 31 32"},
	}
	for _, test := range tests {
		t.Run(test.cut, func(t *testing.T) {
			s := newStage(t, 3)
			for from := range s.All().All() {
				for to := range s.All().Without(from).All() {
					s.posts(from, to, "ab")
				}
			}
			require.False(t, s.Parted())
			require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do(test.cut)))
			require.True(t, s.Parted())
			require.Equal(t, test.open, s.openLinks())
			s.ignores(test.cut)

			s.do("mend")
			require.False(t, s.Parted())
			require.Equal(t, "12 13 21 23 31 32", s.openLinks())
			s.ignores("mend")
		})
	}
}

// openLinks delivers a message on every link and says where it arrived.
func (s *stage) openLinks() string {
	var open []string
	for from := range s.All().All() {
		for to := range s.All().Without(from).All() {
			can := s.Deliverable(from).Has(to)
			told := s.do(fmt.Sprintf("deliver %d->%d", from, to))
			require.Equal(s.t, can, told[0].Kind == trace.Stepped)
			if can {
				open = append(open, fmt.Sprintf("%d%d", from, to))
			}
		}
	}
	return strings.Join(open, " ")
}

func TestLink_messagesWaitOnACutLink(t *testing.T) {
	s := newStage(t, 3)
	s.posts(1, 2, "a")
	s.do("cut 1->2", "cut 1->3")
	s.posts(1, 2, "bc")
	s.posts(1, 3, "d")
	s.ignores("deliver 1->2", "deliver 1->3")
	s.do("drop 1->2 k=1", "duplicate 1->2")
	require.Equal(t, "aca", s.onLink(1, 2))

	require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do("mend 1->2")))
	s.ignores("mend 1->2", "mend 2->1", "deliver 1->3")
	s.do("settle")
	require.Equal(t, []string{"a from n1", "c from n1", "a from n1"}, s.heard(2))
	require.Empty(t, s.heard(3))
}

func TestLink_slow(t *testing.T) {
	s := newStage(t, 3)
	s.ignores("slow 1->2 k=0")
	require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do("slow 1->2 k=4")))
	s.ignores("slow 1->2 k=4")
	s.do("slow 1->3 k=2")

	require.Equal(t, 5, s.ticksUntil("a", 1, 2))
	require.Equal(t, 3, s.ticksUntil("b", 1, 3))
	require.Equal(t, 1, s.ticksUntil("c", 2, 1), "the way back is not slow")

	s.do("mend 1->2")
	require.Equal(t, 1, s.ticksUntil("d", 1, 2))
	require.Equal(t, 3, s.ticksUntil("e", 1, 3))
	s.do("mend")
	require.Equal(t, 1, s.ticksUntil("f", 1, 3))
}

// ticksUntil counts the ticks until a message arrives.
func (s *stage) ticksUntil(payload string, from, to raft.NodeID) int {
	s.posts(from, to, payload)
	for ticks := 1; ticks < 100; ticks++ {
		s.do("run k=1")
		for _, h := range s.heard(to) {
			if strings.HasPrefix(h, payload) {
				return ticks
			}
		}
	}
	return 0
}

func TestLink_slowDoesNotHoldBackPlainDeliveries(t *testing.T) {
	s := newStage(t, 2)
	s.do("slow 1->2 k=1000")
	s.posts(1, 2, "ab")
	s.do("deliver 1->2 k=1", "settle")
	require.Equal(t, []string{"b from n1", "a from n1"}, s.heard(2))
}

func TestLink_laterMessagesOvertakeSlowOnes(t *testing.T) {
	s := newStage(t, 2)
	s.do("slow 1->2 k=2")
	s.posts(1, 2, "a")
	s.do("mend")
	s.posts(1, 2, "b")
	s.do("run k=3")
	require.Equal(t, []string{"tick", "b from n1", "tick", "tick", "a from n1"}, s.heard(2))
}

// TestLink_tellsWhatAFullOneLoses: what never arrives is told as lost.
func TestLink_tellsWhatAFullOneLoses(t *testing.T) {
	s := newStage(t, 3)
	for range maxInFlight {
		require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Sends: letters(1, 2, 0, "x")})))
	}
	told := s.does(1, raft.Output{Sends: letters(1, 2, 0, "x")})
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Lost}, kinds(told))
	require.Equal(t, [2]raft.NodeID{1, 2}, [2]raft.NodeID{told[1].Node, told[1].Peer})
	require.Equal(t, maxInFlight, s.InFlight(1, 2))
}

// TestNode_holdsBackSoManyMessages: a node whose disk never finishes does not hold ever more.
func TestNode_holdsBackSoManyMessages(t *testing.T) {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, "a")})
	for range maxHeld {
		require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.does(1, raft.Output{Sends: letters(1, 2, 1, "x")})))
	}
	require.Equal(t, []trace.Kind{trace.Stepped, trace.Lost}, kinds(s.does(1, raft.Output{Sends: letters(1, 2, 1, "x")})))
	require.Equal(t, maxHeld, s.nodes[1].held.len())
}

// TestLose_everyMessage: a link loses its messages, oldest first, in one event.
func TestLose_everyMessage(t *testing.T) {
	s := newStage(t, 3)
	s.posts(1, 2, "x y z")
	s.posts(1, 3, "a")
	s.posts(2, 1, "b")
	waiting, events := s.InFlight(1, 2), s.Events()
	require.Positive(t, waiting)
	records := s.do("cut 1->2", "lose 1->2")[1:]
	require.Len(t, records, waiting)
	for _, r := range records {
		require.Equal(t, trace.Record{Event: r.Event, Time: r.Time, Kind: trace.Lost, Node: 1, Peer: 2}, r)
	}
	require.Equal(t, events+2, s.Events())
	require.Empty(t, s.onLink(1, 2))
	require.Equal(t, "a", s.onLink(1, 3))
	require.Equal(t, "b", s.onLink(2, 1))
	require.False(t, s.loaded[1].Has(2))
	s.ignores("lose 1->2")
	require.Equal(t, []Event{{Kind: Drop, Node: 1, Peer: 2}}, Event{Kind: Lose, Node: 1, Peer: 2}.Simpler(3))
}
