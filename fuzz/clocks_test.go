package fuzz

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// credulous is our Raft, but that whoever leads answers reads from a lease that never ends.
type credulous struct{ reference.System }

type credulousNode struct{ raft.Inspector }

func (c credulous) Boot(config raft.NodeConfig) (raft.Node, error) {
	node, err := c.System.Boot(config)
	if err != nil || !config.PreVote {
		return node, err
	}
	return &credulousNode{node.(raft.Inspector)}, nil
}

func (n *credulousNode) Step(in raft.Input) raft.Output {
	if read, ok := in.(*raft.Read); ok && read.Lease && n.Status().Role == raft.Leader {
		return raft.Output{Replies: []raft.Reply{{Op: read.Op, Outcome: raft.Done}}}
	}
	return n.Inspector.(raft.Node).Step(in)
}

// TestShrink_leavesClocksAlone: what a lease that is too long breaks while clocks
// keep within their bound shrinks to what a lease of the right length survives,
// though timers that fire out of turn, or clocks that differ by more, make for smaller ones.
func TestShrink_leavesClocksAlone(t *testing.T) {
	story, _ := readScenario(t, "lease-within-bound")
	story.Prose, story.Notes, story.Golden = nil, nil, nil
	runner, finds := NewRunner(credulous{}), []*faults.Schedule{story}
	for number := 0; len(finds) < 4; number++ {
		s, result := runner.Generate(Leases, Numbered(1, number))
		if result.Of(Linearizability.Name).Outcome == models.Violated {
			finds = append(finds, s)
		}
	}
	for _, s := range finds {
		small, _ := Shrink(t.Context(), runner, s, Linearizability.Name)
		result := runner.Run(small)
		require.Equal(t, models.Violated, result.Of(Linearizability.Name).Outcome, small)
		require.Less(t, len(small.Events), min(len(s.Events), 25), small)
		sound := NewRunner(reference.System{}).Run(small)
		require.Equal(t, models.Held, sound.Outcome(), "%s%s", small, sound.Lines())
	}
}

func TestLiberty_within(t *testing.T) {
	some := liberty{ahead: 1.5, haste: 9}
	require.True(t, some.within(some))
	require.True(t, none.within(some))
	require.False(t, some.within(none))
	require.False(t, liberty{ahead: 1.6, haste: 9}.within(some))
	require.False(t, liberty{ahead: 1.5, haste: 8}.within(some))
}

// TestClockWatch measures what a run takes the liberty of.
func TestClockWatch(t *testing.T) {
	const led = "tick 2 k=3\ntimeout 1\nsettle\n" // nobody heard a leader before
	tests := []struct {
		name, events string
		want         liberty
	}{
		{"nobody leads", "tick 1 k=9\ntimeout 2\ntimeout 3\n", none},
		{"time runs", led + "run k=2\n", liberty{ahead: 0.5, haste: math.MaxInt}},
		{"it stands still", led, none},
		{"a follower's clock runs alone", led + "tick 2 k=4\n", liberty{ahead: 2, haste: math.MaxInt}},
		{"the leader's clock runs alone", led + "tick 1 k=2\n", none},
		{"the leader's process stands still", led + "pause 1\nrun k=6\n", liberty{ahead: 3, haste: math.MaxInt}},
		{"a clock is slow", led + "skew 1 k=50\nrun k=6\n", liberty{ahead: 1.25, haste: math.MaxInt}},
		{"a timer fires at once", led + "timeout 2\n", liberty{haste: 0}},
		{"a timer fires after a while", led + "cut 1 | 2 3\nrun k=9\ntimeout 2\n", liberty{ahead: 9. / 11, haste: 9}},
		{"a timer fires after a restart", led + "run k=2\ncrash 2\nrestart 2\ntimeout 2\n", liberty{ahead: 0.5, haste: 2}},
		{"the leader is down", led + "crash 1\ntick 2 k=9\ntimeout 2\n", none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := faults.Parse("clocks.txt", []byte("system reference\nnodes 3\nprevote on\nrand 1\n\n"+test.events))
			require.NoError(t, err)
			runner := NewRunner(reference.System{})
			runner.clocks.on = true
			runner.Run(s)
			require.Equal(t, test.want, runner.clocks.taken)
		})
	}
}
