package raft

// Renaming is a one-to-one mapping of nodes to names. The zero value is not usable;
// see [NewRenaming].
type Renaming struct {
	to, from [MaxNodeID + 1]NodeID
	hashes   func(uint64) uint64
}

// NewRenaming returns the renaming that maps node i+1 to names[i]. The names must
// be a permutation of 1 to len(names). Other nodes keep their own.
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

// Name returns the name of a node. None stays None, and so does a number above MaxNodeID.
func (r *Renaming) Name(id NodeID) NodeID {
	if id > MaxNodeID {
		return id
	}
	return r.to[id]
}

// Named returns the node with that name.
func (r *Renaming) Named(name NodeID) NodeID { return r.from[name] }

// SetHashes makes Hash return the result of a function. It does not affect names.
func (r *Renaming) SetHashes(hashes func(uint64) uint64) { r.hashes = hashes }

// Hash returns the hash of an entry, or of a log up to an entry, as it is once the
// configurations in it have the new names. Without SetHashes it is the same.
func (r *Renaming) Hash(h uint64) uint64 {
	if r.hashes == nil {
		return h
	}
	return r.hashes(h)
}

// Set returns the names of the nodes in a set.
func (r *Renaming) Set(s NodeSet) NodeSet {
	var named NodeSet
	for id := range s.All() {
		named = named.With(r.to[id])
	}
	return named
}
