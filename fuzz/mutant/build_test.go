package mutant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
)

// run runs a built raftcheck in a folder of its own, and returns its exit code and its output.
func run(t *testing.T, program string, args ...string) (int, []byte) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = t.TempDir()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		require.True(t, errors.As(err, new(*exec.ExitError)), "%v: %s", err, errs.Bytes())
	}
	require.NotEmpty(t, out.Bytes(), "%s", errs.Bytes())
	return cmd.ProcessState.ExitCode(), out.Bytes()
}

// campaign runs a campaign of a built raftcheck, and returns its exit code and the
// properties that were violated.
func campaign(t *testing.T, program string) (int, []string) {
	t.Helper()
	code, out := run(t, program, "fuzz", "-json", "-schedules", "8", "-seed", "1")
	var report struct {
		Violations []struct{ Property string }
	}
	require.NoError(t, json.Unmarshal(out, &report), "%s", out)
	var violated []string
	for _, v := range report.Violations {
		violated = append(violated, v.Property)
	}
	return code, violated
}

// read returns one mutant of the corpus.
func read(t *testing.T, name string) *Mutant {
	t.Helper()
	file := corpus + "/" + name + ".txt"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	m, err := Parse(file, text)
	require.NoError(t, err)
	return m
}

// TestBuilder: the program with the mutant violates a property, and the program without
// it does not. The program of all mutants says the same of a schedule. A program that exists
// is not built again.
func TestBuilder(t *testing.T) {
	b := &Builder{Root: root, Program: "./scripts/raftcheck", Folder: t.TempDir() + "/built"}
	mutated, err := b.Build(t.Context(), read(t, "vote-not-persisted"))
	require.NoError(t, err)
	code, violated := campaign(t, mutated)
	require.Equal(t, 1, code)
	require.Contains(t, violated, "Durability")

	file, err := filepath.Abs(filepath.Join(root, "testdata/found/mutants/vote-not-persisted.txt"))
	require.NoError(t, err)
	code, out := run(t, mutated, "replay", "-json", file)
	require.Equal(t, 1, code)
	lines, verdicts := report(t, out)
	together, all := replay(t, "vote-not-persisted", file)
	require.Equal(t, lines, together)
	require.Equal(t, models.Held.String(), verdicts[trial.Survival.Name], "which one process cannot judge of itself")
	delete(verdicts, trial.Survival.Name)
	require.Equal(t, verdicts, all)
	require.Equal(t, models.Violated.String(), verdicts["Durability"])
	require.NotContains(t, verdicts, trial.Expectation.Name)

	sound, err := b.Build(t.Context(), nil)
	require.NoError(t, err)
	require.NotEqual(t, mutated, sound)
	code, violated = campaign(t, sound)
	require.Zero(t, code)
	require.Empty(t, violated)

	was, err := os.Stat(mutated)
	require.NoError(t, err)
	again, err := b.Build(t.Context(), read(t, "vote-not-persisted"))
	require.NoError(t, err)
	require.Equal(t, mutated, again)
	is, err := os.Stat(again)
	require.NoError(t, err)
	require.True(t, os.SameFile(was, is))

	left, err := os.ReadDir(b.Folder)
	require.NoError(t, err)
	require.Len(t, left, 4, "two programs and their sums: what was needed to build is gone")
}

func TestBuilder_error(t *testing.T) {
	b := &Builder{Root: root, Program: "./scripts/raftcheck", Folder: t.TempDir() + "/built"}
	m := read(t, "vote-not-persisted")
	m.Name = "bug"
	m.Edits[0].Lines = append(m.Edits[0].Lines, Line{Comes, "\tundefined()"})
	_, err := b.Build(t.Context(), m)
	require.ErrorContains(t, err, "mutant bug: go build: exit status 1\n")
	require.ErrorContains(t, err, "undefined: undefined")

	m.Edits[0].Lines = []Line{{Goes, "nowhere"}}
	_, err = b.Build(t.Context(), m)
	require.ErrorContains(t, err, "mutant bug: ")
	require.ErrorContains(t, err, "vote-not-persisted.txt:")

	left, err := os.ReadDir(b.Folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestBuilder_ends: a build ends with its context, before it begins, while it waits for
// others, and while it runs. A compiler that never ends stands for Go's.
func TestBuilder_ends(t *testing.T) {
	bin := t.TempDir()
	began := filepath.Join(bin, "began")
	require.NoError(t, exec.Command("mkfifo", began).Run())
	script := "#!/bin/sh\nexec cat " + began + "\n" // waits for a writer, and for the writer's end
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))

	b := &Builder{Root: root, Program: "./scripts/raftcheck", Folder: t.TempDir() + "/built"}
	m := read(t, "vote-not-persisted")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := b.Build(ctx, m)
		ended <- err
	}()
	writer, err := os.OpenFile(began, os.O_WRONLY, 0) // once the compiler reads
	require.NoError(t, err)
	defer writer.Close()
	stop()
	err = <-ended
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "mutant vote-not-persisted: ")
	left, err := os.ReadDir(b.Folder)
	require.NoError(t, err)
	require.Empty(t, left)

	_, err = b.Build(ctx, m)
	require.ErrorIs(t, err, context.Canceled)
	for range cap(b.free) {
		b.free <- struct{}{} // as many builds as may run at once
	}
	_, err = b.Build(ctx, m)
	require.ErrorIs(t, err, context.Canceled)
}

// TestBuilder_sum: another source gives another program.
func TestBuilder_sum(t *testing.T) {
	b := &Builder{Program: "./scripts/raftcheck"}
	sum := func(changed map[string][]byte) string {
		s, err := b.sum(root, changed)
		require.NoError(t, err)
		return string(s)
	}
	sound := sum(nil)
	require.Equal(t, sound, sum(map[string][]byte{}))
	other := sum(map[string][]byte{"raft/reference/log.go": []byte("package reference")})
	require.NotEqual(t, sound, other)
	require.NotEqual(t, other, sum(map[string][]byte{"raft/reference/node.go": []byte("package reference")}))
	b.Program = "./scripts/other"
	require.NotEqual(t, sound, sum(nil))
}
