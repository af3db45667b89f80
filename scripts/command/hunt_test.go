package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/hunt"
)

// huntJSON runs raftcheck hunt -json.
func huntJSON(t *testing.T, args ...string) (int, hunt.Report) {
	t.Helper()
	code, out, errs := raftcheck(t, append([]string{"hunt", "-json"}, args...)...)
	var r hunt.Report
	require.NoError(t, json.Unmarshal([]byte(out), &r), errs)
	require.Empty(t, errs)
	return code, r
}

// TestHunt_found: a finding is reported, printed or written, and replays.
func TestHunt_found(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"-system", "reference+lose-snapshot", "-seed", "3"}
	code, r := huntJSON(t, append(args, "-out", "small.txt")...)
	require.Equal(t, exitViolated, code)
	require.True(t, r.Killed)
	require.Equal(t, "StateMachineSafety", r.Property)
	require.Equal(t, 2, r.Executions)
	require.EqualValues(t, 3, r.Seed)
	text, err := os.ReadFile("small.txt")
	require.NoError(t, err)
	require.Equal(t, r.Schedule, string(text))
	code, out, _ := raftcheck(t, "replay", "small.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "# found     hunt engine=swarm seed=3 profile=swarm schedule=1; shrunk 102 -> ")
	require.NotContains(t, out, "the file says otherwise")

	code, out, _ = raftcheck(t, append([]string{"hunt"}, args...)...)
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "engine      swarm\nsystem      reference+lose-snapshot\nseed        3\nexecutions  2 schedules\n")
	require.Contains(t, out, "\nfound by    profile=swarm schedule=1\n\n"+r.Verdict+" (shrunk from 102 to ")
	require.True(t, strings.HasSuffix(out, "\n\n"+r.Schedule), out)
}

// TestHunt_nothing says whether there would have been more to try.
func TestHunt_nothing(t *testing.T) {
	stories, err := filepath.Glob("../../testdata/scenarios/*.txt")
	require.NoError(t, err)
	for _, test := range []struct{ args, want string }{
		{"-engine scenarios", fmt.Sprintf("executions  %d schedules\n", len(stories))},
		{"-engine scenarios", "\n\nnothing found, and nothing is left to try\n"},
		{"-engine swarm -seconds 0.05", "\n\nnothing found before the budget was spent\n"},
		{"-engine explore -seconds 0.05", "\n\nnothing found before the budget was spent\n"},
	} {
		code, out, errs := raftcheck(t, append([]string{"hunt"}, strings.Fields(test.args)...)...)
		require.Equal(t, exitHeld, code, errs)
		require.Contains(t, out, test.want)
	}
	file := filepath.Join(t.TempDir(), "none.txt")
	code, r := huntJSON(t, "-engine", "native", "-out", file)
	require.NoFileExists(t, file)
	require.Equal(t, exitHeld, code)
	require.False(t, r.Killed)
	require.Zero(t, r.Seed)
	require.Empty(t, r.Schedule)
	code, r = huntJSON(t, "-engine", "rapid", "-seconds", "0.05")
	require.Equal(t, exitHeld, code)
	require.True(t, r.Spent)
	require.NotZero(t, r.Seed, "a fresh one")
}

func TestHunt_badInput(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-engine guess", `no engine "guess"`},
		{"-system paxos", `no system "paxos"`},
		{"-seconds 0", "expected -seconds of more than 0"},
		{"-seconds x", "invalid value"},
		{"more", `expected no arguments after the flags, found "more"`},
	} {
		code, out, errs := raftcheck(t, append([]string{"hunt"}, strings.Fields(test.args)...)...)
		require.Equal(t, exitNotChecked, code)
		require.Empty(t, out)
		require.Contains(t, errs, test.want)
	}
}

// TestHunt_elsewhere: engines whose schedules are files of this module say that
// they are not there. Others hunt wherever raftcheck runs.
func TestHunt_elsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, engine := range []string{"native", "scenarios"} {
		code, _, errs := raftcheck(t, "hunt", "-engine", engine)
		require.Equal(t, exitNotChecked, code)
		require.Contains(t, errs, "raftcheck: "+engine+": reference: expected the folder of module raftcheck")
	}
	code, _ := huntJSON(t, "-seconds", "0.02")
	require.Equal(t, exitHeld, code)
}

// TestHunt_unwritable: a finding is reported even if it cannot be written.
func TestHunt_unwritable(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Symlink("no/file.txt", "file.txt")) // nothing shows before that it leads nowhere
	code, out, errs := raftcheck(t, "hunt", "-system", "reference+send-before-persist", "-out", "file.txt")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "\nviolated Durability after event 1: ")
	require.Contains(t, errs, "file.txt: no such file")
}

func TestModuleRoot(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	root, err := moduleRoot()
	require.NoError(t, err)
	require.Equal(t, filepath.Dir(filepath.Dir(here)), root)

	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module raftcheckers\n"), 0o644))
	t.Chdir(folder)
	_, err = moduleRoot()
	require.ErrorContains(t, err, "expected to run in module raftcheck")
}
