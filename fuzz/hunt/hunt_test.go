package hunt

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/explore"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

// root is the folder of this module.
const root = "../.."

func engine(t *testing.T, name string) Engine {
	t.Helper()
	e, err := EngineNamed(name)
	require.NoError(t, err)
	return e
}

// saboteur is the reference with one promise broken.
func saboteur(t *testing.T, name string) raft.System {
	t.Helper()
	systems := sabotage.Systems(reference.System{})
	i := slices.IndexFunc(systems, func(s raft.System) bool { return s.Name() == "reference+"+name })
	require.GreaterOrEqual(t, i, 0)
	return systems[i]
}

func hunting(t *testing.T, name string, system raft.System) *Hunt {
	t.Helper()
	return &Hunt{Services: services.All(), Engine: engine(t, name), System: system, Seconds: 5, Seed: 1,
		Root: root}
}

func run(t *testing.T, h *Hunt) *Report {
	t.Helper()
	r, err := h.Run(t.Context())
	require.NoError(t, err)
	return r
}

// TestHunt_finds: each engine finds a saboteur, and returns the schedule.
func TestHunt_finds(t *testing.T) {
	tests := []struct {
		engine, saboteur, property, origin string
		executions                         int
	}{
		{"swarm", "read-at-once", "Linearizability", "profile=swarm schedule=0", 1},
		{"swarm", "lose-snapshot", "StateMachineSafety", "profile=swarm schedule=3", 4},
		{"rapid", "same-timeouts", "Liveness", "profile=swarm check=0", 1},
		{"native", "trust-failed-fsync", "CommitQuorum", "input=seed#12", 13},
		{"native", "stale-snapshot", "StateMachineSafety", "input=seed#5", 6},
		{"explore", "forget-disk", "Durability", `exploration="election"`, 16},
		{"scenarios", "lose-snapshot", "StateMachineSafety", "scenario=session-expired.txt", 36},
	}
	for _, test := range tests {
		t.Run(test.engine+" "+test.saboteur, func(t *testing.T) {
			system := saboteur(t, test.saboteur)
			last := Report{}
			h := hunting(t, test.engine, system)
			h.Progress = func(r *Report) { last = *r }
			r := run(t, h)
			require.True(t, r.Killed, "the engine must find the saboteur: look for another seed")
			require.Equal(t, test.engine, r.Engine)
			require.Equal(t, system.Name(), r.System)
			require.Equal(t, test.property, r.Property)
			require.Equal(t, test.executions, r.Executions)
			require.Equal(t, test.executions, last.Executions)
			require.Equal(t, test.origin, r.Origin)
			require.Equal(t, map[bool]uint64{true: 1, false: 0}[h.Engine.Seeded], r.Seed)
			require.False(t, r.Spent, "the hunt must end before its budget")
			require.LessOrEqual(t, r.Events, r.FoundEvents)
			requireReplays(t, system, r)
		})
	}
}

// requireReplays wants the schedule of a report to violate the property as reported.
func requireReplays(t *testing.T, system raft.System, r *Report) {
	t.Helper()
	s, err := faults.Parse("found", []byte(r.Schedule), services.All())
	require.NoError(t, err)
	require.Equal(t, r.Schedule, s.String())
	require.Equal(t, system.Name(), s.System)
	require.Len(t, s.Events, r.Events)
	require.Contains(t, s.Prose[len(s.Prose)-1], r.Found())
	result := trial.NewRunner(system, services.All()).Run(s)
	require.Equal(t, s.Golden, result.Lines())
	require.Equal(t, r.Verdict, result.Of(r.Property).String())
	require.Equal(t, models.Violated, result.Of(r.Property).Outcome)
}

