//go:build unix

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
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/hunt"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// builtOnce is the folder of a cache for the programs of all tests. TestMain makes and removes it.
var builtOnce string

// mutants runs raftcheck mutants in a module whose programs hunt nothing, on some
// of the mutants that there are of it.
func mutants(t *testing.T, args string) (code int, out, errs string) {
	t.Helper()
	fixed := []string{"mutants", "-mutants", "../mutants", "-trust", "-cache", builtOnce + "/built"}
	return runIn(t, "../../fuzz/hunt/testdata/module", append(fixed, strings.Fields(args)...)...)
}

// TestMutants_table: a row for each mutant, a column for each engine, and the sums.
func TestMutants_table(t *testing.T) {
	t.Parallel()
	found := t.TempDir()
	code, out, errs := mutants(t, "-mutant killed -mutant seldom -mutant comment -seconds 2.5 -found "+found)
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "a counterexample was not written: seldom: ", "its program gave none")
	const want = `mutant     swarm                            rapid              native            explore           scenarios
comment    -                                -                  -                 -                 -
killed     NoPanic 20 2.50s                 Contract 20 2.50s  NoPanic 10 1.50s  NoPanic 10 1.50s  NoPanic 10 1.50s
seldom     Liveness 7 2.00s (1 of 2 seeds)  -                  -                 -                 -
reference  -                                -                  -                 -                 -

mutants     3, killed 2
swarm       kills 2 within 2.5 CPU seconds under half or more of the seeds that it got, and 1 under each of 3
smallest    counterexamples have 9 events at the median

     engine  kills  always  alone  executions  most  CPU s  most  events  false alarms  errors
      swarm      2       1      1          20    30   2.50  3.50       9             0       0
      rapid      1       1      0          20    30   2.50  3.50       3             0       0
     native      1       1      0          10    10   1.50  1.50       5             0       0
    explore      1       1      0          10    10   1.50  1.50       4             0       0
  scenarios      1       1      0          10    10   1.50  1.50       7             0       0

escaped: comment
`
	require.Equal(t, want, out)
	require.Equal(t, []string{"killed"}, namesIn(t, found))

	code, out, _ = mutants(t, "-mutant killed -seeds 1 -engine explore")
	require.Equal(t, exitHeld, code)
	require.True(t, strings.HasSuffix(out, "\nnone escaped\n"), out)
	require.NotContains(t, out, "swarm")
}

// TestMutants_markdown is the same each time, and has no times.
func TestMutants_markdown(t *testing.T) {
	t.Parallel()
	const want = `| mutant | property | swarm | rapid |
|---|---|--:|--:|
| comment | - | - | - |
| crash | - | error | error |
| killed | NoPanic | 20 | 20 |
| no-match | - | error | error |
| seldom | Liveness | 7 | - |
`
	const only = "-markdown -engine swarm -engine rapid -mutant comment -mutant crash -mutant killed -mutant no-match -mutant seldom -workers "
	for _, workers := range []string{"1", "3"} {
		code, out, errs := mutants(t, only+workers)
		require.Equal(t, exitViolated, code, "one escaped, whatever the outcome of the others")
		require.Equal(t, want, out)
		require.Contains(t, errs, "raftcheck: crash: swarm: seed 1: exit status 2\npanic: overboard by swarm")
		require.Contains(t, errs, "raftcheck: no-match: mutant no-match: ../mutants/no-match.txt:6: ")
	}
}

// TestMutants_oldNames: -only is the name of -mutant in the release before.
func TestMutants_oldNames(t *testing.T) {
	t.Parallel()
	_, now, _ := mutants(t, "-mutant killed -engine native -json")
	_, old, _ := mutants(t, "-only killed -engine native -json")
	require.Equal(t, now, old)
}

// TestMutants_notChecked: an error of a mutant or its program has its name, and the others
// are hunted all the same.
func TestMutants_notChecked(t *testing.T) {
	t.Parallel()
	code, out, errs := mutants(t, "-engine native -mutant killed -mutant no-compile -mutant exit")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, out, "\nkilled      NoPanic 10 1.50s\n")
	require.Contains(t, out, "\nno-compile  error\n")
	require.Contains(t, out, "\nexit        error\n")
	require.Contains(t, out, "\nnot checked: exit, no-compile\n")
	require.Contains(t, errs, "raftcheck: exit: native: seed 1: exit status 3\nraftcheck: bug: 1\n")
	require.Contains(t, errs, "raftcheck: no-compile: mutant no-compile: go build: ")
}

