package fuzz

import (
	"strconv"

	"raftcheck/faults"
	"raftcheck/raft"
)

// LivenessTicks is how long a healed cluster has to become well. An election
// with a split vote costs the reference up to 25 ticks; the bound leaves room
// for a dozen of them in a row.
const LivenessTicks = 400

// generator writes one schedule while it watches the world that executes it.
type generator struct {
	profile *Profile
	src     Source
	table   *table
	world   *faults.World
	rotten  raft.NodeSet // nodes whose disks it has spoilt
	values  int          // how many values were written: each is written once
	events  int          // how many are to come
	healed  bool
}

// header draws the cluster of a schedule.
func (g *generator) header(system string) *faults.Schedule {
	if of := g.profile.Of; len(of) > 0 {
		p := of[g.src.Below(len(of))]
		p.Swarm = g.profile.Swarm
		g.profile = &p
	}
	p := g.profile
	s := &faults.Schedule{System: system, Nodes: p.Nodes[g.src.Below(len(p.Nodes))]}
	s.Rand = uint64(g.src.Below(256))
	g.table = p.draw(g.src)
	g.events = p.Events >> g.src.Below(4)
	return s
}

// next chooses the next event. Every schedule ends with a heal: whatever
// happened, a cluster without faults must become well.
func (g *generator) next() (faults.Event, bool) {
	if g.events > 0 && g.src.More() {
		g.events--
		return g.choose(), true
	}
	if g.healed {
		return faults.Event{}, false
	}
	g.healed = true
	return faults.Event{Kind: faults.Heal, K: LivenessTicks}, true
}

// choose picks a kind by weight and then something to do it to. Where there is
// nothing, it does what moves the cluster on.
func (g *generator) choose() faults.Event {
	kind := g.table[g.src.Below(len(g.table))]
	for _, k := range [...]faults.EventKind{
		kind, faults.Deliver, faults.Persist, faults.Call, faults.Tick, faults.Resume, faults.Restart,
	} {
		if e, ok := g.event(k); ok {
			return e
		}
	}
	return faults.Event{Kind: faults.Settle}
}

func (g *generator) awake() raft.NodeSet { return g.world.Up() &^ g.world.Paused() }

// event fills in an event of a kind; not ok means that there is nothing to do it to.
func (g *generator) event(kind faults.EventKind) (e faults.Event, ok bool) {
	e.Kind = kind
	switch kind {
	case faults.Tick:
		e.K = 1 + int32(g.src.Below(4))
		ok = g.node(&e, g.awake())
	case faults.Timeout, faults.Pause:
		ok = g.node(&e, g.awake())
	case faults.Deliver, faults.Drop, faults.Duplicate:
		ok = g.message(&e)
	case faults.Slow:
		ok = g.link(&e)
		e.K = int32(g.src.Below(16))
	case faults.Cut:
		ok = g.cut(&e)
	case faults.Mend:
		ok = g.world.Parted()
	case faults.Resume:
		ok = g.node(&e, g.world.Paused())
	case faults.Restart:
		ok = g.node(&e, g.world.Voters()&^g.world.Up()&^g.rotten)
	case faults.Skew:
		e.K = [...]int32{25, 50, 80, 100, 125, 200, 400, 1000}[g.src.Below(8)]
		ok = g.node(&e, g.world.Voters())
	case faults.Persist, faults.Crash, faults.Tear, faults.Fail, faults.Corrupt:
		ok = g.disk(&e)
	case faults.Call, faults.Retry, faults.Abandon:
		ok = g.client(&e)
	case faults.Run:
		e.K, ok = 1+int32(g.src.Below(32)), true
	case faults.Settle, faults.Heal:
		ok = true
	}
	return e, ok
}

// node picks a node of a set.
func (g *generator) node(e *faults.Event, set raft.NodeSet) bool {
	if set == 0 {
		return false
	}
	e.Node = set.Nth(g.src.Below(set.Len()))
	return true
}

// message picks a message that can be delivered, mostly the oldest of its link.
func (g *generator) message(e *faults.Event) bool {
	var senders raft.NodeSet
	for id := range g.world.Voters().All() {
		if g.world.Deliverable(id) != 0 {
			senders = senders.With(id)
		}
	}
	if !g.node(e, senders) {
		return false
	}
	receivers := g.world.Deliverable(e.Node)
	e.Peer = receivers.Nth(g.src.Below(receivers.Len()))
	if n := g.world.InFlight(e.Node, e.Peer); n > 1 && g.src.Below(8) == 0 {
		e.K = int32(g.src.Below(n))
	}
	return true
}

