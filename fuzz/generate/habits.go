package generate

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/raft"
)

// habits are properties of a cluster that last as long as its schedule, in addition to
// the faults that strike it.
type habits struct {
	// overtaking is how many of overtakingOf messages overtake another one on their link, if they can.
	overtaking int
	// balanced: reads and retries are sent to any node, as behind a load balancer.
	balanced bool
	// slowDisk is the node whose writes mostly wait.
	slowDisk raft.NodeID
}

const overtakingOf = 8

// overtaking has the rates that schedules choose from.
var overtaking = [...]int{1, 1, 4, 8}

// balancedIn: one schedule of so many has a load balancer.
const balancedIn = 4

// drawHabits chooses the habits of a schedule.
func (g *generator) drawHabits(nodes int) habits {
	h := habits{overtaking: overtaking[g.src.Below(len(overtaking))]}
	h.balanced = g.one(balancedIn)
	if id := g.src.Below(2 * nodes); id < nodes {
		h.slowDisk = raft.NodeID(id + 1)
	}
	return h
}

// How many events are between one event and the trouble that follows it, at most.
const (
	untilRestart = 3
	untilTrouble = 15
)

// follow decides which events come soon after an event. Half of the time a node that
// crashed is started again soon; and a node that the operator asked for something fails
// soon, or hears no other node.
func (g *generator) follow(e faults.Event) {
	switch e.Kind {
	case faults.Crash, faults.Tear:
		if g.profile.Weights[faults.Restart] > 0 && g.one(2) {
			g.wait = g.src.Below(untilRestart + 1)
			g.then = append(g.then[:0], faults.Event{Kind: faults.Restart, Node: e.Node})
		}
	case faults.Skew:
		if g.profile.Leases && g.one(2) {
			g.wait, g.then = 0, g.skewToLimits(g.then[:0])
		}
	case faults.Reconfigure, faults.Transfer:
		if g.one(2) {
			g.wait = g.src.Below(untilTrouble + 1)
			g.trouble(e.Node)
		}
	}
}

// skewToLimits sets every clock to its limit: leaders slowest (leases overrun), others
// fastest (early elections).
func (g *generator) skewToLimits(skews []faults.Event) []faults.Event {
	for id := range g.world.All().All() {
		skews = append(skews, faults.Event{Kind: faults.Skew, Node: id, K: g.limit(id)})
	}
	return skews
}

// troubles are the faults that strike a node while the operator works on it.
var troubles = [...]faults.EventKind{faults.Crash, faults.Wipe, faults.Cut, faults.Cut}

// trouble strikes a node with one of the faults that the schedule has.
func (g *generator) trouble(id raft.NodeID) {
	g.then = g.then[:0]
	switch kind := troubles[g.src.Below(len(troubles))]; {
	case !g.on(kind):
	case kind == faults.Cut:
		g.cutInbound(id)
	case kind == faults.Crash:
		g.then = append(g.then, faults.Event{Kind: kind, Node: id})
	default:
		g.then = g.wipe(g.then, id)
	}
}

// wipe appends the wipe of a node, if the cluster can do without the node.
func (g *generator) wipe(list []faults.Event, id raft.NodeID) []faults.Event {
	e := faults.Event{Kind: faults.Wipe, Node: id}
	if g.hazards.Lost().Has(id) || !g.hazards.Allow(&e) {
		return list
	}
	g.hazards.Note(&e)
	return append(list, e)
}

// lose takes away, half of the time and for good, as many nodes as the cluster can do
// without. Each node that is left is needed, so none of them may be stuck.
func (g *generator) lose() (wipes []faults.Event) {
	if g.one(2) || !g.profile.Swarm {
		return nil
	}
	all := g.world.All()
	first := g.src.Below(all.Len())
	for i := range all.Len() {
		wipes = g.wipe(wipes, all.Nth((first+i)%all.Len()))
	}
	return wipes
}

// on reports whether a kind of event can be drawn in this schedule.
func (g *generator) on(kind faults.EventKind) bool { return slices.Contains(g.table[:], kind) }

// cutInbound cuts every link to a node: others hear it, and it hears none of them.
func (g *generator) cutInbound(id raft.NodeID) {
	for from := range g.world.All().Without(id).All() {
		g.then = append(g.then, faults.Event{Kind: faults.Cut, Node: from, Peer: id})
	}
}
