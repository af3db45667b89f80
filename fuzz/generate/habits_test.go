package generate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// watched generates schedules under a profile and shows each of their events to see,
// with a generator that looks at the world as it was before the event.
func watched(t *testing.T, p Profile, schedules int, see func(g *generator, s *faults.Schedule, i int)) {
	t.Helper()
	writer := trial.NewRunner(reference.System{}, services.All())
	runner := trial.NewRunner(reference.System{}, services.All())
	for number := range schedules {
		s, _ := Schedule(writer, p, Numbered(1, number))
		runner.Begin(s)
		for i := range s.Events {
			see(&generator{profile: &p, src: NewPRNG(1), world: runner.World()}, s, i)
			runner.World().Apply(s.Events[i])
		}
		runner.Finish()
	}
}

// TestGenerate_restartsAtOnce: who crashed is often started again soon, and often not.
func TestGenerate_restartsAtOnce(t *testing.T) {
	crashes, soon := 0, 0
	watched(t, Crashes, 50, func(_ *generator, s *faults.Schedule, i int) {
		if s.Events[i].Kind != faults.Crash {
			return
		}
		crashes++
		for _, e := range s.Events[i+1 : min(i+5, len(s.Events))] {
			if e.Kind == faults.Restart && e.Node == s.Events[i].Node {
				soon++
				break
			}
		}
	})
	require.Greater(t, 10*soon, 4*crashes)
	require.Less(t, 10*soon, 9*crashes)
}

// TestGenerate_whoMissesItsLeader: timers fire mostly where no leader could be heard.
func TestGenerate_whoMissesItsLeader(t *testing.T) {
	missing, hearing := 0, 0
	watched(t, Partitions, 50, func(g *generator, s *faults.Schedule, i int) {
		e, leaders := &s.Events[i], g.leaders()
		if e.Kind != faults.Timeout || leaders.Len() != 1 || leaders.Has(e.Node) {
			return
		}
		switch cut := g.world.Cut(leaders.Nth(0)); {
		case cut == 0 || cut == g.world.All()&^leaders:
		case cut.Has(e.Node):
			missing++
		default:
			hearing++
		}
	})
	require.Positive(t, hearing)
	require.Greater(t, missing, 2*hearing)
}

// TestGenerate_trouble: while the operator works on a node, that node crashes, is
// lost for good, or hears nobody any more and is still heard.
func TestGenerate_trouble(t *testing.T) {
	seen := map[string]int{}
	watched(t, Members, 50, func(g *generator, s *faults.Schedule, i int) {
		e := &s.Events[i]
		if e.Kind != faults.Reconfigure && e.Kind != faults.Transfer {
			return
		}
		for j := i + 1; j < min(i+17, len(s.Events)); j++ {
			switch next := &s.Events[j]; {
			case next.Kind == faults.Cut && next.Peer == e.Node && deaf(s.Events[j:], e.Node, s.Nodes):
				seen["cut inbound"]++
			case next.Node == e.Node:
				seen[next.Kind.String()]++
			}
		}
	})
	require.Greater(t, seen["cut inbound"], 20)
	require.Greater(t, seen["crash"], 20)
	require.Greater(t, seen["wipe"], 5)
}

// deaf reports whether the events begin with the cuts of every link to a node.
func deaf(events []faults.Event, id raft.NodeID, nodes int) bool {
	from := raft.NodeSet(0)
	for _, e := range events[:min(nodes-1, len(events))] {
		if e.Kind == faults.Cut && e.Peer == id {
			from = from.With(e.Node)
		}
	}
	return from.Len() == nodes-1
}

// steady reports whether a core is steady, while faults strike the others blindly.
func steady(events []faults.Event) bool {
	return slices.ContainsFunc(events, func(e faults.Event) bool { return e.Kind == faults.Steady })
}

// TestGenerate_mendsOneLink: cuts end all at once, or one by one.
func TestGenerate_mendsOneLink(t *testing.T) {
	one, all := 0, 0
	watched(t, Partitions, 50, func(g *generator, s *faults.Schedule, i int) {
		switch e := &s.Events[i]; {
		case e.Kind != faults.Mend, steady(s.Events[:i]):
		case e.Node == raft.None:
			all++
		default:
			require.True(t, g.world.Cut(e.Node).Has(e.Peer), "%s: it is not cut", e)
			one++
		}
	})
	require.Greater(t, 3*one, all)
	require.Greater(t, 3*all, one)
}

