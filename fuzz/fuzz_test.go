package fuzz

import (
	"testing"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/guide"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// FuzzSchedule lets Go's fuzzer write schedules. Each byte is a choice; the first one
// chooses the profile. The fuzzer keeps the inputs that reach new situations (package
// guide). A failing schedule is shrunk at once by package shrink, and printed as the file
// that replays it. One schedule in sixteen is run twice.
func FuzzSchedule(f *testing.F) {
	guide.Hasten()
	for _, input := range generate.NativeSeeds() {
		f.Add(input.Choices)
	}
	generator := trial.NewRunner(reference.System{}, services.All())
	replayer := trial.NewRunner(reference.System{}, services.All())
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generate.Schedule(generator, generate.Swarm, &generate.Bytes{Rest: choices})
		guide.Show(&result)
		requireHeld(t, generator, s, result, "a schedule of the fuzzer")
		if result.TraceHash%16 == 0 {
			requireSameAgain(t, replayer, s, result)
		}
	})
}
