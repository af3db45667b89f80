package explore

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// movable is the largest number of nodes that change names: five have 120 renamings.
const movable = 5

// renamings lists the permutations of the nodes' names that keep the cluster the same,
// the identity first. Voters of the first configuration change names with voters, others
// with others, and cut links stay cut. Two states that differ by such a renaming have
// the same future, except for names.
//
// In a cluster of more than movable nodes the last ones keep their names.
func renamings(stage *faults.Stage, nodes int, voters raft.NodeSet) []*raft.Renaming {
	var list []*raft.Renaming
	names := make([]raft.NodeID, 0, nodes)
	var name func(used raft.NodeSet)
	name = func(used raft.NodeSet) {
		if len(names) == nodes {
			if as := raft.NewRenaming(names...); keepsCuts(stage, nodes, as) {
				list = append(list, as)
			}
			return
		}
		id := raft.NodeID(len(names) + 1)
		for other := range (raft.FirstNodes(nodes) &^ used).All() {
			moves := nodes <= movable || other == id || id <= movable && other <= movable
			if moves && voters.Has(other) == voters.Has(id) {
				names = append(names, other)
				name(used.With(other))
				names = names[:len(names)-1]
			}
		}
	}
	name(0)
	return list
}

// keepsCuts reports whether the same links are cut after a renaming.
func keepsCuts(stage *faults.Stage, nodes int, as *raft.Renaming) bool {
	for id := range raft.FirstNodes(nodes).All() {
		if as.Set(stage.Cut(id)) != stage.Cut(as.Name(id)) {
			return false
		}
	}
	return true
}