// TestGenerate_isolate: a leader is cut off alone, or with everybody who has no vote.
func TestGenerate_isolate(t *testing.T) {
	alone, accompanied := 0, 0
	watched(t, Members, 200, func(g *generator, s *faults.Schedule, i int) {
		leaders := g.leaders()
		if s.Events[i].Kind != faults.Cut || leaders.Len() != 1 {
			return
		}
		leader := leaders.Nth(0)
		voters := g.world.View().Nodes[leader].Status.Config.Electors()
		if !voters.Has(leader) || voters == g.world.All() {
			return
		}
		switch s.Events[i] {
		case faults.CutApart(raft.NodeSetOf(leader), g.world.All().Without(leader)):
			alone++
		case faults.CutApart(g.world.All()&^voters.Without(leader), voters.Without(leader)):
			accompanied++
		}
	})
	require.Greater(t, alone, 10)
	require.Greater(t, accompanied, 10)
}

// TestGenerate_loses: half of the schedules of swarm end with as many nodes as the
// cluster needs.
func TestGenerate_loses(t *testing.T) {
	bare, runner := 0, trial.NewRunner(reference.System{}, services.All())
	const schedules = 200
	for number := range schedules {
		s, _ := Schedule(runner, Swarm, Numbered(1, number))
		if probe := (faults.Event{Kind: faults.Probe, K: LivenessTicks}); s.Events[len(s.Events)-1] == probe {
			s.Events = s.Events[:len(s.Events)-1]
		}
		require.Equal(t, faults.Event{Kind: faults.Heal, K: LivenessTicks}, s.Events[len(s.Events)-1])
		if n := len(s.Events); n > 1 && s.Events[n-2].Kind == faults.Wipe {
			bare++
		}
	}
	require.Greater(t, bare, schedules/3)
	require.Less(t, bare, schedules*2/3)
}

// TestHabits: each has schedules that have it and schedules that do not, and a node
// whose disk is slow writes seldom.
func TestHabits(t *testing.T) {
	seen := map[habits]int{}
	g := &generator{src: NewPRNG(1)}
	for range 1000 {
		seen[g.drawHabits(3)]++
	}
	require.Len(t, seen, 3*2*4,
		"how often messages overtake, whom readers ask, and whose disk is slow, if any is")

	runner := trial.NewRunner(reference.System{}, services.All())
	s, err := faults.Parse("slow", []byte("system reference\nnodes 3\nrand 1\n\ntimeout 1\ntimeout 2\n"),
		services.All())
	require.NoError(t, err)
	runner.Begin(s)
	for _, e := range s.Events {
		runner.World().Apply(e)
	}
	g.world, g.habits.slowDisk = runner.World(), 2
	counts := map[raft.NodeSet]int{}
	for range 1000 {
		counts[g.writing()]++
	}
	require.Len(t, counts, 2)
	require.Greater(t, counts[raft.NodeSetOf(1)], 800)
	require.Greater(t, counts[raft.NodeSetOf(1, 2)], 50)
}

// TestGenerate_skewToLimits: where leases matter clocks often differ by as much as
// they may, the leader's being slow.
func TestGenerate_skewToLimits(t *testing.T) {
	skews, worst := 0, 0
	watched(t, Leases, 50, func(g *generator, s *faults.Schedule, i int) {
		if s.Events[i].Kind != faults.Skew {
			return
		}
		skews++
		found := s.Events[i+1 : min(i+1+s.Nodes, len(s.Events))]
		all := raft.NodeSet(0)
		for _, e := range found {
			want := int32(120)
			if g.leaders().Has(e.Node) {
				want = 80
			}
			if e.Kind == faults.Skew && e.K == want {
				all = all.With(e.Node)
			}
		}
		if all == g.world.All() {
			worst++
		}
	})
	require.Greater(t, 8*worst, skews)
}