// link picks a link, one way.
func (g *generator) link(e *faults.Event) bool {
	voters := g.world.Voters()
	return voters.Len() > 1 && g.node(e, voters) && g.peer(e, voters.Without(e.Node))
}

func (g *generator) peer(e *faults.Event, set raft.NodeSet) bool {
	e.Peer = set.Nth(g.src.Below(set.Len()))
	return true
}

// cut parts the nodes in two, in three with one of them alone, or cuts one link one way.
func (g *generator) cut(e *faults.Event) bool {
	voters := g.world.Voters()
	if voters.Len() < 2 {
		return false
	}
	how := g.src.Below(4)
	if how == 0 {
		return g.link(e)
	}
	side := raft.NodeSet(g.src.Below(1<<voters.Len()-1)) << 1 // never all of them
	if side == 0 {
		side = side.With(voters.Max())
	}
	rest := voters &^ side
	if alone := raft.NodeSetOf(rest.Max()); how == 1 && rest != alone {
		*e = faults.CutApart(side, rest&^alone, alone)
		return true
	}
	*e = faults.CutApart(side, rest)
	return true
}

// disk picks something to do to a node's disk.
func (g *generator) disk(e *faults.Event) bool {
	switch e.Kind {
	case faults.Persist:
		return g.node(e, g.world.Dirty()) && g.writes(e, 4)
	case faults.Crash:
		return g.node(e, g.world.Up()) && g.writes(e, 2)
	case faults.Tear:
		e.Aux = int32(g.src.Below(256))
		return g.node(e, g.world.Dirty()) && g.writes(e, 2)
	case faults.Fail:
		return g.node(e, g.world.Dirty()) && g.writes(e, 2)
	}
	// A disk that rots takes its node out for good: a minority at most.
	if !g.node(e, g.world.Voters()&^g.rotten) || 2*(g.rotten.Len()+1) >= g.world.Voters().Len() {
		return false
	}
	g.rotten = g.rotten.With(e.Node)
	if n := g.world.DurableWrites(e.Node); n > 0 {
		e.K = int32(g.src.Below(n))
	}
	e.Aux = int32(g.src.Below(4096))
	return g.world.DurableWrites(e.Node) > 0
}

// writes sets K, once in a while, to some of the node's pending writes.
func (g *generator) writes(e *faults.Event, once int) bool {
	if n := g.world.PendingWrites(e.Node); n > 1 && g.src.Below(once) == 0 {
		e.K = int32(g.src.Below(n))
	}
	return true
}

// client picks a client and what it does.
func (g *generator) client(e *faults.Event) bool {
	e.Client = uint8(1 + g.src.Below(g.profile.Clients))
	if open := g.world.Open(int(e.Client)); open != (e.Kind != faults.Call) {
		return false
	}
	if e.Kind == faults.Abandon {
		return true
	}
	if !g.target(e) {
		return false
	}
	if e.Kind == faults.Call {
		e.Op = g.operation()
	}
	return true
}

// target picks whom a client asks, mostly a node that leads.
func (g *generator) target(e *faults.Event) bool {
	var leaders raft.NodeSet
	for id := range g.awake().All() {
		if g.world.View().Nodes[id].Status.Role == raft.Leader {
			leaders = leaders.With(id)
		}
	}
	if leaders != 0 && g.src.Below(8) != 0 {
		return g.node(e, leaders)
	}
	return g.node(e, g.awake())
}

// operation draws a client's operation on one of two keys. Every value that is
// written is written once, so that a read tells which write it saw.
func (g *generator) operation() string {
	const keys = "xy"
	key := keys[g.src.Below(len(keys))]
	switch g.src.Below(8) {
	case 0, 1, 2:
		return "put " + string(key) + " " + g.value()
	case 3:
		return "append " + string(key) + " " + g.value()
	case 4:
		return "cas " + string(key) + " " + strconv.Itoa(max(g.values-g.src.Below(4), 0)) + " " + g.value()
	case 5:
		if g.src.Below(4) == 0 {
			return "delete " + string(key)
		}
	}
	return "get " + string(key)
}

func (g *generator) value() string {
	g.values++
	return strconv.Itoa(g.values)
}
