package conform

import (
	"errors"

	"raftcheck/faults"
	"raftcheck/raft"
)

// snapshots compacts a leader's log, and compares the status that nodes show with their logs.
func snapshots(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	watch := &logWatch{watched: watched{t.system}}
	rig := t.with(watch)
	defer rig.end()
	err := rig.handsOn()
	if watch.problem != "" {
		return errors.New(watch.problem)
	}
	return err
}

// handsOn compacts the leader's log while a node is down, which then needs the snapshot.
func (t *rig) handsOn() error {
	c, err := t.three(false)
	if err != nil {
		return err
	}
	c.do("crash 3")
	for value := 2; value < 8; value++ {
		if err := c.put(value); err != nil {
			return err
		}
	}
	c.do("compact 1")
	c.do("settle")
	if c.node(1).Status.Base.Index == 0 {
		if err := c.broken(); err != nil {
			return err
		}
		return notOffered{"Compact leaves the log unchanged: snapshots are not judged"}
	}
	c.do("restart 3")
	err = c.catchUp()
	if c.restored == 0 && (err == nil || c.node(3).Status.Base.Index > 0) {
		return c.failure("n3 was behind the snapshot of n1 and never got it: no Output has a Restore")
	}
	if err != nil {
		return err
	}
	if err := c.bootsAgain(7); err != nil {
		return err
	}
	if err := c.put(8); err != nil {
		return err
	}
	c.do("compact 1 k=2") // the log begins before the end of the snapshot
	c.do("settle")
	return c.bootsAgain(8)
}

// bootsAgain restarts the leader n1 from its snapshot, and reads the last value.
func (c *cluster) bootsAgain(value int) error {
	c.do("crash 1")
	c.do("restart 1")
	if err := c.elect(1); err != nil {
		return err
	}
	return c.sees(value)
}

// reads tries both kinds of read.
func reads(t *rig) error {
	missing := ""
	for _, kind := range []string{"read", "leaseread"} {
		answered, err := t.answersRead(kind)
		if err != nil {
			return err
		}
		if !answered {
			missing += " " + kind
		}
	}
	if missing != "" {
		return notOffered{"never answered with Done, which Liveness demands of a system " +
			"that is not a raft.Readless:" + missing}
	}
	return nil
}

// answersRead reads at a new cluster's leader, and reports whether the read was answered.
func (t *rig) answersRead(kind string) (answered bool, err error) {
	c, err := t.three(true)
	if err != nil {
		return false, err
	}
	for range tries {
		if !c.world.Open(1) {
			c.do("%s c1 %d get x", kind, max(c.leader(), 1))
		}
		c.do("settle")
		c.do("run k=5")
		if !c.world.Open(1) {
			return true, c.broken()
		}
		c.do("abandon c1")
	}
	return false, c.broken()
}

// membership adds a node, by way of a learner if the system has them, and removes another one.
func membership(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	c := t.cluster(4, 3, false)
	if err := c.elect(1); err != nil {
		return err
	}
	if err := c.put(1); err != nil {
		return err
	}
	if !t.limits().Lacks.Has(raft.Learners) {
		if err := c.learns(); err != nil {
			return err
		}
	}
	if err := c.change(raft.FirstNodes(4)); err != nil {
		return err
	}
	c.do("crash 2") // otherwise n2, removed without knowing it, would stand for election
	if err := c.change(raft.NodeSetOf(1, 3, 4)); err != nil {
		return err
	}
	if err := c.put(2); err != nil {
		return err
	}
	return c.sees(2)
}

// learns adds n4 as a learner, which catches up.
func (c *cluster) learns() error {
	if !c.ask("reconfigure 1 to 1 2 3 + 4") {
		if err := c.broken(); err != nil {
			return err
		}
		return notOffered{"a Reconfigure that adds a learner is never answered with Done: " +
			"changes of the configuration are not judged"}
	}
	joined := raft.Configuration{Voters: raft.FirstNodes(3), Learners: raft.NodeSetOf(4)}
	if err := c.configured(joined); err != nil {
		return err
	}
	return c.catchUp()
}

// change changes the configuration to other voters.
func (c *cluster) change(voters raft.NodeSet) error {
	e := faults.ReconfigureTo(max(c.leader(), 1), voters, 0)
	if !c.ask("%s", e) {
		return c.fails("%s was requested %d times, and never answered with Done", e, tries)
	}
	return c.configured(raft.Configuration{Voters: voters})
}

// transfers asks leaders to hand the leadership over to n2.
func transfers(t *rig) error {
	if err := t.needsInspector(); err != nil {
		return err
	}
	c, err := t.three(false)
	if err != nil {
		return err
	}
	for range tries {
		if l := max(c.leader(), 1); l != 2 {
			c.do("transfer %d->2", l)
		}
		c.do("settle")
		c.do("run k=20")
		c.do("settle")
		if c.leader() == 2 {
			return c.sees(1)
		}
	}
	if err := c.broken(); err != nil {
		return err
	}
	return notOffered{"n1 was asked to hand the leadership over to n2 and never did"}
}