// TestHunt_sound: no engine finds a violation in the reference, and a hunt ends with its
// budget, or once all was tried.
func TestHunt_sound(t *testing.T) {
	for _, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) {
			h := hunting(t, e.Name, reference.System{})
			endless := e.Name != "native" && e.Name != "scenarios"
			if endless {
				h.Seconds = 0.2
			}
			r := run(t, h)
			require.Equal(t, endless, r.Spent)
			require.Greater(t, r.Executions, 10)
			if endless {
				require.GreaterOrEqual(t, r.CPUSeconds, h.Seconds)
			}
			want := Report{
				Engine: e.Name, System: "reference", Seed: r.Seed, Executions: r.Executions,
				Explorations: r.Explorations, CPUSeconds: r.CPUSeconds, Spent: r.Spent,
			}
			require.Equal(t, want, *r)
		})
	}
}

// TestSwarm_campaign: the schedules are those of a campaign under the same seed.
func TestSwarm_campaign(t *testing.T) {
	system := saboteur(t, "same-timeouts")
	c := fuzz.Campaign{Services: services.All(), System: system, Profile: generate.Swarm, Seed: 1,
		Schedules: 60, Workers: 2}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	finding := report.Findings.First("Liveness")
	r := run(t, hunting(t, "swarm", system))
	require.Equal(t, finding.Number+1, r.Executions)
	require.Equal(t, finding.Verdict, r.Verdict)
}

// TestHunt_seeds: a seed decides all but the time it takes, and another one is
// another hunt.
func TestHunt_seeds(t *testing.T) {
	for _, name := range []string{"swarm", "rapid"} {
		h := hunting(t, name, saboteur(t, "lose-snapshot"))
		h.Seconds = 60 // enough under the race detector, too
		first, second := run(t, h), run(t, h)
		first.CPUSeconds, second.CPUSeconds = 0, 0
		require.Equal(t, first, second)
		h.Seed = 2
		other := run(t, h)
		require.EqualValues(t, 2, other.Seed)
		require.NotEqual(t, [2]int{first.Executions, first.FoundEvents},
			[2]int{other.Executions, other.FoundEvents})
	}
}

// altered is the reference with its nodes wrapped.
type altered struct {
	reference.System
	wrap func(raft.Node) raft.Node
}

func (s altered) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return s.wrap(n), nil
}

// step is a node of which nothing is known.
type step func(raft.Input) raft.Output

func (s step) Step(in raft.Input) raft.Output { return s(in) }

// TestHunt_notChecked: a property that was not checked is not a find.
func TestHunt_notChecked(t *testing.T) {
	shy := altered{wrap: func(n raft.Node) raft.Node { return step(n.Step) }}
	for _, name := range []string{"native", "scenarios"} {
		r := run(t, hunting(t, name, shy))
		require.False(t, r.Killed, r.Verdict)
		require.Equal(t, r.Executions, r.NotChecked)
	}
	r := run(t, hunting(t, "native", reference.System{}))
	require.Zero(t, r.NotChecked)
	require.Greater(t, r.Executions, len(generate.NativeSeeds()), "the corpus too")
}

// TestHunt_notDeterministic: a system whose runs differ violates the contract, and its
// other violations are not reproducible.
func TestHunt_notDeterministic(t *testing.T) {
	heard := 0
	moody := altered{wrap: func(n raft.Node) raft.Node {
		listen := step(func(in raft.Input) raft.Output {
			if _, ok := in.(*raft.Receive); ok {
				if heard++; heard%60 == 0 {
					return raft.Output{} // as if the message had been lost
				}
			}
			return n.Step(in)
		})
		return struct {
			raft.Node
			raft.Inspector
		}{listen, n.(raft.Inspector)}
	}}
	r := run(t, hunting(t, "swarm", moody))
	require.Equal(t, "Contract", r.Property)
	require.Equal(t, twiceEach, r.Executions, "the first that is run twice")
	require.Contains(t, r.Verdict, "two runs of the schedule differ from event ")
	require.Less(t, r.Events, r.FoundEvents, "such a finding shrinks")
}

