package hunt

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/mutant"
	"raftcheck/models"
	"raftcheck/models/services"
)

// builtOnce is the folder of the programs of all tests but those that remove programs. TestMain
// makes and removes it.
var builtOnce string

func TestMain(m *testing.M) {
	var err error
	if builtOnce, err = os.MkdirTemp("", "hunted-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(builtOnce)
	os.Exit(code)
}

// matrixOf returns a matrix of mutants in testdata, whose programs build fast and print
// invented reports.
func matrixOf(t *testing.T, names ...string) *Matrix {
	t.Helper()
	rows, err := ReadRows("testdata/mutants")
	require.NoError(t, err)
	rows = slices.DeleteFunc(rows, func(r *Row) bool { return !slices.Contains(names, r.Name) })
	require.Len(t, rows, len(names))
	return &Matrix{
		Builder: &mutant.Builder{Root: "testdata/module", Program: "./scripts/raftcheck",
			Folder: builtOnce + "/built"},
		Mutants: rows, Engines: Engines(), Seconds: 1, Seeds: 3, Workers: 2,
	}
}

func made(t *testing.T, x *Matrix) *Table {
	t.Helper()
	table, err := x.Run(t.Context())
	require.NoError(t, err)
	return table
}

// TestMatrix wants the numbers of three mutants: one that all engines find, one that none
// finds, and one that is found seldom.
func TestMatrix(t *testing.T) {
	x := matrixOf(t, "comment", "killed", "seldom")
	old := filepath.Join(x.Builder.Folder, "killed-"+strings.Repeat("0", 32))
	require.NoError(t, os.MkdirAll(x.Builder.Folder, 0o700))
	require.NoError(t, os.WriteFile(old, nil, 0o755))
	require.NoError(t, os.Chtimes(old, time.Unix(0, 0), time.Unix(0, 0)))
	var told, finished []string
	x.Progress = func(done, all int, what string) { told = append(told, what) }
	x.Finished = func(r *Row) { finished = append(finished, r.Name) }
	table := made(t, x)
	require.Empty(t, table.Errors())
	require.False(t, table.Stopped, "a complete matrix must not be reported as stopped")
	require.Equal(t, models.Violated, table.Outcome(), "one escaped")
	require.ElementsMatch(t, []string{"comment", "killed", "seldom", "reference"}, finished)
	require.Contains(t, told, "building killed")
	require.Contains(t, told, "killed: rapid, seed 3")
	require.Contains(t, told, "seldom: swarm, seed 2")
	require.NotContains(t, told, "seldom: swarm, seed 3", "it was not found under the second")
	require.NotContains(t, told, "comment: rapid, seed 2")
	require.Len(t, told, 4+(3+3+1+1+1)+(2+4)+5+5)
	require.NoFileExists(t, old, "the program of another source, which nobody uses")

	comment, killed, seldom := table.Mutants[0], table.Mutants[1], table.Mutants[2]
	require.False(t, comment.Killed, "a changed comment is no bug")
	require.Equal(t, Cell{Engine: "swarm", Runs: 1, seeds: 3, over: true, hunts: comment.Cells[0].hunts},
		*comment.Cells[0])
	two, three, late, later := 20, 30, 2.5, 3.5
	require.Equal(t, Cell{
		Engine: "rapid", Killed: true, Kills: 3, Runs: 3, Property: "Contract",
		Executions: &two, ExecutionsWorst: &three, CPUSeconds: &late, CPUSecondsWorst: &later,
		Events: 3, seeds: 3, over: true, hunts: killed.Cells[1].hunts,
	}, *killed.Cells[1])
	require.Equal(t, 1, killed.Cells[4].Runs)
	require.Equal(t, 10, *killed.Cells[4].Executions)
	require.True(t, seldom.Killed, "it is found under the first seed")
	seven, soon := 7, 2.0
	require.Equal(t, Cell{
		Engine: "swarm", Killed: true, Kills: 1, Runs: 2, Property: "Liveness",
		Executions: &seven, CPUSeconds: &soon, Events: 9, seeds: 3, over: true, hunts: seldom.Cells[0].hunts,
	}, *seldom.Cells[0])

	s := table.Summary
	require.Equal(t, []string{"comment"}, s.Escaped)
	require.Equal(t, Summary{
		Mutants: 3, Killed: 2, Escaped: s.Escaped, NotChecked: []string{}, SwarmSeconds: 1,
		BySwarm: 2, BySwarmAlways: 1, Events: 9, Engines: s.Engines,
	}, s)
	require.Equal(t, EngineSummary{
		Engine: "swarm", Killed: 2, Always: 1, Alone: []string{"seldom"}, Executions: 20, CPUSeconds: 2.5,
		Events:         9,
		ExecutionsMost: 30, CPUSecondsMost: 3.5,
	}, *s.Engines[0])
	require.Equal(t, EngineSummary{
		Engine: "native", Killed: 1, Always: 1, Alone: []string{}, Executions: 10, CPUSeconds: 1.5, Events: 5,
		ExecutionsMost: 10, CPUSecondsMost: 1.5,
	}, *s.Engines[2])
	require.Len(t, s.Engines, 5)
	requireEncoded(t, table)

	smallest, err := killed.Counterexample(services.All())
	require.NoError(t, err)
	require.Equal(t, []string{"It is found by all.", "", "property  NoPanic", "found     by rapid under 2"},
		smallest.Prose)
	require.Equal(t, []string{"violated NoPanic"}, smallest.Golden)
	none, err := comment.Counterexample(services.All())
	require.NoError(t, err)
	require.Nil(t, none)
	_, err = seldom.Counterexample(services.All())
	require.ErrorContains(t, err, "seldom: what swarm found: ")
}

// requireEncoded wants the numbers under their names in JSON.
func requireEncoded(t *testing.T, table *Table) {
	t.Helper()
	text, err := json.Marshal(table)
	require.NoError(t, err)
	require.Contains(t, string(text), `{"name":"seldom","properties":["NoPanic"],"killed":true,"engines":[`+
		`{"engine":"swarm","killed":true,"kills":1,"runs":2,"property":"Liveness",`+
		`"executions":7,"executions_worst":null,`+
		`"cpu_seconds":2,"cpu_seconds_worst":null,"events":9},`)
	require.Contains(t, string(text), `{"engine":"explore","killed":true,"kills":1,"runs":1,`+
		`"property":"NoPanic","executions":10,"executions_worst":10,`+
		`"cpu_seconds":1.5,"cpu_seconds_worst":1.5,"events":4}`)
}

// TestMatrix_errors: an error of a mutant or its program has the mutant's name, and the
// other mutants are hunted.
func TestMatrix_errors(t *testing.T) {
	x := matrixOf(t, "crash", "exit", "killed", "lies", "malformed", "no-compile", "no-match", "silent")
	x.Engines, x.Seeds = x.Engines[:1], 2
	table := made(t, x)
	require.Equal(t, models.NotChecked, table.Outcome())
	require.True(t, table.Mutants[2].Killed, "the third mutant must be killed")
	require.Empty(t, table.Summary.Escaped)
	require.Equal(t, []string{"crash", "exit", "lies", "malformed", "no-compile", "no-match", "silent"},
		table.Summary.NotChecked)
	require.Equal(t, 1, table.Summary.Killed)
	for _, i := range []int{4, 5, 6} {
		require.Zero(t, table.Mutants[i].Cells[0].Runs, "there is no program")
	}
	require.Equal(t, 4, table.Summary.Engines[0].Errors)

	errs := table.Errors()
	wants := [][]string{
		{"crash: swarm: seed 1: exit status 2\npanic: overboard by swarm\n"},
		{"exit: swarm: seed 1: exit status 3\nraftcheck: bug: 1"},
		{"lies: swarm: seed 1: exit status 0, and a report in which killed is true"},
		{"malformed: testdata/mutants/malformed.txt:2: expected \"source"},
		{"no-compile: mutant no-compile: go build: exit status 1\n", "nothing"},
		{"no-match: mutant no-match: testdata/mutants/no-match.txt:6: edit raft/reference/hunt.go: " +
			"what it looks for is not in the source"},
		{"silent: swarm: seed 1: exit status 0, and no report: "},
	}
	require.Len(t, errs, len(wants))
	for i, want := range wants {
		require.True(t, strings.HasPrefix(errs[i], want[0]), "the error must begin with %q: %s", want[0], errs[i])
		require.Contains(t, errs[i], want[len(want)-1])
	}
}

// TestMatrix_interrupted: earlier results are kept, and a program that hangs is killed.
func TestMatrix_interrupted(t *testing.T) {
	x := matrixOf(t, "killed", "hangs")
	ctx, stop := context.WithCancel(t.Context())
	x.Mutants[0], x.Mutants[1] = x.Mutants[1], x.Mutants[0]
	x.Workers = 1
	x.Progress = func(_, _ int, what string) {
		if what == "hangs: swarm, seed 1" {
			stop()
		}
	}
	var finished []string
	x.Finished = func(r *Row) { finished = append(finished, r.Name) }
	table, err := x.Run(ctx)
	require.NoError(t, err)
	require.True(t, table.Stopped, "an interrupted matrix must be reported as stopped")
	require.Equal(t, models.NotChecked, table.Outcome())
	require.Empty(t, table.Errors())
	require.True(t, table.Mutants[0].Killed, "the first mutant must be killed")
	require.Equal(t, []string{"hangs"}, table.Summary.NotChecked)
	require.Equal(t, []string{"killed", "hangs", "reference"}, finished)

	x.Progress = func(_, _ int, what string) { t.Fatal("begins with ", what) }
	table, err = x.Run(ctx)
	require.NoError(t, err)
	require.True(t, table.Stopped, "an interrupted matrix must be reported as stopped")
	require.Empty(t, table.Errors())
}

// TestMatrix_interruptedWhileBuilding: a build that was interrupted is not an error of the mutant.
func TestMatrix_interruptedWhileBuilding(t *testing.T) {
	x := matrixOf(t, "killed")
	ctx, stop := context.WithCancel(t.Context())
	x.Progress = func(int, int, string) { stop() }
	table, err := x.Run(ctx)
	require.NoError(t, err)
	require.True(t, table.Stopped, "an interrupted matrix must be reported as stopped")
	require.Equal(t, []string{"killed"}, table.Summary.NotChecked)
	require.Empty(t, table.Errors())
}

// TestMatrix_removed: a program that was removed is built again, if it is the same.
func TestMatrix_removed(t *testing.T) {
	x := matrixOf(t, "killed")
	x.Workers, x.Seeds, x.Engines = 1, 1, x.Engines[:2]
	x.Builder.Root, x.Builder.Folder = t.TempDir(), t.TempDir()+"/built"
	require.NoError(t, os.CopyFS(x.Builder.Root, os.DirFS("testdata/module")))
	x.Progress = func(_, _ int, what string) {
		switch what {
		case "killed: swarm, seed 1":
			require.NoError(t, os.RemoveAll(x.Builder.Folder))
		case "killed: rapid, seed 1":
			require.NoError(t, os.RemoveAll(x.Builder.Folder))
			other := filepath.Join(x.Builder.Root, "raft/reference/other.go")
			require.NoError(t, os.WriteFile(other, []byte("package reference\n"), 0o644))
		}
	}
	table := made(t, x)
	require.True(t, table.Mutants[0].Cells[0].Killed, "a program built again must hunt")
	require.Contains(t, table.Errors()[0],
		"killed: rapid: seed 1: its program was removed, and the source has changed since it was built")
}

// TestMatrix_falseAlarm: a find in the reference is reported, and is not a kill.
func TestMatrix_falseAlarm(t *testing.T) {
	x := matrixOf(t, "killed", "no-match")
	x.Builder.Root = t.TempDir()
	require.NoError(t, os.CopyFS(x.Builder.Root, os.DirFS("testdata/module")))
	source := filepath.Join(x.Builder.Root, "raft/reference/hunt.go")
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	alarm := strings.NewReplacer(`"executions": 100`, `"killed": true`, "return 0", "return 1")
	alarming := alarm.Replace(string(text))
	require.NoError(t, os.WriteFile(source, []byte(alarming), 0o644))
	table := made(t, x)
	require.Equal(t, models.Violated, table.Outcome())
	require.Empty(t, table.Summary.Escaped)
	require.Equal(t, 1, table.Summary.Killed)
	require.Equal(t, 3, table.Summary.Engines[0].FalseAlarms)
	require.Equal(t, 1, table.Summary.Engines[2].FalseAlarms)
}

// TestTable_sum: of hunts that took longer than random schedules should, and of a
// reference that could not be hunted.
func TestTable_sum(t *testing.T) {
	kill := func(seconds float64, executions, events int) *Report {
		return &Report{Killed: true, Property: "NoPanic", CPUSeconds: seconds, Executions: executions,
			Events: events}
	}
	table := Table{Seconds: 60, Seeds: 3, Engines: []string{"swarm"}}
	for _, hunts := range [][]*Report{
		{kill(9, 90, 7), kill(3, 30, 9), kill(6, 60, 5)},
		{kill(30, 3, 2), kill(20, 2, 2), kill(1, 1, 2)}, // late under most seeds
		{kill(30, 3, 2), kill(2, 2, 2), kill(1, 1, 2)},  // late under one seed
		{kill(1, 1, 2), {}},                             // not found under the second seed
		{kill(1, 1, 2)},                                 // stopped before the second
	} {
		table.Mutants = append(table.Mutants, &Row{Cells: []*Cell{{seeds: 3, hunts: hunts}}})
	}
	table.Reference = &Row{Name: "reference",
		Cells: []*Cell{{Engine: "swarm", seeds: 3, hunts: []*Report{{}}, Error: "gone"}}}
	for _, r := range append(table.Mutants, table.Reference) {
		r.sum()
	}
	table.sum()
	c := table.Mutants[0].Cells[0]
	require.Equal(t, []any{60, 90, 6.0, 9.0, 5},
		[]any{*c.Executions, *c.ExecutionsWorst, *c.CPUSeconds, *c.CPUSecondsWorst, c.Events})
	require.Nil(t, table.Mutants[3].Cells[0].ExecutionsWorst)
	s := table.Summary
	require.Equal(t, []any{5, 5, 4, 1, 10.0},
		[]any{s.Mutants, s.Killed, s.BySwarm, s.BySwarmAlways, s.SwarmSeconds})
	require.Equal(t, []any{5, 3, 1}, []any{s.Engines[0].Killed, s.Engines[0].Always, s.Engines[0].Errors})
	require.Equal(t, []string{"reference: swarm: gone"}, table.Errors())
	require.Equal(t, models.NotChecked, table.Outcome())
}

// TestTable_held: all killed, and nothing wrong.
func TestTable_held(t *testing.T) {
	x := matrixOf(t, "killed")
	x.Engines = x.Engines[3:4]
	require.Equal(t, models.Held, made(t, x).Outcome())
}

func TestMatrix_error(t *testing.T) {
	for _, test := range []struct {
		change func(*Matrix)
		want   string
	}{
		{func(x *Matrix) { x.Mutants = nil }, "expected mutants, found none"},
		{func(x *Matrix) { x.Engines = nil }, "expected engines, found none"},
		{func(x *Matrix) { x.Seconds = 0 }, "expected more than 0 and at most 86400 seconds, found 0"},
		{func(x *Matrix) { x.Seeds = 0 }, "expected seeds from 1 to 1000, found 0"},
		{func(x *Matrix) { x.Workers = 1025 }, "expected workers from 1 to 1024, found 1025"},
	} {
		x := matrixOf(t, "killed")
		test.change(x)
		_, err := x.Run(t.Context())
		require.EqualError(t, err, test.want)
	}
	_, err := ReadRows(t.TempDir())
	require.ErrorContains(t, err, "expected mutants, files NAME.txt, in ")
}

// TestReadRows is in the order of names, which is not that of files.
func TestReadRows(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a-b", "a"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".txt"), nil, 0o644))
	}
	rows, err := ReadRows(folder)
	require.NoError(t, err)
	require.Equal(t, "a", rows[0].Name)
	require.Contains(t, rows[0].Error, "a.txt:1: expected")
	require.Equal(t, "a-b", rows[1].Name)
}

