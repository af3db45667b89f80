package fuzz

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/internal/hostile"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
)

var hostileRuns = flag.Int("hostile", 200, "the number of schedules against hostile systems")

// longestHostile is the most events of a schedule that is shrunk; a hostile system breaks a
// property in few.
const longestHostile = 80

// requireJudged runs schedules of a source against a system, and everything that follows
// a violation. The system may return anything, so each outcome is right, but a panic.
func requireJudged(t require.TestingT, system raft.System, source generate.Source) (violated bool) {
	runner := trial.NewRunner(system, services.All())
	s, result := generate.Schedule(runner, generate.Swarm, source)
	hash, violated := result.TraceHash, result.Outcome() == models.Violated
	again := trial.NewRunner(system, services.All()).Run(s)
	require.Equal(t, hash, again.TraceHash, "the trace hash of a second run")
	s.Events = s.Events[:min(len(s.Events), longestHostile)]
	_, err := trial.Trace(system, services.All(), s, io.Discard)
	require.NoError(t, err)
	run, _ := page.Record(system, services.All(), s, "hostile")
	require.NoError(t, run.Write(io.Discard))
	if short := runner.Run(s); short.Violated() != "" {
		patience := &fixture.Patience{Context: context.Background(), Left: 50}
		shrink.Schedule(patience, runner, s, short.Violated())
	}
	return violated
}

// hostileSystem returns a system of which a number decides everything.
func hostileSystem(salt uint64) hostile.System {
	rarities := [...]uint64{2, 10, 50, 250, 1000}
	return hostile.System{
		Salt: salt, Rarity: rarities[salt%5], Kinds: salt / 5 % 16, Hidden: salt/80%8 == 0,
	}
}

// FuzzHostile lets Go's fuzzer choose the odd values of a hostile system, and the schedule.
func FuzzHostile(f *testing.F) {
	for salt := range uint64(10) {
		f.Add(salt, []byte(fmt.Sprintf("%032d", salt)))
	}
	f.Fuzz(func(t *testing.T, salt uint64, choices []byte) {
		requireJudged(t, hostileSystem(salt), &generate.Bytes{Rest: choices})
	})
}

// TestHostile_isJudged runs schedules of the swarm against systems that return anything.
func TestHostile_isJudged(t *testing.T) {
	violated := 0
	for salt := range uint64(*hostileRuns) {
		prng := generate.NewPRNG(0)
		prng.Number(salt+1, 0)
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("salt %d: %v\n%s", salt, p, debug.Stack())
				}
			}()
			if requireJudged(t, hostileSystem(salt), prng) {
				violated++
			}
		}()
	}
	t.Logf("%d of %d schedules violated a property", violated, *hostileRuns)
	require.Greater(t, violated, *hostileRuns/2)
}
