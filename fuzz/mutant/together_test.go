package mutant

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// mutated is the package that nearly all mutants change.
const mutated = "raft/reference"

// replayer replays schedules on mutants. Building a program for each mutant takes most
// of the time of these tests. So one program has a copy of the package for each mutant
// that changes no other; the rest have programs of their own.
type replayer struct {
	own      *Builder
	once     sync.Once
	together string // the program of the copies
	copies   map[string]bool
	err      error
}

var shared = &replayer{copies: map[string]bool{}}

// replay replays a schedule on a mutant: the verdicts that did not hold, and all by property.
func (r *replayer) replay(t *testing.T, m *Mutant, file string) (lines []string, verdicts map[string]string) {
	t.Helper()
	r.once.Do(func() { r.err = r.build() })
	require.NoError(t, r.err)
	program, args := r.together, []string{m.Name, file}
	if !r.copies[m.Name] {
		var err error
		program, err = r.own.Build(t.Context(), m)
		require.NoError(t, err)
		args = []string{"replay", "-json", file}
	}
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

// build keeps programs where raftcheck mutants does, so that they last until the source
// changes.
func (r *replayer) build() error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	r.own = &Builder{Root: root, Program: "./scripts/raftcheck", Folder: filepath.Join(cache, "raftcheck")}
	mutants, err := Read(corpus)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, m := range mutants {
		if r.copies[m.Name], err = addCopy(files, m); err != nil {
			return err
		}
	}
	files["scripts/together/main.go"] = []byte(r.source(mutants))
	texts, err := json.Marshal(files) // in order of the paths
	if err != nil {
		return err
	}
	b := &Builder{Root: root, Program: "./scripts/together", Folder: r.own.Folder}
	r.together, err = b.build(context.Background(), fmt.Sprintf("together-%.8x", sha256.Sum256(texts)), files)
	return err
}

// addCopy adds the package with a mutant in it, unless the mutant changes another one.
func addCopy(files map[string][]byte, m *Mutant) (added bool, err error) {
	changed, err := m.Apply(source)
	if err != nil {
		return false, err
	}
	for file := range changed {
		if path.Dir(file) != mutated {
			return false, nil
		}
	}
	names, err := filepath.Glob(filepath.Join(root, mutated, "*.go"))
	if err != nil {
		return false, err
	}
	for _, name := range names {
		file := path.Join(mutated, filepath.Base(name))
		text, ok := changed[file]
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if !ok {
			if text, err = os.ReadFile(name); err != nil {
				return false, err
			}
		}
		files[path.Join(copyOf(m), path.Base(file))] = text
	}
	return true, nil
}

// copyOf is the folder of the copy for a mutant.
func copyOf(m *Mutant) string { return "raft/mutants/" + m.Name }

// source is the program of the copies. It replays as raftcheck replay does.
func (r *replayer) source(mutants []*Mutant) string {
	var imports, systems strings.Builder
	for i, m := range mutants {
		if r.copies[m.Name] {
			fmt.Fprintf(&imports, "\tm%d %q\n", i, "raftcheck/"+copyOf(m))
			fmt.Fprintf(&systems, "\t%q: m%d.System{},\n", m.Name, i)
		}
	}
	return fmt.Sprintf(`package main

import (
	"encoding/json"
	"io"
	"os"

	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
%s)

var systems = map[string]raft.System{
%s}

func main() {
	system := systems[os.Args[1]]
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
`, imports.String(), systems.String())
}

// TestReplayer: a program of one mutant and that of all copies say the same of a schedule.
func TestReplayer(t *testing.T) {
	m := read(t, "vote-not-persisted")
	file := filepath.Join(root, "testdata/found/mutants/vote-not-persisted.txt")
	lines, verdicts := shared.replay(t, m, file)
	require.True(t, shared.copies[m.Name])
	alone := &replayer{own: shared.own, copies: map[string]bool{}}
	alone.once.Do(func() {})
	ownLines, ownVerdicts := alone.replay(t, m, file)
	require.Equal(t, ownLines, lines)
	require.Equal(t, ownVerdicts, verdicts)
	require.Equal(t, models.Violated.String(), verdicts["Durability"])
	require.NotContains(t, verdicts, trial.Expectation.Name)
}
