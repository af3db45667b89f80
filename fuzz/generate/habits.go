package generate

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/raft"
)

// habits are what a cluster is like for as long as a schedule lasts, beside the
// faults that strike it.
type habits struct {
	overtaking int         // of eight messages that have others before them on their link, so many overtake some
	balanced   bool        // reads, and what is tried again, are asked of whatever node, as behind a load balancer
	slowDisk   raft.NodeID // the node whose writes mostly wait
}

// drawHabits chooses the habits of a schedule.
func (g *generator) drawHabits(nodes int) habits {
	h := habits{overtaking: [4]int{1, 1, 4, 8}[g.src.Below(4)]}
	h.balanced = g.src.Below(4) == 0
	if id := g.src.Below(2 * nodes); id < nodes {
		h.slowDisk = raft.NodeID(id + 1)
	}
	return h
}

// follow decides what comes soon after an event. Troubles come together: who
// crashed is started again at once, and while the operator works on a leader, that
// leader fails, or hears nobody.
func (g *generator) follow(e faults.Event) {
	switch e.Kind {
	case faults.Crash, faults.Tear:
		if g.profile.Weights[faults.Restart] > 0 && g.src.Below(2) == 0 {
			g.wait, g.then = g.src.Below(4), append(g.then[:0], faults.Event{Kind: faults.Restart, Node: e.Node})
		}
	case faults.Skew:
		if g.profile.Leases && g.src.Below(2) == 0 {
			g.wait, g.then = 0, g.worst(g.then[:0])
		}
	case faults.Reconfigure, faults.Transfer:
		if g.src.Below(2) == 0 {
			g.wait = g.src.Below(16)
			g.trouble(e.Node)
		}
	}
}

// worst has clocks differ by as much as they may: leaders believe for too long, and
// the others are soon out of patience.
func (g *generator) worst(skews []faults.Event) []faults.Event {
	for id := range g.world.All().All() {
		rate := slices.Max(g.profile.Rates)
		if g.leaders().Has(id) {
			rate = slices.Min(g.profile.Rates)
		}
		skews = append(skews, faults.Event{Kind: faults.Skew, Node: id, K: rate})
	}
	return skews
}

// trouble strikes a node with one of the faults that there are.
func (g *generator) trouble(id raft.NodeID) {
	g.then = g.then[:0]
	switch kind := [...]faults.EventKind{faults.Crash, faults.Wipe, faults.Cut, faults.Cut}[g.src.Below(4)]; {
	case !g.on(kind):
	case kind == faults.Cut:
		g.deafen(id)
	case kind == faults.Crash:
		g.then = append(g.then, faults.Event{Kind: kind, Node: id})
	case !g.rotten.Has(id) && g.dispensable(id):
		g.rotten = g.rotten.With(id)
		g.then = append(g.then, faults.Event{Kind: kind, Node: id})
	}
}

// lose takes away, half of the time and for good, as many nodes as the cluster can
// do without. Whoever is left is needed, so that none of them may be stuck.
func (g *generator) lose() (wipes []faults.Event) {
	if g.src.Below(2) == 0 || !g.profile.Swarm {
		return nil
	}
	all := g.world.All()
	first := g.src.Below(all.Len())
	for i := range all.Len() {
		id := all.Nth((first + i) % all.Len())
		if !g.rotten.Has(id) && g.dispensable(id) {
			g.rotten = g.rotten.With(id)
			wipes = append(wipes, faults.Event{Kind: faults.Wipe, Node: id})
		}
	}
	return wipes
}

// on reports whether a kind of event can be drawn in this schedule.
func (g *generator) on(kind faults.EventKind) bool { return slices.Contains(g.table[:], kind) }

// deafen cuts every link to a node: it is heard, and hears nobody.
func (g *generator) deafen(id raft.NodeID) {
	for from := range g.world.All().Without(id).All() {
		g.then = append(g.then, faults.Event{Kind: faults.Cut, Node: from, Peer: id})
	}
}

// bereft has the nodes that could hear none of the leaders: their election timers fire.
func (g *generator) bereft(leaders raft.NodeSet) raft.NodeSet {
	missing := g.awake() &^ leaders
	for id := range leaders.All() {
		missing &= g.world.Cut(id)
	}
	return missing
}
