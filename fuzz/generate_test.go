package fuzz

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models/kv"
	"raftcheck/raft/reference"
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

// TestBytes_oneByteAChoice: a fuzzer that changes a byte changes one choice.
func TestBytes_oneByteAChoice(t *testing.T) {
	b := &Bytes{Rest: []byte{5, 7, 200, 1, 2, 9}}
	require.Equal(t, 5, b.Below(256))
	require.Equal(t, 0, b.Below(1), "no choice takes no byte")
	require.Equal(t, 1, b.Below(3))
	require.Equal(t, 0, b.Below(2))
	require.Equal(t, 258, b.Below(1000), "two bytes where one is too few")
	require.True(t, b.More())
	require.Equal(t, 9, b.Below(1000), "the last byte")
	require.False(t, b.More())
	require.Equal(t, 0, b.Below(256))
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
		table := p.draw(NewPRNG(1))
		for kind, weight := range p.Weights {
			require.Positive(t, weight)
			require.Contains(t, table[:], kind, "%s: %s", p.Name, kind)
			tried[kind] = true
		}
	}
	for kind := faults.Tick; int(kind) < faults.Kinds; kind++ {
		require.True(t, tried[kind], kind)
	}
	_, ok := ProfileNamed("sunny")
	require.False(t, ok)
}

// TestSwarm_leavesFaultsOut: a fault is on in some schedules and off in others,
// and what makes progress is always on.
func TestSwarm_leavesFaultsOut(t *testing.T) {
	p := Rough
	p.Swarm = true
	on := map[faults.EventKind]int{}
	const schedules = 200
	for seed := range uint64(schedules) {
		here := map[faults.EventKind]bool{}
		for _, kind := range p.draw(NewPRNG(seed)) {
			here[kind] = true
		}
		for kind := range here {
			on[kind]++
		}
	}
	for kind := range p.Weights {
		if alwaysOn(kind) {
			require.Equal(t, schedules, on[kind], kind)
			continue
		}
		require.Greater(t, on[kind], schedules/4, kind)
		require.Less(t, on[kind], schedules*3/4, kind)
	}
}

// TestGenerate_everyKindHappens runs each kind of event that a generator can
// write, so that none is only ever ignored.
func TestGenerate_everyKindHappens(t *testing.T) {
	runner := NewRunner(reference.System{})
	var happened [faults.Kinds]bool
	runner.world.Lowered(func(e faults.Event) { happened[e.Kind] = true })
	for seed := range uint64(200) {
		s, _ := runner.Generate(Swarm, NewPRNG(seed))
		for _, e := range s.Events {
			happened[e.Kind] = happened[e.Kind] || e.Kind.Macro()
		}
	}
	for kind := faults.Tick; int(kind) < faults.Kinds; kind++ {
		require.True(t, happened[kind], kind)
	}
}

// TestGenerate_emptySourceStillHeals: with nothing to choose from, a schedule is a heal.
func TestGenerate_emptySourceStillHeals(t *testing.T) {
	s, result := NewRunner(reference.System{}).Generate(Swarm, &Bytes{})
	require.Equal(t, []faults.Event{{Kind: faults.Heal, K: LivenessTicks}}, s.Events)
	require.Equal(t, []string{"held"}, result.Lines())
}

// TestHistories_witnessAndPorcupineAgree asks both about what clients saw in
// random runs: the order of the log is a linearization, and porcupine, which
// knows nothing of it, finds one as well or gives up.
func TestHistories_witnessAndPorcupineAgree(t *testing.T) {
	runner := NewRunner(reference.System{})
	unchecked := 0
	for _, p := range []Profile{Elections, Partitions, Crashes, Rough} {
		for i := range 25 {
			_, result := runner.Generate(p, NewPRNG(scheduleSeed(*seed, i)))
			require.NoError(t, linearizability.CheckWitness(kv.Spec(), result.History))
			judged := linearizability.CheckPorcupine(kv.Spec(), result.History)
			require.NotEqual(t, linearizability.NotLinearizable, judged.Outcome, judged.Reason)
			unchecked += judged.Unchecked
		}
	}
	require.Less(t, unchecked, 20, "keys that porcupine gave up on, of 200")
}

func TestGoals_haveNamesAndMeanings(t *testing.T) {
	seen := map[string]bool{}
	for g := range goals {
		require.NotEmpty(t, g.String())
		require.NotEmpty(t, g.About())
		require.False(t, seen[g.String()], g)
		seen[g.String()] = true
	}
	require.Len(t, AllGoals.Names(), int(goals))
	require.Equal(t, int(goals), AllGoals.Len())
}
