package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

func init() {
	sound := reference.System{}
	serviceSet = services.All()
	systems = append([]raft.System{sound}, sabotage.Systems(sound)...)
}

// register makes a system known to raftcheck for the length of a test.
func register(t *testing.T, s raft.System) {
	before := systems
	systems = append(slices.Clone(systems), s)
	t.Cleanup(func() { systems = before })
}

// altered is the reference under another name, its nodes wrapped.
type altered struct {
	reference.System
	name string
	wrap func(raft.Node) raft.Node
}

func (s altered) Name() string { return s.name }

func (s altered) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	if err != nil {
		return nil, err
	}
	return s.wrap(n), nil
}

// progressLines are the lines that long work prints once a minute: a slow machine has some.
var progressLines = regexp.MustCompile(`(?m)^([0-9]+h)?[0-9]+m[0-9]+s: .*\n`)

// TestFuzz_notChecked: a campaign in which nothing was violated, and which
// did not check its properties, does not pass.
func TestFuzz_notChecked(t *testing.T) {
	register(t, altered{name: "shy", wrap: func(n raft.Node) raft.Node { return struct{ raft.Node }{n} }})
	inspecting := map[string]int{}
	for _, p := range trial.Properties(reference.System{}) {
		if p.Inspects {
			inspecting[p.Name] = 20
		}
	}
	tests := []struct {
		system     string
		missed     []string // as a campaign of swarm that is long enough to reach all goals may
		notChecked map[string]int
		shows      string
	}{
		{
			"reference", []string{"outcome-unknown"}, map[string]int{},
			"(?m)^not checked: the campaign missed its goals: outcome-unknown$",
		},
		{"shy", nil, inspecting, `(?m)^ElectionSafety +0 +0 +20$`},
	}
	for _, test := range tests {
		t.Run(test.system, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var errs, out, asJSON bytes.Buffer
			flags, err := parseFuzzFlags(
				[]string{"-system", test.system, "-schedules", "20", "-seed", "1"}, &out)
			require.NoError(t, err)
			c, err := newFuzzRun(flags, &out, &errs)
			require.NoError(t, err)
			report, err := c.Run(t.Context()) // once, to be printed twice
			require.NoError(t, err)
			for goal, g := range report.AllGoals {
				if slices.Contains(test.missed, g.Name) {
					report.Missed |= 1 << goal
				}
			}
			require.Equal(t, exitNotChecked, exitCode(c.outcome(report)))
			c.print(report)
			flags.json, c.out = true, &asJSON
			c.print(report)
			require.Empty(t, progressLines.ReplaceAllString(errs.String(), ""))
			require.Regexp(t, test.shows, out.String())
			require.Regexp(t, "\n\nnot checked\n$", out.String())

			var r struct {
				Verdict    string
				Stopped    bool
				Violations []violation
				NotChecked map[string]int `json:"not_checked"`
				Goals      struct{ Missed []string }
			}
			require.NoError(t, json.Unmarshal(asJSON.Bytes(), &r))
			require.Equal(t, "not checked", r.Verdict)
			require.False(t, r.Stopped)
			require.Empty(t, r.Violations)
			require.Equal(t, test.notChecked, r.NotChecked)
			if test.missed != nil {
				require.Subset(t, r.Goals.Missed, test.missed)
			}
		})
	}
}

// TestReplay_notChecked: neither does a schedule whose nodes do not show their state.
func TestReplay_notChecked(t *testing.T) {
	register(t, altered{name: "shy", wrap: func(n raft.Node) raft.Node { return struct{ raft.Node }{n} }})
	here(t, "shy.txt", "system shy\nnodes  3\nrand   1\n\ntimeout 1\nsettle\n")
	code, out, _ := raftcheck(t, "replay", "shy.txt")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, out, "----\nnot checked ElectionSafety: a node does not show its state\n")
}