// TestMutants_progress: long work shows its progress on standard error in a pipe, too. It runs before
// the parallel tests, and leaves the programs to them.
func TestMutants_progress(t *testing.T) {
	ticking(t, time.Minute)
	t.Chdir("../../fuzz/hunt/testdata/module")
	_, _, errs := raftcheck(t, "mutants", "-mutants", "../mutants", "-trust", "-cache", builtOnce+"/built",
		"-mutant", "killed", "-mutant", "seldom", "-mutant", "comment", "-engine", "native")
	require.Regexp(t, `^1m0s: 0 of 4: building `, errs)
}

// TestMutants_interrupted: the results so far are printed.
func TestMutants_interrupted(t *testing.T) {
	t.Chdir("../../fuzz/hunt/testdata/module")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	code := run(ctx, []string{"mutants", "-mutants", "../mutants", "-trust", "-cache", t.TempDir() + "/built", "-mutant", "killed"}, &out, io.Discard)
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, out.String(), "\nkilled     ?      ?      ?       ?        ?\n")
	require.Contains(t, out.String(), "\nstopped before all was done\n")
}

func TestMutants_badInput(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-engine guess", `no engine "guess"`},
		{"-mutant nobody", `expected the name of a mutant, without .txt, found "nobody"`},
		{"-seconds 0", "expected -seconds of more than 0"},
		{"-seeds 0", "expected -seeds from 1"},
		{"-workers 0", "expected -workers from 1"},
		{"-trust=false -mutants nowhere", "expected -trust with -mutants: its files are programs"},
		{"-trust -mutants nowhere", "expected mutants, files NAME.txt, in nowhere, found none"},
		{"-json -markdown", "expected -json or -markdown, found both"},
		{"more", `found "more"`},
	} {
		code, out, errs := mutants(t, test.args)
		require.Equal(t, exitNotChecked, code)
		require.Empty(t, out)
		require.Contains(t, errs, test.want)
	}
	t.Chdir(t.TempDir())
	code, _, errs := raftcheck(t, "mutants")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected to run in module raftcheck")
}

// TestMutants_reference hunts in our own Raft: a mutant that is found at once, and the
// Raft without it, in which nothing is. The counterexample is kept with the mutant's prose, breaks the
// mutant as it says, and not the reference.
func TestMutants_reference(t *testing.T) {
	t.Parallel()
	folder, found := t.TempDir(), t.TempDir()
	text, err := os.ReadFile("../../testdata/mutants/vote-not-persisted.txt")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "vote-not-persisted.txt"), text, 0o644))
	code, out, errs := raftcheck(t, "mutants", "-json", "-mutants", folder, "-trust", "-cache", t.TempDir()+"/built", "-found", found,
		"-seconds", "0.1", "-seeds", "1", "-engine", "swarm", "-engine", "native")
	require.Equal(t, exitHeld, code, "none escaped")
	require.Empty(t, progressLines.ReplaceAllString(errs, ""))
	var table hunt.Table
	require.NoError(t, json.Unmarshal([]byte(out), &table))
	require.Empty(t, table.Summary.Escaped)
	require.Equal(t, 1, table.Summary.Killed)
	require.False(t, table.Reference.Killed)
	vote := table.Mutants[0]
	require.Equal(t, "vote-not-persisted", vote.Name)
	require.Equal(t, "Durability", vote.Cells[0].Property)
	require.Positive(t, *vote.Cells[0].Executions)

	s, err := trial.ReadSchedule(filepath.Join(found, "vote-not-persisted.txt"), services.All())
	require.NoError(t, err)
	require.Len(t, s.Events, min(vote.Cells[0].Events, vote.Cells[1].Events))
	require.Contains(t, s.Prose[0], "Of term and vote only the term is written.")
	require.Contains(t, s.Prose[len(s.Prose)-1], "found     hunt engine=")
	require.Contains(t, s.Golden[0], "violated Durability after event ")
	result := trial.NewRunner(reference.System{}, services.All()).Run(s)
	require.Equal(t, models.Held, result.Outcome(), result.Lines())
	require.Equal(t, []string{"vote-not-persisted"}, namesIn(t, found))
}
