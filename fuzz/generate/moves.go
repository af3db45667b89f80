package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// move is a part of a play. It writes one event after the other.
type move struct {
	name  string
	cites string // the rule or the report that it is about
	// next writes the event after made others of the move, and reports whether there is
	// one. The first answer, with made 0, says whether the cluster allows the move.
	next func(g *generator, e *faults.Event, made int) bool
	in   presence
}

// presence says which of the schedules with plays have a move.
type presence int

const (
	inHalf presence = iota
	inAll
	inLeases // in all that read from leases, and in half of the others
)

// moves are all moves. None is about one bug.
var moves = [...]move{
	{"elect", "one node is elected by single messages (Raft paper, section 5.2)",
		(*generator).moveElect, inAll},
	{"exchange", "messages and writes among some nodes, and it ends anywhere",
		(*generator).moveExchange, inAll},
	{"write", "a proposal that reaches some of the nodes (section 5.3)",
		(*generator).moveWrite, inAll},
	{"depose", "a leader is cut off with a minority (figure 8)",
		(*generator).moveDepose, inAll},
	{"rejoin", "a cut ends, and messages that waited on it arrive late",
		(*generator).moveRejoin, inAll},
	{"lose", "all messages of one node are lost: it has to be repaired (section 5.3)",
		(*generator).moveLose, inHalf},
	{"crash", "a node crashes amid its writes (figure 2, persistent state)",
		(*generator).moveCrash, inHalf},
	{"restart", "a node comes back with the disk it has",
		(*generator).moveRestart, inAll},
	{"hold", "one link's messages wait while the others go on",
		(*generator).moveHold, inHalf},
	{"release", "messages that waited arrive in another term or configuration",
		(*generator).moveRelease, inAll},
	{"double", "a message arrives twice, the second time late",
		(*generator).moveDouble, inHalf},
	{"compact", "a log is compacted past a laggard (section 7)",
		(*generator).moveCompact, inHalf},
	{"change", "a leader, or one that believes it leads, changes the configuration (section 6)",
		(*generator).moveChange, inHalf},
	{"transfer", "a leader hands over to a node (thesis, section 3.10)",
		(*generator).moveTransfer, inHalf},
	{"beat", "a leader sends heartbeats, which renew its lease (thesis, section 6.4.1)",
		(*generator).moveBeat, inAll},
	{"wait", "time passes up to the bounds of timers and leases",
		(*generator).moveWait, inHalf},
	{"stand", "a node's election timer fires, whoever leads (thesis, section 4.2.3)",
		(*generator).moveStand, inHalf},
	{"ask", "every node is asked, whatever it believes (thesis, section 6.4)",
		(*generator).moveAsk, inAll},
	{"mute", "a leader that nobody hears gets late answers to what it sent before (thesis, section 6.4.1)",
		(*generator).moveMute, inHalf},
	{"insist", "one transfer after another, of which a node hears late (thesis, section 3.10)",
		(*generator).moveInsist, inHalf},
	{"return", "a leader is deposed, loses its entries, is elected again, and hears late answers (figure 8)",
		(*generator).moveReturn, inHalf},
	{"relapse", "a candidate crashes amid its election and stands again (figure 2, persistent state)",
		(*generator).moveRelapse, inHalf},
	{"confirm", "a deposed leader confirms reads, and hears late answers (thesis, section 6.4)",
		(*generator).moveConfirm, inHalf},
	{"rival", "a leader's lease is renewed amid an election, and read from after it (thesis, section 6.4.1)",
		(*generator).moveRival, inLeases},
	{"revote", "two nodes stand for one term, and voters forget what they can (figure 2, persistent state)",
		(*generator).moveRevote, inHalf},
}

// moveElect lets a node stand for election and lets messages through between it and a
// random half of the others, until it leads.
func (g *generator) moveElect(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		p.length = mostOfMove
		rivals := g.awake() &^ g.leaders()
		if rivals == 0 {
			return false
		}
		p.cast[theHeir] = rivals.Nth(g.src.Below(rivals.Len()))
		g.muster(p.cast[theHeir])
	}
	heir := p.cast[theHeir]
	switch g.world.View().Nodes[heir].Status.Role {
	case raft.Leader:
		return false
	case raft.Follower:
		if g.profile.Leases {
			*e = faults.Event{Kind: faults.Run, K: 1}
		} else if made == 0 {
			*e = faults.Event{Kind: faults.Timeout, Node: heir}
		} else {
			return g.exchange(e, p.crew)
		}
		return true
	}
	return g.exchange(e, p.crew)
}

