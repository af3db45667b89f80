package live

import (
	"fmt"
	"maps"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/raft"
)

// Selective is a server that is known not to survive some kinds of event. Random schedules
// on it leave them out; a schedule by hand has them.
type Selective interface {
	Leaves() []faults.EventKind
}

// The profiles of random schedules. Events is how many faults a schedule has at most.
var profiles = []generate.Profile{
	{
		Name: "calm", About: "no faults", Nodes: []int{3}, Clients: 5, Events: 4,
		Weights: generate.Weights{faults.Run: 1},
	},
	{
		Name: "crashes", About: "processes end, pause and start again; machines lose power", Nodes: []int{3, 5},
		Clients: 5, Events: 10,
		Weights: generate.Weights{faults.Kill: 4, faults.Crash: 3, faults.Pause: 4},
	},
	{
		Name: "partitions", About: "links cut one way, two ways and in groups; slow and lossy ones",
		Nodes: []int{3, 5}, Clients: 5, Events: 10,
		Weights: generate.Weights{faults.Cut: 8, faults.Slow: 2, faults.Lossy: 2, faults.Lose: 1, faults.Kill: 1},
	},
	{
		Name: "disks", About: "fsyncs hang and fail, disks are full, machines lose power", Nodes: []int{3},
		Clients: 5, Events: 8,
		Weights: generate.Weights{faults.Stall: 4, faults.Fail: 1, faults.Fill: 1, faults.Crash: 4},
	},
	{
		Name: "alone", About: "one node, whose machine loses power again and again", Nodes: []int{1},
		Clients: 5, Events: 10,
		Weights: generate.Weights{faults.Crash: 8, faults.Stall: 4, faults.Kill: 1},
	},
	{
		Name: "workers", About: "workers elect the one of them that may write; leaders pause and hang",
		Nodes: []int{3}, Clients: 10, Events: 6, Service: "election",
		Weights: generate.Weights{faults.Stall: 4, faults.Pause: 4, faults.Kill: 2, faults.Cut: 2},
	},
	{
		Name: "swarm", About: "one of the others but calm and alone, and a random half of its faults",
		Swarm: true, Nodes: []int{3},
	},
}

// ofSwarm are the names of the profiles that swarm draws from: those whose service the
// server has.
func ofSwarm(server Server) []string {
	names := []string{"crashes", "partitions", "disks", "workers"}
	return slices.DeleteFunc(names, func(name string) bool {
		p, err := profileNamed(name)
		return err != nil || server.Services().Named(p.Service) == nil
	})
}

// profileNamed returns the profile of a name.
func profileNamed(name string) (generate.Profile, error) {
	var names []string
	for _, p := range profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return generate.Profile{}, fmt.Errorf("expected a profile of %q, found %q", names, name)
}

// ends has the events that end each fault.
var ends = map[faults.EventKind]faults.EventKind{
	faults.Kill: faults.Restart, faults.Crash: faults.Restart, faults.Fail: faults.Restart,
	faults.Pause: faults.Resume, faults.Stall: faults.Unstall, faults.Fill: faults.Free,
	faults.Cut: faults.Mend, faults.Slow: faults.Mend, faults.Lossy: faults.Mend,
}

// The shape of schedules, in ticks of ten milliseconds. An election takes about a second.
const (
	warmTicks  = 50   // before the first fault
	leastTicks = 10   // of a fault
	mostTicks  = 400  // of a fault: leases of a second run out
	healTicks  = 3000 // in which the cluster works again
	mostSlow   = 30   // ticks of a Slow
	tickMillis = 10
)

