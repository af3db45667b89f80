package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// rival are the stages of an election beside a leader with a lease. Each writes one event, and
// reports whether it could.
var rival = [...]func(g *generator, e *faults.Event) bool{
	(*generator).tidyRivals,
	(*generator).skewRivals,
	(*generator).partRival,
	(*generator).awaitRival,
	(*generator).silence,
	(*generator).linger,
	(*generator).mendAll,
	(*generator).deposeLeader,
	(*generator).amid,
	(*generator).mendAll,
	(*generator).partRival,
	(*generator).renew,
	(*generator).befall,
	(*generator).strikeDown,
	(*generator).revive,
	(*generator).silence,
	(*generator).linger,
	(*generator).mendAll,
	(*generator).deposeLeader,
	(*generator).finishElection,
	(*generator).askHeir,
	(*generator).commitAtHeir,
	(*generator).askOld,
}

// The shape of a rivalry.
const (
	mostRenewing  = 3  // ticks in which a leader renews its lease
	mostSilence   = 12 // ticks in which nobody hears the leader
	oddsOfMishaps = 5  // one is a transfer, one a compaction, one is none, and the rest are crashes
)

// moveRival parts a node from the others until it stands for election. The others hear the leader again
// and renew its lease, then it is cut off from all. If the election now ends with another leader, that one
// commits what a client asks of it, and the old one is asked too. The move ends with the old leadership.
func (g *generator) moveRival(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		if g.world.All().Len() < 3 {
			return false
		}
		p.length = mostOfStages
		p.cast[theDeposed] = p.cast[theLeader]
		p.cast[theLaggard] = g.other(p.cast[theDeposed])
		p.left = g.src.Below(2) * g.world.All().Len()
	}
	return g.leaders().Has(p.cast[theDeposed]) && g.inStages(e, rival[:])
}

// others has the nodes apart from the leader that is deposed.
func (g *generator) others() raft.NodeSet { return g.world.All().Without(g.play.cast[theDeposed]) }

// tidyRivals makes all logs alike, and lets no client wait: else the rival is behind, and nobody
// votes for it.
func (g *generator) tidyRivals(e *faults.Event) bool {
	*e = faults.Event{Kind: faults.Heal, K: LivenessTicks}
	return true
}

// skewRivals makes the leader's clock slow and the others fast, half of the time. Then its lease is still
// valid, and it still leads, when the others give it up.
func (g *generator) skewRivals(e *faults.Event) bool {
	p := &g.play
	if p.left == 0 || len(g.profile.Rates) == 0 {
		return false
	}
	p.left--
	g.again()
	id := g.world.All().Nth(p.left)
	*e = faults.Event{Kind: faults.Skew, Node: id, K: g.limit(id)}
	return true
}

// awaitRival lets time pass until the node stands for election.
func (g *generator) awaitRival(e *faults.Event) bool {
	if g.world.View().Nodes[g.play.cast[theLaggard]].Status.Role != raft.Follower {
		return false
	}
	g.again()
	*e = faults.Event{Kind: faults.Run, K: 1 + int32(g.src.Below(mostTicks))}
	return true
}

// silence cuts the leader off from all, half of the time.
func (g *generator) silence(e *faults.Event) bool {
	p := &g.play
	if p.left = g.src.Below(2) * (1 + g.src.Below(mostSilence)); p.left == 0 {
		return false
	}
	return g.deposeLeader(e)
}

// linger lets time pass, in which loyalty ends, and a lease after it.
func (g *generator) linger(e *faults.Event) bool {
	*e = faults.Event{Kind: faults.Run, K: int32(g.play.left)}
	return g.play.left > 0
}

// amid lets some messages among the others arrive, if they did not hear the leader for some time.
func (g *generator) amid(e *faults.Event) bool {
	p := &g.play
	if p.left == 0 {
		return false
	}
	p.left--
	g.again()
	return g.exchange(e, g.others()) || g.end()
}

func (g *generator) mendAll(e *faults.Event) bool {
	e.Kind = faults.Mend
	return g.world.Parted()
}

// partRival cuts the rival off, and nobody else.
func (g *generator) partRival(e *faults.Event) bool {
	one := raft.NodeSetOf(g.play.cast[theLaggard])
	*e = faults.CutApart(one, g.world.All()&^one)
	return true
}

// renew lets the leader send heartbeats, and the others answer.
func (g *generator) renew(e *faults.Event) bool {
	*e = faults.Event{Kind: faults.Run, K: 1 + int32(g.src.Below(mostRenewing))}
	return true
}

// befall may strike some of the others, between their answers to the leader and the election: they
// crash and come back, or the leader is asked to hand over, or a log is compacted.
func (g *generator) befall(e *faults.Event) bool {
	p := &g.play
	g.muster(p.cast[theDeposed])
	p.crew = p.crew.Without(p.cast[theDeposed]).Without(p.cast[theLaggard]) & g.awake()
	switch g.src.Below(oddsOfMishaps) {
	case 0:
		*e = faults.Event{Kind: faults.Transfer, Node: p.cast[theDeposed], Peer: g.other(p.cast[theDeposed])}
		return !g.foreign(e.Kind)
	case 1:
		e.Kind = faults.Compact
		return !g.foreign(e.Kind) && g.compact(e)
	case 2:
		p.crew = 0
	}
	return false
}

// strikeDown crashes those that are struck, one after the other.
func (g *generator) strikeDown(e *faults.Event) bool {
	up := g.play.crew & g.world.Up()
	if up == 0 || g.foreign(faults.Crash) || g.foreign(faults.Restart) {
		return false
	}
	g.again()
	*e = faults.Event{Kind: faults.Crash, Node: up.Nth(0)}
	return g.writes(e, partCrashIn)
}

// revive starts them again.
func (g *generator) revive(e *faults.Event) bool {
	down := g.play.crew &^ g.world.Up()
	if down == 0 {
		return false
	}
	g.again()
	*e = faults.Event{Kind: faults.Restart, Node: down.Nth(0)}
	return true
}

// finishElection lets messages among the others arrive until one of them leads.
func (g *generator) finishElection(e *faults.Event) bool {
	p := &g.play
	if heirs := g.leaders() & g.others(); heirs != 0 {
		p.cast[theHeir] = g.extreme(heirs, false)
		return false
	}
	g.again()
	if g.exchange(e, g.others()) {
		return true
	}
	*e = faults.Event{Kind: faults.Run, K: 1}
	return true
}

// commitAtHeir lets messages among the others arrive until none is left.
func (g *generator) commitAtHeir(e *faults.Event) bool { return g.reach(e, g.play.cast[theDeposed]) }

// askOld asks the leader that was deposed.
func (g *generator) askOld(e *faults.Event) bool {
	return g.askFreelyAt(e, g.reading(), g.play.cast[theDeposed])
}
