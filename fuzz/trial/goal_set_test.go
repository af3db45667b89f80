package trial

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/service"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

func TestGoals_haveNamesAndMeanings(t *testing.T) {
	list, seen := GoalsOf(services.All()), map[string]bool{}
	for _, g := range list {
		require.NotEmpty(t, g.Name)
		require.NotEmpty(t, g.About)
		require.False(t, seen[g.Name], g.Name)
		seen[g.Name] = true
	}
	require.Len(t, list.Names(list.Of(services.All()...)), len(list))
	require.Equal(t, len(list), list.Of(services.All()...).Len())
	require.Equal(t, int(goals), list.Of().Len())
}

// aimed is the store with goals of its own: the first is one of the harness.
type aimed struct {
	kv.Service
	goals []service.Goal
	watch *aim
}

func (a aimed) Goals() []service.Goal   { return a.goals }
func (a aimed) NewWatch() service.Watch { return a.watch }

// aim reaches its second goal with the first answer, and writes down the kinds of records.
type aim struct{ saw []trace.Kind }

func (w *aim) Reset() { w.saw = nil }

func (w *aim) Observe(r *trace.Record) uint64 {
	w.saw = append(w.saw, r.Kind)
	if r.Kind == trace.Returned {
		return 2
	}
	return 0
}

// TestGoals_ofServices shows a service's watch the records of its clients and no other,
// and takes its bits for the goals that it lists.
func TestGoals_ofServices(t *testing.T) {
	watch := &aim{}
	set := service.Set{aimed{
		goals: []service.Goal{{Name: "leader-elected"}, {Name: "answered"}}, watch: watch,
	}}
	runner := NewRunner(reference.System{}, set)
	list := GoalsOf(set)
	require.Len(t, list, int(goals)+1, "one of the two is the harness's")
	for range 2 {
		s, err := faults.Parse("goals", []byte("system reference\nnodes 1\nrand 1\n\ncall c1 1 get x\n"+
			"timeout 1\nsettle\nretry c1 1\nsettle\ncall c2 1 get x\nabandon c2\n"), set)
		require.NoError(t, err)
		result := runner.Run(s)
		answered, ok := list.Named("answered")
		require.True(t, ok)
		require.True(t, result.Goals.Has(answered))
		require.Equal(t, []trace.Kind{
			trace.Called, trace.Declined, trace.Returned, trace.Called, trace.Abandoned,
		}, watch.saw)
	}
	other := NewRunner(reference.System{}, services.All())
	s, err := faults.Parse("goals", []byte("system reference\nnodes 1\nrand 1\n\ntimeout 1\nsettle\n"), set)
	require.NoError(t, err)
	result := other.Run(s)
	require.Equal(t, []string{"leader-elected"}, GoalsOf(services.All()).Names(result.Goals))
}

func TestValidateServices(t *testing.T) {
	require.NoError(t, ValidateServices(services.All()))
	many := aimed{}
	for i := range MaxGoals {
		many.goals = append(many.goals, service.Goal{Name: fmt.Sprint("goal", i)})
	}
	for want, set := range map[string]service.Set{
		"expected a service for the clients":            {},
		"expected a service with a name":                {kv.Service{}, nil},
		"expected services with different names":        {kv.Service{}, election.Service{}, kv.Service{}},
		"expected at most 64 goals with those of servi": {many},
	} {
		require.ErrorContains(t, ValidateServices(set), want)
	}
}
