package shrink

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// mourner runs schedules, and calls Liveness violated if a disk is lost, fair or not.
type mourner struct{ *trial.Runner }

func (m mourner) Run(s *faults.Schedule) trial.Result {
	result := m.Runner.Run(s)
	verdict := models.Verdict{Property: "Liveness"}
	if slices.ContainsFunc(s.Events, func(e faults.Event) bool { return e.Kind.Hazard() == faults.LosesDisk }) {
		verdict.Outcome = models.Violated
	}
	result.Verdicts = []models.Verdict{verdict}
	return result
}

// TestShrink_staysFair: a cluster that lost as many disks as a Raft survives keeps the nodes
// that it needs for a majority. What was unfair from the start may get as small as it can.
func TestShrink_staysFair(t *testing.T) {
	for _, test := range []struct{ name, header, events, wantHeader, want string }{
		{"of three nodes one is wiped", "nodes 3\n", "timeout 2\nwipe 3\nheal\n", "nodes 3\n", "wipe 3\n"},
		{"a node without a vote", "nodes 2\nvoters 1\n", "wipe 2\n", "nodes 2\nvoters 1\n", "wipe 2\n"},
		{"nobody is left", "nodes 3\n", "wipe 3\nwipe 2\ncorrupt 1 k=1 bit=7\n", "nodes 1\n", "wipe 1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			runner := mourner{trial.NewRunner(reference.System{}, services.All())}
			s := fixture.Written(t, test.header, test.events)
			small, _ := Schedule(t.Context(), runner, s, "Liveness")
			require.Equal(t, fixture.Written(t, test.wantHeader, test.want).String(), small.String())
			require.Equal(t, s.Fair(), small.Fair())
		})
	}
}
