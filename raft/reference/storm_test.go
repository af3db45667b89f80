package reference

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// stormNodes is the nodes of a storm's cluster; the first three vote at first.
const stormNodes = 5

// storm is a cluster under every fault that the seam allows. Messages get lost,
// duplicated and reordered, and nodes are cut off. Writes take time. A crash keeps
// a prefix of them, the last of which may be torn.
type storm struct {
	t       *testing.T
	dice    uint64
	preVote bool
	// clocked makes time pass for all nodes. No clock runs more than 1.5 times as fast as
	// another, and no timer fires early, as a lease requires (thesis, section 6.4.1).
	clocked bool
	now     int

	nodes   [stormNodes + 1]*Node
	disks   [stormNodes + 1][][]byte // the records that would survive a crash, without pending
	pending [stormNodes + 1][]raft.Write
	held    [stormNodes + 1][]raft.Message // until their write is durable
	flying  []raft.Message
	cut     raft.NodeSet
	stormOracle
}

func newStorm(t *testing.T, seed uint64) *storm {
	s := &storm{
		t: t, dice: seed*0x9e3779b97f4a7c15 | 1, preVote: seed%2 == 0, clocked: seed%4 == 0,
		stormOracle: newStormOracle(t),
	}
	for id := range s.all() {
		s.boot(id)
	}
	return s
}

func (s *storm) all() func(func(raft.NodeID) bool) { return raft.FirstNodes(stormNodes).All() }

func (s *storm) boot(id raft.NodeID) {
	n, err := bootWith(raft.NodeConfig{ID: id, Voters: raft.FirstNodes(3), PreVote: s.preVote,
		Disk: s.disks[id]}, s.word()%(1<<32)+uint64(id))
	require.NoError(s.t, err)
	s.nodes[id] = n
	s.booted(id)
}

// draw is a number below limit.
func (s *storm) draw(limit int) int { return int(s.word() % uint64(limit)) }

// word is a number below 1<<63, from a xorshift generator.
func (s *storm) word() uint64 {
	s.dice ^= s.dice << 13
	s.dice ^= s.dice >> 7
	s.dice ^= s.dice << 17
	return s.dice >> 1
}

// drawSet is any subset of nodes.
func (s *storm) drawSet(nodes raft.NodeSet) raft.NodeSet { return nodes & raft.NodeSet(s.draw(1<<16)) }

// step gives a node an input, and checks the node's output.
func (s *storm) step(id raft.NodeID, in raft.Input) {
	n := s.nodes[id]
	out := n.Step(in)
	for _, w := range out.Writes {
		s.pending[id] = append(s.pending[id],
			raft.Write{ID: w.ID, Data: bytes.Clone(w.Data), Checkpoint: w.Checkpoint})
	}
	for _, m := range out.Sends {
		m.Payload = bytes.Clone(m.Payload)
		s.held[id] = append(s.held[id], m)
	}
	s.release(id)
	s.judge(n, &out)
}

// release lets go of the messages whose writes are durable.
func (s *storm) release(id raft.NodeID) {
	kept := s.held[id][:0]
	for _, m := range s.held[id] {
		if len(s.pending[id]) == 0 || m.After < s.pending[id][0].ID {
			s.flying = append(s.flying, m)
		} else {
			kept = append(kept, m)
		}
	}
	s.held[id] = kept
}

func (s *storm) persist(id raft.NodeID, count int) {
	if count == 0 {
		return
	}
	last := s.pending[id][count-1].ID
	s.survive(id, count)
	s.step(id, &raft.Persisted{ID: last})
}

// survive moves the oldest pending writes to the disk.
func (s *storm) survive(id raft.NodeID, count int) {
	for _, w := range s.pending[id][:count] {
		if w.Checkpoint {
			s.disks[id] = nil
		}
		s.disks[id] = append(s.disks[id], w.Data)
		s.seen.wrote(w.Data)
	}
	s.pending[id] = s.pending[id][count:]
}

func (s *storm) crash(id raft.NodeID) {
	s.survive(id, s.draw(len(s.pending[id])+1))
	if len(s.pending[id]) > 0 && s.draw(2) == 0 {
		data := s.pending[id][0].Data
		data = data[:s.draw(len(data))]
		s.disks[id] = append(s.disks[id], data)
		s.seen.wrote(data)
	}
	s.pending[id], s.held[id] = nil, nil
	s.boot(id)
}

// deliver takes one of the messages in flight, mostly one of the first few, or
// loses or keeps it.
func (s *storm) deliver() {
	if len(s.flying) == 0 {
		return
	}
	i := s.draw(min(len(s.flying), 4))
	if s.draw(10) == 0 {
		i = s.draw(len(s.flying))
	}
	m := s.flying[i]
	fate := s.draw(16)
	if fate != 0 {
		s.flying = append(s.flying[:i:i], s.flying[i+1:]...)
	}
	switch {
	case s.cut.Has(m.From) != s.cut.Has(m.To):
		if fate < 6 && len(s.flying) < 100 {
			s.flying = append(s.flying, m)
		}
	case fate != 1:
		s.step(m.To, &raft.Receive{Msg: m})
	}
}

// pass lets time pass until somebody's clock ticks. The clocks' periods are 4,
// 5 or 6.
func (s *storm) pass() {
	for ticked := false; !ticked; {
		s.now++
		for id := range s.all() {
			if s.now%(4+int(id)%3) == 0 {
				s.step(id, &raft.Tick{})
				ticked = true
			}
		}
	}
}

