package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// leaderships are those of a return, whose first and last are of one node. A leader's messages
// reach the hearer. The others of the cluster do not hear the laggard before the last one: then
// its answers to the first arrive.
var leaderships = [...]struct{ leader, hearer int }{
	{theDeposed, theLaggard},
	{theHeir, theDeposed},
	{theDeposed, theLaggard},
}

// The shape of a return.
const (
	leastOfReturn = 5 // nodes: a quorum elects the heir without two of them
	mostAsks      = 3 // of one leadership
	readIn        = 4 // one of so many requests is a read
	standsIn      = 4 // once in so many times, a candidate begins anew when nothing is under way
)

// moveReturn deposes a leader whose latest entries are on a minority. The entries of its
// successor replace them at the old leader, and then that node is elected again.
func (g *generator) moveReturn(e *faults.Event, made int) bool {
	p := &g.play
	switch made {
	case 0:
		return g.world.All().Len() >= leastOfReturn && !g.profile.Leases && g.tidy(e)
	case 1:
		g.assign()
		p.cast[theDeposed] = p.cast[theLeader]
		p.cast[theLaggard] = g.other(p.cast[theDeposed])
	}
	now, last := leaderships[p.stage], p.stage == len(leaderships)-1
	leader, hearer := p.cast[now.leader], p.cast[now.hearer]
	if !p.led {
		if !g.leaders().Has(leader) {
			return made > 1 && g.stand(e, leader)
		}
		g.accede(leader, hearer, last)
	}
	if p.left > 0 {
		p.left--
		if g.request(e, leader) {
			return true
		}
	}
	switch {
	case !last && g.stored(leader, hearer):
		return g.succeed(e)
	case g.exchange(e, p.crew):
		return true
	}
	*e = faults.Event{Kind: faults.Tick, Node: leader, K: 1}
	return !last && g.awake().Has(leader)
}

// tidy ends faults and lets messages arrive, if a node leads, so that all logs are alike.
func (g *generator) tidy(e *faults.Event) bool {
	g.play.length = mostOfMove
	e.Kind = faults.Settle
	if g.world.Parted() || g.awake() != g.world.All() {
		e.Kind = faults.Heal
	}
	return g.leaders() != 0
}

// accede chooses the nodes that hear a leader which was elected.
func (g *generator) accede(leader, hearer raft.NodeID, last bool) {
	p := &g.play
	p.led, p.left, p.length = true, 1+g.src.Below(mostAsks), p.made+mostOfMove
	p.crew = raft.NodeSetOf(leader)
	if last {
		g.muster(leader)
	}
	p.crew = p.crew.With(hearer)
}

// succeed lets the next leader stand for election among nodes that hear neither the one
// before nor the laggard.
func (g *generator) succeed(e *faults.Event) bool {
	p := &g.play
	p.crew = g.awake().Without(p.cast[theLaggard]).Without(p.cast[leaderships[p.stage].leader])
	if 2*p.crew.Len() <= g.world.All().Len() {
		return false
	}
	if p.stage == 0 {
		p.cast[theHeir] = p.crew.Nth(g.src.Below(p.crew.Len()))
	}
	p.stage, p.led, p.length = p.stage+1, false, p.made+mostOfMove
	*e = faults.Event{Kind: faults.Timeout, Node: p.cast[leaderships[p.stage].leader]}
	return g.awake().Has(e.Node)
}

// stand writes one step of an election. If nothing is under way the candidate begins anew, or
// time passes, so that others forget the leader before.
func (g *generator) stand(e *faults.Event, candidate raft.NodeID) bool {
	crew := g.play.crew & g.awake()
	switch {
	case g.exchange(e, crew):
		return true
	case crew == 0:
		return false
	case g.one(standsIn):
		*e = faults.Event{Kind: faults.Timeout, Node: candidate}
	default:
		*e = faults.Event{Kind: faults.Tick, Node: crew.Nth(g.src.Below(crew.Len())), K: mostTicks}
	}
	return g.awake().Has(e.Node)
}

// request asks a node for a write or a read. A client that waits asks again.
func (g *generator) request(e *faults.Event, id raft.NodeID) bool {
	kind := faults.Call
	if g.one(readIn) && !g.foreign(faults.Read) {
		kind = faults.Read
	}
	if g.askAt(e, kind, id) {
		return true
	}
	e.Kind = faults.Retry
	return g.awake().Has(id) && g.world.Open(int(e.Client)) && !g.foreign(faults.Retry)
}

// stored reports whether a hearer's log ends as the leader's does, and is on its disk.
func (g *generator) stored(leader, hearer raft.NodeID) bool {
	nodes := g.world.View().Nodes
	return nodes[leader].Status.Last == nodes[hearer].Status.Last && !g.world.Dirty().Has(hearer)
}
