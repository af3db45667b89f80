package generate

import (
	"cmp"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
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
	caller  service.Caller // the client that called last
	events  int            // how many are to come
	habits  habits
	then    []faults.Event // what comes next, whatever is drawn
	wait    int            // ... after so many events
}

// Schedule writes a schedule under a profile while the runner executes it, and
// judges it. [trial.Runner.Run] on the schedule has the same result. The runner's
// services must be those that Profile.Validate accepts.
func Schedule(r *trial.Runner, p Profile, src Source) (*faults.Schedule, trial.Result) {
	g := generator{profile: &p, src: src, world: r.World()}
	s := g.header(r.System().Name(), r.Services())
	s.Events = make([]faults.Event, 0, g.events+1)
	r.Begin(s)
	for e, ok := g.next(); ok; e, ok = g.next() {
		s.Events = append(s.Events, e)
		r.Apply(e)
	}
	return s, r.Finish()
}

// header draws the cluster of a schedule.
func (g *generator) header(system string, set service.Set) *faults.Schedule {
	if of := g.profile.served(set); len(of) > 0 {
		p := of[g.src.Below(len(of))]
		p.Swarm = g.profile.Swarm
		g.profile = &p
	}
	p := g.profile
	s := &faults.Schedule{System: system}
	if !s.Use(set, p.Service) {
		panic("the runner has none of the services of profile " + p.Name)
	}
	s.Nodes = p.Nodes[g.src.Below(len(p.Nodes))]
	s.PreVote = p.Leases || g.src.Below(2) == 0
	s.Rand = uint64(g.src.Below(256))
	g.table = p.draw(g.src)
	if p.Weights[faults.Reconfigure] > 0 {
		g.spare(s)
	}
	g.events = p.Events >> g.src.Below(5)
	g.habits = g.drawHabits(s.Nodes)
	g.caller = service.Caller{Source: g.src, OneKey: p.Leases}
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
		return g.chosen(), true
	}
	if g.events >= 0 {
		g.events = -1
		g.then = append(g.lose(), faults.Event{Kind: faults.Heal, K: LivenessTicks})
	}
	if len(g.then) == 0 {
		return faults.Event{}, false
	}
	return g.pop(), true
}

// chosen is what has to follow what came before, or else whatever is chosen.
func (g *generator) chosen() faults.Event {
	if len(g.then) > 0 && g.wait == 0 {
		return g.pop()
	}
	g.wait = max(g.wait-1, 0)
	e := g.choose()
	if len(g.then) == 0 {
		g.follow(e)
	}
	return e
}

func (g *generator) pop() faults.Event {
	e := g.then[0]
	g.then = g.then[1:]
	return e
}

// rivalry is what is tried half of the time while two nodes lead, which does
// not last: reads that may be stale, and what makes them so.
var rivalry = [...]faults.EventKind{faults.Settle, faults.Call, faults.Read, faults.LeaseRead}

// choose picks a kind by weight and then something to do it to. Where there is
// nothing, it does what moves the cluster on. Nodes that could hear no leader stand
// for election a little more often.
func (g *generator) choose() faults.Event {
	kind := g.table[g.src.Below(len(g.table))]
	switch leaders := g.leaders(); {
	case leaders.Len() > 1:
		if g.src.Below(2) == 0 {
			kind = rivalry[g.src.Below(len(rivalry))]
		}
	case g.bereft(leaders).Len() > 1 && g.src.Below(16) == 0:
		kind = faults.Timeout
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
	case faults.Timeout:
		ok = g.timeout(&e)
	case faults.Pause:
		ok = g.node(&e, g.awake())
	case faults.Deliver, faults.Drop, faults.Duplicate:
		ok = g.message(&e)
	case faults.Slow:
		ok = g.link(&e)
		e.K = int32(g.src.Below(16))
	case faults.Cut:
		ok = g.cut(&e)
	case faults.Mend:
		ok = g.mend(&e)
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

// timeout picks whose election timer fires, mostly a node that could hear no leader.
func (g *generator) timeout(e *faults.Event) bool {
	if missing := g.bereft(g.leaders()); missing != 0 && g.src.Below(4) != 0 {
		return g.node(e, missing)
	}
	return g.node(e, g.awake())
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
	if n := g.world.InFlight(e.Node, e.Peer); n > 1 && g.src.Below(8) < g.habits.overtaking {
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
		side = g.company(leaders.Nth(g.src.Below(leaders.Len())))
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

// mend ends every cut, or that of one link: then what waited on it arrives at a
// cluster that has gone on without.
func (g *generator) mend(e *faults.Event) bool {
	if !g.world.Parted() || g.src.Below(2) == 0 {
		return g.world.Parted()
	}
	var cut raft.NodeSet
	for id := range g.world.All().All() {
		if g.world.Cut(id) != 0 {
			cut = cut.With(id)
		}
	}
	return g.node(e, cut) && g.peer(e, g.world.Cut(e.Node))
}

// company has a leader and, now and then, whoever has no vote in its configuration.
func (g *generator) company(leader raft.NodeID) raft.NodeSet {
	c := g.world.View().Nodes[leader].Status.Config
	if rest := c.Electors().Without(leader); rest != 0 && g.src.Below(2) == 0 {
		return g.world.All() &^ rest
	}
	return raft.NodeSetOf(leader)
}

// disk picks something to do to a node's disk.
func (g *generator) disk(e *faults.Event) bool {
	switch e.Kind {
	case faults.Persist:
		return g.node(e, g.writing()) && g.writes(e, 4)
	case faults.Crash:
		up := g.world.Up()
		if busy := up & g.world.Dirty(); busy != 0 && g.src.Below(2) == 0 {
			up = busy // it loses something
		}
		return g.node(e, up) && g.writes(e, 2)
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

// writing has the nodes whose disks may finish something now.
func (g *generator) writing() raft.NodeSet {
	dirty := g.world.Dirty()
	if dirty.Has(g.habits.slowDisk) && g.src.Below(8) != 0 {
		return dirty.Without(g.habits.slowDisk)
	}
	return dirty
}

// dispensable reports whether a cluster could do without a node, whichever
// configuration it has come to.
func (g *generator) dispensable(id raft.NodeID) bool {
	for _, voters := range g.asked {
		if !Majority(voters, g.rotten.With(id)) {
			return false
		}
	}
	return true
}

// majority reports whether most of voters are not among the lost.
func Majority(voters, lost raft.NodeSet) bool {
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
		if g.src.Below(2) == 0 {
			return false // it stays one
		}
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
	if voters == 0 || !Majority(voters, g.rotten) {
		return false
	}
	g.asked = append(g.asked, voters)
	*e = faults.ReconfigureTo(e.Node, voters, learners)
	return true
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
