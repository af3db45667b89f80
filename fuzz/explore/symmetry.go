package explore

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// movable is how many nodes change names at most: five have 120 renamings.
const movable = 5

// renamings lists the ways to name the nodes by each other's names under which
// the cluster stays what it is, the one that changes nothing first: voters of the
// first configuration change names with voters, others with others, and what is
// cut from one another stays so. Two states that differ by such a renaming have
// the same future, but for names.
//
// Of more than a few nodes the last keep their names.
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
			if voters.Has(other) == voters.Has(id) && (nodes <= movable || other == id || id <= movable && other <= movable) {
				names = append(names, other)
				name(used.With(other))
				names = names[:len(names)-1]
			}
		}
	}
	name(0)
	return list
}

func keepsCuts(stage *faults.Stage, nodes int, as *raft.Renaming) bool {
	for id := range raft.FirstNodes(nodes).All() {
		if as.Set(stage.Cut(id)) != stage.Cut(as.Name(id)) {
			return false
		}
	}
	return true
}
