package mutant

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutated is the package that nearly all mutants change.
const mutated = "raft/reference"

// replayer replays schedules on mutants. Building a program for each mutant takes most
// of the time of these tests. So one program has all that change the bodies of functions
// alone, and a copy of the package for each other one.
type replayer struct {
	mutants  []*Mutant
	merger   *merger
	copied   map[int]bool // the numbers of mutants that have a copy
	together string       // the program
}

// number is that of a mutant in the program.
func (r *replayer) number(name string) int {
	return 1 + slices.IndexFunc(r.mutants, func(m *Mutant) bool { return m.Name == name })
}

var shared = sync.OnceValues(newReplayer)

// replay replays a schedule on a mutant: the verdicts that did not hold, and all by property.
func replay(t *testing.T, name, file string) (lines []string, verdicts map[string]string) {
	t.Helper()
	r, err := shared()
	require.NoError(t, err)
	require.NotZero(t, r.number(name), "there is no such mutant")
	return report(t, r.together, strconv.Itoa(r.number(name)), file)
}

// report returns the report of a program on a schedule.
func report(t *testing.T, program string, args ...string) (lines []string, verdicts map[string]string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).Output()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	var report struct {
		Lines    []string
		Verdicts map[string]string
	}
	require.NoError(t, json.Unmarshal(out, &report), "%s", out)
	return report.Lines, report.Verdicts
}

// newReplayer builds the program, in a folder that main removes.
func newReplayer() (*replayer, error) {
	mutants, err := readAll()
	if err != nil {
		return nil, err
	}
	r := &replayer{mutants: mutants, merger: newMerger(), copied: map[int]bool{}}
	copies := map[string][]byte{}
	for i, m := range mutants {
		changed, err := m.Apply(source)
		if err != nil {
			return nil, err
		}
		merged, err := r.merger.add(i+1, changed)
		if err == nil && !merged {
			r.copied[i+1] = true
			err = addCopy(copies, i+1, changed)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	files := r.merger.result()
	maps.Copy(files, copies)
	files["scripts/together/main.go"] = []byte(r.source())
	b := &Builder{Root: root, Program: "./scripts/together", Folder: scratch}
	r.together, err = b.build(context.Background(), "together", files)
	return r, err
}

// scratch is a folder for the tests of this package.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "mutants-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// addCopy adds the package with a mutant in it.
func addCopy(files map[string][]byte, number int, changed map[string][]byte) error {
	for file := range changed {
		if path.Dir(file) != mutated {
			return fmt.Errorf("expected changes of bodies of functions alone in %s", file)
		}
	}
	names, err := filepath.Glob(filepath.Join(root, mutated, "*.go"))
	for _, name := range names {
		file := path.Join(mutated, filepath.Base(name))
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, ok := changed[file]
		if !ok {
			if text, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		files[path.Join(copyOf(number), path.Base(file))] = text
	}
	return err
}

// copyOf is the folder of the copy for a mutant.
func copyOf(number int) string { return fmt.Sprintf("raft/mutants/m%d", number) }

// source is the program of the mutants. It replays as raftcheck replay does.
func (r *replayer) source() string {
	var imports, systems, chosen strings.Builder
	for _, number := range slices.Sorted(maps.Keys(r.copied)) {
		fmt.Fprintf(&imports, "\tm%d %q\n", number, "raftcheck/"+copyOf(number))
		fmt.Fprintf(&systems, "\t%d: m%d.System{},\n", number, number)
	}
	folders := map[string]string{mutated: "reference"}
	for file, c := range r.merger.files {
		folders[path.Dir(file)] = c.of
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		fmt.Fprintf(&imports, "\t%q\n", "raftcheck/"+folder)
		fmt.Fprintf(&chosen, "\t%s.Mutant = number\n", folders[folder])
	}
	return fmt.Sprintf(program, imports.String(), systems.String(), chosen.String())
}

const program = `package main

import (
	"encoding/json"
	"io"
	"os"
	"strconv"

	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
%s)

var copies = map[int]raft.System{
%s}

func main() {
	number, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
%s	var system raft.System = reference.System{}
	if copies[number] != nil {
		system = copies[number]
	}
	s, err := trial.ReadSchedule(os.Args[2], services.All())
	if err != nil {
		panic(err)
	}
	result, err := trial.Trace(system, services.All(), s, io.Discard)
	if err != nil {
		panic(err)
	}
	trial.Again(trial.NewRunner(system, services.All()), s, &result)
	verdicts := map[string]string{}
	for _, v := range result.Verdicts {
		verdicts[v.Property] = v.Outcome.String()
	}
	report := map[string]any{"lines": result.Lines(), "verdicts": verdicts}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		panic(err)
	}
}
`
