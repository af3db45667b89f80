package generate

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/election"
	"raftcheck/models/kv"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	_ "raftcheck/scripts/garbage"
)

func TestPRNG_isItsSeed(t *testing.T) {
	a, b, c := NewPRNG(7), NewPRNG(7), NewPRNG(8)
	same := true
	for n := 1; n < 1000; n++ {
		x := a.Below(n)
		require.Less(t, x, n)
		require.GreaterOrEqual(t, x, 0)
		require.Equal(t, x, b.Below(n))
		same = same && x == c.Below(n)
	}
	require.False(t, same)
	// The stream is part of what a seed means, on every machine and for ever.
	require.Equal(t, []int{11, 226, 6, 155}, []int{a.Below(256), a.Below(256), a.Below(256), a.Below(256)})
}

// TestProfiles_everyEventIsTried: each kind that a profile gives a weight is
// chosen, each kind of event is in some profile, and the names are those that
// the command line knows.
func TestProfiles_everyEventIsTried(t *testing.T) {
	var tried [faults.Kinds]bool
	for _, p := range Profiles() {
		found, ok := ProfileNamed(p.Name)
		require.True(t, ok)
		require.Equal(t, p.About, found.About)
		if len(p.Of) > 0 {
			continue
		}
		table := p.draw(NewPRNG(1), true)
		for kind, weight := range p.Weights {
			require.Positive(t, weight)
			require.Contains(t, table[:], kind, "%s has a weight in profile %s, and is not drawn: look at draw in "+
				"fuzz/generate/profile.go", kind, p.Name)
			tried[kind] = true
		}
	}
	for _, kind := range faults.EventKinds() {
		if kind.ByHand() || kind.Closing() {
			require.False(t, tried[kind], "%s has a weight in fuzz/generate/profile.go, and cannot be drawn",
				kind)
			continue
		}
		require.True(t, tried[kind],
			"%s is in no profile: add a weight for it in fuzz/generate/profile.go, or set byHand in "+
				"its descriptor in %s", kind, kind.File())
	}
	_, ok := ProfileNamed("sunny")
	require.False(t, ok)
}

// TestSwarm_leavesFaultsOut: a fault is on in some schedules and off in others,
// and what makes progress is always on.
func TestSwarm_leavesFaultsOut(t *testing.T) {
	for _, p := range []Profile{Rough, Workers} {
		p.Swarm = true
		on := map[faults.EventKind]int{}
		const schedules = 200
		for seed := range uint64(schedules) {
			here := map[faults.EventKind]bool{}
			for _, kind := range p.draw(NewPRNG(seed), true) {
				here[kind] = true
			}
			for kind := range here {
				on[kind]++
			}
		}
		for kind := range p.Weights {
			if alwaysOn(kind) || kind == faults.Work || kind == faults.Land {
				require.Equal(t, schedules, on[kind], kind)
				continue
			}
			require.Greater(t, on[kind], schedules/4, kind)
			require.Less(t, on[kind], schedules*3/4, kind)
		}
	}
}

// TestSwarm_keepsThePoint: what a profile is about is on in every schedule.
func TestSwarm_keepsThePoint(t *testing.T) {
	points := 0
	for _, p := range Swarm.Of {
		p.Swarm = true
		for seed := range uint64(50) {
			if p.Point != 0 {
				points++
				require.Contains(t, p.draw(NewPRNG(seed), true)[:], p.Point, p.Name)
			}
		}
	}
	require.Positive(t, points)
}

// deafToBatches is the reference, which is asked for batches and goes on without.
type deafToBatches struct{ reference.System }

func (deafToBatches) Batches() bool { return true }

func (s deafToBatches) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return unpaced{n}, err
}

type unpaced struct{ raft.Node }

func (n unpaced) Step(in raft.Input) raft.Output {
	switch in.(type) {
	case *raft.Batch, *raft.Lag:
		return raft.Output{}
	}
	return n.Node.Step(in)
}

