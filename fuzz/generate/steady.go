package generate

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// SteadyTicks is the time that a steady core has for a write. Votes are split by chance, and
// these cores can spare none. Of more than 2,000 cores of etcd's Raft, 81 writes needed 100 ticks
// or more, 10 needed 200, and 3 needed 350: about half for each 50 ticks more.
const SteadyTicks = 1000

// The shape of the end of a schedule in which a core is steady.
const (
	steadyIn    = 48 // one schedule in so many has it, if the cluster has three nodes
	steadyTurns = 48 // how often faults strike the others
	mostStrikes = 3  // at once
	mostTurn    = 50 // ticks between them
)

// endure makes a quorum steady while faults strike the other nodes, again and again.
func (g *generator) endure() []faults.Event {
	if g.profile.Calm || g.profile.Leases || g.world.All().Len() < 3 || g.src.Below(steadyIn) < steadyIn-1 {
		return nil
	}
	core := g.quorum()
	others := g.world.All() &^ core
	if core == 0 || others == 0 {
		return nil
	}
	list := []faults.Event{faults.SteadyOf(core, SteadyTicks)}
	for range steadyTurns {
		for range 1 + g.src.Below(mostStrikes) {
			list = g.strike(list, others.Nth(g.src.Below(others.Len())))
		}
		list = append(list, faults.Event{Kind: faults.Run, K: 1 + int32(g.src.Below(mostTurn))})
	}
	return list
}

// quorum returns a smallest quorum of a configuration that a node acts by, of nodes that have
// their disks; none if there is none.
func (g *generator) quorum() (core raft.NodeSet) {
	all := g.world.All()
	voters := g.world.View().Config(all.Nth(g.src.Below(all.Len()))).Voters
	first := g.src.Below(all.Len())
	for i := range all.Len() {
		id := all.Nth((first + i) % all.Len())
		if 2*core.Len() <= voters.Len() && voters.Has(id) && !g.hazards.Lost().Has(id) {
			core = core.With(id)
		}
	}
	if 2*core.Len() <= voters.Len() {
		return 0
	}
	return core
}

// strikes are the faults that strike a node which is not of the core.
var strikes = [...]func(*generator, raft.NodeID) faults.Event{
	func(g *generator, id raft.NodeID) faults.Event { return faults.Event{Kind: faults.Crash, Node: id} },
	func(g *generator, id raft.NodeID) faults.Event { return faults.Event{Kind: faults.Restart, Node: id} },
	func(g *generator, id raft.NodeID) faults.Event { return faults.Event{Kind: faults.Pause, Node: id} },
	func(g *generator, id raft.NodeID) faults.Event { return faults.Event{Kind: faults.Resume, Node: id} },
	func(g *generator, id raft.NodeID) faults.Event { return faults.Event{Kind: faults.Timeout, Node: id} },
	func(g *generator, id raft.NodeID) faults.Event {
		return faults.Event{Kind: faults.Slow, Node: id, Peer: g.other(id), K: int32(g.src.Below(mostSlow + 1))}
	},
	func(g *generator, id raft.NodeID) faults.Event {
		return faults.Event{Kind: faults.Slow, Node: g.other(id), Peer: id, K: int32(g.src.Below(mostSlow + 1))}
	},
	func(g *generator, id raft.NodeID) faults.Event {
		return faults.Event{Kind: faults.Cut, Node: id, Peer: g.other(id)}
	},
	func(g *generator, id raft.NodeID) faults.Event {
		return faults.Event{Kind: faults.Mend, Node: id, Peer: g.other(id)}
	},
	func(g *generator, id raft.NodeID) faults.Event {
		return faults.Event{Kind: faults.Mend, Node: g.other(id), Peer: id}
	},
}

// deafIn: once in so many strikes a node hears nobody any more, and the others hear it.
const deafIn = 4

// strike appends a fault of a node, or of a link to it or from it.
func (g *generator) strike(list []faults.Event, id raft.NodeID) []faults.Event {
	if g.one(deafIn) {
		for from := range g.world.All().Without(id).All() {
			list = append(list, faults.Event{Kind: faults.Cut, Node: from, Peer: id})
		}
		return list
	}
	return append(list, strikes[g.src.Below(len(strikes))](g, id))
}

// other returns any node but one.
func (g *generator) other(id raft.NodeID) raft.NodeID {
	others := g.world.All().Without(id)
	return others.Nth(g.src.Below(others.Len()))
}
