package trial

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestClockSlack_Within compares slacks in both measures.
func TestClockSlack_Within(t *testing.T) {
	some := ClockSlack{Ahead: 1.5, Haste: 9}
	require.True(t, some.Within(some), "every slack must be within itself")
	require.True(t, none.Within(some), "no slack must be within any")
	require.False(t, some.Within(none), "a slack must not be within none")
	require.False(t, ClockSlack{Ahead: 1.6, Haste: 9}.Within(some), "a faster clock is more slack")
	require.False(t, ClockSlack{Ahead: 1.5, Haste: 8}.Within(some), "an earlier timer is more slack")
}

// TestClockWatch measures the slack of runs.
func TestClockWatch(t *testing.T) {
	const led = "tick 2 k=3\ntimeout 1\nsettle\n" // nobody heard a leader before
	tests := []struct {
		name, events string
		want         ClockSlack
	}{
		{"nobody leads", "tick 1 k=9\ntimeout 2\ntimeout 3\n", none},
		{"time runs", led + "run k=2\n", ClockSlack{Ahead: 0.5, Haste: math.MaxInt}},
		{"it stands still", led, none},
		{"a follower's clock runs alone", led + "tick 2 k=4\n", ClockSlack{Ahead: 2, Haste: math.MaxInt}},
		{"the leader's clock runs alone", led + "tick 1 k=2\n", none},
		{"the leader's process stands still", led + "pause 1\nrun k=6\n", ClockSlack{Ahead: 3, Haste: math.MaxInt}},
		{"a clock is slow", led + "skew 1 k=50\nrun k=6\n", ClockSlack{Ahead: 1.25, Haste: math.MaxInt}},
		{"a timer fires at once", led + "timeout 2\n", ClockSlack{Haste: 0}},
		{"a timer fires after a while", led + "cut 1 | 2 3\nrun k=9\ntimeout 2\n",
			ClockSlack{Ahead: 9. / 11, Haste: 9}},
		{"a timer fires after a restart", led + "run k=2\ncrash 2\nrestart 2\ntimeout 2\n",
			ClockSlack{Ahead: 0.5, Haste: 2}},
		{"the leader is down", led + "crash 1\ntick 2 k=9\ntimeout 2\n", none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := faults.Parse("clocks.txt",
				[]byte("system reference\nnodes 3\nprevote on\nrand 1\n\n"+test.events), services.All())
			require.NoError(t, err)
			runner := NewRunner(reference.System{}, services.All())
			runner.clocks.on = true
			runner.Run(s)
			require.Equal(t, test.want, runner.clocks.taken)
		})
	}
}
