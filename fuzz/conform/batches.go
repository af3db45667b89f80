package conform

import (
	"raftcheck/models"
	"raftcheck/raft"
)

// paces are events that make the leader n1 take inputs together, and apply late. Before the
// last ones, an entry waits for the answers of the followers.
var paces = [][]string{
	{"batch 1 k=3", "call", "tick 1", "tick 1"},
	{"lag 1 k=8", "call", "settle"},
	{"batch 1 k=2", "lag 1 k=3", "call", "tick 1"}, // a lag is no input of a batch
	{"call", "persist 1", "deliver 1->2", "deliver 1->3", "persist 2", "persist 3",
		"lag 1 k=4", "batch 1 k=2", "deliver 2->1", "deliver 3->1", "tick 1", "tick 1"}, // nor the reverse
}

// batches makes a leader take inputs together, and apply late. The world's contract judges
// the outputs.
func batches(t *rig) error {
	if t.storing == nil {
		return errNotStoring
	}
	if !raft.Batches(t.system) {
		return itStates{notOffered{"it is no raft.Batching (a program: no \"batches\":true), " +
			"so that no node gets a Batch or a Lag"}}
	}
	rig := t.with(t.system)
	defer rig.end()
	for _, events := range paces {
		if err := rig.paces(events); err != nil {
			return err
		}
	}
	return nil
}

// paces carries out the events at a new cluster, and waits for the answer of the call.
func (t *rig) paces(events []string) error {
	c, err := t.three(false)
	if err != nil {
		return err
	}
	for _, event := range events {
		if event == "call" {
			c.call(2)
		} else {
			c.do("%s", event)
		}
	}
	for range tries {
		if err := c.broken(); err != nil {
			return err
		}
		c.do("run k=20")
		c.do("settle")
		if !c.world.Open(1) {
			return c.sees(2)
		}
		c.do("retry c1 %d", max(c.leader(), 1))
	}
	return c.fails("a command in a batch or during a lag was never answered")
}

// watched is a system whose nodes are watched by a rule.
type watched struct{ raft.System }

// Limits returns those of the system.
func (s watched) Limits() raft.Limits { return raft.LimitsOf(s.System) }

// Batches returns the answer of the system.
func (s watched) Batches() bool { return raft.Batches(s.System) }

// Checkers returns those of the system.
func (s watched) Checkers() []models.Checker { return models.Brought(s.System) }
