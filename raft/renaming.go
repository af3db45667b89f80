package raft

// Renaming gives every node a name, and no two the same. The zero value is none.
type Renaming struct {
	to, from [MaxNodeID + 1]NodeID
}

// NewRenaming names node i+1 as names[i] says, which must be the names 1 to
// len(names) in some order. Other nodes keep theirs.
func NewRenaming(names ...NodeID) *Renaming {
	r := &Renaming{}
	for id := range r.to {
		r.to[id] = NodeID(id)
	}
	for i, name := range names {
		r.to[i+1] = name
	}
	for id, name := range r.to {
		r.from[name] = NodeID(id)
	}
	return r
}

// Name is what the node is called, None still None.
func (r *Renaming) Name(id NodeID) NodeID { return r.to[id] }

// Named is the node that is called so.
func (r *Renaming) Named(name NodeID) NodeID { return r.from[name] }

// Set is what the nodes of the set are called.
func (r *Renaming) Set(s NodeSet) NodeSet {
	var named NodeSet
	for id := range s.All() {
		named = named.With(r.to[id])
	}
	return named
}
