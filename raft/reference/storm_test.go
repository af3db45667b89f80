package reference

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// storm is a cluster in which everything that the seam allows may happen:
// messages get lost, doubled and overtaken, writes take their time, and a crash
// keeps a prefix of them, the last of which may be torn.
type storm struct {
	t       *testing.T
	dice    uint64
	nodes   [4]*Node
	disks   [4][][]byte // what would survive a crash, but for what is pending
	pending [4][]raft.Write
	held    [4][]raft.Message // until their write is durable
	flying  []raft.Message
	leaders map[raft.Term]raft.NodeID
	applied map[raft.Index]string
}

func newStorm(t *testing.T, seed uint64) *storm {
	s := &storm{t: t, dice: seed, leaders: map[raft.Term]raft.NodeID{}, applied: map[raft.Index]string{}}
	for id := raft.NodeID(1); id <= 3; id++ {
		s.boot(id)
	}
	return s
}

func (s *storm) boot(id raft.NodeID) {
	n, err := bootSeeded(id, raft.FirstNodes(3), uint64(id), s.disks[id])
	require.NoError(s.t, err)
	s.nodes[id] = n
}

// draw is a number below limit, from a xorshift generator.
func (s *storm) draw(limit int) int {
	s.dice ^= s.dice << 13
	s.dice ^= s.dice >> 7
	s.dice ^= s.dice << 17
	return int((s.dice >> 1) % uint64(limit))
}

// step gives a node an input, and judges what the node does.
func (s *storm) step(id raft.NodeID, in raft.Input) {
	n := s.nodes[id]
	out := n.Step(in)
	for _, w := range out.Writes {
		s.pending[id] = append(s.pending[id], raft.Write{ID: w.ID, Data: bytes.Clone(w.Data)})
	}
	for _, m := range out.Sends {
		m.Payload = bytes.Clone(m.Payload)
		s.held[id] = append(s.held[id], m)
	}
	s.release(id)
	for _, e := range out.Applied { // State Machine Safety
		what := e.ID.String() + string(e.Data)
		if before, ok := s.applied[e.ID.Index]; ok {
			require.Equal(s.t, before, what)
		}
		s.applied[e.ID.Index] = what
	}
	if n.role == raft.Leader { // Election Safety
		if before, ok := s.leaders[n.hard.term]; ok {
			require.Equal(s.t, before, id)
		}
		s.leaders[n.hard.term] = id
	}
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
		s.disks[id] = append(s.disks[id], w.Data)
	}
	s.pending[id] = s.pending[id][count:]
}

func (s *storm) crash(id raft.NodeID) {
	s.survive(id, s.draw(len(s.pending[id])+1))
	if len(s.pending[id]) > 0 && s.draw(2) == 0 {
		data := s.pending[id][0].Data
		s.disks[id] = append(s.disks[id], data[:s.draw(len(data))])
	}
	s.pending[id], s.held[id] = nil, nil
	s.boot(id)
}

// deliver takes one of the first few messages in flight, or loses or keeps it.
func (s *storm) deliver() {
	if len(s.flying) == 0 {
		return
	}
	i := s.draw(min(len(s.flying), 4))
	m := s.flying[i]
	fate := s.draw(12)
	if fate != 0 {
		s.flying = append(s.flying[:i:i], s.flying[i+1:]...)
	}
	if fate != 1 {
		s.step(m.To, &raft.Receive{Msg: m})
	}
}

func (s *storm) event() {
	id := raft.NodeID(1 + s.draw(3))
	switch k := s.draw(100); {
	case k == 0:
		s.crash(id)
	case k <= 2:
		s.step(id, &raft.Timeout{})
	case k <= 12:
		s.step(id, &raft.Propose{Data: []byte{byte(s.draw(256))}})
	case k <= 20:
		s.step(id, &raft.Tick{})
	case k <= 40:
		s.persist(id, s.draw(len(s.pending[id])+1))
	default:
		s.deliver()
	}
}

// Figure 3's Election Safety and State Machine Safety hold in any storm, no
// assertion fails, and afterwards the cluster gets work done.
func TestStorm_isSurvived(t *testing.T) {
	seen := stormSights{}
	for seed := range uint64(100) {
		s := newStorm(t, seed+1)
		for range 1000 {
			s.event()
		}
		seen.add(s)
		s.calm()
		last := s.nodes[1].log.last()
		for _, n := range s.nodes[1:] {
			require.Equal(t, last, n.log.last(), "seed %d", seed)
			require.Equal(t, last.Index, n.applied, "seed %d", seed)
		}
	}
	require.Greater(t, seen.committed, 500)
	require.Greater(t, seen.leaders, 200)
	require.Greater(t, seen.torn, 10)
	require.Greater(t, seen.truncations, 10)
}

// stormSights is what the storms must have shown, or they tested nothing.
type stormSights struct{ committed, leaders, torn, truncations int }

func (seen *stormSights) add(s *storm) {
	seen.committed += len(s.applied)
	seen.leaders += len(s.leaders)
	for _, disk := range s.disks {
		for _, data := range disk {
			switch d := (System{}).DescribeWrite(data); {
			case d == "torn":
				seen.torn++
			case d[:2] == "tr":
				seen.truncations++
			}
		}
	}
}

// calm runs the cluster without faults for long enough to elect and catch up.
func (s *storm) calm() {
	for range 20 * ElectionTicks {
		for id := raft.NodeID(1); id <= 3; id++ {
			s.step(id, &raft.Tick{})
			s.persist(id, len(s.pending[id]))
		}
		for len(s.flying) > 0 {
			m := s.flying[0]
			s.flying = s.flying[1:]
			s.step(m.To, &raft.Receive{Msg: m})
			s.persist(m.To, len(s.pending[m.To]))
		}
	}
}
