package conform

import (
	"errors"
	"fmt"

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
// the outputs, and a batchWatch the status.
func batches(t *rig) error {
	if t.storing == nil {
		return errNotStoring
	}
	if !raft.Batches(t.system) {
		return itStates{notOffered{"it is no raft.Batching (a program: no \"batches\":true), " +
			"so that no node gets a Batch or a Lag"}}
	}
	watch := &batchWatch{watched: watched{t.system}}
	rig := t.with(watch)
	defer rig.end()
	for _, events := range paces {
		if err := rig.paces(events); err != nil {
			return err
		}
		if watch.problem != "" {
			return errors.New(watch.problem)
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

// batchWatch is a system whose nodes must show the same status in the middle of a batch.
type batchWatch struct {
	watched
	problem string // the first mistake, or ""
}

// Boot boots a node and inspects it in the middle of batches.
func (s *batchWatch) Boot(c raft.NodeConfig) (raft.Node, error) {
	return around(s.System, c, func(sound raft.Node) func(raft.Input) raft.Output {
		shown, inspected := sound.(raft.Inspector)
		left, was := 0, raft.Status{}
		return func(in raft.Input) raft.Output {
			switch in := in.(type) {
			case *raft.Batch:
				if left = in.Inputs; inspected {
					was = shown.Status()
				}
			case *raft.Lag:
			default:
				left--
			}
			out := sound.Step(in)
			if left > 0 && inspected && s.problem == "" {
				s.problem = moved(c.ID, was, shown.Status())
			}
			return out
		}
	})
}

// moved describes that a node shows another status in the middle of a batch, if it does.
func moved(id raft.NodeID, was, is raft.Status) string {
	if was == is {
		return ""
	}
	return fmt.Sprintf("%s showed %+v before a batch, and shows %+v in the middle of it", id, was, is)
}
