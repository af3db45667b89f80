package faults

import (
	"cmp"
	"strconv"

	"raftcheck/raft"
)

// Bounds on the numbers in a schedule. They keep a file from exhausting the machine.
const (
	MaxNodes   = 9
	MaxClients = 16
	MaxEvents  = 20_000
	MaxK       = 10_000
	// MaxTicks bounds the ticks of all events of a schedule together.
	MaxTicks = 100_000
	// MaxTickMillis bounds how long a tick of real servers lasts.
	MaxTickMillis = 1000
)

// Event is one line of a schedule. Fields that its kind does not use are zero.
type Event struct {
	Kind   EventKind
	Node   raft.NodeID
	Peer   raft.NodeID
	Client uint8
	// Groups has the group of each node, from 1; 0 means no group. A Cut separates the
	// groups; a Reconfigure has voters and learners; a Settle or Expect is of the first.
	Groups [MaxNodes + 1]uint8
	K      int32
	Aux    int32
	Op     string
}

// The groups of a Reconfigure.
const (
	votersGroup   = 1
	learnersGroup = 2
)

// String is the event as a line of a schedule.
func (e Event) String() string {
	var room [64]byte // most events fit, and then only the string is allocated
	return string(e.Append(room[:0]))
}

// Append appends the event as a line of a schedule, without its end.
func (e *Event) Append(b []byte) []byte {
	f := &table[e.Kind].form
	b = append(b, f.name...)
	for _, p := range f.parts {
		b = e.appendPart(b, p)
	}
	b = f.k.append(b, e.K)
	return f.aux.append(b, e.Aux)
}

func appendNumber(b []byte, before byte, v int64) []byte {
	return strconv.AppendInt(append(b, before), v, 10)
}

// appendName appends a node's number, or the leader's name.
func appendName(b []byte, id raft.NodeID) []byte {
	if id == Leading {
		return append(b, leaderWord...)
	}
	return strconv.AppendUint(b, uint64(id), 10)
}

// nodeOf is the node at a position of Groups. The group of no node is the leader's.
func nodeOf(position int) raft.NodeID { return cmp.Or(raft.NodeID(position), Leading) }

// positionOf is the inverse of nodeOf.
func positionOf(id raft.NodeID) int { return int(id) % int(Leading) }

func (e *Event) appendLink(b []byte) []byte {
	b = appendName(append(b, ' '), e.Node)
	return appendName(append(b, "->"...), e.Peer)
}

func (e *Event) appendGroups(b []byte) []byte {
	for group := range e.groups() {
		if group > 0 {
			b = append(b, " |"...)
		}
		b = e.appendGroup(b, uint8(group+1))
	}
	return b
}

func (e *Event) appendGroup(b []byte, group uint8) []byte {
	for id, g := range e.Groups {
		if g == group {
			b = appendName(append(b, ' '), nodeOf(id))
		}
	}
	return b
}

func (e *Event) appendConfiguration(b []byte) []byte {
	b = e.appendGroup(append(b, " to"...), votersGroup)
	if e.groups() >= learnersGroup {
		b = e.appendGroup(append(b, " +"...), learnersGroup)
	}
	return b
}

// groups is the number of groups that the event names.
func (e *Event) groups() int {
	most := uint8(0)
	for _, g := range e.Groups {
		most = max(most, g)
	}
	return int(most)
}

// nodes has the nodes of the first group, or all if there is no group.
func (e *Event) nodes(all raft.NodeSet) (set raft.NodeSet) {
	if e.groups() == 0 {
		return all
	}
	for id, g := range e.Groups {
		if g == 1 {
			set = set.With(raft.NodeID(id))
		}
	}
	return set
}

// CutApart returns the event that separates these sets of nodes from one another; empty sets do not count.
func CutApart(groups ...raft.NodeSet) Event {
	e := Event{Kind: Cut}
	group := uint8(0)
	for _, set := range groups {
		if set != 0 {
			group++
		}
		for id := range set.All() {
			e.Groups[id] = group
		}
	}
	return e
}

// ReconfigureTo returns the event that asks a node for a configuration.
func ReconfigureTo(id raft.NodeID, voters, learners raft.NodeSet) Event {
	e := Event{Kind: Reconfigure, Node: id}
	for l := range learners.All() {
		e.Groups[l] = learnersGroup
	}
	for v := range voters.All() {
		e.Groups[v] = votersGroup
	}
	return e
}

// Configuration is the configuration that a Reconfigure asks for.
func (e *Event) Configuration() (c raft.Configuration) {
	for id, g := range e.Groups {
		switch g {
		case votersGroup:
			c.Voters = c.Voters.With(raft.NodeID(id))
		case learnersGroup:
			c.Learners = c.Learners.With(raft.NodeID(id))
		}
	}
	return c
}
