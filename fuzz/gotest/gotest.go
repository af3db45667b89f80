// Package gotest tests an implementation of Raft from go test, one call a test:
//
//	func TestConform(t *testing.T)   { conform.Test(t, mine.System{}, services.All()) }
//	func TestFound(t *testing.T)     { gotest.Found(t, mine.System{}, services.All()) }
//	func TestSchedules(t *testing.T) { gotest.Schedules(t, mine.System{}, services.All()) }
//	func FuzzSchedule(f *testing.F)  { gotest.Fuzz(f, mine.System{}, services.All()) }
//
// A schedule that violates a property is shrunk and written to testdata/found of the tested
// package, and the test fails. From then on Found replays it, until the property holds. The
// command fuzz writes below the folder in which it runs: move its files to the package.
package gotest

import (
	"flag"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"

	"raftcheck/fuzz"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/guide"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

var (
	seed  = flag.Uint64("seed", 0, "decide the random schedules; 0 draws a fresh seed")
	count = flag.Int("schedules", 200, "run so many random schedules")
)

// testdata is the folder of findings, below that of the tested package.
const testdata = "testdata"

// Schedules runs random schedules under a fresh seed, which a failure prints. The flags -seed
// and -schedules of go test change the seed and the number.
func Schedules(t *testing.T, system raft.System, set service.Set) {
	t.Helper()
	from := *seed
	for from == 0 {
		from = uint64(rand.Uint32())
	}
	c := fuzz.Campaign{
		System: system, Services: set, Profile: generate.Swarm, Seed: from, Schedules: *count,
		Workers: runtime.GOMAXPROCS(0),
	}
	if trial.Nondeterminism(system) != "" {
		c.Workers = 1 // math/rand is one for all schedules of the process: their order decides its numbers
	}
	report, err := c.Run(t.Context())
	if err != nil {
		t.Fatalf("-seed=%d: %v", from, err)
	}
	for _, f := range report.Findings.InTurn() {
		t.Errorf("-seed=%d -schedules=%d: %s\n%s", from, *count, f.Verdict, keep(f, "go test"))
	}
}

// keep writes a finding to its file, and returns a sentence about that.
func keep(f *fuzz.Finding, origin string) string {
	file := filepath.Join(testdata, f.FileName())
	if err := trial.WriteBelow(testdata, f.FileName(), f.Describe(origin)); err != nil {
		return err.Error() + "\n" + f.Schedule.String()
	}
	return "the schedule is in " + file
}

// Found replays the schedules of testdata/found: each is a subtest, which fails if a property
// is violated. A system that is not deterministic runs each several times.
func Found(t *testing.T, system raft.System, set service.Set) {
	files, err := filepath.Glob(filepath.Join(testdata, "found", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := trial.ReadSchedule(file, set)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Suits(system); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			runner := trial.NewRunner(system, set)
			for range runs(runner) {
				if result := runner.Run(s); result.Outcome() == models.Violated {
					t.Fatalf("%s: %q", file, result.Lines())
				}
			}
		})
	}
}

// runs is how often a schedule is replayed.
func runs(r *trial.Runner) int {
	if trial.Nondeterminism(r.System()) != "" {
		return trial.RecurrenceRuns
	}
	return 1
}

// Fuzz lets Go's fuzzer write schedules. Each byte of its input is a choice, and the fuzzer
// keeps the inputs that reach new situations of the cluster.
func Fuzz(f *testing.F, system raft.System, set service.Set) {
	guide.Hasten()
	for _, input := range generate.NativeSeeds() {
		f.Add(input.Choices)
	}
	runner := trial.NewRunner(system, set)
	f.Fuzz(func(t *testing.T, choices []byte) {
		s, result := generate.Schedule(runner, generate.Swarm, &generate.Bytes{Rest: choices})
		guide.Show(&result)
		name := result.Violated()
		if name == "" {
			return
		}
		for _, p := range trial.Properties(system) {
			if p.Name == name {
				finding := fuzz.NewFinding(p, s, &result)
				finding.Shrink(t.Context(), runner)
				t.Fatalf("%s\n%s", finding.Verdict, keep(finding, "go test -fuzz"))
			}
		}
	})
}
