package hashicorp

import (
	"bytes"
	"sync/atomic"
	"time"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
	"raftcheck/raft/bubble"
)

// node is one server of the library, in its bubble. Between steps none of its goroutines
// runs.
type node struct {
	core      *bubble.Core
	store     *bubble.Store
	transport *transport
	fsm       fsm
	raft      *lib.Raft // nil until it has started
	first     raft.NodeSet
	failed    bool // its disk has
	status    raft.Status

	barrier   atomic.Uint64 // the term of which the node issued a barrier as its leader
	ready     atomic.Uint64 // the term of which the node applied its barrier
	tended    bool          // it issued one in this step
	proposals []proposal    // that the library has not yet
	change    *change       // nil without one
	// compacting says that a snapshot is under way.
	compacting atomic.Bool
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
		n.timeout()
	case *raft.Receive:
		n.core.Receive(&in.Msg)
	case *raft.Persisted:
		n.core.Persisted(in.ID)
	case *raft.Propose:
		n.proposals = append(n.proposals, proposal{in.Op, bytes.Clone(in.Data)})
	case *raft.Read:
		op := in.Op
		go n.read(op)
	case *raft.Compact:
		n.compact(in)
	case *raft.Reconfigure:
		n.reconfigure(in.Op, raft.Configuration{Voters: in.Voters, Learners: in.Learners &^ in.Voters})
	case *raft.Transfer:
		op, to := in.Op, in.To
		go n.transfer(op, to)
	}
}

// timeout lets the clock run until the election timer has fired and the node has
// begun to stand for election. A timer that was set before the leader was last heard is
// set once more, so that it takes four times the timeout at most. A node that waits for
// its disk does not look at its timer.
func (n *node) timeout() {
	if n.raft.State() != lib.Leader && !n.core.Pending() {
		n.core.Await(4 * lib.DefaultConfig().ElectionTimeout)
	}
}

// propose hands the oldest proposal to the library, once the library does not wait for its
// disk. If the library found proposals and a new commit index at one moment, it would begin
// with any of them, and could report the commit after the configuration has changed. So
// proposals are appended in their order, and never as a group.
func (n *node) propose() bool {
	if len(n.proposals) == 0 || n.core.Pending() {
		return false
	}
	p := n.proposals[0]
	n.proposals = n.proposals[1:]
	go func() { n.core.Reply(p.op, outcome(n.raft.Apply(p.data, 0).Error())) }()
	return true
}

// outcome is the outcome of a request that ended with an error of the library. It rejects a
// request because the node does not lead, or transfers its leadership, before it acts.
func outcome(err error) raft.Outcome {
	switch err {
	case nil:
		return raft.Done
	case lib.ErrNotLeader, lib.ErrLeadershipTransferInProgress:
		return raft.Rejected
	}
	return raft.Unknown
}

// read answers a read at a moment at which the node is known to lead, and to have
// applied every entry that was committed before its term.
func (n *node) read(op raft.OpID) {
	term := n.term()
	err := n.raft.VerifyLeader().Error()
	if err == nil && n.ready.Load() == uint64(term) && n.term() == term && n.raft.State() == lib.Leader {
		n.core.Reply(op, raft.Done)
		return
	}
	n.core.Reply(op, raft.Rejected)
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

// transfer transfers the leadership. The old leader does not learn which node leads next.
func (n *node) transfer(op raft.OpID, to raft.NodeID) {
	switch n.raft.LeadershipTransferToServer(serverID(to), address(to)).Error() {
	case lib.ErrNotLeader, lib.ErrLeadershipTransferInProgress, lib.ErrEnqueueTimeout:
		n.core.Reply(op, raft.Rejected)
	default:
		n.core.Reply(op, raft.Unknown)
	}
}

// compact makes the library take a snapshot of the state that the world hands over.
func (n *node) compact(in *raft.Compact) {
	e, ok := n.store.Entry(uint64(in.Index))
	if n.compacting.Load() || !ok || !shown(lib.LogType(e.Type)) {
		return
	}
	n.compacting.Store(true)
	n.fsm.snapshot = raft.Snapshot{
		ID:    raft.EntryID{Term: raft.Term(e.Term), Index: in.Index},
		State: bytes.Clone(in.State),
	}
	reload := n.raft.ReloadableConfig()
	reload.TrailingLogs = uint64(in.Keep)
	if err := n.raft.ReloadConfig(reload); err != nil {
		panic("the settings are refused: " + err.Error())
	}
	go func() {
		_ = n.raft.Snapshot().Error() // the node goes on without one
		n.compacting.Store(false)
	}()
}

// look takes note of the effects of the step. It reports whether it set a goroutine in
// motion, of which it starts one at a time.
func (n *node) look() bool {
	moved := n.tend() || n.advance() || n.propose()
	n.fsm.collect(n)
	n.status = n.show()
	return moved
}
