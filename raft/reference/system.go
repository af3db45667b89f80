package reference

import (
	"encoding/binary"
	"fmt"
	"io"

	"raftcheck/raft"
)

// System is the Raft of this package. Its zero value is ready to use.
type System struct{}

var (
	_ raft.System    = System{}
	_ raft.Describer = System{}
	_ raft.Learning  = System{}
	_ raft.Limited   = System{}
	_ raft.Refining  = System{}
	_ raft.Bounded   = System{}
	_ raft.Batching  = System{}
	_ raft.Loyal     = System{}
)

// Name returns "reference".
func (System) Name() string { return "reference" }

// Learns returns true: a first configuration may have learners.
func (System) Learns() bool { return true }

// Limits returns none: the nodes have every ability, in clusters of any size.
func (System) Limits() raft.Limits { return raft.Limits{} }

// Liberties returns none: every step follows the paper.
func (System) Liberties() raft.Liberties { return 0 }

// Batches returns true: a node may take several inputs before it hands over its output.
func (System) Batches() bool { return true }

// Loyalty returns the shortest election timeout.
func (System) Loyalty() int { return ElectionTicks }

// Bounds returns the bounds of leaders, in bytes of encoded entries.
func (System) Bounds() raft.Bounds {
	return raft.Bounds{
		Entries: MaxEntriesPerAppend, Bytes: MaxBytesPerAppend,
		Requests: MaxInFlight, InFlight: MaxInFlightBytes, Uncommitted: MaxUncommittedBytes,
	}
}

// Carried returns the entries of AppendEntries.
func (System) Carried(m *raft.Message) raft.Carried {
	r := reader{rest: m.Payload}
	if kind(r.byte()) != kindAppendEntries {
		return raft.Carried{}
	}
	var a appendEntries
	a.decode(&r, r.term())
	return raft.Carried{First: a.prev.Index + 1, Count: a.entries.count, Bytes: len(a.entries.bytes)}
}

// Boot starts a follower from the records on its disk (section 5.5: a server that
// crashed continues with its persistent state, figure 2). The node keeps nothing of
// c; it reads sixteen bytes of c.Rand.
//
// It fails if a name in c is not a node's name, if c.Rand fails, or if no crash can
// leave such a disk behind. The last error names the damaged record.
func (System) Boot(c raft.NodeConfig) (raft.Node, error) {
	if c.ID == raft.None || c.ID > raft.MaxNodeID || c.Voters.Has(raft.None) {
		return nil, fmt.Errorf("reference: %v among voters %#x is not a node's name", c.ID, uint64(c.Voters))
	}
	var seed [16]byte
	if _, err := io.ReadFull(c.Rand, seed[:]); err != nil {
		return nil, fmt.Errorf("reference: reading the random seed: %w", err)
	}
	first := raft.Configuration{Voters: c.Voters, Learners: c.Learners}
	if c.Learners != 0 && !valid(first) {
		return nil, fmt.Errorf("reference: %v is no configuration", first)
	}
	s, err := replay(first, c.Disk)
	if err != nil {
		return nil, fmt.Errorf("reference: disk of %v: %w", c.ID, err)
	}
	timer := newTimer(binary.LittleEndian.Uint64(seed[:]))
	if s.hard.term == 0 {
		timer.silence = ElectionTicks // no node ever led, so there is no leader to be loyal to
	}
	return &Node{
		id:       c.ID,
		preVote:  c.PreVote,
		hard:     s.hard,
		log:      s.log,
		snapshot: s.snapshot,
		members:  s.members,
		disk:     disk{records: s.records, hard: s.hard, stable: s.log.lastIndex()},
		commit:   s.snapshot.id.Index,
		timer:    timer,
		asked:    asked{ctx: binary.LittleEndian.Uint64(seed[8:])},
		out:      newOutbox(),
	}, nil
}
