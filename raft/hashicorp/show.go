package hashicorp

import (
	"math"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
)

// The keys under which the library stores its term and its vote.
var (
	keyTerm     = []byte("CurrentTerm")
	keyVoteTerm = []byte("LastVoteTerm")
	keyVote     = []byte("LastVoteCand")
)

// Status returns the status of the node after its last step.
func (n *node) Status() raft.Status { return n.status }

// EntryAt returns an entry of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	if i <= n.status.Base.Index || i > n.status.Last.Index {
		return raft.Entry{}, false
	}
	e, ok := n.store.Entry(uint64(i))
	return entry(e.Index, e.Term, lib.LogType(e.Type), e.Data), ok
}

// term is the term that the node has stored, or is about to.
func (n *node) term() raft.Term {
	t, _ := n.store.GetUint64(keyTerm)
	return raft.Term(t)
}

func (n *node) show() raft.Status {
	s := raft.Status{Term: n.term()}
	s.Vote = nodeID(string(n.store.Vote(keyVote, keyVoteTerm, s.Term)))
	s.Base, s.Last = n.store.Extent()
	s.Role = n.role(s.Vote)
	leader, _ := n.raft.LeaderWithID()
	s.Leader = nodeID(string(leader))
	s.Applied = raft.Index(n.raft.AppliedIndex())
	s.Commit = max(raft.Index(n.raft.CommitIndex()), s.Applied, s.Base.Index)
	s.Config, s.ConfigIndex = n.config(s.Role)
	return s
}

// role is the node's role: a candidate that has not voted for itself is a pre-candidate.
func (n *node) role(vote raft.NodeID) raft.Role {
	switch n.raft.State() {
	case lib.Leader:
		return raft.Leader
	case lib.Candidate:
		if vote == n.core.ID {
			return raft.Candidate
		}
		return raft.PreCandidate
	}
	return raft.Follower
}

// config returns the configuration by which the node acts, and its index, which the
// library does not show: it is the latest in the log. A leader acts by a configuration
// that it appends once that is stored. A follower that stores entries does nothing in the
// meantime, and counts as acting by the configuration that it stores.
func (n *node) config(role raft.Role) (raft.Configuration, raft.Index) {
	upTo := uint64(math.MaxUint64)
	if role == raft.Leader {
		upTo = n.raft.LastIndex()
	}
	stored, at := n.storedConfig(upTo)
	c := n.raft.GetConfiguration().Configuration()
	if len(c.Servers) == 0 || role != raft.Leader && n.core.Pending() {
		return stored, at
	}
	return configuration(&c), at
}

// storedConfig is the latest configuration in the log up to an index, or that of the
// snapshot, or the first.
func (n *node) storedConfig(upTo uint64) (raft.Configuration, raft.Index) {
	e, ok := n.store.LastOf(uint8(lib.LogConfiguration), upTo)
	if list := n.store.Snapshots(); len(list) > 0 {
		if m := meta(&list[0]); !ok || m.ConfigurationIndex > e.Index {
			return configuration(&m.Configuration), raft.Index(m.ConfigurationIndex)
		}
	}
	if !ok {
		return raft.Configuration{Voters: n.first}, 0
	}
	c := lib.DecodeConfiguration(e.Data)
	return configuration(&c), raft.Index(e.Index)
}

// entry is an entry in the words of the seam. A barrier is for nobody's state machine.
func entry(index, term uint64, kind lib.LogType, data []byte) raft.Entry {
	e := raft.Entry{ID: raft.EntryID{Term: raft.Term(term), Index: raft.Index(index)}, Data: data}
	switch kind {
	case lib.LogCommand:
		e.Kind = raft.Command
	case lib.LogConfiguration:
		e.Kind = raft.Reconfiguration
	default:
		e.Kind = raft.NoOp
	}
	return e
}
