package conform

import (
	"errors"
	"fmt"

	"raftcheck/raft"
)

// three boots a cluster of three nodes, elects n1 and writes a value.
func (t *rig) three(preVote bool) (*cluster, error) {
	c := t.cluster(3, 0, preVote)
	if err := c.elect(1); err != nil {
		return nil, err
	}
	return c, c.put(1)
}

// boots boots clusters of every size, with all numbers of voters.
func boots(t *rig) error {
	for nodes := max(1, t.limits().Least); nodes <= 5; nodes++ {
		if !t.limits().Allows(nodes) {
			break
		}
		for _, preVote := range []bool{false, true} {
			for voters := 0; voters < nodes; voters++ {
				if voters > 0 && voters < t.limits().Least {
					continue
				}
				if err := t.cluster(nodes, voters, preVote).broken(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// shows inspects a node that booted from an empty disk.
func shows(t *rig) error {
	c := t.cluster(1, 0, false)
	if !c.inspected() {
		return notOffered{"its nodes are no raft.Inspector (a program: no answer has a status): " +
			"most properties of Raft are not judged, and most of the following rules are not checked"}
	}
	if s := c.node(1).Status; s.Commit != s.Base.Index || s.Applied != s.Base.Index || s.Role != raft.Follower {
		return c.fails("a node that booted from an empty disk shows %+v, "+
			"and not a follower with nothing committed: "+
			"a Raft that acts as it starts is started with the first input of its node", s)
	}
	return nil
}

// needsInspector returns an error if the nodes do not show their state.
func (t *rig) needsInspector() error {
	if !t.cluster(1, 0, false).inspected() {
		return notOffered{"its nodes do not show their state"}
	}
	return nil
}

// elects elects a leader by a timeout, in clusters of several sizes.
func elects(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	for _, preVote := range []bool{false, true} {
		for _, nodes := range []int{1, 2, 3, 5} {
			if !t.limits().Allows(nodes) {
				continue
			}
			c := t.cluster(nodes, 0, preVote)
			if err := c.elect(raft.NodeID(nodes)); err != nil {
				return err
			}
			if err := c.electNext(nodes, preVote); err != nil {
				return err
			}
		}
	}
	return nil
}

// electNext elects n1 where the last node leads. A node that hears from a leader refuses a
// pre-vote. So where nodes ask for pre-votes, whether they shall or not, that leader crashes.
func (c *cluster) electNext(nodes int, preVote bool) error {
	switch {
	case nodes == 1 || preVote || c.probed && nodes == 2:
		return nil
	case c.probed:
		c.do("crash %d", nodes)
	}
	return c.elect(1)
}

// patience is the number of ticks in which a cluster must elect a leader by itself.
const patience = 400

// ticks passes time until a leader is elected.
func ticks(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	for _, preVote := range []bool{false, true} {
		c := t.cluster(3, 0, preVote)
		for range patience / 20 {
			if c.do("run k=20"); c.leader() != raft.None {
				break
			}
		}
		if c.leader() == raft.None {
			return c.fails("%d ticks passed on every node, and no node leads: "+
				"does Tick drive the election timer?", patience)
		}
		if err := c.broken(); err != nil {
			return err
		}
	}
	return nil
}

// commands writes values, reads the last one, and waits until all nodes have applied them.
func commands(t *rig) error {
	c, err := t.three(false)
	if err != nil {
		return err
	}
	for value := 2; value < 6; value++ {
		if err := c.put(value); err != nil {
			return err
		}
	}
	if err := c.sees(5); err != nil || !c.inspected() {
		return err
	}
	return c.catchUp()
}

// writes checks the outputs themselves, so that the error names the mistake in an output
// and not one of its consequences.
func writes(t *rig) error {
	seam := &seamWatch{watched: watched{t.system}}
	rig := t.with(seam)
	defer rig.end()
	_, err := rig.three(false)
	switch {
	case seam.problem != "":
		return errors.New(seam.problem)
	case seam.writes == 0:
		return errors.New("no node ever wrote anything: " +
			"term, vote and log have to outlive a crash (Raft paper, figure 2)")
	}
	return err
}

// promises lets every node take part in elections while no write becomes durable.
func promises(t *rig) error {
	c := t.cluster(3, 0, false)
	for id := 1; id <= 3; id++ {
		c.do("timeout %d", id)
		for from := 1; from <= 3; from++ {
			for to := 1; to <= 3; to++ {
				if from != to {
					c.do("deliver %d->%d", from, to)
				}
			}
		}
	}
	if err := c.broken(); err != nil {
		return fmt.Errorf("a message left before its promise was durable: "+
			"Message.After has to name the write that it waits for "+
			"(with raft/bubble: the Raft sent before Core.Write returned)\n%w", err)
	}
	c.do("settle")
	if !c.promised {
		return notOffered{"no message that left has a Promise: the durability of promises is not judged"}
	}
	return nil
}

// remembers restarts each node and compares term, vote and log.
func remembers(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	c, err := t.three(false)
	if err != nil {
		return err
	}
	c.do("timeout 2")
	c.do("settle")
	for id := raft.NodeID(1); id <= 3; id++ {
		before := c.node(id).Status
		c.do("crash %d", id)
		c.do("restart %d", id)
		after := c.node(id).Status
		if after.Term != before.Term || after.Vote != before.Vote || after.Last != before.Last {
			return c.failure("%s had term %d, voted for %s and a log to %s; it crashed, which lost no write, "+
				"and after its restart it has term %d, voted for %s and a log to %s",
				id, before.Term, before.Vote, before.Last, after.Term, after.Vote, after.Last)
		}
	}
	if err := c.elect(3); err != nil {
		return err
	}
	return c.sees(1)
}

// recovers crashes a node so that its disk keeps every prefix of its pending writes, and
// a part of the next. The node must boot, write, and boot again after a second crash.
func recovers(t *rig) error {
	if t.storing == nil {
		return errNotStoring
	}
	for survive := range 4 {
		for _, how := range []string{"crash 1 k=%d", "tear 1 k=%d bytes=1", "tear 1 k=%d bytes=9"} {
			c := t.cluster(1, 0, false)
			c.do("timeout 1")
			c.do("persist 1 k=1")
			c.call(1)
			c.do(how, survive)
			c.do("restart 1")
			if err := c.broken(); err != nil {
				return err
			}
			c.do("timeout 1")
			c.do("persist 1")
			c.do("crash 1")
			c.do("restart 1")
			if err := c.broken(); err != nil {
				return fmt.Errorf("a node that booted after a crash, and wrote, does not boot after the next; "+
					"a torn record stays on the disk, before the later writes\n%w", err)
			}
		}
	}
	return nil
}

// fallsSilent fails the disk of the leader, which must send and write nothing from then on.
func fallsSilent(t *rig) error {
	c, err := t.three(false)
	if err != nil {
		return err
	}
	c.call(2)
	c.do("fail 1")
	for range 3 {
		c.do("tick 1 k=50")
		c.do("timeout 1")
		c.do("settle")
	}
	return c.broken()
}
