package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
)

// election is a schedule in which nothing happens but an election.
const election = "system reference\nnodes  3\nrand   1\n\ntimeout 1\nsettle\n"

// around is the output of raftcheck neighbourhood -json.
type around struct {
	System, Centre     string
	Changes, Schedules int
	AppendOnly         bool `json:"append_only"`
	Stopped            bool
	Away               []int
	Traces             int
	TraceHash          string `json:"trace_hash"`
	Violations         []near
	NotChecked         map[string]int `json:"not_checked"`
	Verdict            string
}

func neighbourhoodJSON(t *testing.T, args ...string) (int, around) {
	t.Helper()
	code, out, errs := raftcheck(t, append([]string{"neighbourhood", "-json"}, args...)...)
	var n around
	require.NoError(t, json.Unmarshal([]byte(out), &n), errs)
	return code, n
}

func TestNeighbourhood_held(t *testing.T) {
	here(t, "election.txt", election)
	code, out, errs := raftcheck(t, "neighbourhood", "election.txt")
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs, "quiet in a pipe")
	require.Contains(t, out, "centre      election.txt, 2 events\nreach       up to 1 change: an event left out, put in or replaced\n")
	require.Regexp(t, `(?m)^schedules   (\d+) \(by changes 0: 1, 1: \d+\)$`, out)
	require.Regexp(t, `(?m)^ElectionSafety +\d+ +0 +0$`, out)
	require.True(t, strings.HasSuffix(out, "\nheld\n"), out)
	require.NoDirExists(t, "testdata", "nothing was found")

	code, out, _ = raftcheck(t, "neighbourhood", "-append-only", "-changes", "2", "election.txt")
	require.Equal(t, exitHeld, code)
	require.Contains(t, out, "reach       up to 2 events put in at the end\n")
}

// TestNeighbourhood_sameWithAnyNumberOfWorkers, and different when it should be.
func TestNeighbourhood_sameWithAnyNumberOfWorkers(t *testing.T) {
	here(t, "election.txt", election)
	code, one := neighbourhoodJSON(t, "-workers", "1", "election.txt")
	require.Equal(t, exitHeld, code)
	require.Equal(t, "election.txt", one.Centre)
	require.Equal(t, []int{1, one.Schedules - 1}, one.Away)
	require.Empty(t, one.Violations)
	require.Empty(t, one.NotChecked)
	_, three := neighbourhoodJSON(t, "-workers", "3", "election.txt")
	require.Equal(t, one, three)
	_, further := neighbourhoodJSON(t, "-append-only", "election.txt")
	require.True(t, further.AppendOnly)
	require.Less(t, further.Schedules, one.Schedules)
	require.NotEqual(t, one.TraceHash, further.TraceHash)
}

// TestNeighbourhood_violated: a failure one change away is reported with the change, and
// its file replays.
func TestNeighbourhood_violated(t *testing.T) {
	here(t, "near.txt", strings.Replace(voteTwice, "crash 1\n", "", 1))
	code, n := neighbourhoodJSON(t, "near.txt")
	require.Equal(t, exitViolated, code)
	require.Equal(t, "violated", n.Verdict)
	seen := 0
	for _, v := range n.Violations {
		code, out, _ := raftcheck(t, "replay", v.File)
		require.Equal(t, exitViolated, code)
		require.Contains(t, out, v.Verdict)
		require.NotContains(t, out, "the file says otherwise")
		if v.Property != "ElectionSafety" {
			continue
		}
		seen++
		require.Equal(t, 1, v.Changes)
		require.Equal(t, []string{"tear 1 bytes=1 before event 3, timeout 3"}, v.Differences)
		require.Contains(t, out, "# found     neighbourhood of near.txt: tear 1 bytes=1 before event 3, timeout 3\n")
	}
	require.Equal(t, 1, seen)

	_, out, errs := raftcheck(t, "neighbourhood", "near.txt")
	require.Contains(t, errs, "found ElectionSafety in schedule ")
	require.Contains(t, out, " (1 change away: tear 1 bytes=1 before event 3, timeout 3)\n    go run ./scripts/raftcheck replay testdata/found/electionsafety-")
}

