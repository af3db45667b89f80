package generate

import (
	"slices"

	"raftcheck/faults"
	"raftcheck/raft"
)

// targets fill in events of each kind: each picks something to do the event to, and
// reports whether there is anything. A kind that is not here is done to any of the events
// that World.EnabledOf has for it.
var targets = [faults.Kinds]func(*generator, *faults.Event) bool{
	faults.Tick:        (*generator).tick,
	faults.Timeout:     (*generator).timeout,
	faults.Skew:        (*generator).skew,
	faults.Deliver:     (*generator).message,
	faults.Drop:        (*generator).message,
	faults.Duplicate:   (*generator).message,
	faults.Cut:         (*generator).cut,
	faults.Mend:        (*generator).mend,
	faults.Slow:        (*generator).slow,
	faults.Lose:        (*generator).loseLink,
	faults.Persist:     (*generator).persist,
	faults.Fail:        (*generator).fail,
	faults.Tear:        (*generator).tear,
	faults.Corrupt:     (*generator).corrupt,
	faults.Crash:       (*generator).crash,
	faults.Restart:     (*generator).restart,
	faults.Wipe:        (*generator).spoil,
	faults.Batch:       (*generator).pace,
	faults.Lag:         (*generator).pace,
	faults.Call:        (*generator).call,
	faults.Read:        (*generator).call,
	faults.LeaseRead:   (*generator).call,
	faults.Retry:       (*generator).retry,
	faults.Abandon:     (*generator).abandon,
	faults.Work:        (*generator).work,
	faults.Land:        (*generator).land,
	faults.Compact:     (*generator).compact,
	faults.Reconfigure: (*generator).reconfigure,
	faults.Transfer:    (*generator).transfer,
	faults.Settle:      (*generator).always,
	faults.Run:         (*generator).run,
	faults.Heal:        (*generator).always,
}

// Numbers of events, and how often the less usual choice is made: once in so many times.
const (
	mostTicks     = 4  // of a Tick
	mostSlow      = 15 // ticks of a Slow
	runLengths    = 6  // a Run is below 1, 2, 4, ... ticks: so many lengths, equally likely
	leaseLengths  = 3  // the same where leases are read: short times show where they end
	mostTorn      = 255
	mostBit       = 4095
	mostKept      = 3  // entries that a Compact keeps
	anyTimeoutIn  = 4  // the timer of any node fires, though some hear no leader
	slowDiskIn    = 8  // the slow disk finishes something
	partPersistIn = 4  // a Persist is of some writes, not of all
	partCrashIn   = 2  // some writes survive a Crash, Tear or Fail
	strangerIn    = 8  // a node that is no learner is to be a voter, which is refused
	sameIn        = 16 // a node is to be a voter, which it is
	demotedIn     = 4  // a voter is to be a learner
	turnoverIn    = 4  // a change is of many nodes, not of one
)

func (g *generator) always(*faults.Event) bool { return true }

func (g *generator) tick(e *faults.Event) bool {
	e.K = 1 + int32(g.src.Below(mostTicks))
	return g.node(e, g.awake())
}

// pace makes a node take inputs together, or apply late. Few inputs are as likely as many.
func (g *generator) pace(e *faults.Event) bool {
	e.K = 2 + int32(g.src.Below(faults.MostPaced-1))
	return g.node(e, g.awake())
}

// run lets time pass. Short times are as likely as long ones.
func (g *generator) run(e *faults.Event) bool {
	lengths := runLengths
	if g.profile.Leases {
		lengths = leaseLengths
	}
	e.K = 1 + int32(g.src.Below(1<<g.src.Below(lengths)))
	return true
}

// node picks a node of a set.
func (g *generator) node(e *faults.Event, set raft.NodeSet) bool {
	if set == 0 {
		return false
	}
	e.Node = set.Nth(g.src.Below(set.Len()))
	return true
}

// peer picks a peer of a set, which is not empty.
func (g *generator) peer(e *faults.Event, set raft.NodeSet) bool {
	e.Peer = set.Nth(g.src.Below(set.Len()))
	return true
}

