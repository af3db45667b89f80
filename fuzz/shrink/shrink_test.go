package shrink

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	_ "raftcheck/scripts/garbage"
)

// passes has for each pass of the shrinker a schedule that no other pass makes
// as small.
var passes = []struct {
	name          string
	step          func(*fixture.Trapped, raft.Input) raft.Output
	nodes, events string
	wantNodes     string
	want          string
}{
	{
		name: "cut: what has no part in it goes",
		step: fixture.PanicsOnTimeout, nodes: "1", events: "tick 1\ntick 1\nrun k=3\ntimeout 1\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name: "settle: a message that waits for a write arrives",
		step: func(n *fixture.Trapped, in raft.Input) raft.Output {
			if _, ok := in.(*raft.Propose); ok && n.ID == 1 {
				return n.Post(2, "copy", raft.Write{ID: 1, Data: []byte("put")})
			}
			return fixture.Springs(fixture.Received(in) == "copy")
		},
		nodes: "2", events: "call c1 1 put x 1\npersist 1\ndeliver 1->2\n",
		wantNodes: "2", want: "call c1 1 put x 1\nsettle\n",
	},
	{
		// The ticks send at once what an election sends when it is won: neither
		// of them can be a timeout as long as the other one is a tick.
		name: "elect: an undisturbed election does what the ticks did",
		step: func(n *fixture.Trapped, in raft.Input) raft.Output {
			switch kind := fixture.Received(in); {
			case kind == "request":
				return n.Post(2, "vote")
			case kind == "vote", n.ID == 2 && n.Ticks == 2:
				n.Ticks = 0
				return n.Post(1, "entries")
			case n.ID == 2 && n.Timeouts == 1:
				n.Timeouts = 0
				return n.Post(1, "request")
			default:
				return fixture.Springs(kind == "entries")
			}
		},
		nodes: "2", events: "tick 2\ntick 2\ndeliver 2->1\n",
		wantNodes: "2", want: "timeout 2\nsettle\n",
	},
	{
		name: "pairs: two timeouts, of which neither can go alone",
		step: func(n *fixture.Trapped, in raft.Input) raft.Output {
			return fixture.Springs(n.Ticks > 0 && n.Calls > 0 && n.Timeouts%2 == 0)
		},
		nodes: "1", events: "timeout 1\ncall c1 1 put x 1\ntimeout 1\ntick 1\n",
		wantNodes: "1", want: "call c1 1 put x 1\ntick 1\n",
	},
	{
		name: "simplify: a timeout is plainer than ticks, and a put than a cas",
		step: func(n *fixture.Trapped, _ raft.Input) raft.Output {
			return fixture.Springs(n.Calls > 0 && n.Ticks+n.Timeouts > 0)
		},
		nodes: "1", events: "call c1 1 cas x nil 7\ntick 1 k=8\n",
		wantNodes: "1", want: "call c1 1 put x 1\ntimeout 1\n",
	},
	{
		name:  "join: time that passes in two parts passes in one",
		step:  func(n *fixture.Trapped, _ raft.Input) raft.Output { return fixture.Springs(n.Ticks >= 5) },
		nodes: "1", events: "tick 1 k=2\ntick 1 k=3\n",
		wantNodes: "1", want: "tick 1 k=5\n",
	},
	{
		name: "fewerNodes: what befell node 2 befalls the only one",
		step: fixture.PanicsOnTimeout, nodes: "2", events: "timeout 2\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name: "fewerPairs: no node can go alone",
		step: func(n *fixture.Trapped, in raft.Input) raft.Output {
			return fixture.Springs(n.Timeouts > 0 && n.Voters.Len()%2 == 1)
		},
		nodes: "5", events: "timeout 1\n",
		wantNodes: "1", want: "timeout 1\n",
	},
	{
		name:  "fewerClients: any client will do",
		step:  func(n *fixture.Trapped, in raft.Input) raft.Output { return fixture.Springs(n.Calls > 0) },
		nodes: "1", events: "call c3 1 put x 1\n",
		wantNodes: "1", want: "call c1 1 put x 1\n",
	},
	{
		name: "again: with a node fewer one event is enough",
		step: func(n *fixture.Trapped, in raft.Input) raft.Output {
			return fixture.Springs(n.Timeouts == n.Voters.Len())
		},
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
			runner := trial.NewRunner(fixture.Trap{OnStep: pass.step}, services.All())
			small, _ := Schedule(t.Context(), runner, fixture.TrapSchedule(t, pass.nodes, pass.events), "NoPanic")
			require.Equal(t, fixture.TrapSchedule(t, pass.wantNodes, pass.want).String(), small.String(), pass.name)
			result := runner.Run(small)
			require.Equal(t, models.Violated, result.Of("NoPanic").Outcome)
			called := runner.Run(fixture.TrapSchedule(t, "1", "call c1 1 put x 1\n"))
			require.Equal(t, models.Held, called.Of("Linearizability").Outcome,
				"the runner judges by everything again")
		})
	}
}