// TestNeighbourhood_centreViolates: the schedule itself is the nearest failure;
// it stays where it is, and no copy of it is made.
func TestNeighbourhood_centreViolates(t *testing.T) {
	here(t, "twice.txt", voteTwice)
	code, n := neighbourhoodJSON(t, "-workers", "5", "twice.txt")
	require.Equal(t, exitViolated, code)
	away := map[string]int{}
	for _, v := range n.Violations {
		away[v.Property] = v.Changes
		require.Equal(t, v.Changes == 0, v.File == "twice.txt", v.Property)
		require.Len(t, v.Differences, v.Changes)
	}
	require.Equal(t, 0, away["ElectionSafety"])
	left, err := filepath.Glob("testdata/found/electionsafety-*")
	require.NoError(t, err)
	require.Empty(t, left)
	text, err := os.ReadFile("twice.txt")
	require.NoError(t, err)
	require.Equal(t, voteTwice, string(text))

	_, out, errs := raftcheck(t, "neighbourhood", "-workers", "1", "twice.txt") // of several, another may find something while the centre runs
	require.Contains(t, out, "violated ElectionSafety after event 7: n2 and n3 lead term 1 (the centre itself)\n    go run ./scripts/raftcheck replay twice.txt\n")
	require.NotContains(t, errs, "found ElectionSafety")
}

// TestNeighbourhood_nearerReplacesTheFile: of the findings only the nearest stays, which
// may be the centre.
func TestNeighbourhood_nearerReplacesTheFile(t *testing.T) {
	here(t, "twice.txt", voteTwice)
	s, err := trial.ReadSchedule("twice.txt", services.All())
	require.NoError(t, err)
	n := &neighbourhood{findings: newFindings(io.Discard, io.Discard), file: "twice.txt"}
	n.Schedule = s
	report := &fuzz.Report{Findings: fuzz.Findings{}}
	for _, changes := range []int{2, 1, 0} {
		f := &fuzz.Finding{Property: "NoPanic", Number: changes, Changes: changes, Schedule: s, Hash: uint64(changes), Lines: []string{"held"}}
		report.Findings.Add(f)
		n.found(f)
		n.prune(report)
		left, err := filepath.Glob("testdata/found/*")
		require.NoError(t, err)
		require.Len(t, left, min(changes, 1))
	}
	require.Equal(t, "twice.txt", n.files[report.Findings.First("NoPanic")])
	require.FileExists(t, "twice.txt")
}

// TestNeighbourhood_interrupted: the results so far are reported.
func TestNeighbourhood_interrupted(t *testing.T) {
	here(t, "election.txt", election)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	code := run(ctx, []string{"neighbourhood", "-changes", "8", "election.txt"}, &out, io.Discard)
	require.Equal(t, exitNotChecked, code, "schedules that did not run did not hold")
	require.Contains(t, out.String(), "stopped after ")
	require.True(t, strings.HasSuffix(out.String(), "\nnot checked\n"), out.String())
}

// TestNeighbourhood_unwritable: a finding is reported even if it cannot be written.
func TestNeighbourhood_unwritable(t *testing.T) {
	here(t, "near.txt", strings.Replace(voteTwice, "timeout 2\n", "", 1))
	require.NoError(t, os.WriteFile("testdata", nil, 0o644))
	code, out, errs := raftcheck(t, "neighbourhood", "near.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "a finding was not written")
	require.Contains(t, out, "\nviolated ")
	require.NotContains(t, out, "raftcheck replay testdata", "there is no file to replay")
}

func TestNeighbourhood_badInput(t *testing.T) {
	here(t, "election.txt", election)
	tests := []struct {
		args []string
		want string
	}{
		{nil, "expected one FILE, found none"},
		{[]string{"none.txt"}, "no such file"},
		{[]string{"-changes", "0", "election.txt"}, "expected -changes from 1 to 8, found 0"},
		{[]string{"-changes", "9", "election.txt"}, "expected -changes from 1 to 8, found 9"},
		{[]string{"-workers", "0", "election.txt"}, "expected -workers from 1 to 1024, found 0"},
		{[]string{"-changes", "x", "election.txt"}, "invalid value"},
	}
	for _, test := range tests {
		code, out, errs := raftcheck(t, append([]string{"neighbourhood"}, test.args...)...)
		require.Equal(t, exitNotChecked, code)
		require.Empty(t, out)
		require.Contains(t, errs, test.want)
	}
}
