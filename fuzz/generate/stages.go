package generate

import (
	"fmt"

	"raftcheck/faults"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// mostAmid is how many messages and writes there are, at most, between the first timeout of a
// relapse and the crash.
const mostAmid = 8

// relapse are the events of a candidate that stands twice for one term.
var relapse = [...]faults.EventKind{faults.Timeout, faults.Crash, faults.Restart, faults.Timeout}

// moveRelapse lets a node stand for election, whose writes are lost in a crash, and whose
// messages are not. It stands again when it is back.
func (g *generator) moveRelapse(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		rivals := g.awake() &^ g.leaders()
		if dirty := rivals & g.world.Dirty(); dirty != 0 && g.one(2) {
			rivals = dirty
		}
		if rivals == 0 {
			return false
		}
		p.length, p.left = mostOfMove, g.src.Below(mostAmid+1)
		p.cast[theHeir] = rivals.Nth(g.src.Below(rivals.Len()))
		g.muster(p.cast[theHeir])
	}
	heir := p.cast[theHeir]
	if p.stage == 1 && p.left > 0 {
		p.left--
		if g.traffic(e, p.crew, p.crew.Without(heir)) {
			return true
		}
	}
	if p.stage == len(relapse) {
		return g.exchange(e, p.crew)
	}
	*e = faults.Event{Kind: relapse[p.stage], Node: heir}
	p.stage++
	return e.Kind == faults.Restart || g.awake().Has(heir)
}

// mostOfStages is how many events a move has at most whose stages go on until they are done.
const mostOfStages = 4 * mostOfMove

// inStages writes the event of the next stage that has one.
func (g *generator) inStages(e *faults.Event, stages []func(*generator, *faults.Event) bool) bool {
	p := &g.play
	for tried := 0; p.stage < len(stages); tried++ {
		if tried > mostOfStages {
			panic(fmt.Sprintf("the stages of move %d go in a circle", p.move))
		}
		write := stages[p.stage]
		p.stage++
		*e = faults.Event{}
		if write(g, e) {
			return true
		}
	}
	return false
}

// again lets the present stage go on with the next event.
func (g *generator) again() { g.play.stage-- }

// end ends the stage that would go on, and reports false.
func (g *generator) end() bool {
	g.play.stage++
	return false
}

// reach lets messages arrive until none is left, of which one node hears nothing.
func (g *generator) reach(e *faults.Event, other raft.NodeID) bool {
	g.again()
	return g.exchange(e, g.world.All().Without(other)) || g.end()
}

// confirm are the stages of a confirmation. Each writes one event, and reports whether it could.
var confirm = [...]func(g *generator, e *faults.Event) bool{
	(*generator).askLaggard,
	(*generator).holdLaggard,
	(*generator).pass,
	(*generator).deposeLeader,
	(*generator).awaitHeir,
	(*generator).askHeir,
	(*generator).pass,
	(*generator).askDeposed,
	(*generator).releaseLaggard,
}

// moveConfirm asks for a read at a node whose messages to the leader then wait, and for another
// one at the leader when that is deposed. What waited arrives while the leader confirms it.
func (g *generator) moveConfirm(e *faults.Event, made int) bool {
	p := &g.play
	if made < 2 {
		g.assign()
		leader, others := p.cast[theLeader], g.world.All().Without(p.cast[theLeader])
		if !g.leaders().Has(leader) || !trace.HasQuorum(g.world.View().Config(leader), others) {
			return false
		}
		if made == 0 {
			return p.held.Kind == 0 && g.tidy(e)
		}
		p.cast[theDeposed], p.cast[theLaggard] = leader, g.other(leader)
	}
	return g.inStages(e, confirm[:]) || g.exchange(e, raft.NodeSetOf(p.cast[theDeposed], p.cast[theLaggard]))
}

func (g *generator) askLaggard(e *faults.Event) bool {
	return g.askFreelyAt(e, faults.Read, g.play.cast[theLaggard])
}

// holdLaggard cuts the link on which the laggard's messages to the leader are.
func (g *generator) holdLaggard(e *faults.Event) bool {
	p := &g.play
	*e = faults.Event{Kind: faults.Cut, Node: p.cast[theLaggard], Peer: p.cast[theDeposed]}
	p.held = *e
	return true
}

// pass lets time pass, so that clients that waited ask another node.
func (g *generator) pass(e *faults.Event) bool {
	*e = faults.Event{Kind: faults.Run}
	return g.run(e)
}

func (g *generator) deposeLeader(e *faults.Event) bool {
	side := raft.NodeSetOf(g.play.cast[theDeposed])
	*e = faults.CutApart(side, g.world.All()&^side)
	return true
}

// awaitHeir lets time pass until another node leads.
func (g *generator) awaitHeir(e *faults.Event) bool {
	p := &g.play
	if heirs := g.leaders().Without(p.cast[theDeposed]); heirs != 0 {
		p.cast[theHeir] = g.extreme(heirs, false)
		return false
	}
	g.again()
	return g.pass(e)
}

func (g *generator) askHeir(e *faults.Event) bool {
	return g.askFreelyAt(e, faults.Call, g.play.cast[theHeir])
}

func (g *generator) askDeposed(e *faults.Event) bool {
	return g.askFreelyAt(e, faults.Read, g.play.cast[theDeposed])
}

func (g *generator) releaseLaggard(e *faults.Event) bool {
	g.release(e)
	return true
}

// askFreelyAt lets the first client that does not wait ask a node, beginning with a random one.
func (g *generator) askFreelyAt(e *faults.Event, kind faults.EventKind, id raft.NodeID) bool {
	first := g.src.Below(g.profile.Clients)
	for i := range g.profile.Clients {
		*e = faults.Event{Kind: kind, Node: id, Client: uint8(1 + (first+i)%g.profile.Clients)}
		if !g.world.Open(int(e.Client)) {
			return g.awake().Has(id) && g.pose(e)
		}
	}
	return false
}