// TestHunt_stuck: a system that never returns from a call ends the hunt with an error.
func TestHunt_stuck(t *testing.T) {
	var released atomic.Bool
	defer released.Store(true)
	stuck := altered{wrap: func(raft.Node) raft.Node {
		return step(func(raft.Input) (none raft.Output) {
			for !released.Load() {
			}
			return none
		})
	}}
	h := hunting(t, "native", stuck)
	h.patience = 50 * time.Millisecond
	_, err := h.Run(t.Context())
	require.EqualError(t, err,
		"native: reference: the system under test did not come back within 50ms of CPU time")
}

// TestHunt_gone: a system that ends its goroutine, and a bug of the harness, end it, too.
func TestHunt_gone(t *testing.T) {
	gone := altered{wrap: func(raft.Node) raft.Node {
		return step(func(raft.Input) raft.Output { runtime.Goexit(); return raft.Output{} })
	}}
	for _, e := range Engines() {
		h := hunting(t, e.Name, gone)
		_, err := h.Run(t.Context())
		require.Error(t, err, e.Name)

		h.System = reference.System{}
		h.Progress = func(*Report) { panic("broken") }
		_, err = h.Run(t.Context())
		require.ErrorAs(t, err, &fuzz.Bug{}, e.Name)
		require.ErrorContains(t, err, "broken")
	}
}

// TestHunt_interrupted: an interrupted hunt ends at once with an error and without a report.
func TestHunt_interrupted(t *testing.T) {
	for _, e := range Engines() {
		ctx, stop := context.WithCancel(t.Context())
		h := hunting(t, e.Name, reference.System{})
		h.Progress = func(*Report) { stop() }
		r, err := h.Run(ctx)
		require.ErrorIs(t, err, context.Canceled, e.Name)
		require.Nil(t, r)
	}
}

func TestHunt_error(t *testing.T) {
	tests := []struct {
		change func(*Hunt)
		want   string
	}{
		{func(h *Hunt) { h.Engine = Engine{} }, "expected an engine"},
		{func(h *Hunt) { h.System = nil }, "expected a system"},
		{func(h *Hunt) { h.Seconds = 0 }, "expected more than 0 and at most 86400 seconds, found 0"},
		{func(h *Hunt) { h.Seconds = math.NaN() }, "found NaN"},
		{func(h *Hunt) { h.Seconds = math.Inf(1) }, "found +Inf"},
		{func(h *Hunt) { h.Root = "" }, "native: reference: expected the folder of module raftcheck"},
		{func(h *Hunt) { h.Root = t.TempDir() }, "no such file"},
		{func(h *Hunt) { h.Engine, h.Root = engine(t, "scenarios"), "" },
			"scenarios: reference: expected the folder of module raftcheck"},
		{func(h *Hunt) { h.Engine, h.Root = engine(t, "scenarios"), t.TempDir() }, "expected scenarios in"},
	}
	for _, test := range tests {
		h := hunting(t, "native", reference.System{})
		test.change(h)
		_, err := h.Run(t.Context())
		require.ErrorContains(t, err, test.want)
	}
	_, err := EngineNamed("guess")
	require.EqualError(t, err, `expected an engine of: swarm, rapid, native, explore, scenarios; found "guess"`)
}

// TestTries ends after its number of calls.
func TestTries(t *testing.T) {
	tried := 0
	ctx := &tries{Context: t.Context(), left: 2, tried: func() { tried++ }}
	require.NoError(t, ctx.Err())
	require.NoError(t, ctx.Err())
	require.Error(t, ctx.Err())
	require.Equal(t, 3, tried)
}

func TestViolatedIn(t *testing.T) {
	require.Empty(t, violatedIn(reference.System{}, []string{"held"}))
	require.Equal(t, []string{"Fencing", "Loyalty", "Linearizability"}, violatedIn(reference.System{}, []string{
		"violated Loyalty after event 2: a lease",
		"not checked NoPanic", "violated Linearizability: key x", "violated Fencing after event 3: twice",
	}))
}

