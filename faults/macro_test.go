package faults

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

func TestSettle_untilQuiet(t *testing.T) {
	s := newStage(t, 3)
	s.says(1, raft.Output{Writes: writes(1, "a"), Sends: letters(1, 2, 1, "x", "y")})
	s.says(2, raft.Output{Writes: writes(1, "b"), Sends: letters(2, 3, 1, "z")})
	s.do("timeout 1", "settle")
	require.Equal(t, []string{"timeout", "persisted 1"}, s.heard(1))
	require.Equal(t, []string{"x from n1", "y from n1", "persisted 1"}, s.heard(2))
	require.Equal(t, []string{"z from n2"}, s.heard(3))
	require.Zero(t, s.Dirty())
	for id := range s.All().All() {
		require.Zero(t, s.loaded[id])
	}
	require.Empty(t, s.do("settle"))
}

func TestSettle_leavesWhatCannotMove(t *testing.T) {
	s := newStage(t, 3)
	s.posts(1, 2, "a")
	s.posts(1, 3, "b")
	s.does(3, raft.Output{Writes: writes(1, "w")})
	s.do("cut 1->2", "pause 3")
	require.Empty(t, s.do("settle"))
	s.do("mend", "resume 3", "settle")
	require.Equal(t, []string{"a from n1"}, s.heard(2))
	require.Equal(t, []string{"persisted 1", "b from n1"}, s.heard(3))
}

// babble makes a node answer every message it hears.
func (s *stage) babble(id, to raft.NodeID) {
	s.cast.puppets[id].acts = func(in raft.Input) raft.Output {
		if _, ok := in.(*raft.Receive); ok {
			return raft.Output{Sends: letters(id, to, 0, "again")}
		}
		return raft.Output{}
	}
}

func TestSettle_givesUpOnANodeThatBabblesForEver(t *testing.T) {
	s := newStage(t, 2)
	s.posts(1, 2, "a")
	s.babble(1, 2)
	s.babble(2, 1)
	told := s.do("settle")
	last := told[len(told)-1]
	require.Equal(t, trace.Unquiet, last.Kind)
	require.Equal(t, "after 10002 events", last.Text)
	require.Len(t, about(trace.Stepped, told), 10_002)
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.do("tick 1")), "the run goes on")
	require.Empty(t, s.do("settle"), "and settles no more")
}

func TestRun_deliversWhatIsDue(t *testing.T) {
	s := newStage(t, 2)
	s.says(1, raft.Output{Writes: writes(1, "v"), Sends: letters(1, 2, 0, "now")}, raft.Output{Sends: letters(1, 2, 0, "durable")})
	s.do("run k=1")
	require.Equal(t, []string{"tick", "persisted 1"}, s.heard(1), "disks finish within the tick")
	require.Equal(t, []string{"tick"}, s.heard(2), "messages take at least one")
	s.do("run k=1")
	require.Equal(t, []string{"tick", "now from n1", "durable from n1"}, s.heard(2))
}

func TestRun_clocksGoAtTheirOwnRate(t *testing.T) {
	tests := []struct {
		skew  string
		ticks int
	}{
		{"skew 1 k=25", 25},
		{"skew 1 k=200", 200},
		{"skew 1 k=1", 1},
		{"skew 1 k=99", 99},
		{"skew 1 k=133", 133},
		{"skew 1 k=1000", 1000},
	}
	for _, test := range tests {
		t.Run(test.skew, func(t *testing.T) {
			s := newStage(t, 2)
			require.Equal(t, []trace.Kind{trace.Faulted}, kinds(s.do(test.skew)))
			s.ignores(test.skew)
			s.do("run k=100")
			require.Len(t, s.heard(1), test.ticks)
			require.Len(t, s.heard(2), 100)
		})
	}
}

func TestRun_slowClockTicksEvenly(t *testing.T) {
	s := newStage(t, 1)
	s.ignores("skew 1 k=100")
	s.do("skew 1 k=25")
	for range 3 {
		s.do("run k=3")
		require.Empty(t, s.heard(1))
		s.do("run k=1")
		require.Len(t, s.heard(1), 1)
	}
}

func TestRun_skewOutlivesACrash(t *testing.T) {
	s := newStage(t, 1)
	s.do("skew 1 k=200", "crash 1", "restart 1", "run k=2")
	require.Len(t, s.heard(1), 4)
}

