package conform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// pairs is the reference for clusters of two nodes or three, without snapshots. A node in a
// cluster of another size panics.
type pairs struct{ reference.System }

func (pairs) Limits() raft.Limits { return raft.Limits{Least: 2, Most: 4, Lacks: raft.Snapshots} }

func (s pairs) Boot(c raft.NodeConfig) (raft.Node, error) {
	if highest := c.Voters.Max(); highest < 2 || highest > 4 {
		panic("a cluster of another size: " + c.Voters.String())
	}
	node, err := s.System.Boot(c)
	return quiet{node}, err
}

// quiet is a node that is asked for no snapshot.
type quiet struct{ raft.Node }

func (n quiet) Step(in raft.Input) raft.Output {
	if _, asked := in.(*raft.Compact); asked {
		panic("asked for a snapshot")
	}
	return n.Node.Step(in)
}

func (n quiet) Status() raft.Status { return n.Node.(raft.Inspector).Status() }

func (n quiet) EntryAt(i raft.Index) (raft.Entry, bool) { return n.Node.(raft.Inspector).EntryAt(i) }

// TestCheck_withinLimits: a system is asked for nothing that it states to lack.
func TestCheck_withinLimits(t *testing.T) {
	for _, r := range Check(pairs{}, services.All()) {
		switch r.Name {
		case "snapshots":
			require.True(t, r.Stated)
			require.Equal(t, models.NotChecked, r.Outcome)
		default:
			require.False(t, r.Stated)
			require.Equal(t, models.Held, r.Outcome, "%s: %s", r.Name, r.Text)
		}
	}
}

// unlearned is the reference, which states that it lacks learners, and still lets none but
// learners become voters.
type unlearned struct{ reference.System }

func (unlearned) Limits() raft.Limits { return raft.Limits{Lacks: raft.Learners} }

// TestCheck_withoutLearners: a node joins as a voter then.
func TestCheck_withoutLearners(t *testing.T) {
	for _, rule := range Rules() {
		if rule.Name == "membership" {
			r := rule.Try(unlearned{}, services.All(), trial.Watch{})
			require.Equal(t, models.Violated, r.Outcome)
			require.Contains(t, r.Text, "reconfigure 1 to 1 2 3 4 was requested")
		}
	}
}