// TestExplorations: each of the list can be begun, and finds nothing in the reference.
func TestExplorations(t *testing.T) {
	names := map[string]bool{}
	for i := range explorations {
		x := explorations[i]
		require.False(t, names[x.name], x.name)
		names[x.name] = true
		x.bounds.Depth = 3
		h := hunting(t, "explore", reference.System{})
		h.Engine.search = func(s *search) error { return s.explore(&x) }
		r := run(t, h)
		require.False(t, r.Killed, x.name)
		require.Greater(t, r.Executions, 3, x.name)
		require.Equal(t, 1, r.Explorations)
	}
}

// TestExplore_start: a property that the start violates is a find, even if explorations
// do not judge it.
func TestExplore_start(t *testing.T) {
	h := hunting(t, "explore", saboteur(t, "same-timeouts"))
	x := exploration{name: "stuck", start: "nodes 2\nrand 1\n\nheal k=400\n",
		bounds: explore.Bounds{Messages: 1}}
	h.Engine.search = func(s *search) error { return s.explore(&x) }
	r := run(t, h)
	require.Equal(t, "Liveness", r.Property)
	require.Equal(t, 1, r.Events)
	require.Equal(t, 1, r.Executions)
	require.Equal(t, 1, r.Explorations)
}

// TestExplore_spent: the budget ends an exploration that is under way.
func TestExplore_spent(t *testing.T) {
	h := hunting(t, "explore", reference.System{})
	h.Seconds = 0.1
	h.Engine.search = func(s *search) error { return s.explore(&explorations[len(explorations)-1]) }
	r := run(t, h)
	require.False(t, r.Killed, "the reference must survive")
	require.True(t, r.Spent, "the budget must end the hunt")
	require.Less(t, r.CPUSeconds, 5.0, "all of it takes a minute")
	require.Greater(t, r.Executions, 100)
}

// TestHunt_escalates: if outcomes alone count, swarm continues a schedule that breaks a rule.
func TestHunt_escalates(t *testing.T) {
	var reports []*Report
	for range 2 {
		h := hunting(t, "swarm", saboteur(t, "forget-disk"))
		h.Outcomes = true
		r := run(t, h)
		require.Contains(t, r.Origin, "profile=swarm continuation=")
		require.Equal(t, models.KindOutcome, trial.PropertyOf(h.System, r.Property).Kind)
		require.Contains(t, r.Schedule, "# found     hunt engine=swarm seed=1 profile=swarm continuation=")
		r.CPUSeconds = 0
		reports = append(reports, r)
	}
	require.Equal(t, reports[0], reports[1])
}

// TestKinds_due: kinds of schedules have their turns one after the other, each with the shortest
// of its schedules since its last turn.
func TestKinds_due(t *testing.T) {
	k := kinds{}
	offer := func(number, events int, preVote bool, rules ...string) {
		var broken []models.Verdict
		for _, r := range rules {
			broken = append(broken, models.Verdict{Property: r})
		}
		s := &faults.Schedule{Rand: uint64(number), PreVote: preVote, Events: make([]faults.Event, events)}
		k.offer(s, broken)
	}
	due := func() int {
		if s := k.due(); s != nil {
			return int(s.Rand)
		}
		return 0
	}
	offer(1, 3, false)
	require.Zero(t, due(), "it breaks no rule")
	offer(2, 9, false, "Voting")
	offer(3, 9, false, "Voting")
	offer(4, 8, false, "Voting")
	require.Equal(t, 4, due())
	require.Zero(t, due())
	offer(5, 7, false, "Voting")
	offer(6, 20, false, "Voting", "Durability")
	offer(7, 20, true, "Voting")
	require.Equal(t, []int{6, 7, 5, 0}, []int{due(), due(), due(), due()})
}
