package hashicorp

import (
	"time"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
)

// patience is how long a change may wait before its next step.
const patience = 10 * time.Second

// change is a change to another configuration that is under way, in steps of one node.
type change struct {
	op      raft.OpID
	target  raft.Configuration
	expires time.Time // when the next step comes too late
	steps   int       // that succeeded so far
	running bool      // a step is
	err     error     // of the last step
}

// reconfigure begins a change, unless one is under way.
func (n *node) reconfigure(op raft.OpID, target raft.Configuration) {
	if n.change != nil || target.Voters == 0 {
		n.core.Reply(op, raft.Rejected)
		return
	}
	n.change = &change{op: op, target: target, expires: time.Now().Add(patience)}
}

// advance takes the next step of the change that is under way, at a moment at which
// the library takes it at once: otherwise a node may have fallen behind again by the
// time that it becomes a voter. It reports whether it took one.
func (n *node) advance() bool {
	c := n.change
	if c == nil || c.running {
		return false
	}
	is, at := n.config(raft.Leader)
	step, promoted := n.nextStep(is, c.target)
	committed := at <= raft.Index(n.raft.CommitIndex())
	switch {
	case c.err != nil:
		n.finish(outcome(c.err))
	case n.raft.State() != lib.Leader:
		n.finish(raft.Rejected)
	case step == nil && c.steps == 0:
		n.finish(raft.Rejected) // a deposed leader does not know whether it is so
	case step == nil && committed:
		n.finish(raft.Done)
	case time.Now().After(c.expires):
		n.finish(raft.Rejected)
	case step != nil && committed && !n.core.Pending() &&
		n.ready.Load() == uint64(n.term()) && n.caughtUp(promoted):
		c.running = true
		go func() {
			c.err = step()
			c.running, c.expires = false, time.Now().Add(patience)
			if c.err == nil {
				c.steps++
			}
		}()
		return true
	}
	return false
}

// finish answers the change. Once a step succeeded, the change may have taken effect: it
// may have been the last one, and have ended the node's leadership.
func (n *node) finish(o raft.Outcome) {
	if o == raft.Rejected && n.change.steps > 0 {
		o = raft.Unknown
	}
	n.core.Reply(n.change.op, o)
	n.change = nil
}

// nextStep returns the next change of one node on the way to a configuration, nil if there
// is none: it adds voters before it removes others. promoted is the node that becomes a
// voter.
func (n *node) nextStep(is, target raft.Configuration) (step func() error, promoted raft.NodeID) {
	members := is.Members()
	if join := target.Members() &^ members; join != 0 {
		id := join.Nth(0)
		return func() error { return n.raft.AddNonvoter(serverID(id), address(id), 0, 0).Error() }, raft.None
	}
	if rise := target.Voters &^ is.Voters; rise != 0 {
		id := rise.Nth(0)
		return func() error { return n.raft.AddVoter(serverID(id), address(id), 0, 0).Error() }, id
	}
	if fall := target.Learners & is.Voters; fall != 0 {
		id := n.itselfLast(fall)
		return func() error { return n.raft.DemoteVoter(serverID(id), 0, 0).Error() }, raft.None
	}
	if leave := members &^ target.Members(); leave != 0 {
		id := n.itselfLast(leave)
		return func() error { return n.raft.RemoveServer(serverID(id), 0, 0).Error() }, raft.None
	}
	return nil, raft.None
}

// itselfLast picks a node, another than this one if there is one.
func (n *node) itselfLast(set raft.NodeSet) raft.NodeID {
	if others := set.Without(n.core.ID); others != 0 {
		return others.Nth(0)
	}
	return n.core.ID
}

// caughtUp reports whether a node has acknowledged in this term all that is committed.
func (n *node) caughtUp(id raft.NodeID) bool {
	if id == raft.None {
		return true
	}
	var matched raft.EntryID
	n.core.Locked(func() { matched = n.transport.matched[id] })
	return matched.Term == n.term() && matched.Index >= raft.Index(n.raft.CommitIndex())
}
