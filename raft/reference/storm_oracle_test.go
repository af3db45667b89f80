package reference

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// stormOracle judges a storm.
type stormOracle struct {
	t         *testing.T
	boots     [stormNodes + 1]int
	machines  [stormNodes + 1]machine
	leaders   map[raft.Term]raft.NodeID
	history   map[raft.Index]machine // the state machine after each entry
	commands  map[uint32]raft.Index  // where a write was applied
	committed configured             // the latest configuration that anybody applied
	requests  map[uint32]*request
	answered  raft.Index // up to here a client knows that the entry is applied
	seen      stormSights
}

func newStormOracle(t *testing.T) stormOracle {
	return stormOracle{
		t: t, leaders: map[raft.Term]raft.NodeID{}, history: map[raft.Index]machine{},
		commands:  map[uint32]raft.Index{},
		committed: configured{config: voters(1, 2, 3)}, requests: map[uint32]*request{},
	}
}

// machine is a state machine: a digest of all that it was given.
type machine struct {
	index  raft.Index
	digest uint64
}

func (m *machine) apply(e raft.Entry) {
	h := fnv.New64a()
	h.Write(appendEntry(binary.LittleEndian.AppendUint64(nil, m.digest), e.ID.Term, e.Kind, e.Data))
	m.index, m.digest = e.ID.Index, h.Sum64()
}

// state is the machine as bytes, of several sizes around that of a chunk.
func (m *machine) state() []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(m.index))
	return bytes.Repeat(binary.LittleEndian.AppendUint64(b, m.digest), 1+int(m.index)%24)
}

func restored(state []byte) machine {
	return machine{raft.Index(binary.LittleEndian.Uint64(state)), binary.LittleEndian.Uint64(state[8:])}
}

// request is one request to a node, and its answers.
type request struct {
	node   raft.NodeID
	boot   int
	kind   requestKind
	lease  bool
	config raft.Configuration
	floor  raft.Index // the value of answered when it was asked
	// answers counts them; rejected is the outcome that says never.
	answers  int
	rejected bool
}

type requestKind int

const (
	asksWrite requestKind = iota
	asksRead
	asksConfiguration
	asksTransfer
)

func (o *stormOracle) booted(id raft.NodeID) {
	o.boots[id]++
	o.machines[id] = machine{}
}

// ask notes a request to n and numbers it.
func (o *stormOracle) ask(n *Node, r request) raft.OpID {
	r.node, r.boot, r.floor = n.id, o.boots[n.id], o.answered
	seq := uint32(len(o.requests))
	o.requests[seq] = &r
	return raft.OpID{Seq: seq}
}

// judge checks a node's output, in the order of the seam.
func (o *stormOracle) judge(n *Node, out *raft.Output) {
	m := &o.machines[n.id]
	if r := out.Restore; r.ID != (raft.EntryID{}) {
		require.Greater(o.t, r.ID.Index, m.index, "a state machine never goes back")
		*m = restored(r.State)
		require.Equal(o.t, r.ID.Index, m.index)
		o.agree(*m)
		o.seen.restored++
	}
	for _, e := range out.Applied {
		require.Equal(o.t, m.index+1, e.ID.Index)
		m.apply(e)
		o.agree(*m)
		o.applied(e)
	}
	for _, r := range out.Replies {
		o.reply(n, r)
	}
	if n.role == raft.Leader { // Election Safety (figure 3)
		if before, ok := o.leaders[n.hard.term]; ok {
			require.Equal(o.t, before, n.id, "both lead term %d", n.hard.term)
		}
		o.leaders[n.hard.term] = n.id
	}
	o.seen.look(n)
}

// agree is State Machine Safety (figure 3).
func (o *stormOracle) agree(m machine) {
	before, ok := o.history[m.index]
	if ok {
		require.Equal(o.t, before, m)
	}
	o.history[m.index] = m
}

func (o *stormOracle) applied(e raft.Entry) {
	switch e.Kind {
	case raft.Command:
		seq := uint32(e.Data[0]) | uint32(e.Data[1])<<8
		require.False(o.t, o.requests[seq].rejected, "write %d never takes effect", seq)
		o.commands[seq] = e.ID.Index
	case raft.Reconfiguration:
		if e.ID.Index > o.committed.index {
			c, err := decodeConfiguration(e.Data)
			require.NoError(o.t, err)
			o.committed = configured{e.ID.Index, c}
		}
	}
}

// reply is of the boot that was asked, once, and true.
func (o *stormOracle) reply(n *Node, reply raft.Reply) {
	r, m := o.requests[reply.Op.Seq], o.machines[n.id]
	require.Equal(o.t, r.node, n.id)
	require.Equal(o.t, r.boot, o.boots[n.id])
	r.answers++
	require.Equal(o.t, 1, r.answers)
	r.rejected = reply.Outcome == raft.Rejected
	at, wasApplied := o.commands[reply.Op.Seq]
	switch {
	case r.rejected:
		require.False(o.t, wasApplied)
	case r.kind == asksRead: // linearizable: it reflects every entry acknowledged before the request
		require.Equal(o.t, raft.Done, reply.Outcome)
		require.GreaterOrEqual(o.t, m.index, r.floor,
			"a read at %v misses an entry acknowledged before it: %+v", n.id, *r)
		o.answered = max(o.answered, m.index)
		o.seen.read(n, r)
	case reply.Outcome == raft.Unknown:
	case r.kind == asksWrite:
		require.True(o.t, wasApplied)
		require.GreaterOrEqual(o.t, m.index, at)
		o.answered = max(o.answered, at)
	case r.kind == asksConfiguration:
		require.Equal(o.t, r.config, o.committed.config)
		o.seen.reconfigured++
	}
}

// stormSights counts the events that the storms must have reached to test anything.
type stormSights struct {
	committed, leaders, torn, truncations, checkpoints, restored int
	reconfigured, joint, learners, removedLeads, transfers       int
	reads, followerReads, leaseReads                             int
}

func (seen *stormSights) add(o *stormOracle) {
	s := &o.seen
	seen.committed += len(o.history)
	seen.leaders += len(o.leaders)
	for _, p := range [][2]*int{
		{&seen.torn, &s.torn}, {&seen.truncations, &s.truncations}, {&seen.checkpoints, &s.checkpoints},
		{&seen.restored, &s.restored}, {&seen.reconfigured, &s.reconfigured},
		{&seen.joint, &s.joint}, {&seen.learners, &s.learners},
		{&seen.reads, &s.reads}, {&seen.followerReads, &s.followerReads}, {&seen.leaseReads, &s.leaseReads},
		{&seen.transfers, &s.transfers}, {&seen.removedLeads, &s.removedLeads},
	} {
		*p[0] += *p[1]
	}
}

func (seen *stormSights) wrote(data []byte) {
	switch d := (System{}).DescribeWrite(data); {
	case d == "torn":
		seen.torn++
	case d[:2] == "tr":
		seen.truncations++
	case d[:2] == "ch":
		seen.checkpoints++
	}
}

func (seen *stormSights) read(n *Node, r *request) {
	switch {
	case n.role != raft.Leader:
		seen.followerReads++
	case r.lease && n.leased():
		seen.leaseReads++
	default:
		seen.reads++
	}
}

func (seen *stormSights) look(n *Node) {
	if n.config().Joint() {
		seen.joint++
	}
	if n.config().Learners != 0 {
		seen.learners++
	}
	if n.role == raft.Leader && !n.config().Voters.Has(n.id) {
		seen.removedLeads++
	}
	if n.role == raft.Leader && n.lead.transfer.sent {
		seen.transfers++
	}
}
