package faults

import (
	"strconv"

	"raftcheck/raft"
)

// Bounds on what a schedule may name. They keep a file from asking for more
// than a machine has.
const (
	MaxNodes   = 9
	MaxClients = 16
	MaxEvents  = 20_000
	MaxK       = 10_000
	// MaxTicks bounds the ticks of all events of a schedule together.
	MaxTicks = 100_000
)

// EventKind says what an event does.
type EventKind uint8

// The kinds of event. Each is total: where it is not enabled it is ignored.
const (
	// Tick passes K ticks of Node's own clock.
	Tick EventKind = iota + 1
	// Timeout fires Node's election timer now.
	Timeout
	// Deliver hands the message at position K of the link Node->Peer to Peer;
	// a message that arrives at a node that is down is lost.
	Deliver
	// Drop loses the message at position K of the link Node->Peer.
	Drop
	// Duplicate puts a copy of the message at position K of the link Node->Peer at the link's end.
	Duplicate
	// Cut parts the groups of nodes from one another, both ways, or cuts the
	// one-way link Node->Peer. Messages wait on a cut link.
	Cut
	// Mend ends every cut and every slowness, or those of the one-way link Node->Peer.
	Mend
	// Slow makes messages of the link Node->Peer take K ticks more while time runs.
	Slow
	// Persist makes the K oldest pending writes of Node durable; 0 is all.
	Persist
	// Crash stops Node; the K oldest of its pending writes survive.
	Crash
	// Tear is a crash in which the write after the K oldest pending ones
	// survives as its first Aux bytes (modulo its length).
	Tear
	// Corrupt flips bit Aux (modulo its length) of Node's K-th newest durable record, counted from 0.
	Corrupt
	// Fail fails Node's disk: of the pending writes the K oldest become durable, the rest is lost, and Node is told.
	Fail
	// Pause stops Node from taking any input, without a crash.
	Pause
	// Resume ends a pause.
	Resume
	// Restart boots Node from its disk.
	Restart
	// Skew makes Node's clock run at K percent while time runs.
	Skew
	// Call has Client ask Node for the operation Op.
	Call
	// Retry has Client ask Node for the operation it waits for, again.
	Retry
	// Abandon has Client wait no longer; it never learns the outcome.
	Abandon
	// Read has Client ask Node for the operation Op, which is read-only, without the log.
	Read
	// LeaseRead is a Read that Node may answer by its lease.
	LeaseRead
	// Work has Client act in the world outside of the cluster, if it believes that it may.
	Work
	// Land has the K-th oldest of what Client sent to the world outside of the cluster arrive there.
	Land
	// Compact hands Node its state machine, that it may forget its log but for the last K entries.
	Compact
	// Reconfigure asks Node for the configuration with the voters and learners of Groups.
	Reconfigure
	// Transfer asks Node to make Peer the leader.
	Transfer
	// Wipe takes Node's disk away for good, and Node with it.
	Wipe
	// Settle delivers and persists everything, in order, until nothing is left to do.
	Settle
	// Run passes K ticks everywhere, at each node's own rate; messages arrive after their link's delay.
	Run
	// Heal ends every fault and then passes time until the cluster is well, at most K ticks.
	Heal
)

// Kinds is one more than the highest kind of event.
const Kinds = int(Heal) + 1

// Event is one line of a schedule. Fields that its kind does not use are zero.
type Event struct {
	Kind   EventKind
	Node   raft.NodeID
	Peer   raft.NodeID
	Client uint8
	// Groups has the group of each node, from 1; 0 is in none. Those of a Cut
	// are parted, and those of a Reconfigure are voters and learners.
	Groups [MaxNodes + 1]uint8
	K      int32
	Aux    int32
	Op     string
}

// shape is what stands between an event's name and its numbers.
type shape uint8

const (
	bare shape = iota
	ofNode
	ofLink
	ofLinkOrAll
	ofCut
	ofCall
	ofRetry
	ofClient
	ofReconfigure
)

// The groups of a Reconfigure.
const (
	votersGroup   = 1
	learnersGroup = 2
)

// param is a number that an event may carry. Without a usual value it must be
// written; with one it is left out when it has that value.
type param struct {
	name               string
	least, most, usual int32
}

const always = -1 // the usual value of a number that is always written

type form struct {
	name   string
	shape  shape
	k, aux param
}

var forms = [Kinds]form{
	Tick:        {name: "tick", shape: ofNode, k: param{"k", 1, MaxK, 1}},
	Timeout:     {name: "timeout", shape: ofNode},
	Deliver:     {name: "deliver", shape: ofLink, k: param{"k", 0, MaxK, 0}},
	Drop:        {name: "drop", shape: ofLink, k: param{"k", 0, MaxK, 0}},
	Duplicate:   {name: "duplicate", shape: ofLink, k: param{"k", 0, MaxK, 0}},
	Cut:         {name: "cut", shape: ofCut},
	Mend:        {name: "mend", shape: ofLinkOrAll},
	Slow:        {name: "slow", shape: ofLink, k: param{"k", 0, 1000, always}},
	Persist:     {name: "persist", shape: ofNode, k: param{"k", 0, MaxK, 0}},
	Crash:       {name: "crash", shape: ofNode, k: param{"k", 0, MaxK, 0}},
	Tear:        {name: "tear", shape: ofNode, k: param{"k", 0, MaxK, 0}, aux: param{"bytes", 0, MaxK, 0}},
	Corrupt:     {name: "corrupt", shape: ofNode, k: param{"k", 0, MaxK, 0}, aux: param{"bit", 0, MaxK, 0}},
	Fail:        {name: "fail", shape: ofNode, k: param{"k", 0, MaxK, 0}},
	Pause:       {name: "pause", shape: ofNode},
	Resume:      {name: "resume", shape: ofNode},
	Restart:     {name: "restart", shape: ofNode},
	Skew:        {name: "skew", shape: ofNode, k: param{"k", 1, 1000, always}},
	Call:        {name: "call", shape: ofCall},
	Retry:       {name: "retry", shape: ofRetry},
	Abandon:     {name: "abandon", shape: ofClient},
	Read:        {name: "read", shape: ofCall},
	LeaseRead:   {name: "leaseread", shape: ofCall},
	Work:        {name: "work", shape: ofClient},
	Land:        {name: "land", shape: ofClient, k: param{"k", 0, MaxK, 0}},
	Compact:     {name: "compact", shape: ofNode, k: param{"k", 0, MaxK, 0}},
	Reconfigure: {name: "reconfigure", shape: ofReconfigure},
	Transfer:    {name: "transfer", shape: ofLink},
	Wipe:        {name: "wipe", shape: ofNode},
	Settle:      {name: "settle"},
	Run:         {name: "run", k: param{"k", 1, MaxK, always}},
	Heal:        {name: "heal", k: param{"k", 0, MaxK, 0}},
}

