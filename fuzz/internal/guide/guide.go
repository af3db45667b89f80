// Package guide makes Go's fuzzer look for situations, and not for lines of code alone.
//
//	guide.Hasten()
//	f.Fuzz(func(t *testing.T, choices []byte) {
//		s, result := generate.Schedule(runner, generate.Swarm, &generate.Bytes{Rest: choices})
//		guide.Show(&result)
//	})
//
// The fuzzer keeps an input that runs a block of code which no input ran before. So each goal,
// and each abstract state of the cluster, has a block of its own here. The states are few, as
// an input for each detail would be an input for each run: of 1,500 random schedules of the
// reference the last 250 showed 21 new ones, of 678.
//
// Without -fuzz nothing counts blocks, and Show has no effect.
package guide

import (
	"flag"

	"raftcheck/fuzz/trial"
	"raftcheck/models/trace"
)

// Show runs the blocks of the situations that a schedule reached, each once.
func Show(r *trial.Result) {
	for i, reached := range placesOf(r) {
		if reached {
			places[i]()
		}
	}
}

// placesOf has the places of the goals and then of the states that a schedule reached. States
// with the same kinds of node have one place.
func placesOf(r *trial.Result) (reached [len(places)]bool) {
	const others = len(places) - trial.MaxGoals
	for g := range r.Goals.All() {
		reached[g] = true
	}
	for _, s := range r.States {
		reached[trial.MaxGoals+int(trace.Mix(1, uint64(s.Kinds()))%uint64(others))] = true
	}
	return reached
}

// Hasten limits the runs that Go's fuzzer spends on making an input smaller, unless the
// command line does. By itself the fuzzer spends a minute on each input that it keeps.
func Hasten() {
	const name, runs = "test.fuzzminimizetime", "10x"
	asked := flag.Lookup(name) == nil // as in a program of libFuzzer
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == name })
	if asked {
		return
	}
	if err := flag.Set(name, runs); err != nil {
		panic(err)
	}
}
