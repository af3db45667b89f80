package fuzz

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"raftcheck/faults"
	"raftcheck/models/election"
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
	rotten  raft.NodeSet   // nodes whose disks it has spoilt or wiped
	asked   []raft.NodeSet // the voters of every configuration that may come to be
	values  int            // how many values were written: each is written once
	events  int            // how many are to come
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
	s := &faults.Schedule{System: system, Service: p.Service, Nodes: p.Nodes[g.src.Below(len(p.Nodes))]}
	s.PreVote = p.Leases || g.src.Below(2) == 0
	s.Rand = uint64(g.src.Below(256))
	g.table = p.draw(g.src)
	if p.Weights[faults.Reconfigure] > 0 {
		g.spare(s)
	}
	g.events = p.Events >> g.src.Below(4)
	g.asked = []raft.NodeSet{raft.FirstNodes(cmp.Or(s.Voters, s.Nodes))}
	return s
}

// spare leaves some nodes out of the first configuration, mostly.
func (g *generator) spare(s *faults.Schedule) {
	if spare := g.src.Below(4); spare < s.Nodes {
		s.Voters = (s.Nodes - spare) % s.Nodes
	}
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

// rivalry is what is tried half of the time while two nodes lead, which does
// not last: reads that may be stale, and what makes them so.
var rivalry = [...]faults.EventKind{faults.Settle, faults.Call, faults.Read, faults.LeaseRead}

// choose picks a kind by weight and then something to do it to. Where there is
// nothing, it does what moves the cluster on.
func (g *generator) choose() faults.Event {
	kind := g.table[g.src.Below(len(g.table))]
	if g.leaders().Len() > 1 && g.src.Below(2) == 0 {
		kind = rivalry[g.src.Below(len(rivalry))]
	}
	for _, k := range [...]faults.EventKind{
		kind, faults.Deliver, faults.Persist, faults.Call, faults.Tick, faults.Resume, faults.Restart,
	} {
		if g.profile.Weights[k] == 0 {
			continue
		}
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
		ok = g.node(&e, g.world.All()&^g.world.Up()&^g.rotten)
	case faults.Skew:
		ok = g.node(&e, g.world.All())
		e.K = g.rate(e.Node)
	case faults.Persist, faults.Crash, faults.Tear, faults.Fail, faults.Corrupt, faults.Wipe:
		ok = g.disk(&e)
	case faults.Compact, faults.Reconfigure, faults.Transfer:
		ok = g.operator(&e)
	case faults.Call, faults.Retry, faults.Abandon, faults.Read, faults.LeaseRead, faults.Work, faults.Land:
		ok = g.client(&e)
	case faults.Run:
		e.K, ok = g.ticks(), true
	case faults.Settle, faults.Heal:
		ok = true
	}
	return e, ok
}

// ticks is how long to let time pass: short times are as likely as long ones, and
// where leases matter, for which it takes short ones to see them end, no long ones.
func (g *generator) ticks() int32 {
	lengths := 6
	if g.profile.Leases {
		lengths = 3
	}
	return 1 + int32(g.src.Below(1<<g.src.Below(lengths)))
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
	for id := range g.world.All().All() {
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

// link picks a link, one way; half of the time it is one from a leader.
func (g *generator) link(e *faults.Event) bool {
	all := g.world.All()
	from := all
	if leaders := g.leaders(); leaders != 0 && g.src.Below(2) == 0 {
		from = leaders
	}
	return all.Len() > 1 && g.node(e, from) && g.peer(e, all.Without(e.Node))
}

func (g *generator) peer(e *faults.Event, set raft.NodeSet) bool {
	e.Peer = set.Nth(g.src.Below(set.Len()))
	return true
}

// rate picks a clock's speed, half of the time the worst: a leader's is slow,
// so that it believes too long, and the others' are fast.
func (g *generator) rate(id raft.NodeID) int32 {
	rates := g.profile.Rates
	switch i := g.src.Below(2 * len(rates)); {
	case i < len(rates):
		return rates[i]
	case g.leaders().Has(id):
		return slices.Min(rates)
	}
	return slices.Max(rates)
}

// cut parts the nodes in two, in three with one of them alone, a leader from the
// others, or all but a bridge that both sides still reach; or it cuts one link one way.
func (g *generator) cut(e *faults.Event) bool {
	all := g.world.All()
	if all.Len() < 2 {
		return false
	}
	how := g.src.Below(5)
	if how == 0 {
		return g.link(e)
	}
	side := raft.NodeSet(g.src.Below(1<<all.Len()-1)) << 1 // never all of them
	if leaders := g.leaders(); how >= 3 && leaders != 0 {
		side = raft.NodeSetOf(leaders.Nth(g.src.Below(leaders.Len())))
	}
	if side == 0 {
		side = side.With(all.Max())
	}
	rest := all &^ side
	one := raft.NodeSetOf(rest.Nth(g.src.Below(rest.Len())))
	switch {
	case how == 1 && rest != one:
		*e = faults.CutApart(side, rest&^one, one)
	case how == 4 && rest != one:
		*e = faults.CutApart(side, rest&^one)
	default:
		*e = faults.CutApart(side, rest)
	}
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
	// A disk that rots or is wiped takes its node out for good.
	if !g.node(e, g.world.All()&^g.rotten) || !g.dispensable(e.Node) {
		return false
	}
	if e.Kind == faults.Corrupt {
		n := g.world.DurableWrites(e.Node)
		if n == 0 {
			return false
		}
		e.K, e.Aux = int32(g.src.Below(n)), int32(g.src.Below(4096))
	}
	g.rotten = g.rotten.With(e.Node)
	return true
}

// dispensable reports whether a cluster could do without a node, whichever
// configuration it has come to.
func (g *generator) dispensable(id raft.NodeID) bool {
	for _, voters := range g.asked {
		if !majority(voters, g.rotten.With(id)) {
			return false
		}
	}
	return true
}

// majority reports whether most of voters are not among the lost.
func majority(voters, lost raft.NodeSet) bool {
	return 2*(voters&lost).Len() < voters.Len()
}

// writes sets K, once in a while, to some of the node's pending writes.
func (g *generator) writes(e *faults.Event, once int) bool {
	if n := g.world.PendingWrites(e.Node); n > 1 && g.src.Below(once) == 0 {
		e.K = int32(g.src.Below(n))
	}
	return true
}

// operator picks what the operator of the cluster asks of a node, mostly of a leader.
func (g *generator) operator(e *faults.Event) bool {
	if e.Kind == faults.Compact {
		e.K = int32(g.src.Below(4))
		return g.node(e, g.world.Compactable())
	}
	if g.world.All().Len() < 2 || !g.target(e) {
		return false
	}
	if e.Kind == faults.Transfer {
		return g.peer(e, g.world.All().Without(e.Node))
	}
	return g.change(e)
}

// change picks a configuration near the one that the node acts by: one node
// comes, goes, or is promoted. A node comes as a learner first, mostly.
func (g *generator) change(e *faults.Event) bool {
	c := g.world.View().Nodes[e.Node].Status.Config
	voters, learners := c.Voters, c.Learners
	id := g.world.All().Nth(g.src.Below(g.world.All().Len()))
	switch {
	case learners.Has(id):
		voters, learners = voters.With(id), learners.Without(id)
		if out := voters.Nth(g.src.Below(voters.Len())); g.src.Below(2) == 0 && out != id {
			voters = voters.Without(out)
		}
	case !voters.Has(id) && g.src.Below(8) == 0:
		voters = voters.With(id) // which is refused
	case !voters.Has(id):
		learners = learners.With(id)
	case g.src.Below(16) == 0:
		// It is asked for what it is.
	case g.src.Below(4) == 0:
		voters, learners = voters.Without(id), learners.With(id)
	default:
		voters = voters.Without(id)
	}
	if voters == 0 || !majority(voters, g.rotten) {
		return false
	}
	g.asked = append(g.asked, voters)
	*e = faults.ReconfigureTo(e.Node, voters, learners)
	return true
}

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
	return true
}

// target picks whom a client asks, mostly a node that leads. Of several, reads go
// mostly to the one with the earliest term, and all else to that with the
// latest: so a read is stale, if it can be.
func (g *generator) target(e *faults.Event) bool {
	leaders := g.leaders()
	if leaders == 0 || g.profile.Anybody && g.src.Below(2) == 0 || g.src.Below(8) == 0 {
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

// leaders has the nodes that lead, or take themselves for leaders, and take input.
func (g *generator) leaders() (set raft.NodeSet) {
	for id := range g.awake().All() {
		if g.world.View().Nodes[id].Status.Role == raft.Leader {
			set = set.With(id)
		}
	}
	return set
}

// operation draws a client's operation.
func (g *generator) operation(e *faults.Event) string {
	reads := e.Kind != faults.Call
	if g.profile.Service != "" {
		return g.workerOperation(e.Client, reads)
	}
	keys := "xy"
	if g.profile.Leases {
		keys = "x" // a read from a lease tells something only where somebody else wrote
	}
	key := string(keys[g.src.Below(len(keys))])
	if reads {
		return "get " + key
	}
	return g.keyOperation(key)
}

// keyOperation draws an operation on a key. Every value that is written is
// written once, so that a read tells which write it saw.
func (g *generator) keyOperation(key string) string {
	switch g.src.Below(8) {
	case 0, 1, 2:
		return "put " + key + " " + g.value()
	case 3:
		return "append " + key + " " + g.value()
	case 4:
		return "cas " + key + " " + strconv.Itoa(max(g.values-g.src.Below(4), 0)) + " " + g.value()
	case 5:
		if g.src.Below(4) == 0 {
			return "delete " + key
		}
	}
	return "get " + key
}

// value is a value that was not written before, now and then a long one.
func (g *generator) value() string {
	g.values++
	v := strconv.Itoa(g.values)
	if g.src.Below(8) == 0 {
		v += strings.Repeat("-", 48)
	}
	return v
}

// workerOperation draws what a worker asks about a leadership, mostly about the
// same one, and mostly with the token that it was given last.
func (g *generator) workerOperation(client uint8, reads bool) string {
	name := "x"
	if g.src.Below(8) == 0 {
		name = "y"
	}
	if reads {
		return "holder " + name
	}
	ttl := strconv.Itoa(1 + g.src.Below(16))
	token := strconv.FormatUint(g.token(int(client), name), 10)
	switch g.src.Below(8) {
	case 0, 1:
		return "keepalive " + name + " " + token + " " + ttl
	case 2:
		return "resign " + name + " " + token
	case 3:
		return "holder " + name
	}
	return "campaign " + name + " " + ttl
}

// token is the one that a client was given last, for whatever leadership.
func (g *generator) token(client int, name string) uint64 {
	history := g.world.History()
	for i := len(history) - 1; i >= max(0, len(history)-32); i-- {
		op := &history[i]
		if op.Client != client || op.Key != name || op.Pending() {
			continue
		}
		if answer, err := election.ParseAnswer(op.Output); err == nil && answer.Token > 0 {
			return answer.Token
		}
	}
	return 1 + uint64(g.src.Below(4))
}
