package faults

import (
	"slices"

	"raftcheck/raft"
)

// Simpler lists events that are simpler than this one, the simplest first, for a cluster
// of so many nodes. Its operation stays the same. Some may be listed twice.
func (e Event) Simpler(nodes int) []Event {
	var list []Event
	d := &table[e.Kind]
	if d.plainer != nil {
		list = d.plainer(e, nodes)
	}
	if least := d.k.least; !d.exact && e.K > least {
		for _, k := range [...]int32{least, (least + e.K) / 2, e.K - 1} {
			plainer := e
			plainer.K = k
			list = append(list, plainer)
		}
	}
	if e.Aux > 0 {
		for _, aux := range [...]int32{0, e.Aux / 2} {
			plainer := e
			plainer.Aux = aux
			list = append(list, plainer)
		}
	}
	return slices.DeleteFunc(list, func(plainer Event) bool { return plainer == e })
}

// Join returns one event that lets as much time pass as the two, if there is one.
func (e Event) Join(next Event) (Event, bool) {
	d := &table[e.Kind]
	if !d.timed || d.exact || e.Kind != next.Kind || e.Node != next.Node || e.K+next.K > MaxK {
		return e, false
	}
	e.K += next.K
	return e, true
}

// as returns a list of one event of another kind at the same node.
func (e Event) as(kind EventKind) []Event { return []Event{{Kind: kind, Node: e.Node}} }

// Without returns the event in a cluster without a node, if it is still an event there.
// The heir takes part in its place, unless that is None. The nodes after it move up.
func (e Event) Without(id, heir raft.NodeID) (Event, bool) {
	f := &table[e.Kind].form
	switch {
	case f.has(aCut) && e.Node == raft.None:
		return e.cutWithout(id)
	case f.has(aConfiguration):
		if e.Groups = groupsWithout(e.Groups, id); e.Configuration().Voters == 0 {
			return e, false
		}
	case f.has(anExpectation):
		return e, e.expects(int(id) - 1) // otherwise it names the node, or one that moves up
	case f.has(someNodes) && e.groups() > 0:
		e.Groups = groupsWithout(e.Groups, id)
		return e, e.groups() > 0
	}
	if heir == raft.None && (e.Node == id || e.Peer == id) {
		return e, false
	}
	e.Node, e.Peer = inherit(e.Node, id, heir), inherit(e.Peer, id, heir)
	return e, e.Node != e.Peer || e.Node == raft.None
}

// inherit returns the new name of a node after the removal of id.
func inherit(node, id, heir raft.NodeID) raft.NodeID {
	if node == id {
		node = heir
	}
	if node > id && node != Leading {
		node--
	}
	return node
}

// groupsWithout returns groups without a node; the nodes after it move up.
func groupsWithout(groups [MaxNodes + 1]uint8, id raft.NodeID) [MaxNodes + 1]uint8 {
	copy(groups[id:], groups[id+1:])
	groups[MaxNodes] = 0
	return groups
}

// cutWithout returns a cut without a node, unless only one group is left.
func (e Event) cutWithout(id raft.NodeID) (Event, bool) {
	var sets [MaxNodes + 1]raft.NodeSet
	for node, group := range groupsWithout(e.Groups, id) {
		if group > 0 {
			sets[group] = sets[group].With(raft.NodeID(node))
		}
	}
	left := slices.DeleteFunc(sets[:], func(s raft.NodeSet) bool { return s == 0 })
	return CutApart(left...), len(left) > 1
}
