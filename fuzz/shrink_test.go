package fuzz

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// trap is a system that is no Raft: its nodes panic on what a test says.
type trap struct {
	step func(*trapped, raft.Input) raft.Output
}

func (trap) Name() string { return "trap" }

func (s trap) Boot(c raft.NodeConfig) (raft.Node, error) {
	return &trapped{NodeConfig: c, step: s.step}, nil
}

// trapped is a node that counts what it is given.
type trapped struct {
	raft.NodeConfig
	step                   func(*trapped, raft.Input) raft.Output
	ticks, timeouts, calls int
}

func (n *trapped) Step(in raft.Input) raft.Output {
	switch in.(type) {
	case *raft.Tick:
		n.ticks++
	case *raft.Timeout:
		n.timeouts++
	case *raft.Propose:
		n.calls++
	}
	return n.step(n, in)
}

// post is the output that sends one message, after a write if there is one.
func (n *trapped) post(to raft.NodeID, kind string, writes ...raft.Write) raft.Output {
	after := raft.WriteID(len(writes))
	return raft.Output{Writes: writes, Sends: []raft.Message{{From: n.ID, To: to, Kind: kind, After: after}}}
}

// received is the kind of the message that an input hands over, "" if it is none.
func received(in raft.Input) string {
	if r, ok := in.(*raft.Receive); ok {
		return r.Msg.Kind
	}
	return ""
}

// springs panics if the condition is met.
func springs(when bool) raft.Output {
	if when {
		panic("trapped")
	}
	return raft.Output{}
}

// panicsOnTimeout has every node panic when its election timer fires.
func panicsOnTimeout(_ *trapped, in raft.Input) raft.Output {
	_, ok := in.(*raft.Timeout)
	return springs(ok)
}

// trapSchedule is a schedule against a trap, of these events.
func trapSchedule(t *testing.T, nodes, events string) *faults.Schedule {
	t.Helper()
	s, err := faults.Parse("trap", []byte("system trap\nnodes  "+nodes+"\nrand   1\n\n"+events))
	require.NoError(t, err)
	return s
}

// passes has for each pass of the shrinker a schedule that no other pass makes
// as small.
var passes = []struct {
	name          string
	step          func(*trapped, raft.Input) raft.Output
	nodes, events string
	wantNodes     string
	want          string
}{
	{
		name: "cut: what has no part in it goes",
		step: panicsOnTimeout, nodes: "1", events: "tick 1\ntick 1\nrun k=3\ntimeout 1\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name: "settle: a message that waits for a write arrives",
		step: func(n *trapped, in raft.Input) raft.Output {
			if _, ok := in.(*raft.Propose); ok && n.ID == 1 {
				return n.post(2, "copy", raft.Write{ID: 1, Data: []byte("put")})
			}
			return springs(received(in) == "copy")
		},
		nodes: "2", events: "call c1 1 put x 1\npersist 1\ndeliver 1->2\n",
		wantNodes: "2", want: "call c1 1 put x 1\nsettle\n",
	},
	{
		// The ticks send at once what an election sends when it is won: neither
		// of them can be a timeout as long as the other one is a tick.
		name: "elect: an undisturbed election does what the ticks did",
		step: func(n *trapped, in raft.Input) raft.Output {
			switch kind := received(in); {
			case kind == "request":
				return n.post(2, "vote")
			case kind == "vote", n.ID == 2 && n.ticks == 2:
				n.ticks = 0
				return n.post(1, "entries")
			case n.ID == 2 && n.timeouts == 1:
				n.timeouts = 0
				return n.post(1, "request")
			default:
				return springs(kind == "entries")
			}
		},
		nodes: "2", events: "tick 2\ntick 2\ndeliver 2->1\n",
		wantNodes: "2", want: "timeout 2\nsettle\n",
	},
	{
		name: "pairs: two timeouts, of which neither can go alone",
		step: func(n *trapped, in raft.Input) raft.Output {
			return springs(n.ticks > 0 && n.calls > 0 && n.timeouts%2 == 0)
		},
		nodes: "1", events: "timeout 1\ncall c1 1 put x 1\ntimeout 1\ntick 1\n",
		wantNodes: "1", want: "call c1 1 put x 1\ntick 1\n",
	},
	{
		name: "simplify: a timeout is plainer than ticks, and a put than a cas",
		step: func(n *trapped, _ raft.Input) raft.Output {
			return springs(n.calls > 0 && n.ticks+n.timeouts > 0)
		},
		nodes: "1", events: "call c1 1 cas x nil 7\ntick 1 k=8\n",
		wantNodes: "1", want: "call c1 1 put x 1\ntimeout 1\n",
	},
	{
		name:  "join: time that passes in two parts passes in one",
		step:  func(n *trapped, _ raft.Input) raft.Output { return springs(n.ticks >= 5) },
		nodes: "1", events: "tick 1 k=2\ntick 1 k=3\n",
		wantNodes: "1", want: "tick 1 k=5\n",
	},
	{
		name: "fewerNodes: what befell node 2 befalls the only one",
		step: panicsOnTimeout, nodes: "2", events: "timeout 2\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name: "fewerPairs: no node can go alone",
		step: func(n *trapped, in raft.Input) raft.Output {
			return springs(n.timeouts > 0 && n.Voters.Len()%2 == 1)
		},
		nodes: "5", events: "timeout 1\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name:  "fewerClients: any client will do",
		step:  func(n *trapped, in raft.Input) raft.Output { return springs(n.calls > 0) },
		nodes: "1", events: "call c3 1 put x 1\n",
		wantNodes: "1", want: "call c1 1 put x 1\n",
	},
	{
		name:  "again: with a node fewer one event is enough",
		step:  func(n *trapped, in raft.Input) raft.Output { return springs(n.timeouts == n.Voters.Len()) },
		nodes: "2", events: "timeout 1\ntimeout 1\n",
		wantNodes: "1", want: "timeout 1\n",
	},
}