// TestShrink_untilBroken drops what comes after the break at once, in one run,
// and not bit by bit; remarks and the verdict of the old file go, too.
func TestShrink_untilBroken(t *testing.T) {
	s := fixture.TrapSchedule(t, "1",
		"timeout 1\n# And on it went.\n"+strings.Repeat("run k=9\n", 1000)+"----\nheld\n")
	small, runs := Schedule(t.Context(), trial.NewRunner(fixture.Trap{OnStep: fixture.PanicsOnTimeout},
		services.All()), s, "NoPanic")
	require.Equal(t, fixture.TrapSchedule(t, "1", "timeout 1\n").String(), small.String())
	require.LessOrEqual(t, runs, 4)
}

// TestShrink_plainerCluster leaves out what the failure does not need of the
// cluster, and nothing that it does need: what comes out fails.
func TestShrink_plainerCluster(t *testing.T) {
	tests := []struct {
		name string
		when func(*fixture.Trapped) bool
		want string // nodes and what is special about the cluster
	}{
		{"neither is needed", func(*fixture.Trapped) bool { return true }, "1\n"},
		{"the pre-vote is needed", func(n *fixture.Trapped) bool { return n.PreVote }, "1\nprevote on\n"},
		{"a spare node is needed", func(n *fixture.Trapped) bool { return !n.Voters.Has(n.ID) }, "2\nvoters 1\n"},
		{"both are needed", func(n *fixture.Trapped) bool { return n.PreVote && !n.Voters.Has(n.ID) },
			"2\nvoters 1\nprevote on\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			runner := trial.NewRunner(fixture.Trap{OnStep: func(n *fixture.Trapped, in raft.Input) raft.Output {
				_, ok := in.(*raft.Timeout)
				return fixture.Springs(ok && test.when(n))
			}}, services.All())
			s := fixture.TrapSchedule(t, "3\nvoters 2\nprevote on", "timeout 1\ntimeout 3\n")
			small, _ := Schedule(t.Context(), runner, s, "NoPanic")
			require.Contains(t, small.String(), "nodes  "+test.want+"rand")
			require.Len(t, small.Events, 1)
			result := trial.NewRunner(fixture.Trap{OnStep: runner.System().(fixture.Trap).OnStep},
				services.All()).Run(small)
			require.Equal(t, models.Violated, result.Of("NoPanic").Outcome, small)
			require.Equal(t, fixture.TrapSchedule(t, "3\nvoters 2\nprevote on", "timeout 1\ntimeout 3\n"), s,
				"what was given is left alone")
		})
	}
}

// TestShrink_endsWithItsContext: whenever its context ends, Shrink returns
// what it has, and that fails.
func TestShrink_endsWithItsContext(t *testing.T) {
	runner := trial.NewRunner(fixture.Trap{OnStep: fixture.PanicsOnTimeout}, services.All())
	s := fixture.TrapSchedule(t, "3", "tick 1 k=5\ncut 1 | 2 3\ntimeout 2\nmend\nheal\n")
	smallest, most := Schedule(t.Context(), runner, s, "NoPanic")
	require.Equal(t, fixture.TrapSchedule(t, "1", "timeout 1\n").String(), smallest.String())

	same, runs := Schedule(&fixture.Patience{Context: t.Context(), Left: 0}, runner, s, "NoPanic")
	require.Same(t, s, same)
	require.Zero(t, runs)
	for left := 1; left <= most; left++ {
		small, runs := Schedule(&fixture.Patience{Context: t.Context(), Left: left}, runner, s, "NoPanic")
		require.Equal(t, left, runs)
		result := runner.Run(small)
		require.Equal(t, models.Violated, result.Of("NoPanic").Outcome, "after %d runs:\n%s", left, small)
		require.LessOrEqual(t, len(small.Events), len(s.Events))
	}
}
