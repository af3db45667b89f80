package fuzz

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestFuzzSchedule_corpus: the inputs that Go's fuzzer starts from reach each goal, and each
// pair of goals that one schedule of a campaign reaches. A generator that chooses differently
// needs other inputs, which -update chooses.
func TestFuzzSchedule_corpus(t *testing.T) {
	folder := filepath.Join("..", generate.NativeCorpus)
	runner := trial.NewRunner(reference.System{}, services.All())
	if *update {
		writeCorpus(t, runner, folder)
	}
	inputs, err := generate.ReadNative(folder)
	require.NoError(t, err)
	var reached goalPairs
	for _, input := range inputs {
		_, result := generate.Schedule(runner, generate.Swarm, &generate.Bytes{Rest: input.Choices})
		reached.add(result.Goals)
	}
	var missed []string
	for goal := range allGoals.Of(generate.Swarm.Services(services.All())...).All() {
		if !reached[goal].Has(goal) {
			missed = append(missed, allGoals[goal].Name)
		}
	}
	require.Empty(t, missed, "no input reaches these goals: run this test with -update")
	require.GreaterOrEqual(t, reached.len(), leastPairs, "pairs of goals: run this test with -update")
}

// leastPairs is how many pairs of goals the corpus reaches. Of 3,000 schedules, one or
// another reaches 1,096.
const leastPairs = 1090

// goalPairs has, for each goal, the goals that a schedule which reached it reached as well.
type goalPairs [trial.MaxGoals]trial.GoalSet

func (p *goalPairs) add(goals trial.GoalSet) {
	for g := range goals.All() {
		p[g] |= goals
	}
}

// fresh is how many goals these goals would add to those of others.
func (p *goalPairs) fresh(goals trial.GoalSet) (n int) {
	for g := range goals.All() {
		n += (goals &^ p[g]).Len()
	}
	return n
}

// len is the number of pairs of two goals.
func (p *goalPairs) len() (n int) {
	for g, others := range p {
		n += (others >> g >> 1).Len()
	}
	return n
}

// writeCorpus chooses inputs among 3,000 schedules of a campaign. They are few and short: the
// next one is that with the largest square of new pairs of goals for each of its bytes.
func writeCorpus(t *testing.T, runner *trial.Runner, folder string) {
	const schedules, seed = 3000, 1
	var choices [schedules][]byte
	var goals [schedules]trial.GoalSet
	for i := range schedules {
		r := &generate.Recorder{Source: generate.Numbered(seed, i)}
		_, result := generate.Schedule(runner, generate.Swarm, r)
		choices[i], goals[i] = bytes.Clone(r.Choices()), result.Goals
	}
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.MkdirAll(folder, 0o755))
	var reached goalPairs
	worth := func(i int) float64 {
		n := float64(reached.fresh(goals[i]))
		return n * n / float64(len(choices[i]))
	}
	for {
		best := 0
		for i := range schedules {
			if worth(i) > worth(best) {
				best = i
			}
		}
		if worth(best) == 0 {
			return
		}
		reached.add(goals[best])
		file := filepath.Join(folder, fmt.Sprintf("schedule-%d", best))
		require.NoError(t, os.WriteFile(file, generate.FormatNative(choices[best]), 0o644))
	}
}