// TestRemoveUnused: a program of an older source is removed once it was unused for long.
func TestRemoveUnused(t *testing.T) {
	folder := t.TempDir()
	sum := strings.Repeat("0a", 16)
	long := time.Now().Add(-2 * unusedFor)
	for _, name := range []string{"vote-" + sum, "vote-1" + sum[1:], "vote-2" + sum[1:], "vote-twice-" + sum,
		"vote-" + sum[1:]} {
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, nil, 0o755))
		if name != "vote-2"+sum[1:] {
			require.NoError(t, os.Chtimes(file, long, long))
		}
	}
	require.NoError(t, removeUnused(filepath.Join(folder, "vote-"+sum)))
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	require.ElementsMatch(t, []string{"vote-" + sum, "vote-2" + sum[1:], "vote-twice-" + sum, "vote-" + sum[1:]},
		left)
	require.Error(t, removeUnused(filepath.Join(folder, "gone-"+sum)))
}

func TestHead(t *testing.T) {
	require.Equal(t, "why", head("why\n"))
	require.Len(t, head(strings.Repeat("é", headBytes)), headBytes+3)
	require.Len(t, head("a"+strings.Repeat("é", headBytes)), headBytes-1+3, "no half of a letter")
	require.Equal(t, "a?", head("a\xff"))
}