func (g *generator) moveExchange(e *faults.Event, made int) bool {
	if made == 0 {
		g.muster(g.role())
	}
	return g.exchange(e, g.play.crew)
}

// moveWrite calls at a node that leads or led.
func (g *generator) moveWrite(e *faults.Event, made int) bool {
	if made > 0 {
		return g.exchange(e, g.play.crew)
	}
	id := g.play.cast[g.src.Below(theDeposed+1)]
	g.muster(id)
	return g.askAt(e, faults.Call, id)
}

// askAt lets a client that does not wait ask a node.
func (g *generator) askAt(e *faults.Event, kind faults.EventKind, id raft.NodeID) bool {
	e.Kind, e.Node = kind, id
	return g.awake().Has(id) && g.client(e) && !g.world.Open(int(e.Client)) && g.pose(e)
}

// pose draws the operation of a client that asks, and reports whether there is one.
func (g *generator) pose(e *faults.Event) bool {
	e.Op = g.operation(e)
	return e.Op != ""
}

func (g *generator) moveDepose(e *faults.Event, made int) bool {
	p := &g.play
	leader := p.cast[theLeader]
	if made > 0 || g.world.Cut(leader) != 0 || g.world.All().Len() < 2 {
		return false
	}
	side := g.isolate(leader)
	if g.one(2) {
		side = side.With(p.cast[theLaggard])
	}
	rest := g.world.All() &^ side
	if rest == 0 {
		return false
	}
	p.cast[theDeposed] = leader
	*e = faults.CutApart(side, rest)
	return true
}

func (g *generator) moveRejoin(e *faults.Event, made int) bool {
	*e = faults.Event{Kind: faults.Mend}
	return made == 0 && g.world.Parted()
}

// moveLose loses what is under way to a node and from it, link after link, until it ends anywhere.
func (g *generator) moveLose(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		p.crew = raft.NodeSetOf(g.role())
	}
	id := p.crew.Nth(0)
	for other := range g.world.All().Without(id).All() {
		for _, link := range [...][2]raft.NodeID{{id, other}, {other, id}} {
			if g.world.InFlight(link[0], link[1]) > 0 {
				*e = faults.Event{Kind: faults.Lose, Node: link[0], Peer: link[1]}
				return true
			}
		}
	}
	return false
}

// moveCrash crashes a node, some of whose writes survive.
func (g *generator) moveCrash(e *faults.Event, made int) bool {
	*e = faults.Event{Kind: faults.Crash, Node: g.role()}
	return made == 0 && g.world.Up().Has(e.Node) && g.writes(e, partCrashIn)
}

func (g *generator) moveRestart(e *faults.Event, made int) bool {
	e.Kind = faults.Restart
	return made == 0 && g.restart(e)
}

// moveHold cuts a link one way on which a message is.
func (g *generator) moveHold(e *faults.Event, made int) bool {
	p := &g.play
	id := g.role()
	if made > 0 || p.held.Kind != 0 || g.world.Deliverable(id) == 0 {
		return false
	}
	*e = faults.Event{Kind: faults.Cut, Node: id}
	g.peer(e, g.world.Deliverable(id))
	p.held = *e
	return true
}

// moveRelease mends that link, and the oldest messages on it arrive.
func (g *generator) moveRelease(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		if p.held.Kind == 0 {
			return false
		}
		g.release(e)
		p.crew = raft.NodeSetOf(e.Node, e.Peer)
		return g.world.Cut(e.Node).Has(e.Peer)
	}
	return g.exchange(e, p.crew)
}

// release mends the link on which messages are held back.
func (g *generator) release(e *faults.Event) {
	p := &g.play
	*e = faults.Event{Kind: faults.Mend, Node: p.held.Node, Peer: p.held.Peer}
	p.held = faults.Event{}
}

// moveDouble doubles a message that is on a link of a role.
func (g *generator) moveDouble(e *faults.Event, made int) bool {
	id := g.role()
	if made > 0 || g.world.Deliverable(id) == 0 {
		return false
	}
	*e = faults.Event{Kind: faults.Duplicate, Node: id}
	return g.peer(e, g.world.Deliverable(id))
}

func (g *generator) moveCompact(e *faults.Event, made int) bool {
	e.Kind = faults.Compact
	if made > 0 || !g.compact(e) {
		return false
	}
	if id := g.role(); g.world.Compactable().Has(id) {
		e.Node = id
	}
	return true
}

