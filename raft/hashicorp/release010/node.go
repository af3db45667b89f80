package release010

import (
	"bytes"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
)

// The keys under which the library stores its term and its vote.
var (
	keyTerm     = []byte("CurrentTerm")
	keyVoteTerm = []byte("LastVoteTerm")
	keyVote     = []byte("LastVoteCand")
)

// node is one server of the library, in its bubble.
type node struct {
	core      *bubble.Core
	store     *bubble.Store
	transport *transport
	fsm       fsm
	raft      *lib.Raft // nil until it has started
	voters    raft.NodeSet
	failed    bool // its disk has
	status    raft.Status
	proposals []proposal    // that the library has not yet
	barrier   atomic.Uint64 // the term of which the node issued a barrier as its leader
	ready     atomic.Uint64 // the term of which the node applied its barrier
	tended    bool          // it issued one in this step
}

// proposal is data that a client wants in the log.
type proposal struct {
	op   raft.OpID
	data []byte
}

func newNode(c *raft.NodeConfig) *node {
	n := &node{core: bubble.NewCore(c)}
	n.store = bubble.NewStore(n.core)
	n.transport = newTransport(n.core)
	n.core.Serve = n.transport.serve
	return n
}

// Stop ends the node.
func (n *node) Stop() {
	n.core.Stop(func() {
		if n.raft != nil {
			_ = n.raft.Shutdown().Error() // always nil
		}
	})
}

// Step gives the node one input.
func (n *node) Step(in raft.Input) raft.Output {
	if n.failed {
		return raft.Output{}
	}
	if _, n.failed = in.(*raft.PersistFailed); n.failed {
		n.Stop()
		return raft.Output{}
	}
	n.tended = false
	n.core.Do(func() { n.take(in) }, n.look)
	return n.core.Take()
}

func (n *node) take(in raft.Input) {
	switch in := in.(type) {
	case *raft.Tick:
		time.Sleep(bubble.Tick)
	case *raft.Timeout:
		if n.raft.State() != lib.Leader && !n.core.Pending() {
			n.core.Await(4 * lib.DefaultConfig().ElectionTimeout)
		}
	case *raft.Receive:
		n.core.Receive(&in.Msg)
	case *raft.Persisted:
		n.core.Persisted(in.ID)
	case *raft.Propose:
		n.proposals = append(n.proposals, proposal{in.Op, bytes.Clone(in.Data)})
	case *raft.Read:
		op := in.Op
		go n.read(op)
	case *raft.Reconfigure:
		n.core.Reply(in.Op, raft.Rejected)
	case *raft.Transfer:
		n.core.Reply(in.Op, raft.Rejected)
	}
}

// look takes note of the effects of the step, and reports whether it set a goroutine in
// motion.
func (n *node) look() bool {
	moved := n.tend() || n.propose()
	n.fsm.collect(n)
	n.status = n.show()
	return moved
}

// propose hands the oldest proposal to the library, once it does not wait for its disk.
func (n *node) propose() bool {
	if len(n.proposals) == 0 || n.core.Pending() {
		return false
	}
	p := n.proposals[0]
	n.proposals = n.proposals[1:]
	go func() {
		switch n.raft.Apply(p.data, 0).Error() {
		case nil:
			n.core.Reply(p.op, raft.Done)
		case lib.ErrNotLeader:
			n.core.Reply(p.op, raft.Rejected)
		default:
			n.core.Reply(p.op, raft.Unknown)
		}
	}()
	return true
}

// tend issues a barrier if the node newly leads, or if the last one failed.
func (n *node) tend() bool {
	term := n.term()
	if n.raft.State() != lib.Leader || n.barrier.Load() == uint64(term) || n.tended {
		return false
	}
	n.barrier.Store(uint64(term))
	n.tended = true
	go func() {
		if n.raft.Barrier(0).Error() == nil {
			n.ready.Store(uint64(term))
		} else {
			n.barrier.CompareAndSwap(uint64(term), 0) // another one is tried
		}
	}()
	return true
}

// read answers a read while the node is known to lead and has applied its barrier.
func (n *node) read(op raft.OpID) {
	term := n.term()
	err := n.raft.VerifyLeader().Error()
	if err == nil && n.ready.Load() == uint64(term) && n.term() == term && n.raft.State() == lib.Leader {
		n.core.Reply(op, raft.Done)
		return
	}
	n.core.Reply(op, raft.Rejected)
}

// Status returns the status of the node after its last step.
func (n *node) Status() raft.Status { return n.status }

// EntryAt returns an entry of the log.
func (n *node) EntryAt(i raft.Index) (raft.Entry, bool) {
	e, ok := n.store.Entry(uint64(i))
	return entry(&e), ok
}

// term is the term that the node has stored, or is about to.
func (n *node) term() raft.Term {
	t, _ := n.store.GetUint64(keyTerm)
	return raft.Term(t)
}

func (n *node) show() raft.Status {
	s := raft.Status{Term: n.term(), Config: raft.Configuration{Voters: n.voters}}
	s.Vote = nodeID(string(n.store.Vote(keyVote, keyVoteTerm, s.Term)))
	s.Base, s.Last = n.store.Extent()
	s.Leader = nodeID(n.raft.Leader())
	s.Applied = raft.Index(n.raft.AppliedIndex())
	commit, err := strconv.ParseUint(n.raft.Stats()["commit_index"], 10, 64)
	if err != nil {
		panic("the library has no commit index: " + err.Error())
	}
	s.Commit = max(raft.Index(commit), s.Applied)
	switch n.raft.State() {
	case lib.Leader:
		s.Role = raft.Leader
	case lib.Candidate:
		s.Role = raft.Candidate
	}
	return s
}

// entry is an entry in the words of the seam.
func entry(e *bubble.Entry) raft.Entry {
	out := raft.Entry{ID: raft.EntryID{Term: raft.Term(e.Term), Index: raft.Index(e.Index)}, Data: e.Data}
	switch lib.LogType(e.Type) {
	case lib.LogCommand:
		out.Kind = raft.Command
	case lib.LogAddPeer, lib.LogRemovePeer:
		out.Kind = raft.Reconfiguration
	default:
		out.Kind = raft.NoOp
	}
	return out
}

// fsm is the seam in the place of a state machine.
type fsm struct {
	seen    []raft.Entry // since the last step
	applied raft.Index   // up to which the world has the entries
}

// Apply takes a command.
func (f *fsm) Apply(l *lib.Log) any {
	e := bubble.Entry{Index: l.Index, Term: l.Term, Type: uint8(l.Type), Data: l.Data}
	f.seen = append(f.seen, entry(&e))
	return nil
}

// Snapshot and Restore are never called: no log is compacted.
func (f *fsm) Snapshot() (lib.FSMSnapshot, error) { panic("a snapshot that nobody asked for") }
func (f *fsm) Restore(io.ReadCloser) error        { panic("a snapshot that nobody took") }

// collect hands out the entries that were applied; those that the FSM does not see are in
// the log.
func (f *fsm) collect(n *node) {
	for _, e := range f.seen {
		f.fill(n, e.ID.Index-1)
		n.core.Apply(e)
		f.applied = e.ID.Index
	}
	f.seen = f.seen[:0]
	f.fill(n, raft.Index(n.raft.AppliedIndex()))
}

func (f *fsm) fill(n *node, to raft.Index) {
	for f.applied < to {
		e, ok := n.store.Entry(uint64(f.applied) + 1)
		if !ok || lib.LogType(e.Type) == lib.LogCommand {
			return // the library counts an entry as applied that it did not apply
		}
		f.applied++
		n.core.Apply(entry(&e))
	}
}
