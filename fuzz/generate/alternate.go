package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// alternate are the stages of one leadership of an alternation. Each writes one event, and reports
// whether it could.
var alternate = [...]func(g *generator, e *faults.Event) bool{
	(*generator).changeSides,
	(*generator).mendAll,
	(*generator).strikeDown,
	(*generator).revive,
	(*generator).partSides,
	(*generator).lead,
	(*generator).demand,
	(*generator).carry,
	(*generator).nextLeadership,
}

// The shape of an alternation.
const (
	mostToLead  = 24 // messages, writes and ticks of an election
	mostDemands = 2  // of one leader
	mostCarried = 16 // messages and writes after them
	changeIn    = 3  // one of so many demands is a change of the configuration
	sharesIn    = 3  // once in so many times, sides have no node in common but for a quorum's sake
)

// moveAlternate lets nodes lead one after the other, each among nodes of its own: those that did not
// hear the leader before, and a few that did, which may crash in between. Each leader is asked for
// something, and its side, or some of it, hears of that.
func (g *generator) moveAlternate(e *faults.Event, made int) bool {
	if made == 0 {
		if g.world.All().Len() < 3 || g.profile.Leases {
			return false
		}
		g.play.length = mostOfStages
	}
	return g.inStages(e, alternate[:])
}

// changeSides chooses the next leader and its side. The first is the one that leads, mostly with all
// that have no vote, or with a random half.
func (g *generator) changeSides(*faults.Event) bool {
	p := &g.play
	old, others := p.cast[theHeir], p.side
	if p.side == 0 {
		p.cast[theHeir], p.crew = p.cast[theLeader], 0
		if p.side = g.isolate(p.cast[theHeir]); g.one(2) {
			g.muster(p.cast[theHeir])
			p.side, p.crew = p.crew, 0
		}
		return false
	}
	p.side = g.world.All() &^ others
	heirs := p.side & g.awake()
	if heirs == 0 {
		heirs = p.side
	}
	p.cast[theDeposed], p.cast[theHeir] = old, heirs.Nth(g.src.Below(heirs.Len()))
	p.crew = g.share(others.Without(old))
	p.side |= p.crew
	if g.one(2) {
		p.crew = 0 // none is struck
	}
	return false
}

// share chooses those of the others that join a side: as many as a quorum needs, or none.
func (g *generator) share(others raft.NodeSet) (shared raft.NodeSet) {
	if g.one(sharesIn) {
		return 0
	}
	for others != 0 && 2*(g.play.side|shared).Len() <= g.world.All().Len() {
		id := others.Nth(g.src.Below(others.Len()))
		shared, others = shared.With(id), others.Without(id)
	}
	return shared
}

// partSides cuts the side of the leader from the others, of which there is one at least.
func (g *generator) partSides(e *faults.Event) bool {
	p := &g.play
	if p.side == g.world.All() {
		p.side = p.side.Without(g.other(p.cast[theHeir]))
	}
	p.crew, p.left = p.side, mostToLead
	*e = faults.CutApart(p.side, g.world.All()&^p.side)
	return true
}

// lead lets the leader be elected on its side.
func (g *generator) lead(e *faults.Event) bool {
	p := &g.play
	if p.left == 0 || g.leaders().Has(p.cast[theHeir]) {
		p.left = 1 + g.src.Below(mostDemands)
		return false
	}
	p.left--
	g.again()
	return g.stand(e, p.cast[theHeir]) || g.end()
}

// demand asks the leader for writes and changes of the configuration.
func (g *generator) demand(e *faults.Event) bool {
	p := &g.play
	heir := p.cast[theHeir]
	if p.left == 0 || !g.leaders().Has(heir) {
		p.left = g.src.Below(mostCarried + 1)
		return false
	}
	p.left--
	g.again()
	if g.one(changeIn) && !g.foreign(faults.Reconfigure) {
		return g.reconfigureAt(e, heir, g.world.All().Nth(g.src.Below(g.world.All().Len())))
	}
	return g.askFreelyAt(e, faults.Call, heir)
}

// carry lets some messages and writes of the side through.
func (g *generator) carry(e *faults.Event) bool {
	p := &g.play
	if p.left == 0 {
		return false
	}
	p.left--
	g.again()
	return g.exchange(e, p.crew) || g.end()
}

func (g *generator) nextLeadership(*faults.Event) bool {
	g.play.stage = 0
	return false
}
