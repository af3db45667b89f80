package hashicorp

import (
	"errors"
	"time"

	lib "github.com/hashicorp/raft"

	"raftcheck/raft"
)

// errBehind says that a node is not ready to be a voter.
var errBehind = errors.New("the node is behind")

// patience is how long a node that is to become a voter has to catch up.
const patience = 10 * time.Second

// reconfigure changes the configuration to target in steps of one node.
func (n *node) reconfigure(op raft.OpID, target raft.Configuration) {
	n.core.Reply(op, n.changeTo(target))
}

// changeTo takes step after step and says what became of the change. Once the first
// is taken, nobody can tell.
func (n *node) changeTo(target raft.Configuration) raft.Outcome {
	if target.Voters == 0 || n.raft.State() != lib.Leader {
		return raft.Rejected
	}
	for steps := 0; ; steps++ {
		c := n.raft.GetConfiguration().Configuration()
		step := n.nextStep(configuration(&c), target)
		if step == nil {
			return raft.Done
		}
		err := step()
		if steps > 0 && err != nil {
			return raft.Unknown
		}
		if err != nil {
			return changeOutcome(err)
		}
	}
}

// changeOutcome is what an error says of a change.
func changeOutcome(err error) raft.Outcome {
	if err == errBehind {
		return raft.Rejected
	}
	return outcome(err)
}

// nextStep is the next change of one node on the way to a configuration: voters
// come before others go. It is nil at the end of the way.
func (n *node) nextStep(is, target raft.Configuration) func() error {
	members := is.Members()
	if join := target.Members() &^ members; join != 0 {
		return n.addLearner(join.Nth(0))
	}
	if rise := target.Voters &^ is.Voters; rise != 0 {
		return n.promote(rise.Nth(0))
	}
	if fall := target.Learners & is.Voters; fall != 0 {
		return n.demote(n.itselfLast(fall))
	}
	if leave := members &^ target.Members(); leave != 0 {
		return n.remove(n.itselfLast(leave))
	}
	return nil
}

// itselfLast picks a node, another than this one if there is one.
func (n *node) itselfLast(set raft.NodeSet) raft.NodeID {
	if others := set.Without(n.core.ID); others != 0 {
		return others.Nth(0)
	}
	return n.core.ID
}

func (n *node) addLearner(id raft.NodeID) func() error {
	return func() error { return n.raft.AddNonvoter(serverID(id), address(id), 0, 0).Error() }
}

func (n *node) demote(id raft.NodeID) func() error {
	return func() error { return n.raft.DemoteVoter(serverID(id), 0, 0).Error() }
}

func (n *node) remove(id raft.NodeID) func() error {
	return func() error { return n.raft.RemoveServer(serverID(id), 0, 0).Error() }
}

func (n *node) promote(id raft.NodeID) func() error {
	return func() error {
		if err := n.catchUp(id); err != nil {
			return err
		}
		return n.raft.AddVoter(serverID(id), address(id), 0, 0).Error()
	}
}

// catchUp waits until a node has acknowledged in this term all that is committed.
func (n *node) catchUp(id raft.NodeID) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		var matched raft.EntryID
		n.core.Locked(func() { matched = n.transport.matched[id] })
		switch {
		case n.raft.State() != lib.Leader:
			return lib.ErrNotLeader
		case matched.Term == n.term() && matched.Index >= raft.Index(n.raft.CommitIndex()):
			return nil
		}
		select {
		case <-n.transport.moved:
		case <-timer.C:
			return errBehind
		case <-n.core.Over():
			return errBehind
		}
	}
}