// moveChange asks a node that leads or led for a configuration near its own, and lets it
// reach some nodes.
func (g *generator) moveChange(e *faults.Event, made int) bool {
	if made > 0 {
		return g.exchange(e, g.play.crew)
	}
	id := g.play.cast[g.src.Below(theDeposed+1)]
	if g.world.All().Len() < 2 || !g.awake().Has(id) {
		return false
	}
	g.muster(id)
	return g.reconfigureAt(e, id, g.world.All().Nth(g.src.Below(g.world.All().Len())))
}

func (g *generator) moveTransfer(e *faults.Event, made int) bool {
	p := &g.play
	if made > 0 {
		return g.exchange(e, p.crew)
	}
	*e = faults.Event{Kind: faults.Transfer, Node: p.cast[theLeader], Peer: p.cast[theHeir]}
	g.muster(e.Node)
	p.crew = p.crew.With(e.Peer)
	return e.Node != e.Peer && g.awake().Has(e.Node)
}

// moveBeat lets leaders send heartbeats.
func (g *generator) moveBeat(e *faults.Event, made int) bool {
	id := g.play.cast[g.src.Below(theDeposed+1)]
	switch {
	case made > 0:
		return g.exchange(e, g.play.crew)
	case !g.leaders().Has(id):
		return false
	case g.profile.Leases:
		*e = faults.Event{Kind: faults.Run, K: 1}
	default:
		*e = faults.Event{Kind: faults.Tick, Node: id, K: 1}
	}
	g.muster(id)
	return true
}

func (g *generator) moveWait(e *faults.Event, made int) bool {
	return made == 0 && g.pass(e)
}

func (g *generator) moveStand(e *faults.Event, made int) bool {
	*e = faults.Event{Kind: faults.Timeout, Node: g.role()}
	return made == 0 && g.awake().Has(e.Node)
}

// moveAsk reads at each node that is awake, one after the other.
func (g *generator) moveAsk(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		p.length, p.crew = mostOfMove, g.awake()
	}
	for p.crew != 0 {
		id := p.crew.Nth(0)
		p.crew = p.crew.Without(id)
		if g.askAt(e, g.reading(), id) {
			return true
		}
	}
	return false
}

// reading is a kind of read: half of the time one from a lease, where that is allowed.
func (g *generator) reading() faults.EventKind {
	lease := faults.Event{Kind: faults.LeaseRead}
	if g.foreign(lease.Kind) || !g.hazards.Allow(&lease) || g.one(2) {
		return faults.Read
	}
	return lease.Kind
}

// moveMute slows the links to a leader, and cuts those from it some time later. Then time passes.
func (g *generator) moveMute(e *faults.Event, made int) bool {
	p := &g.play
	if made == 0 {
		p.crew = raft.NodeSetOf(p.cast[theLeader])
		if !g.leaders().Has(p.cast[theLeader]) {
			return false
		}
	}
	mute := p.crew.Nth(0)
	others := g.world.All().Without(mute)
	switch n := others.Len(); {
	case made < n:
		*e = faults.Event{
			Kind: faults.Slow, Node: others.Nth(made), Peer: mute, K: int32(g.src.Below(mostSlow + 1)),
		}
	case made > n && made <= 2*n:
		*e = faults.Event{Kind: faults.Cut, Node: mute, Peer: others.Nth(made - n - 1)}
	default:
		*e = faults.Event{Kind: faults.Run, K: 1 + int32(g.src.Below(mostTicks))}
	}
	return true
}

// moveInsist cuts the link to an heir and asks the leader for transfers and writes, while time
// passes. Messages to the heir wait until the link is mended.
func (g *generator) moveInsist(e *faults.Event, made int) bool {
	p := &g.play
	leader, heir := p.cast[theLeader], p.cast[theHeir]
	if !g.leaders().Has(leader) || leader == heir {
		return false
	}
	if made == 0 {
		*e = faults.Event{Kind: faults.Cut, Node: leader, Peer: heir}
		if p.held.Kind != 0 {
			return false
		}
		p.length, p.held = mostOfMove, *e
		return true
	}
	switch choice := g.src.Below(insistsIn); {
	case made == 1:
		*e = faults.Event{Kind: faults.Transfer, Node: leader, Peer: heir}
	case choice == 0:
		*e = faults.Event{Kind: faults.Transfer, Node: leader, Peer: g.other(leader)}
	case choice == 1:
		return g.askAt(e, faults.Call, leader)
	default:
		*e = faults.Event{Kind: faults.Run, K: 1}
	}
	return true
}
