package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// play is a few moves in a row on the same nodes. A free event rarely follows up the one
// before it; a play does: it deposes a leader, elects its heir by single messages, and asks
// both what they know. No play is written down. Moves are drawn one after the other, and each
// finds its nodes by the roles that earlier moves gave them.
type play struct {
	on     uint64 // the moves of the schedule, a bit each
	in     int    // a play begins once in so many free events; 0 for never
	moves  int    // how many moves are still to begin
	move   int    // the one that goes on
	made   int    // events of it so far
	length int    // events that it has at most
	crew   raft.NodeSet
	cast   [roles]raft.NodeID
	held   faults.Event // the cut that holds messages of one link back
	// Of a move that has several stages:
	stage int  // from 0 on
	left  int  // how many requests or steps are still to come in it
	led   bool // its leader has been elected
}

// The roles that moves share.
const (
	theLeader  = iota // it leads the latest term
	theDeposed        // it led before, and may believe that it still does
	theHeir           // it stood for election last, or is asked to
	theLaggard        // it hears less than the others
	theMember         // it came or went in the last change of the configuration
	roles
)

// How long plays are, and how often they begin.
const (
	leastMoves = 3
	mostMoves  = 12
	mostOfMove = 32 // events of one move
	insistsIn  = 8  // in so many ticks the operator asks for another transfer
)

// playsIn has the rates that schedules choose from. A fault that is always there hides what
// needs its absence, and so does a play.
var playsIn = [...]int{0, 0, 60, 15}

// drawPlay chooses how often the schedule has plays, and which moves they are made of.
func (g *generator) drawPlay() (p play) {
	if g.profile.Calm {
		return p
	}
	if p.in = playsIn[g.src.Below(len(playsIn))]; p.in == 0 {
		return p
	}
	for i := range moves {
		in := moves[i].in
		if g.one(2) || in == inAll || in == inLeases && g.profile.Leases {
			p.on |= 1 << i
		}
	}
	return p
}

// hastyIn has the rates of schedules that are continued because they are near to a harm.
var hastyIn = [...]int{20, 5, 1}

// hasten makes plays frequent.
func (p *play) hasten(src Source) {
	p.in = hastyIn[src.Below(len(hastyIn))]
	if p.on == 0 {
		p.on = 1<<len(moves) - 1
	}
}

// plays writes the next event of a play into g.event, and reports whether there is one.
func (g *generator) plays() bool {
	p := &g.play
	if p.in == 0 {
		return false
	}
	if p.moves == 0 && p.length == 0 {
		if !g.one(p.in) {
			return false
		}
		p.moves = leastMoves + g.src.Below(mostMoves-leastMoves+1)
		p.cast = [roles]raft.NodeID{}
	}
	if p.made < p.length && g.carryOn(p.move) {
		return true
	}
	for p.length = 0; p.moves > 0; {
		p.moves--
		if g.begin(g.src.Below(len(moves))) {
			return true
		}
	}
	return false
}

// begin begins a move, if the schedule has it and the cluster allows it.
func (g *generator) begin(move int) bool {
	p := &g.play
	if p.on>>move&1 == 0 {
		return false
	}
	g.assign()
	p.move, p.made, p.stage, p.left, p.led = move, 0, 0, 0, false
	p.length = 1 + g.src.Below(mostOfMove)
	if !g.carryOn(move) {
		p.length = 0
		return false
	}
	return true
}

// carryOn writes the next event of a move, if it has one that is allowed.
func (g *generator) carryOn(move int) bool {
	g.event = faults.Event{}
	if !moves[move].next(g, &g.event, g.play.made) || !g.hazards.Allow(&g.event) || g.foreign(g.event.Kind) {
		g.play.length = 0
		return false
	}
	g.play.made++
	g.hazards.Note(&g.event)
	return true
}

// foreign reports whether a play may not have events of a kind: the system lacks the ability
// that they ask for, or the schedule is of one profile alone, which lacks the kind.
func (g *generator) foreign(kind faults.EventKind) bool {
	return g.lacked(kind) || !g.profile.Swarm && g.profile.Weights[kind] == 0
}

// assign gives the roles that the cluster itself decides, and each that nobody has, to a
// random node.
func (g *generator) assign() {
	p := &g.play
	leaders := g.leaders()
	if leaders != 0 {
		leader := g.extreme(leaders, false)
		if old := p.cast[theLeader]; old != leader && old != raft.None {
			p.cast[theDeposed] = old
		}
		p.cast[theLeader] = leader
		if old := g.extreme(leaders, true); old != leader {
			p.cast[theDeposed] = old
		}
	}
	for role := range p.cast {
		if p.cast[role] == raft.None {
			p.cast[role] = g.world.All().Nth(g.src.Below(g.world.All().Len()))
		}
	}
}

// role is the node of a random role.
func (g *generator) role() raft.NodeID { return g.play.cast[g.src.Below(roles)] }

// muster chooses the nodes that a move is about: one, and a random half of the others.
func (g *generator) muster(id raft.NodeID) {
	all := g.world.All()
	g.play.crew = raft.NodeSetOf(id)
	for other := range all.Without(id).All() {
		if g.one(2) {
			g.play.crew = g.play.crew.With(other)
		}
	}
}

// exchange writes one step of an exchange among nodes: a write that becomes durable, or
// the oldest message of a link that arrives.
func (g *generator) exchange(e *faults.Event, nodes raft.NodeSet) bool {
	return g.traffic(e, nodes, nodes)
}

// traffic writes such a step, where the writes of some of the nodes alone become durable.
func (g *generator) traffic(e *faults.Event, nodes, writers raft.NodeSet) bool {
	dirty := g.world.Dirty() & writers
	var senders raft.NodeSet
	for id := range nodes.All() {
		if g.world.Deliverable(id)&nodes != 0 {
			senders = senders.With(id)
		}
	}
	n := dirty.Len() + senders.Len()
	if n == 0 {
		return false
	}
	if i := g.src.Below(n); i < dirty.Len() {
		*e = faults.Event{Kind: faults.Persist, Node: dirty.Nth(i)}
	} else {
		from := senders.Nth(i - dirty.Len())
		*e = faults.Event{Kind: faults.Deliver, Node: from}
		return g.peer(e, g.world.Deliverable(from)&nodes)
	}
	return true
}
