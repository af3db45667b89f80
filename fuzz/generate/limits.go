package generate

import (
	"maps"
	"slices"

	"raftcheck/faults"
	"raftcheck/raft"
)

// asks has the kinds of event that ask for an ability. The world ignores reads of a system
// without them.
var asks = []struct {
	ability raft.Abilities
	kind    faults.EventKind
}{
	{raft.Snapshots, faults.Compact}, {raft.Membership, faults.Reconfigure}, {raft.Transfers, faults.Transfer},
}

// within returns the profile without the events and the clusters that are beyond limits.
// With no cluster of the profile within them, clusters have the nearest size.
func (p Profile) within(limits raft.Limits) Profile {
	p.Weights = maps.Clone(p.Weights)
	for _, a := range asks {
		if limits.Lacks.Has(a.ability) {
			delete(p.Weights, a.kind)
		}
	}
	allowed := slices.DeleteFunc(slices.Clone(p.Nodes), func(n int) bool { return !limits.Allows(n) })
	if len(allowed) == 0 && len(p.Nodes) > 0 {
		nearest := max(p.Nodes[0], limits.Least)
		if limits.Most > 0 {
			nearest = min(nearest, limits.Most)
		}
		allowed = []int{nearest}
	}
	p.Nodes = allowed
	return p
}
