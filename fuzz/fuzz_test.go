package fuzz

import (
	"testing"

	"raftcheck/raft/reference"
)

// FuzzSchedule lets Go's fuzzer write schedules: a byte is a choice. A failure
// is shrunk at once by our own means, and printed as the file that replays it.
func FuzzSchedule(f *testing.F) {
	for seed := range uint64(8) {
		prng := NewPRNG(seed)
		choices := make([]byte, 64<<seed/4)
		for i := range choices {
			choices[i] = byte(prng.Below(256))
		}
		f.Add(choices)
	}
	generator, replayer := NewRunner(reference.System{}), NewRunner(reference.System{})
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generator.Generate(Swarm, &Bytes{Rest: choices})
		requireHeld(t, generator, s, result, "a schedule of Go's fuzzer")
		requireSameAgain(t, replayer, s, result)
	})
}
