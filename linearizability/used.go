package linearizability

// usedSets are the multisets of unknown operations that the configs of a search
// have placed. 0 is the empty one.
//
// Of two configs that differ only in this, the one that used less can do all that
// the other can, as unknown operations need not be placed. See table.
//
// A set is a tree with the counts of the classes in its leaves. Each tree is kept once
// and shared, so one operation more takes the nodes of one path, and equal trees are
// one number.
type usedSets struct {
	depth int        // of the trees
	nodes []usedNode // node 0 is the empty tree, of any depth
	next  []int32    // of each node, the next node + 1 of the chain
	heads []int32    // by hash, a node + 1 of a chain
}

// usedNode is the nodes below, or in a leaf the counts of classes.
type usedNode [usedFan]int32

const (
	usedBits = 3
	usedFan  = 1 << usedBits
)

func newUsedSets(classes int) *usedSets {
	u := &usedSets{nodes: make([]usedNode, 1), next: make([]int32, 1), heads: make([]int32, 16)}
	for last := classes - 1; last > 0 || u.depth == 0; last >>= usedBits {
		u.depth++
	}
	return u
}

// bytes is the memory that the sets hold.
func (u *usedSets) bytes() int { return (4*usedFan+4)*len(u.nodes) + 4*len(u.heads) }

// count returns the number of times that class is in a set.
func (u *usedSets) count(set, class int32) int {
	for level := u.depth - 1; level >= 0 && set != 0; level-- {
		set = u.nodes[set][class>>(level*usedBits)&(usedFan-1)]
	}
	return int(set)
}

// with is a set with one more operation of class.
func (u *usedSets) with(set, class int32) int32 { return u.grown(set, class, u.depth-1) }

func (u *usedSets) grown(tree, class int32, level int) int32 {
	if level < 0 {
		return tree + 1
	}
	node := u.nodes[tree]
	at := &node[class>>(level*usedBits)&(usedFan-1)]
	*at = u.grown(*at, class, level-1)
	return u.keep(node)
}

// keep returns the number of a node.
func (u *usedSets) keep(node usedNode) int32 {
	head := u.head(&node)
	for chain := *head; chain > 0; chain = u.next[chain-1] {
		if u.nodes[chain-1] == node {
			return chain - 1
		}
	}
	if len(u.nodes) > len(u.heads) {
		u.widen()
		head = u.head(&node)
	}
	id := int32(len(u.nodes))
	u.nodes = append(u.nodes, node)
	u.next = append(u.next, *head)
	*head = id + 1
	return id
}

func (u *usedSets) head(node *usedNode) *int32 {
	h := uint64(0)
	for i := 0; i < usedFan; i += 2 {
		h = mix(h ^ (uint64(uint32(node[i]))<<32 | uint64(uint32(node[i+1]))))
	}
	return &u.heads[h&uint64(len(u.heads)-1)]
}

// widen doubles the number of chains.
func (u *usedSets) widen() {
	u.heads = make([]int32, 2*len(u.heads))
	for id := int32(1); int(id) < len(u.nodes); id++ {
		head := u.head(&u.nodes[id])
		u.next[id] = *head
		*head = id + 1
	}
}

// within reports whether set a has no more of any class than set b.
func (u *usedSets) within(a, b int32) bool { return u.treeWithin(a, b, u.depth) }

func (u *usedSets) treeWithin(a, b int32, depth int) bool {
	if a == b || a == 0 {
		return true
	}
	if b == 0 || depth == 0 {
		return a < b
	}
	for i, below := range u.nodes[a] {
		if !u.treeWithin(below, u.nodes[b][i], depth-1) {
			return false
		}
	}
	return true
}
