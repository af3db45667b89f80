package shrink

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

func parsed(t *testing.T, text string) *faults.Schedule {
	t.Helper()
	s, err := faults.Parse("f", []byte(text), services.All())
	require.NoError(t, err)
	return s
}

// TestSchedule_expectation: the expectation that fails stays, with the events that lead to
// the state that it found. Those that hold go, and so do other events.
func TestSchedule_expectation(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	s := parsed(t, `# why
system reference
nodes 3
voters 2
learners 3
rand 1
expect no-leader
call c1 1 put x 1
timeout 1
settle
expect 1 leader
tick 1
timeout 2
settle
expect 1 2 up
expect 1 leader
crash 1
expect 1 leader
`)
	result := runner.Run(s)
	require.Equal(t, []string{"violated Expectation after event 10: expect 1 leader: found n1 follower"},
		result.Lines())
	require.Equal(t, trial.Expectation.Name, result.Violated())
	smallest, _ := Schedule(t.Context(), runner, s, trial.Expectation.Name)
	require.Equal(t, "# why\nsystem reference\nnodes 1\nrand 1\n\nexpect 1 leader\n", normal(smallest),
		"a follower from the beginning is the same state")

	s = parsed(t, `system reference
nodes 3
rand 1
expect no-leader
timeout 1
settle
call c1 1 put x 1
settle
expect 2 follower commit=1
crash 3
expect 2 term=1
expect 2 log={1}
`)
	smallest, _ = Schedule(t.Context(), runner, s, trial.Expectation.Name)
	result = runner.Run(smallest)
	require.Equal(t, "expect 2 log={1}: found n2 log={1 1}", result.Of(trial.Expectation.Name).Text)
	require.Equal(t, "system reference\nnodes 2\nrand 1\n\n"+
		"timeout 1\nsettle\ncall c1 1 put x 1\nsettle\nexpect 2 log={1}\n",
		normal(smallest))
}

// normal is the text of a schedule with single spaces.
func normal(s *faults.Schedule) string {
	text := []byte{}
	for _, c := range []byte(s.String()) {
		if c != ' ' || text[len(text)-1] != ' ' {
			text = append(text, c)
		}
	}
	return string(text)
}

// TestSchedule_dropsExpectations: a schedule that breaks another property keeps none.
func TestSchedule_dropsExpectations(t *testing.T) {
	runner := trial.NewRunner(fixture.Trap{OnStep: fixture.PanicsOnTimeout}, services.All())
	s := parsed(t, "system trap\nnodes 2\nrand 1\nexpect 1 leader\ntimeout 1\nexpect 1 2 up\n")
	smallest, runs := Schedule(t.Context(), runner, s, "NoPanic")
	_, plain := Schedule(t.Context(), runner, s.WithoutChecks(), "NoPanic")
	require.Equal(t, plain, runs, "no run is spent on them")
	require.Equal(t, "system trap\nnodes 1\nrand 1\n\ntimeout 1\n", normal(smallest))
}

// TestNeighbours_haveNoExpectations: a neighbour is in other states than the schedule.
func TestNeighbours_haveNoExpectations(t *testing.T) {
	plain := parsed(t, "system reference\nnodes 2\nrand 1\ntimeout 1\nsettle\n")
	checked := parsed(t, "system reference\nnodes 2\nrand 1\nexpect 1 up\ntimeout 1\nsettle\nexpect leader=1\n")
	require.Equal(t, neighboursOf(plain), neighboursOf(checked))
	require.NotEmpty(t, neighboursOf(plain))
}

func neighboursOf(s *faults.Schedule) (list []string) {
	n := NewNeighbours(reference.System{}, s, func(head, tail []faults.Event) bool {
		text := ""
		for _, e := range append(append([]faults.Event{}, head...), tail...) {
			text += e.String() + "\n"
		}
		list = append(list, text)
		return true
	})
	n.Within(1)
	return list
}
