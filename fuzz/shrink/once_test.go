package shrink

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
)

// ledger counts the runs of each schedule that holds.
type ledger struct {
	*trial.Runner
	held map[string]int
}

func (l ledger) Run(s *faults.Schedule) trial.Result {
	result := l.Runner.Run(s)
	if result.Of("NoPanic").Outcome != models.Violated {
		l.held[s.String()]++
	}
	return result
}

// TestShrink_triesOnce: the passes meet the same smaller schedules again and again, and each that
// holds is run once.
func TestShrink_triesOnce(t *testing.T) {
	for _, pass := range passes {
		l := ledger{trial.NewRunner(fixture.Trap{OnStep: pass.step}, services.All()), map[string]int{}}
		Schedule(t.Context(), l, fixture.TrapSchedule(t, pass.nodes, pass.events), "NoPanic")
		require.NotEmpty(t, l.held)
		for text, runs := range l.held {
			name, _, _ := strings.Cut(pass.name, ":")
			require.Equal(t, 1, runs, "%s:\n%s", name, text)
		}
	}
}
