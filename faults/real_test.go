package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// TestKill_keepsPendingWrites: the machine of a process that was killed keeps its writes,
// and a crash loses them.
func TestKill_keepsPendingWrites(t *testing.T) {
	for event, durable := range map[string]int{"kill 1": 1, "crash 1": 0} {
		s := newStage(t, 2)
		s.does(1, raft.Output{Writes: writes(1, "v")})
		require.Equal(t, []trace.Kind{trace.Crashed}, kinds(s.do(event)))
		require.Equal(t, durable, s.DurableWrites(1), event)
		s.ignores("kill 1")
		s.do("restart 1")
		require.True(t, s.Up().Has(1))
	}
}

// TestStall_holdsWrites: no write becomes durable while fsyncs hang, whatever else happens.
func TestStall_holdsWrites(t *testing.T) {
	s := newStage(t, 2)
	s.does(1, raft.Output{Writes: writes(1, "v")})
	s.do("stall 1")
	s.ignores("stall 1", "persist 1", "unstall 2")
	require.Zero(t, s.Dirty())
	s.do("settle", "run k=5")
	require.Zero(t, s.DurableWrites(1))
	s.do("unstall 1", "settle")
	require.Equal(t, 1, s.DurableWrites(1))
	s.do("stall 1", "heal")
	s.ignores("unstall 1")
}

// TestFill_failsWrites: every write of a node fails while its disk is full, also after a
// restart; reads of the disk do not.
func TestFill_failsWrites(t *testing.T) {
	s := stored(t, "a", "b")
	s.do("fill 1")
	s.ignores("fill 1", "free 2")
	for _, heard := range []string{"failed 2", "failed 1"} { // a boot numbers its writes from 1
		s.do("settle")
		require.Equal(t, []string{heard}, s.heard(1))
		s.do("crash 1", "restart 1")
		require.Equal(t, []string{"a"}, s.disk(1))
		s.heard(1)
		s.does(1, raft.Output{Writes: writes(1, "c")})
	}
	s.do("free 1", "settle", "crash 1", "restart 1")
	require.Equal(t, []string{"a", "c"}, s.disk(1))
	s.do("fill 1", "heal")
	s.ignores("free 1")
}

// TestLossy_everyThird: of three messages one is lost and one is doubled, until a mend.
func TestLossy_everyThird(t *testing.T) {
	s := newStage(t, 2)
	s.do("lossy 1->2 k=3")
	s.ignores("lossy 1->2 k=3")
	s.posts(1, 2, "abcdef")
	require.Equal(t, "aabdde", s.onLink(1, 2))
	s.do("lose 1->2", "mend 1->2")
	s.posts(1, 2, "abcdef")
	require.Equal(t, "abcdef", s.onLink(1, 2))
}

// real is a schedule with every kind of event of this file, and the leader by name.
const real = `system reference
nodes  3
tick   20ms
rand   7

run k=60
load k=3
run k=20
cut leader | 1 2 3
run k=30
mend
lossy 1->2 k=3
stall leader
run k=30
kill leader
run k=30
heal k=400
`

// TestReal_runs: the schedule above is read as it is written, repeats itself, and its
// clients are answered. Its plain events have the same trace.
func TestReal_runs(t *testing.T) {
	s, err := Parse("real", []byte(real), service.Set{store})
	require.NoError(t, err)
	require.Equal(t, real, s.String())
	require.Equal(t, 20, s.TickMillis)
	w := newWatched()
	want := w.play(s)
	require.Equal(t, want, w.play(s))
	answered := 0
	for _, op := range w.History() {
		require.LessOrEqual(t, op.Client, 3)
		if !op.Pending() {
			answered++
		}
	}
	require.Greater(t, answered, 5)
	down := 0
	for _, e := range w.carried {
		require.False(t, e.Named(), e.String())
		if e.Kind == Kill {
			down++
		}
	}
	require.Equal(t, 1, down)
	require.Equal(t, want, w.play(Lower(reference.System{}, s)))
}

// TestLeading_named: an event that names the leader is ignored while no node leads, and its
// text is read back.
func TestLeading_named(t *testing.T) {
	w := newWatched()
	w.start(&Schedule{System: "reference", Nodes: 3, Service: store})
	for _, line := range []string{"pause leader", "cut leader | 1 2 3", "slow leader->2 k=3", "cut 1 | leader 2"} {
		e, err := ParseEvent(line, 3, store)
		require.NoError(t, err, line)
		require.Equal(t, line, e.String())
		w.Apply(e)
		require.Equal(t, trace.Ignored, w.last, line)
	}
	for _, line := range []string{"settle leader", "reconfigure 1 to leader 2", "cut leader", "cut leader | leader"} {
		_, err := ParseEvent(line, 3, store)
		require.Error(t, err, line)
	}
	w.Apply(Event{Kind: Timeout, Node: 2})
	w.Apply(Event{Kind: Settle})
	w.Apply(Event{Kind: Pause, Node: Leading})
	require.Equal(t, raft.NodeSetOf(2), w.Paused())
}
