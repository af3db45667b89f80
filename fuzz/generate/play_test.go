package generate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// played writes schedules as Schedule does, and shows the generator after each choice.
func played(p Profile, seeds uint64, see func(*generator, faults.Event)) {
	r := trial.NewRunner(reference.System{}, services.All())
	for seed := range seeds {
		g := generator{profile: &p, src: NewPRNG(seed), world: r.World()}
		r.Begin(g.header(r.System().Name(), r.Services()))
		for e, ok := g.next(); ok; e, ok = g.next() {
			see(&g, e)
			r.Apply(e)
		}
		r.Finish()
	}
}

// TestPlay_everyMoveIsMade: each move begins, and goes on where it has several events.
func TestPlay_everyMoveIsMade(t *testing.T) {
	var begun, continued [len(moves)]int
	played(Swarm, 150, func(g *generator, _ faults.Event) {
		switch p := &g.play; {
		case p.length == 0:
		case p.made == 1:
			begun[p.move]++
		case p.made == 2:
			continued[p.move]++
		}
	})
	single := map[string]bool{
		"depose": true, "rejoin": true, "crash": true, "restart": true, "hold": true, "double": true,
		"compact": true, "wait": true, "stand": true,
	}
	for i, m := range moves {
		require.NotZero(t, begun[i], "%s never begins", m.name)
		require.Equal(t, single[m.name], continued[i] == 0, "%s begins %d times", m.name, begun[i])
		require.NotEmpty(t, m.cites)
	}
}

// TestPlay_electsBySingleMessages: an heir leads while the leader that it follows does not
// know, and no macro event was needed.
func TestPlay_electsBySingleMessages(t *testing.T) {
	elected := 0
	played(Swarm, 200, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "elect" || e.Kind != faults.Deliver {
			return
		}
		if heir := g.world.View().Nodes[e.Peer]; e.Peer == p.cast[theHeir] && heir.Status.Role == raft.Candidate &&
			g.leaders() != 0 {
			elected++
		}
	})
	require.Greater(t, elected, 10)
}

// TestPlay_returns: a node leads again, on whose log the latest leader replaced entries, while an
// answer to its earlier leadership is under way.
func TestPlay_returns(t *testing.T) {
	elections, returned := Elections, 0
	elections.Nodes = []int{5}
	played(elections, 200, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "return" || !p.led || p.stage < len(leaderships)-1 {
			return
		}
		old, laggard := p.cast[theDeposed], p.cast[theLaggard]
		if g.leaders().Has(old) && g.world.InFlight(laggard, old) > 0 {
			now := g.world.View().Nodes[old].Status.Term
			then := g.world.Message(laggard, old, 0).Promise
			if then.Term < now && then.Last.Index > 0 {
				returned++
			}
		}
	})
	require.Greater(t, returned, 10)
}

// TestPlay_relapses: a node stands for election twice in one term, as a crash took its first
// candidacy away.
func TestPlay_relapses(t *testing.T) {
	var stood raft.Term
	relapsed := 0
	played(Crashes, 200, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "relapse" || p.stage == 0 {
			return
		}
		switch now := g.world.View().Nodes[p.cast[theHeir]].Status; {
		case e.Kind == faults.Crash:
			stood = now.Term
		case p.stage == len(relapse) && e.Kind != faults.Timeout && now.Role == raft.Candidate && now.Term == stood:
			relapsed++
			stood = 0
		}
	})
	require.Greater(t, relapsed, 10)
}

// TestPlay_confirms: two nodes lead, and the messages of a node to the one that was deposed,
// which is asked for a read, arrive late.
func TestPlay_confirms(t *testing.T) {
	confirmed := 0
	played(Partitions, 200, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "confirm" || e.Kind != faults.Mend {
			return
		}
		require.Equal(t, len(confirm), p.stage)
		if g.leaders().Len() > 1 && g.leaders().Has(p.cast[theDeposed]) && g.world.InFlight(e.Node, e.Peer) > 0 {
			confirmed++
		}
	})
	require.Greater(t, confirmed, 10)
}

// TestPlay_rivals: when a leader that others answered lately is cut off from all, another node
// stands for election, and some of those who answered have crashed and come back.
func TestPlay_rivals(t *testing.T) {
	crashed, stood, restarted := false, 0, 0
	played(Leases, 200, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "rival" {
			return
		}
		crashed = crashed && p.made > 1 || e.Kind == faults.Crash
		if e.Kind == faults.Cut && g.leaders().Has(p.cast[theDeposed]) && g.standing(p.cast[theLaggard]) {
			stood++
			if crashed {
				restarted++
			}
		}
	})
	require.Greater(t, stood, 10)
	require.Greater(t, restarted, 10)
}

// standing reports whether a node stands for election or is elected.
func (g *generator) standing(id raft.NodeID) bool {
	return g.world.View().Nodes[id].Status.Role != raft.Follower
}

// TestPlay_revotes: when a voter crashes, two nodes stand for its term or lead it, and its vote was
// for the first of them.
func TestPlay_revotes(t *testing.T) {
	struck, compacted := 0, 0
	var compacts raft.NodeID
	played(Swarm, 500, func(g *generator, e faults.Event) {
		p := &g.play
		if p.length == 0 || moves[p.move].name != "revote" {
			return
		}
		switch first, second := p.cast[theHeir], p.cast[theLaggard]; {
		case p.made == 1:
			compacts = raft.None
		case e.Kind == faults.Compact:
			compacts = e.Node
		case e.Kind == faults.Crash && g.standing(first) && g.standing(second):
			nodes := g.world.View().Nodes
			voter := nodes[e.Node].Status
			if voter.Vote == first && voter.Term == nodes[second].Status.Term {
				struck++
				if compacts == e.Node && !g.world.Dirty().Has(e.Node) {
					compacted++
				}
			}
		}
	})
	require.Greater(t, struck, 10)
	require.Greater(t, compacted, 3)
}

// TestPlay_sparesLeases: where leases are read, no play lets one clock run alone.
func TestPlay_sparesLeases(t *testing.T) {
	events := 0
	played(Leases, 100, func(g *generator, e faults.Event) {
		if g.play.length > 0 {
			events++
			require.NotEqual(t, faults.JumpsClock, e.Kind.Hazard(), e)
		}
	})
	require.Positive(t, events)
}

// TestPlay_notWhereItIsCalm: a profile without faults has none of a play either.
func TestPlay_notWhereItIsCalm(t *testing.T) {
	played(Calm, 20, func(g *generator, e faults.Event) {
		require.Zero(t, g.play.in)
		require.NotContains(t, []faults.EventKind{faults.Cut, faults.Crash, faults.Lose, faults.Reconfigure}, e.Kind)
	})
}

// TestPlay_ofOneProfile: plays add no kind of event to a profile that is drawn alone.
func TestPlay_ofOneProfile(t *testing.T) {
	for _, p := range []Profile{Elections, Crashes, Reads} {
		events := 0
		played(p, 40, func(g *generator, e faults.Event) {
			if g.play.length > 0 && g.events >= 0 {
				events++
				require.NotZero(t, p.Weights[e.Kind], "%s in %s", e, p.Name)
			}
		})
		require.NotZero(t, events, p.Name)
	}
}