// Draw draws a random schedule for a server under a profile.
func Draw(p generate.Profile, server Server, src generate.Source) *faults.Schedule {
	d := drawing{src: src}
	swarm := p.Swarm
	if swarm {
		names := ofSwarm(server)
		p, _ = profileNamed(names[src.Below(len(names))])
	}
	s := &faults.Schedule{System: server.Name(), Nodes: p.Nodes[src.Below(len(p.Nodes))], TickMillis: tickMillis}
	if !s.Use(server.Services(), p.Service) {
		panic("no service of profile " + p.Name)
	}
	s.Rand = uint64(src.Below(1 << 16))
	d.nodes = s.Nodes
	d.kinds = d.draw(p.Weights, server, swarm)
	d.add(faults.Event{Kind: faults.Load, K: int32(1 + src.Below(p.Clients))})
	d.run(warmTicks)
	for range 1 + src.Below(p.Events) {
		d.fault()
	}
	d.add(faults.Event{Kind: faults.Heal, K: healTicks})
	s.Events = d.events
	return s
}

// drawing is a schedule that is being drawn.
type drawing struct {
	src    generate.Source
	nodes  int
	kinds  []faults.EventKind // each as often as its weight
	events []faults.Event
}

// draw returns the kinds of fault that the schedule has.
func (d *drawing) draw(weights generate.Weights, server Server, swarm bool) (kinds []faults.EventKind) {
	var left []faults.EventKind
	if s, ok := server.(Selective); ok {
		left = s.Leaves()
	}
	for _, kind := range slices.Sorted(maps.Keys(weights)) {
		if slices.Contains(left, kind) || swarm && d.src.Below(2) == 0 {
			continue
		}
		for range weights[kind] {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (d *drawing) add(e faults.Event) { d.events = append(d.events, e) }

// run lets time pass. Short times are as likely as long ones.
func (d *drawing) run(most int) {
	short := max(1, most>>d.src.Below(4))
	d.add(faults.Event{Kind: faults.Run, K: int32(leastTicks + d.src.Below(short))})
}

// fault draws a fault, the time that it lasts, and mostly its end.
func (d *drawing) fault() {
	if len(d.kinds) == 0 {
		d.run(mostTicks)
		return
	}
	e := d.fill(d.kinds[d.src.Below(len(d.kinds))])
	d.add(e)
	d.run(mostTicks)
	end, lasting := ends[e.Kind]
	switch {
	case !lasting || d.src.Below(4) == 0:
		return
	case end == faults.Mend:
		d.add(faults.Event{Kind: end})
	case e.Node == faults.Leading:
		for id := range raft.FirstNodes(d.nodes).All() {
			d.add(faults.Event{Kind: end, Node: id})
		}
	default:
		d.add(faults.Event{Kind: end, Node: e.Node})
	}
	d.run(mostTicks)
}

// fill fills in an event of a kind. Half of the time it is about the leader.
func (d *drawing) fill(kind faults.EventKind) faults.Event {
	e := faults.Event{Kind: kind}
	all := raft.FirstNodes(d.nodes)
	node := func() raft.NodeID {
		if d.src.Below(2) == 0 {
			return faults.Leading
		}
		return all.Nth(d.src.Below(d.nodes))
	}
	switch kind {
	case faults.Run:
		e.K = int32(leastTicks + d.src.Below(mostTicks))
	case faults.Cut:
		return d.cut(all)
	case faults.Slow, faults.Lossy, faults.Lose:
		e.Node = node()
		e.Peer = all.Without(e.Node).Nth(d.src.Below(all.Without(e.Node).Len()))
		if kind == faults.Slow {
			e.K = int32(1 + d.src.Below(mostSlow))
		} else if kind == faults.Lossy {
			e.K = int32(3 + d.src.Below(8))
		}
	default:
		e.Node = node()
	}
	return e
}

// cut draws a partition: the leader from the others, one way or both ways, or two sides.
func (d *drawing) cut(all raft.NodeSet) faults.Event {
	switch d.src.Below(4) {
	case 0:
		return faults.Event{Kind: faults.Cut, Node: faults.Leading, Peer: all.Nth(d.src.Below(d.nodes))}
	case 1:
		return faults.Event{Kind: faults.Cut, Node: all.Nth(d.src.Below(d.nodes)), Peer: faults.Leading}
	case 2:
		side := raft.NodeSet(1+d.src.Below(1<<d.nodes-2)) << 1
		return faults.CutApart(side, all&^side)
	}
	e := faults.CutApart(raft.NodeSetOf(raft.None), all)
	return e
}