// TestGenerate_everyKindHappens runs each kind of event that a generator can
// write, so that none is only ever ignored.
func TestGenerate_everyKindHappens(t *testing.T) {
	var happened [faults.Kinds]bool
	missing := func(k faults.EventKind) bool { return !happened[k] && !k.ByHand() }
	for _, system := range []raft.System{reference.System{}, deafToBatches{}} {
		runner := trial.NewRunner(system, services.All())
		runner.World().Lowered(func(e faults.Event) { happened[e.Kind] = true })
		for seed := uint64(0); seed < 200 && slices.ContainsFunc(faults.EventKinds(), missing); seed++ {
			s, _ := Schedule(runner, Swarm, NewPRNG(seed))
			for _, e := range s.Events {
				happened[e.Kind] = happened[e.Kind] || e.Kind.Macro()
			}
		}
		require.Equal(t, raft.Batches(system), happened[faults.Batch] && happened[faults.Lag])
	}
	for _, kind := range faults.EventKinds() {
		require.NotEqual(t, kind.ByHand(), happened[kind], "%s never happened, or only people write it: raise its "+
			"weight in fuzz/generate/profile.go, or look at its line in targets of fuzz/generate/targets.go, "+
			"or at enabled in its descriptor in %s", kind, kind.File())
	}
}

// TestGenerate_emptySourceStillHeals: with nothing to choose from, a schedule heals.
func TestGenerate_emptySourceStillHeals(t *testing.T) {
	s, result := Schedule(trial.NewRunner(reference.System{}, services.All()), Swarm, &Bytes{})
	require.Contains(t, s.Events, faults.Event{Kind: faults.Heal, K: LivenessTicks})
	require.Equal(t, []string{"held"}, result.Lines())
}

// TestGenerate_neverLosesItsQuorum: what swarm writes parses back, and can be
// well again once its faults end, so that Liveness is always judged.
func TestGenerate_neverLosesItsQuorum(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	wiped, changed := 0, 0
	for i := range 400 {
		p := []Profile{Swarm, Swarm, Members, Rough}[i%4]
		s, result := Schedule(runner, p, Numbered(1, i))
		require.Equal(t, models.Held, result.Of("Liveness").Outcome, p.Name)
		require.True(t, s.Fair(), s)
		if result.Goals.Has(trial.NodeWiped) {
			wiped++
		}
		if result.Goals.Has(trial.ChangeFinished) {
			changed++
		}
		parsed, err := faults.Parse("generated", []byte(s.String()), services.All())
		require.NoError(t, err)
		require.Equal(t, s.Events, parsed.Events)
		require.Equal(t, []any{s.Nodes, s.Voters, s.PreVote, s.Service, s.Usual},
			[]any{parsed.Nodes, parsed.Voters, parsed.PreVote, parsed.Service, parsed.Usual})
	}
	require.Positive(t, wiped)
	require.Positive(t, changed)
}

// TestGenerate_leasesOnlyWhereClocksAllow: under the profile of leases time
// passes everywhere or nowhere, and no clock runs half as fast again as another;
// elsewhere who asks for a lease is in a cluster that has none.
func TestGenerate_leasesOnlyWhereClocksAllow(t *testing.T) {
	require.LessOrEqual(t, 2*slices.Max(Leases.Rates), 3*slices.Min(Leases.Rates))
	runner := trial.NewRunner(reference.System{}, services.All())
	leased := 0
	for i := range 100 {
		for _, p := range []Profile{Leases, Workers, Rough} {
			s, _ := Schedule(runner, p, Numbered(1, i))
			require.True(t, s.PreVote || !p.Leases)
			for _, e := range s.Events {
				switch e.Kind.Hazard() {
				case faults.JumpsClock:
					require.False(t, p.Leases, "%s: take %s out of its weights", p.Name, e.Kind)
				case faults.TrustsClocks:
					require.True(t, p.Leases || !s.PreVote, "%s: %s where clocks may jump", p.Name, e.Kind)
					leased++
				}
				if e.Kind == faults.Skew {
					require.Contains(t, p.Rates, e.K)
				}
			}
		}
	}
	require.Positive(t, leased)
}

