package generate

import (
	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// LivenessTicks is the time that a healed cluster has to become well. An election
// with a split vote costs the reference up to 25 ticks; the bound leaves room
// for a dozen of them in a row.
const LivenessTicks = 400

// generator writes one schedule while it watches the world that executes it.
type generator struct {
	profile *Profile
	src     Source
	table   *table
	world   *faults.World
	hazards faults.Hazards
	limits  raft.Limits    // of the system
	batches bool           // the schedule has them
	caller  service.Caller // the client that called last
	events  int            // how many are to come
	habits  habits
	play    play
	then    []faults.Event // the events to write next, whatever is drawn
	wait    int            // ... after so many other events
	event   faults.Event   // the one being filled in; it is here so that its address costs no allocation
	// seen, if set, is called with the events so far, after each that is not one of the end.
	seen func([]faults.Event)
}

// Schedule writes a schedule under a profile while the runner executes it, and
// judges it. [trial.Runner.Run] on the schedule has the same result. The runner's
// services must be those that Profile.Validate accepts.
func Schedule(r *trial.Runner, p Profile, src Source) (*faults.Schedule, trial.Result) {
	g := generator{profile: &p, src: src, world: r.World(), limits: raft.LimitsOf(r.System())}
	g.batches = raft.Batches(r.System()) && g.one(batchesIn)
	s := g.header(r.System().Name(), r.Services())
	s.Events = make([]faults.Event, 0, g.events+1)
	r.Begin(s)
	return g.write(r, s)
}

// write writes events until the schedule ends.
func (g *generator) write(r *trial.Runner, s *faults.Schedule) (*faults.Schedule, trial.Result) {
	for e, ok := g.next(); ok; e, ok = g.next() {
		s.Events = append(s.Events, e)
		r.Apply(e)
		if g.seen != nil && g.events >= 0 {
			g.seen(s.Events[:len(s.Events):len(s.Events)])
		}
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
	if g.limits != (raft.Limits{}) {
		p := g.profile.within(g.limits)
		g.profile = &p
	}
	p := g.profile
	s := &faults.Schedule{System: system}
	if !s.Use(set, p.Service) {
		panic("the runner has none of the services of profile " + p.Name)
	}
	s.Nodes = p.Nodes[g.src.Below(len(p.Nodes))]
	s.PreVote = (p.Leases || g.one(2)) && !g.limits.Lacks.Has(raft.PreVotes)
	s.Rand = uint64(g.src.Below(seeds))
	g.table = p.draw(g.src, g.batches)
	if p.Weights[faults.Reconfigure] > 0 {
		g.spare(s)
	}
	g.events = p.Events >> g.src.Below(lengths)
	g.furnish(s)
	return s
}

// furnish draws what lasts as long as the schedule.
func (g *generator) furnish(s *faults.Schedule) {
	g.habits = g.drawHabits(s.Nodes)
	g.play = g.drawPlay()
	g.caller = service.Caller{Source: g.src, OneKey: g.profile.Leases}
	g.hazards.Reset(s, g.profile.Leases)
}

// The shape of schedules. The constants of this package were chosen by hand, not measured.
const (
	seeds     = 256 // how many seeds of the nodes' randomness there are
	lengths   = 5   // a schedule has the profile's events, or a half, and so on: so many lengths
	mostSpare = 3   // the most nodes outside of the first configuration
	batchesIn = 4   // one schedule in so many has batches
	probeIn   = 2   // one schedule in so many does not end with a probe
)

// spare leaves some nodes out of the first configuration, mostly.
func (g *generator) spare(s *faults.Schedule) {
	if spare := g.src.Below(mostSpare + 1); spare < s.Nodes {
		s.Voters = (s.Nodes - spare) % s.Nodes
	}
	if s.First().Len() < g.limits.Least {
		s.Voters = 0
	}
}

// one is true once in so many times.
func (g *generator) one(in int) bool { return g.src.Below(in) == 0 }

// next chooses the next event. Every schedule ends with a heal: after any faults, a
// cluster without faults must become well.
func (g *generator) next() (faults.Event, bool) {
	if g.events > 0 && g.src.More() {
		g.events--
		return g.chosen(), true
	}
	if g.events >= 0 {
		g.events = -1
		g.then = append(g.endure(), g.lose()...)
		g.then = append(g.then, faults.Event{Kind: faults.Heal, K: LivenessTicks})
		if g.src.Below(probeIn) > 0 {
			g.then = append(g.then, faults.Event{Kind: faults.Probe, K: LivenessTicks})
		}
	}
	if len(g.then) == 0 {
		return faults.Event{}, false
	}
	return g.pop(), true
}

// chosen is the event that has to follow earlier ones, if any, or else a new choice.
func (g *generator) chosen() faults.Event {
	if len(g.then) > 0 && g.wait == 0 {
		return g.pop()
	}
	g.wait = max(g.wait-1, 0)
	if g.plays() {
		return g.event
	}
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

// whileTwoLead are kinds that make reads stale, and show it. While two nodes lead, which
// does not last, they are tried half of the time.
var whileTwoLead = [...]faults.EventKind{faults.Settle, faults.Call, faults.Read, faults.LeaseRead}

// oneElectionIn: once in so many events, a node that no leader reaches stands for election.
const oneElectionIn = 16

// choose picks a kind by weight and then something to do it to. If there is nothing, it
// picks a kind that moves the cluster on.
func (g *generator) choose() faults.Event {
	kind := g.table[g.src.Below(len(g.table))]
	switch leaders := g.leaders(); {
	case leaders.Len() > 1:
		if g.one(2) {
			kind = whileTwoLead[g.src.Below(len(whileTwoLead))]
		}
	case g.leaderless(leaders).Len() > 1 && g.one(oneElectionIn):
		kind = faults.Timeout
	}
	for _, k := range [...]faults.EventKind{
		kind, faults.Deliver, faults.Persist, faults.Call, faults.Tick, faults.Resume, faults.Restart,
	} {
		if g.profile.Weights[k] == 0 {
			continue
		}
		if g.fill(k) {
			g.hazards.Note(&g.event)
			return g.event
		}
	}
	return faults.Event{Kind: faults.Settle}
}

// fill fills in an event of a kind, and reports whether there is anything to do it to.
func (g *generator) fill(kind faults.EventKind) bool {
	g.event = faults.Event{Kind: kind}
	if target := targets[kind]; target != nil {
		return target(g, &g.event)
	}
	return g.anyEnabled(&g.event)
}

// anyEnabled picks one of the events of the kind that are enabled, each equally likely,
// if it is allowed.
func (g *generator) anyEnabled(e *faults.Event) bool {
	enabled := g.world.EnabledOf(e.Kind)
	if len(enabled) == 0 {
		return false
	}
	*e = enabled[g.src.Below(len(enabled))]
	return g.hazards.Allow(e)
}

func (g *generator) awake() raft.NodeSet { return g.world.Up() &^ g.world.Paused() }

// leaders has the nodes that lead, or believe that they do, and take input.
func (g *generator) leaders() (set raft.NodeSet) {
	for id := range g.awake().All() {
		if g.world.View().Nodes[id].Status.Role == raft.Leader {
			set = set.With(id)
		}
	}
	return set
}

// leaderless has the nodes that no leader can reach: their election timers fire.
func (g *generator) leaderless(leaders raft.NodeSet) raft.NodeSet {
	missing := g.awake() &^ leaders
	for id := range leaders.All() {
		missing &= g.world.Cut(id)
	}
	return missing
}