func (s *storm) event() {
	id := raft.NodeID(1 + s.draw(stormNodes))
	switch k := s.draw(200); {
	case k == 0:
		s.crash(id)
	case k == 1:
		s.cut = s.drawSet(raft.FirstNodes(stormNodes))
	case k <= 3:
		s.cut = 0
	case k <= 20:
		if s.clocked {
			s.pass()
		} else {
			s.step(id, &raft.Tick{})
		}
	case k <= 22:
		if !s.clocked {
			s.step(id, &raft.Timeout{})
		}
	case k <= 60:
		s.persist(id, s.draw(len(s.pending[id])+1))
	case k <= 90:
		s.request(id, k)
	default:
		s.deliver()
	}
}

// request has a client or the operator ask something, mostly of a leader.
func (s *storm) request(id raft.NodeID, k int) {
	for other := range s.all() {
		if s.nodes[other].role == raft.Leader && s.draw(2) == 0 {
			id = other
		}
	}
	n := s.nodes[id]
	switch {
	case k <= 75:
		op := s.ask(n, request{kind: asksWrite})
		s.step(id, &raft.Propose{Op: op, Data: []byte{byte(op.Seq), byte(op.Seq >> 8)}})
	case k <= 82:
		lease := s.clocked && s.draw(2) == 0
		s.step(id, &raft.Read{Op: s.ask(n, request{kind: asksRead, lease: lease}), Lease: lease})
	case k <= 85:
		if at := s.machines[id].index; at > 0 {
			s.step(id, &raft.Compact{Index: at, Keep: s.draw(6), State: s.machines[id].state()})
		}
	case k <= 89:
		c := n.config()
		voters := s.drawSet(c.Voters | c.Learners)
		learners := s.drawSet(raft.FirstNodes(stormNodes)) &^ voters
		op := s.ask(n,
			request{kind: asksConfiguration, config: raft.Configuration{Voters: voters, Learners: learners}})
		s.step(id, &raft.Reconfigure{Op: op, Voters: voters, Learners: learners})
	default:
		to := raft.NodeID(1 + s.draw(stormNodes))
		s.step(id, &raft.Transfer{Op: s.ask(n, request{kind: asksTransfer}), To: to})
	}
}

// calm runs the cluster without faults for long enough to elect, to finish the work
// under way and to catch up.
func (s *storm) calm() {
	s.cut = 0
	for range 30 * ElectionTicks {
		for id := range s.all() {
			if s.retired(id) {
				continue
			}
			s.step(id, &raft.Tick{})
			s.persist(id, len(s.pending[id]))
		}
		for len(s.flying) > 0 {
			m := s.flying[0]
			s.flying = s.flying[1:]
			if !s.retired(m.From) && !s.retired(m.To) {
				s.step(m.To, &raft.Receive{Msg: m})
				s.persist(m.To, len(s.pending[m.To]))
			}
		}
	}
}

// retired reports whether a node is gone for good. Without pre-vote, removed nodes
// would keep starting elections, so they must be stopped (section 6, last
// paragraphs). With it they may stay: they depose no leader.
func (s *storm) retired(id raft.NodeID) bool {
	if s.preVote {
		return false
	}
	members := s.committed.config.Members()
	for other := range members.All() { // which may know of later ones
		if m := s.nodes[other].members.current(); m.index > s.committed.index {
			members |= m.config.Members()
		}
	}
	return !members.Has(id)
}

// settled demands that a calm cluster has a leader, that no change is under way,
// that all members have all of the log, and that everybody was answered.
func (s *storm) settled(seed uint64) {
	leader := slices.IndexFunc(s.nodes[1:],
		func(n *Node) bool { return n.role == raft.Leader && !s.retired(n.id) }) + 1
	require.NotZero(s.t, leader, "seed %d", seed)
	n := s.nodes[leader]
	require.False(s.t, n.config().Joint(), "seed %d", seed)
	require.Equal(s.t, n.members.current().config, s.committed.config, "seed %d", seed)
	for id := range n.config().Members().All() {
		member := s.nodes[id]
		require.Equal(s.t, n.log.last(), member.log.last(), "seed %d, %v", seed, id)
		require.Equal(s.t, n.log.lastIndex(), member.applied, "seed %d, %v", seed, id)
		require.Equal(s.t, s.machines[leader], s.machines[id], "seed %d, %v", seed, id)
	}
	for seq, r := range s.requests {
		if r.kind != asksRead && r.boot == s.boots[r.node] && !s.retired(r.node) {
			require.Equal(s.t, 1, r.answers, "seed %d: request %d of %v: %+v", seed, seq, r.node, *r)
		}
	}
}

// Figure 3's Election Safety and State Machine Safety hold in any storm, and reads
// are linearizable. Every request is answered at most once, and no assertion fails.
// Afterwards the cluster makes progress.
func TestStorm_isSurvived(t *testing.T) {
	seen := stormSights{}
	for seed := range uint64(120) {
		s := newStorm(t, seed+1)
		for range 2000 {
			s.event()
		}
		seen.add(&s.stormOracle)
		s.calm()
		s.settled(seed + 1)
	}
	t.Logf("%+v", seen)
	for _, sight := range [][2]int{
		{seen.committed, 500}, {seen.leaders, 200}, {seen.torn, 10}, {seen.truncations, 10},
		{seen.checkpoints, 100}, {seen.restored, 100},
		{seen.reconfigured, 50}, {seen.joint, 100}, {seen.learners, 100},
		{seen.removedLeads, 100}, {seen.transfers, 100},
		{seen.reads, 100}, {seen.followerReads, 50}, {seen.leaseReads, 50},
	} {
		require.Greater(t, sight[0], sight[1], "%+v", seen)
	}
}