func TestHeal_endsEveryFault(t *testing.T) {
	s := newStage(t, 5)
	s.does(3, raft.Output{Writes: writes(1, "a", "b")})
	s.do("cut 1 2 | 3 4", "slow 1->5 k=9", "skew 1 k=25", "pause 2", "fail 3 k=1", "crash 4")
	s.posts(1, 2, "x")
	told := s.do("heal k=5")

	require.False(t, s.Parted())
	require.Equal(t, s.All(), s.Up())
	require.Zero(t, s.Paused())
	require.Equal(t, []string{"a"}, s.disk(3), "a node whose disk failed starts from what it has")
	require.Equal(t, []trace.Kind{trace.Crashed}, kinds(about(trace.Crashed, told)))
	require.Len(t, about(trace.Booted, told), 2)
	require.Equal(t, trace.Healed, told[len(told)-1].Kind)
	s.ignores("mend", "skew 1 k=100", "resume 2")
	s.do("run k=1")
	require.Equal(t, []string{"tick", "x from n1"}, s.heard(2))
	require.Equal(t, 1, s.ticksUntil("y", 1, 5))
}

func TestHeal_triesARefusedDiskOnceMore(t *testing.T) {
	c := &cast{}
	s := stageOf(t, 3, c)
	s.do("crash 3")
	c.refuses = func(*raft.NodeConfig) error { return errors.New("rotten") }
	s.do("restart 3")
	told := s.do("heal k=9")
	require.Equal(t, []trace.Kind{trace.BootFailed, trace.Healed}, kinds(told))
	require.Equal(t, raft.NodeSetOf(1, 2), s.Up())
	require.Equal(t, trace.Well, told[1].Stuck, "a majority runs")

	s.do("crash 2")
	told = about(trace.Healed, s.do("heal k=9"))
	require.Equal(t, trace.NoQuorum, told[0].Stuck)
	require.Equal(t, 9, told[0].Ticks)
}

func TestHeal_stopsAsSoonAsTheClusterIsWell(t *testing.T) {
	const answersAt = 4
	s := newStage(t, 1)
	s.do("call c1 1 get x")
	told := s.do("heal k=2")
	healed := told[len(told)-1]
	require.Equal(t, trace.CallUnanswered, healed.Stuck)
	require.Equal(t, [2]int{patience * 2, 2}, [2]int{healed.Ticks, healed.Bound}, "its state cannot be compared")

	s.says(1, make([]raft.Output, answersAt-1)...)
	s.says(1, raft.Output{Applied: []raft.Entry{entry(1, 1, 1, "get x")}, Replies: answer(1, 1, raft.Done)})
	told = s.do("heal k=100")
	healed = told[len(told)-1]
	require.Equal(t, trace.Well, healed.Stuck)
	require.Equal(t, [2]int{answersAt, 100}, [2]int{healed.Ticks, healed.Bound})

	told = s.do("heal")
	require.Equal(t, []trace.Kind{trace.Healed}, kinds(told))
	require.Zero(t, told[0].Ticks)
}

func TestHeal_makesTheReferenceWell(t *testing.T) {
	view := new(trace.View)
	s := &stage{t: t}
	s.World = NewWorld(view, s)
	s.Reset(reference.System{}, &Schedule{Service: store, Nodes: 5, Rand: 7})
	s.do("timeout 1", "settle", "call c1 1 put x 1", "settle", "crash 1", "cut 2 3 | 4 5",
		"call c2 2 put x 2", "run k=40", "pause 4")
	told := s.do("heal k=400")
	healed := told[len(told)-1]
	require.Equal(t, trace.Healed, healed.Kind)
	require.Equal(t, trace.Well, healed.Stuck, healed.Text)
	require.Positive(t, healed.Ticks)
	require.Less(t, healed.Ticks, 400)
	require.False(t, s.Open(2))
}

// TestSettle_amongSomeNodes: only their writes become durable, and only messages between
// them arrive.
func TestSettle_amongSomeNodes(t *testing.T) {
	s := newStage(t, 3)
	s.says(1, raft.Output{Writes: writes(1, "a"), Sends: letters(1, 2, 1, "x")})
	s.says(2, raft.Output{Sends: append(letters(2, 1, 0, "reply"), letters(2, 3, 0, "z")...)})
	s.does(3, raft.Output{Writes: writes(1, "w"), Sends: letters(3, 1, 0, "v")})
	s.do("timeout 1", "settle 1 2")
	require.Equal(t, []string{"timeout", "persisted 1", "reply from n2"}, s.heard(1))
	require.Equal(t, []string{"x from n1"}, s.heard(2))
	require.Equal(t, "z", s.onLink(2, 3))
	require.Equal(t, "v", s.onLink(3, 1))
	require.Equal(t, raft.NodeSetOf(3), s.Dirty())
	s.do("settle 3")
	require.Zero(t, s.Dirty())
	require.Equal(t, "z", s.onLink(2, 3))
	s.do("settle")
	require.Empty(t, s.onLink(2, 3))
}
