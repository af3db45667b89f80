package explore

import (
	"raftcheck/faults"
	"raftcheck/raft"
)

// movable is the largest number of nodes that change names: five have 120 renamings.
const movable = 5

// symmetry is the group of renamings that keep a cluster the same. Two states that differ
// by such a renaming have the same future, except for names.
type symmetry struct {
	as    []*raft.Renaming // the identity first
	after [][]uint8        // after[a][b] is the renaming a followed by b
	moves int              // how many nodes have roles
	slots [movable]raft.NodeID
}

// newSymmetry returns the symmetry with these renamings, which must be a group.
func newSymmetry(nodes int, as []*raft.Renaming) *symmetry {
	s := &symmetry{as: as, moves: min(nodes, movable)}
	if len(as) == 1 {
		s.moves = 0
	}
	numbers := map[names]uint8{}
	for i, a := range as {
		numbers[namesBy(a)] = uint8(i)
	}
	for _, a := range as {
		row := make([]uint8, len(as))
		for i, b := range as {
			row[i] = numbers[namesBy(a, b)]
		}
		s.after = append(s.after, row)
	}
	for i := range s.slots {
		s.slots[i] = raft.NodeID(i + 1)
		for _, a := range as {
			s.slots[i] = min(s.slots[i], a.Name(raft.NodeID(i+1)))
		}
	}
	return s
}

// names has the name of each node by a renaming.
type names [faults.MaxNodes + 1]raft.NodeID

// namesBy returns the names of the nodes by renamings, one after the other.
func namesBy(as ...*raft.Renaming) (n names) {
	for i := range n {
		n[i] = raft.NodeID(i)
		for _, a := range as {
			n[i] = a.Name(n[i])
		}
	}
	return n
}

// roles has a number for each node: its role in a part, or in a state. The role of a node
// in a renamed part is the one that it had by its old name. So nodes of different roles can
// be put in order, and only nodes of equal roles have to be tried in every order.
type roles [movable]uint64

// rolesIn returns the roles in a part: the sum of its fingerprints under the renamings that
// give the node the least name that it can have.
func (s *symmetry) rolesIn(p *prints) (of roles) {
	for r, a := range s.as {
		print := p.under(r).lo
		for i := range s.moves {
			if a.Name(raft.NodeID(i+1)) == s.slots[i] {
				of[i] += print
			}
		}
	}
	return of
}

// rankBits is the size of a node's rank in a ranking.
const rankBits = 3

// ranking has each node's rank: the number of nodes with a lesser role.
type ranking uint16

func (s *symmetry) rank(of *roles) (all ranking) {
	for i := range s.moves {
		rank := 0
		for j := range s.moves {
			if of[j] < of[i] {
				rank++
			}
		}
		all |= ranking(rank << (rankBits * i))
	}
	return all
}

// rankings is the number of possible rankings, and of others.
func (s *symmetry) rankings() int { return 1 << (rankBits * s.moves) }

// inOrder lists the renamings that put the nodes in the order of their ranks, or as near
// to it as a renaming comes. It lists several if nodes have equal ranks.
func (s *symmetry) inOrder(by ranking) (list []uint8) {
	least := ^uint32(0)
	for r, a := range s.as {
		order := uint32(0)
		for name := range s.moves {
			of := int(a.Named(raft.NodeID(name+1))) - 1
			order = order<<rankBits | uint32(by>>(rankBits*of))&(1<<rankBits-1)
		}
		if order < least {
			least, list = order, list[:0]
		}
		if order == least {
			list = append(list, uint8(r))
		}
	}
	return list
}

// renamings lists the permutations of the nodes' names that keep the cluster the same,
// the identity first. Voters of the first configuration change names with voters, its
// learners with learners, others with others, and cut links stay cut.
//
// In a cluster of more than movable nodes the last ones keep their names.
func renamings(stage *faults.Stage, nodes int, voters, learners raft.NodeSet) []*raft.Renaming {
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
			if moves && voters.Has(other) == voters.Has(id) && learners.Has(other) == learners.Has(id) {
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