// TestGenerate_spareNodes: with members that come and go some nodes are outside
// of the first configuration, mostly, and never all.
func TestGenerate_spareNodes(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	spares := map[int]int{}
	members, partitions := Members, Partitions
	members.Events, partitions.Events = 8, 8 // the headers matter
	for i := range 100 {
		s, _ := Schedule(runner, members, Numbered(1, i))
		require.Less(t, s.Voters, s.Nodes)
		require.GreaterOrEqual(t, s.Voters, 0)
		spares[(s.Nodes-s.Voters)%s.Nodes]++
		s, _ = Schedule(runner, partitions, Numbered(1, i))
		require.Zero(t, s.Voters, "nobody could ever let a spare node in")
	}
	for spare := range 4 {
		require.Greater(t, spares[spare], 5, "%d spare nodes", spare)
	}
}

// TestGenerate_workersOperations: workers ask what their service understands,
// with tokens that they were given, and each kind of operation is asked for.
func TestGenerate_workersOperations(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	verbs, known := map[string]int{}, 0
	for i := range 100 {
		s, result := Schedule(runner, Workers, Numbered(1, i))
		require.Equal(t, "election", s.Service.Name())
		for _, e := range s.Events {
			if e.Op == "" {
				continue
			}
			op, err := election.Service{}.ParseOp(e.Op)
			require.NoError(t, err)
			require.True(t, e.Kind == faults.Call || op.ReadOnly(), e)
			verb, _, _ := strings.Cut(e.Op, " ")
			verbs[verb]++
		}
		for _, h := range result.History {
			if strings.HasPrefix(h.Output, "ok-until") {
				known++
			}
		}
	}
	for _, verb := range []string{"campaign", "keepalive", "resign", "holder"} {
		require.Greater(t, verbs[verb], 50, verb)
	}
	require.Positive(t, known, "leaderships that were kept, which takes the right token")
}

// TestGenerate_cuts: of every shape of partition that there is.
func TestGenerate_cuts(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	shapes := map[string]int{}
	for i := range 100 {
		s, _ := Schedule(runner, Partitions, Numbered(1, i))
		for _, e := range s.Events {
			if e.Kind != faults.Cut {
				continue
			}
			groups, free := uint8(0), 0
			for id := 1; id <= s.Nodes; id++ {
				groups = max(groups, e.Groups[id])
				if e.Groups[id] == 0 {
					free++
				}
			}
			switch {
			case e.Node != raft.None:
				shapes["one way"]++
			case free == 1 && groups == 2:
				shapes["bridge"]++
			case free == 0 && groups <= 3:
				shapes[[...]string{2: "two", 3: "three"}[groups]]++
			default:
				shapes[e.String()]++
			}
		}
	}
	require.Len(t, shapes, 4, shapes)
}

// TestHistories_witnessAndPorcupineAgree asks both about what clients saw in
// random runs: the order of the log is a linearization, and porcupine, which
// knows nothing of it, finds one as well or gives up.
func TestHistories_witnessAndPorcupineAgree(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	unchecked := 0
	for _, p := range []Profile{Elections, Partitions, Crashes, Rough} {
		for i := range 25 {
			_, result := Schedule(runner, p, Numbered(1, i))
			require.NoError(t, linearizability.CheckWitness(kv.Spec(), result.History))
			judged := linearizability.CheckPorcupine(kv.Spec(), result.History)
			require.NotEqual(t, linearizability.NotLinearizable, judged.Outcome, judged.Reason)
			unchecked += judged.Unchecked
		}
	}
	require.Less(t, unchecked, 20, "keys that porcupine gave up on, of 200")
}

// TestSchedule_replacesManyVoters: some changes make two learners or more voters, and others of the
// voters leave in the same change.
func TestSchedule_replacesManyVoters(t *testing.T) {
	replaced := 0
	played(Members, 100, func(g *generator, e faults.Event) {
		if e.Kind != faults.Reconfigure {
			return
		}
		was, is := g.world.View().Config(e.Node), e.Configuration()
		if (is.Voters&was.Learners).Len() > 1 && was.Voters&^is.Voters != 0 {
			replaced++
		}
	})
	require.Greater(t, replaced, 10)
}