// String is the event's name in schedules.
func (k EventKind) String() string { return forms[k].name }

// Macro reports whether events of the kind stand for a series of plain events.
func (k EventKind) Macro() bool { return k >= Settle }

// String is the event as a line of a schedule.
func (e Event) String() string {
	var room [64]byte // most events fit, and then only the string is allocated
	return string(e.Append(room[:0]))
}

// Append appends the event as a line of a schedule, without its end.
func (e *Event) Append(b []byte) []byte {
	f := &forms[e.Kind]
	b = append(b, f.name...)
	switch f.shape {
	case ofNode:
		b = appendNumber(b, ' ', int64(e.Node))
	case ofLink:
		b = e.appendLink(b)
	case ofLinkOrAll:
		if e.Node != raft.None {
			b = e.appendLink(b)
		}
	case ofCut:
		b = e.appendCut(b)
	case ofCall:
		b = e.appendClient(b)
		b = appendNumber(b, ' ', int64(e.Node))
		b = append(append(b, ' '), e.Op...)
	case ofRetry:
		b = e.appendClient(b)
		b = appendNumber(b, ' ', int64(e.Node))
	case ofClient:
		b = e.appendClient(b)
	case ofReconfigure:
		b = e.appendReconfigure(b)
	}
	b = f.k.append(b, e.K)
	return f.aux.append(b, e.Aux)
}

func (p *param) append(b []byte, v int32) []byte {
	if p.name == "" || v == p.usual {
		return b
	}
	b = append(append(b, ' '), p.name...)
	return appendNumber(b, '=', int64(v))
}

func appendNumber(b []byte, before byte, v int64) []byte {
	return strconv.AppendInt(append(b, before), v, 10)
}

func (e *Event) appendLink(b []byte) []byte {
	b = appendNumber(b, ' ', int64(e.Node))
	return appendNumber(append(b, '-'), '>', int64(e.Peer))
}

func (e *Event) appendClient(b []byte) []byte {
	return appendNumber(append(b, ' '), 'c', int64(e.Client))
}

func (e *Event) appendCut(b []byte) []byte {
	if e.Node != raft.None {
		return e.appendLink(b)
	}
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
			b = appendNumber(b, ' ', int64(id))
		}
	}
	return b
}

func (e *Event) appendReconfigure(b []byte) []byte {
	b = append(appendNumber(b, ' ', int64(e.Node)), " to"...)
	b = e.appendGroup(b, votersGroup)
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

// CutApart returns the event that parts these sets of nodes from one another; empty ones do not count.
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

// Configuration is what a Reconfigure asks for.
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

// fits reports whether a schedule of these nodes can say the event, apart from its operation.
func (e *Event) fits(all raft.NodeSet) bool {
	if e.Kind == 0 || int(e.Kind) >= Kinds {
		return false
	}
	f := &forms[e.Kind]
	if !f.k.allows(e.K) || !f.aux.allows(e.Aux) {
		return false
	}
	switch f.shape {
	case ofNode:
		return all.Has(e.Node)
	case ofLink:
		return e.ofLink(all)
	case ofLinkOrAll:
		return e.ofAll() || e.ofLink(all)
	case ofCut:
		return e.ofAll() && e.ofGroups(all) && e.groups() > 1 || e.ofLink(all) && e.groups() == 0
	case ofCall, ofRetry:
		return all.Has(e.Node) && e.ofClient()
	case ofClient:
		return e.ofClient()
	case ofReconfigure:
		return all.Has(e.Node) && e.ofGroups(all) && e.groups() <= learnersGroup
	}
	return true
}

// allows reports whether a number is within its bounds; one that an event does not carry is zero.
func (p *param) allows(v int32) bool { return p.least <= v && v <= p.most }

func (e *Event) ofAll() bool    { return e.Node == raft.None && e.Peer == raft.None }
func (e *Event) ofClient() bool { return e.Client >= 1 && e.Client <= MaxClients }

func (e *Event) ofLink(all raft.NodeSet) bool {
	return all.Has(e.Node) && all.Has(e.Peer) && e.Node != e.Peer
}

// ofGroups reports whether the event names groups of nodes, one at least, numbered without a gap.
func (e *Event) ofGroups(all raft.NodeSet) bool {
	seen := 1 // a bit for each group, and for none
	for id, g := range e.Groups {
		if g > MaxNodes || g > 0 && !all.Has(raft.NodeID(id)) {
			return false
		}
		seen |= 1 << g
	}
	return seen > 1 && seen&(seen+1) == 0
}
