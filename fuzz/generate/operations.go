package generate

import (
	"raftcheck/faults"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// client picks a client.
func (g *generator) client(e *faults.Event) bool {
	e.Client = uint8(1 + g.src.Below(g.profile.Clients))
	return true
}

// call picks a client that does not wait, the node that it asks, and an operation.
func (g *generator) call(e *faults.Event) bool {
	g.client(e)
	if g.world.Open(int(e.Client)) || !g.target(e) || !g.hazards.Allow(e) {
		return false
	}
	return g.pose(e)
}

// retry picks a client that waits, and the node that it asks.
func (g *generator) retry(e *faults.Event) bool { return g.abandon(e) && g.target(e) }

// abandon picks a client that waits.
func (g *generator) abandon(e *faults.Event) bool { return g.client(e) && g.world.Open(int(e.Client)) }

func (g *generator) work(e *faults.Event) bool { return g.client(e) }

// land picks an act that is under way, mostly the oldest.
func (g *generator) land(e *faults.Event) bool {
	g.client(e)
	e.K = int32(g.src.Below(8) / 6)
	return true
}

// target picks the node that a request goes to, mostly a leader. Of several leaders, reads
// go mostly to the one with the earliest term, and other requests to the one with the
// latest, so that a read is stale if it can be.
func (g *generator) target(e *faults.Event) bool {
	leaders := g.leaders()
	balanced := g.habits.balanced && (e.Kind == faults.Read || e.Kind == faults.Retry)
	if leaders == 0 || balanced || g.src.Below(8) == 0 {
		return g.node(e, g.awake())
	}
	if leaders.Len() > 1 && g.src.Below(4) != 0 {
		e.Node = g.extreme(leaders, e.Kind == faults.Read || e.Kind == faults.LeaseRead)
		return true
	}
	return g.node(e, leaders)
}

// extreme is the node of the earliest term, or of the latest.
func (g *generator) extreme(nodes raft.NodeSet, earliest bool) raft.NodeID {
	found := nodes.Nth(0)
	for id := range nodes.All() {
		term, best := g.world.View().Nodes[id].Status.Term, g.world.View().Nodes[found].Status.Term
		if term < best == earliest && term != best {
			found = id
		}
	}
	return found
}

// operation draws the next operation of a client, as its service chooses it.
func (g *generator) operation(e *faults.Event) string {
	c := &g.caller
	c.Client, c.Reads, c.History = uint32(e.Client), e.Kind != faults.Call, g.world.History()
	return service.Draw(g.world.Service(), c)
}
