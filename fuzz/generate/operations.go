package generate

import (
	"raftcheck/faults"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// client picks a client and what it does.
func (g *generator) client(e *faults.Event) bool {
	e.Client = uint8(1 + g.src.Below(g.profile.Clients))
	switch e.Kind {
	case faults.Work:
		return true
	case faults.Land:
		e.K = int32(g.src.Below(8) / 6) // mostly the oldest
		return true
	case faults.Retry, faults.Abandon:
		return g.world.Open(int(e.Client)) && (e.Kind == faults.Abandon || g.target(e))
	}
	if g.world.Open(int(e.Client)) || !g.target(e) {
		return false
	}
	e.Op = g.operation(e)
	return e.Op != ""
}

// target picks whom a client asks, mostly a node that leads. Of several, reads go
// mostly to the one with the earliest term, and all else to that with the
// latest: so a read is stale, if it can be.
func (g *generator) target(e *faults.Event) bool {
	leaders := g.leaders()
	if leaders == 0 || g.habits.balanced && (e.Kind == faults.Read || e.Kind == faults.Retry) || g.src.Below(8) == 0 {
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

// operation is what a client of the service calls next.
func (g *generator) operation(e *faults.Event) string {
	c := &g.caller
	c.Client, c.Reads, c.History = uint32(e.Client), e.Kind != faults.Call, g.world.History()
	return service.Draw(g.world.Service(), c)
}