// TestShrink_eachPassEarnsItsPlace: without any one of its passes Shrink
// would leave one of these schedules larger.
func TestShrink_eachPassEarnsItsPlace(t *testing.T) {
	for _, pass := range passes {
		name, _, _ := strings.Cut(pass.name, ":")
		t.Run(name, func(t *testing.T) {
			runner := NewRunner(trap{pass.step})
			small, _ := Shrink(t.Context(), runner, trapSchedule(t, pass.nodes, pass.events), "NoPanic")
			require.Equal(t, trapSchedule(t, pass.wantNodes, pass.want).String(), small.String(), pass.name)
			result := runner.Run(small)
			require.Equal(t, models.Violated, result.Of("NoPanic").Outcome)
			require.Equal(t, models.Held, result.Of("Linearizability").Outcome, "the runner judges by everything again")
		})
	}
}

// TestShrink_untilBroken drops what comes after the break at once, in one run,
// and not bit by bit; remarks and the verdict of the old file go, too.
func TestShrink_untilBroken(t *testing.T) {
	s := trapSchedule(t, "1", "timeout 1\n# And on it went.\n"+strings.Repeat("run k=9\n", 1000)+"----\nheld\n")
	small, runs := Shrink(t.Context(), NewRunner(trap{panicsOnTimeout}), s, "NoPanic")
	require.Equal(t, trapSchedule(t, "1", "timeout 1\n").String(), small.String())
	require.LessOrEqual(t, runs, 4)
}

// TestShrink_plainerCluster leaves out what the failure does not need of the
// cluster, and nothing that it does need: what comes out fails.
func TestShrink_plainerCluster(t *testing.T) {
	tests := []struct {
		name string
		when func(*trapped) bool
		want string // nodes and what is special about the cluster
	}{
		{"neither is needed", func(*trapped) bool { return true }, "1\n"},
		{"the pre-vote is needed", func(n *trapped) bool { return n.PreVote }, "1\nprevote on\n"},
		{"a spare node is needed", func(n *trapped) bool { return !n.Voters.Has(n.ID) }, "2\nvoters 1\n"},
		{"both are needed", func(n *trapped) bool { return n.PreVote && !n.Voters.Has(n.ID) }, "2\nvoters 1\nprevote on\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			runner := NewRunner(trap{func(n *trapped, in raft.Input) raft.Output {
				_, ok := in.(*raft.Timeout)
				return springs(ok && test.when(n))
			}})
			s := trapSchedule(t, "3\nvoters 2\nprevote on", "timeout 1\ntimeout 3\n")
			small, _ := Shrink(t.Context(), runner, s, "NoPanic")
			require.Contains(t, small.String(), "nodes  "+test.want+"rand")
			require.Len(t, small.Events, 1)
			result := NewRunner(trap{runner.system.(trap).step}).Run(small)
			require.Equal(t, models.Violated, result.Of("NoPanic").Outcome, small)
			require.Equal(t, trapSchedule(t, "3\nvoters 2\nprevote on", "timeout 1\ntimeout 3\n"), s, "what was given is left alone")
		})
	}
}

// patience is a context that ends after it was asked so many times.
type patience struct {
	context.Context
	left int
}

func (p *patience) Err() error {
	if p.left == 0 {
		return context.Canceled
	}
	p.left--
	return nil
}

// TestShrink_endsWithItsContext: whenever its context ends, Shrink returns
// what it has, and that fails.
func TestShrink_endsWithItsContext(t *testing.T) {
	runner := NewRunner(trap{panicsOnTimeout})
	s := trapSchedule(t, "3", "tick 1 k=5\ncut 1 | 2 3\ntimeout 2\nmend\nheal\n")
	smallest, most := Shrink(t.Context(), runner, s, "NoPanic")
	require.Equal(t, trapSchedule(t, "1", "timeout 1\n").String(), smallest.String())

	same, runs := Shrink(&patience{t.Context(), 0}, runner, s, "NoPanic")
	require.Same(t, s, same)
	require.Zero(t, runs)
	for left := 1; left <= most; left++ {
		small, runs := Shrink(&patience{t.Context(), left}, runner, s, "NoPanic")
		require.Equal(t, left, runs)
		result := runner.Run(small)
		require.Equal(t, models.Violated, result.Of("NoPanic").Outcome, "after %d runs:\n%s", left, small)
		require.LessOrEqual(t, len(small.Events), len(s.Events))
	}
}