// timeout picks a node whose election timer fires, mostly one that no leader reaches.
func (g *generator) timeout(e *faults.Event) bool {
	if missing := g.leaderless(g.leaders()); missing != 0 && !g.one(anyTimeoutIn) {
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
	g.peer(e, g.world.Deliverable(e.Node))
	if n := g.world.InFlight(e.Node, e.Peer); n > 1 && g.src.Below(overtakingOf) < g.habits.overtaking {
		e.K = int32(g.src.Below(n))
	}
	return true
}

// loseLink picks a link that holds messages, cut or not.
func (g *generator) loseLink(e *faults.Event) bool {
	return g.link(e) && g.world.InFlight(e.Node, e.Peer) > 0
}

func (g *generator) slow(e *faults.Event) bool {
	found := g.link(e)
	e.K = int32(g.src.Below(mostSlow + 1))
	return found
}

// link picks a link, one way; half of the time it is one from a leader.
func (g *generator) link(e *faults.Event) bool {
	all := g.world.All()
	from := all
	if leaders := g.leaders(); leaders != 0 && g.one(2) {
		from = leaders
	}
	return all.Len() > 1 && g.node(e, from) && g.peer(e, all.Without(e.Node))
}

// skew picks a clock's speed, half of the time an extreme one: a leader's is slow,
// so that it believes in its lease for too long, and the others' are fast.
func (g *generator) skew(e *faults.Event) bool {
	found := g.node(e, g.world.All())
	rates := g.profile.Rates
	switch i := g.src.Below(2 * len(rates)); {
	case i < len(rates):
		e.K = rates[i]
	default:
		e.K = g.limit(e.Node)
	}
	return found
}

// limit is the extreme speed of a node's clock.
func (g *generator) limit(id raft.NodeID) int32 {
	if g.leaders().Has(id) {
		return slices.Min(g.profile.Rates)
	}
	return slices.Max(g.profile.Rates)
}

// The ways to cut, equally likely. Where no node leads, the last two cut any side.
const (
	cutLink   = iota // one link, one way
	cutThree         // two sides, and one node alone
	cutTwo           // two sides
	cutLeader        // a leader from the others
	cutBridge        // a leader from the others, except for a node that both sides reach
	waysToCut
)

// cut picks a partition.
func (g *generator) cut(e *faults.Event) bool {
	all := g.world.All()
	if all.Len() < 2 {
		return false
	}
	how := g.src.Below(waysToCut)
	if how == cutLink {
		return g.link(e)
	}
	side := raft.NodeSet(g.src.Below(1<<all.Len()-1)) << 1 // never all of them
	if leaders := g.leaders(); how >= cutLeader && leaders != 0 {
		side = g.isolate(leaders.Nth(g.src.Below(leaders.Len())))
	}
	if side == 0 {
		side = side.With(all.Max())
	}
	rest := all &^ side
	one := raft.NodeSetOf(rest.Nth(g.src.Below(rest.Len())))
	switch {
	case how == cutThree && rest != one:
		*e = faults.CutApart(side, rest&^one, one)
	case how == cutBridge && rest != one:
		*e = faults.CutApart(side, rest&^one)
	default:
		*e = faults.CutApart(side, rest)
	}
	return true
}

// isolate is the side of a partition that isolates a leader: the leader alone or, half of
// the time, with every node that has no vote in its configuration.
func (g *generator) isolate(leader raft.NodeID) raft.NodeSet {
	c := g.world.View().Nodes[leader].Status.Config
	if rest := c.Electors().Without(leader); rest != 0 && g.one(2) {
		return g.world.All() &^ rest
	}
	return raft.NodeSetOf(leader)
}

// mend ends every cut, or that of one link. Then the messages that waited on the link
// arrive at a cluster that has gone on without them.
func (g *generator) mend(e *faults.Event) bool {
	if !g.world.Parted() || g.one(2) {
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

func (g *generator) persist(e *faults.Event) bool {
	return g.node(e, g.writing()) && g.writes(e, partPersistIn)
}

// writing has the nodes whose disks may finish something now.
func (g *generator) writing() raft.NodeSet {
	dirty := g.world.Dirty()
	if dirty.Has(g.habits.slowDisk) && !g.one(slowDiskIn) {
		return dirty.Without(g.habits.slowDisk)
	}
	return dirty
}

// writes sets K, once in so many times, to some of the node's pending writes.
func (g *generator) writes(e *faults.Event, in int) bool {
	if n := g.world.PendingWrites(e.Node); n > 1 && g.one(in) {
		e.K = int32(g.src.Below(n))
	}
	return true
}

// crash picks a node that runs, half of the time one that loses a write.
func (g *generator) crash(e *faults.Event) bool {
	up := g.world.Up()
	if busy := up & g.world.Dirty(); busy != 0 && g.one(2) {
		up = busy
	}
	return g.node(e, up) && g.writes(e, partCrashIn)
}

func (g *generator) tear(e *faults.Event) bool {
	e.Aux = int32(g.src.Below(mostTorn + 1))
	return g.fail(e)
}

func (g *generator) fail(e *faults.Event) bool {
	return g.node(e, g.world.Dirty()) && g.writes(e, partCrashIn)
}

// restart picks a node that is down, and whose disk was not spoilt.
func (g *generator) restart(e *faults.Event) bool {
	return g.node(e, g.world.All()&^g.world.Up()&^g.hazards.Lost())
}

// spoil picks a node that the cluster can do without: its disk is not to be used again.
func (g *generator) spoil(e *faults.Event) bool {
	return g.node(e, g.world.All()&^g.hazards.Lost()) && g.hazards.Allow(e)
}

func (g *generator) corrupt(e *faults.Event) bool {
	if !g.spoil(e) {
		return false
	}
	n := g.world.DurableWrites(e.Node)
	if n == 0 {
		return false
	}
	e.K, e.Aux = int32(g.src.Below(n)), int32(g.src.Below(mostBit+1))
	return true
}

func (g *generator) compact(e *faults.Event) bool {
	e.K = int32(g.src.Below(mostKept + 1))
	return g.node(e, g.world.Compactable())
}

func (g *generator) transfer(e *faults.Event) bool {
	return g.world.All().Len() > 1 && g.target(e) && g.peer(e, g.world.All().Without(e.Node))
}

// reconfigure asks for a change of one node.
func (g *generator) reconfigure(e *faults.Event) bool {
	if g.world.All().Len() < 2 || !g.target(e) {
		return false
	}
	return g.reconfigureAt(e, e.Node, g.world.All().Nth(g.src.Below(g.world.All().Len())))
}

// reconfigureAt asks a node for a configuration near the one that it acts by: another
// node comes, goes, or is promoted, or many do. A node comes as a learner first, mostly, and comes
// back if the system allows it.
func (g *generator) reconfigureAt(e *faults.Event, at, id raft.NodeID) bool {
	c := g.world.View().Nodes[at].Status.Config
	voters, learners := c.Voters, c.Learners
	switch {
	case !g.limits.Lacks.Has(raft.Joint|raft.Learners) && g.one(turnoverIn):
		voters, learners = g.turnover(voters, learners)
	case learners.Has(id):
		if g.one(2) {
			return false // it stays a learner
		}
		voters, learners = voters.With(id), learners.Without(id)
		if out := voters.Nth(g.src.Below(voters.Len())); g.one(2) && out != id {
			voters = voters.Without(out)
		}
	case !voters.Has(id) && g.world.Gone(id):
		return false
	case !voters.Has(id) && (g.limits.Lacks.Has(raft.Learners) || g.one(strangerIn)):
		voters = voters.With(id)
	case !voters.Has(id):
		learners = learners.With(id)
	case g.one(sameIn):
	case !g.limits.Lacks.Has(raft.Learners) && g.one(demotedIn):
		voters, learners = voters.Without(id), learners.With(id)
	default:
		voters = voters.Without(id)
	}
	*e = faults.ReconfigureTo(at, voters, learners)
	return g.hazards.Allow(e)
}

// turnover lets every node in that may come, as a learner. If there are learners already, they become
// voters, and each of the other voters goes half of the time: the majorities of the old voters and
// of the new ones may then have as little in common as a joint configuration has to provide for.
func (g *generator) turnover(voters, learners raft.NodeSet) (_, _ raft.NodeSet) {
	if learners == 0 {
		for id := range (g.world.All() &^ voters).All() {
			if !g.world.Gone(id) {
				learners = learners.With(id)
			}
		}
		return voters, learners
	}
	for id := range voters.All() {
		if g.one(2) {
			voters = voters.Without(id)
		}
	}
	return voters | learners, 0
}