// TestReplay_notDeterministic: a system that runs differently a second time has broken
// the contract, even if the first run held.
func TestReplay_notDeterministic(t *testing.T) {
	boots := 0
	register(t, altered{name: "moody", wrap: func(n raft.Node) raft.Node {
		if boots++; boots%2 == 0 {
			panic("in a mood")
		}
		return n
	}})
	here(t, "moody.txt", "system moody\nnodes  1\nrand   1\n\ntimeout 1\nsettle\n")
	code, out, _ := raftcheck(t, "replay", "moody.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "-> leader t1", "the first run is shown")
	require.Regexp(t, "----\nviolated Contract: two runs of the schedule differ .*: the system is not deterministic\n$", out)
}

// TestReplay_interrupted: a replay that does not come to its end counts no runs, and is not checked.
func TestReplay_interrupted(t *testing.T) {
	register(t, capricious{altered{name: "capricious", wrap: func(n raft.Node) raft.Node { return n }}})
	here(t, "capricious.txt", "system capricious\nnodes  1\nrand   1\n\ntimeout 1\nsettle\n")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, asJSON := range []bool{false, true} {
		var out, errs bytes.Buffer
		args := []string{"replay", "capricious.txt"}
		want := "----\nheld in this run\nnot deterministic: moods\n"
		if asJSON {
			args, want = []string{"replay", "-json", "capricious.txt"}, `"verdict": "not checked"`
		}
		require.Equal(t, exitNotChecked, run(ctx, args, &out, &errs))
		require.Contains(t, out.String(), want)
		require.NotContains(t, out.String(), "of 10 runs")
		require.Equal(t, name+": interrupted\n", errs.String())
	}
}

// capricious is the reference that owns up to being moved by something else: each
// second node that it boots panics.
type capricious struct{ altered }

func (capricious) Nondeterminism() string { return "moods" }

// TestNotDeterministic: a system that declares itself nondeterministic is reported as
// failing in so many runs, and a replay that held by luck does not pass.
func TestNotDeterministic(t *testing.T) {
	boots := 0
	register(t, capricious{altered{name: "capricious", wrap: func(n raft.Node) raft.Node {
		if boots++; boots%2 == 0 {
			panic("in a mood")
		}
		return n
	}}})
	here(t, "capricious.txt", "system capricious\nnodes  1\nrand   1\n\ntimeout 1\nsettle\n")
	code, out, _ := raftcheck(t, "replay", "capricious.txt")
	require.Equal(t, exitViolated, code)
	require.True(t, strings.HasSuffix(out, "----\nheld in this run\nnot deterministic: moods\nviolated NoPanic in 5 of 10 runs\n"), out)

	_, out, _ = raftcheck(t, "replay", "-json", "capricious.txt")
	require.Contains(t, out, `"violated": 5,`)
	require.Contains(t, out, `"verdict": "violated"`)

	code, out, _ = raftcheck(t, "fuzz", "-system", "capricious", "-profile", "calm", "-schedules", "4", "-seed", "1", "-workers", "1")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "system      capricious\n            not deterministic, so that no two runs need be alike: moods\n")
	require.Contains(t, out, " of 10 runs: the system is not deterministic)")
	require.Regexp(t, `(?m)^Contract +4 +0 +0$`, out)
	_, out, _ = raftcheck(t, "fuzz", "-json", "-system", "capricious", "-profile", "calm", "-schedules", "4", "-seed", "1", "-workers", "1")
	require.Regexp(t, `"recurrence": \{\s+"violated": [1-9]`, out)

	code, _, errs := raftcheck(t, "explore", "-system", "capricious")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected a system that is deterministic")
}

// TestFuzz_lowerNumberReplacesTheFile: of two schedules that violate one
// property the first by number is kept, whichever was seen first.
func TestFuzz_lowerNumberReplacesTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := faults.Parse("some", []byte(voteTwice), services.All())
	require.NoError(t, err)
	finding := func(number int, hash uint64, shrunk bool) *fuzz.Finding {
		return &fuzz.Finding{Property: "NoPanic", Number: number, Schedule: s, Hash: hash, Lines: []string{"held"}, Shrunk: shrunk}
	}
	c := &fuzzRun{findings: newFindings(io.Discard, io.Discard)}
	steps := []struct {
		finding *fuzz.Finding
		want    string
	}{
		{finding(7, 0x77, false), "nopanic-00000077.txt"},
		{finding(3, 0x33, false), "nopanic-00000033.txt"},
		{finding(3, 0x33, true), "nopanic-00000033.txt"}, // the shrunk one takes the place of the same
	}
	for _, step := range steps {
		c.found(step.finding)
		c.prune(&fuzz.Report{Findings: fuzz.Findings{"NoPanic": {step.finding}}})
		files, err := filepath.Glob("testdata/found/*")
		require.NoError(t, err)
		require.Equal(t, []string{"testdata/found/" + step.want}, files)
	}
	text, err := os.ReadFile("testdata/found/nopanic-00000033.txt")
	require.NoError(t, err)
	require.Contains(t, string(text), "schedule=3; shrunk ")
	require.NoError(t, c.broken)
}

// TestFuzz_keepsWhatWasThere: a file that is older than the campaign is
// neither written over nor removed.
func TestFuzz_keepsWhatWasThere(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := faults.Parse("some", []byte(voteTwice), services.All())
	require.NoError(t, err)
	const old = "testdata/found/nopanic-00000077.txt"
	require.NoError(t, os.MkdirAll("testdata/found", 0o755))
	require.NoError(t, os.WriteFile(old, []byte("prose"), 0o644))
	c := &fuzzRun{findings: newFindings(io.Discard, io.Discard)}
	for _, hash := range []uint64{0x77, 0x77, 0x33} {
		c.found(&fuzz.Finding{Property: "NoPanic", Number: 1, Schedule: s, Hash: hash, Shrunk: true})
		text, err := os.ReadFile(old)
		require.NoError(t, err)
		require.Equal(t, "prose", string(text))
	}
	require.FileExists(t, "testdata/found/nopanic-00000033.txt")
}
