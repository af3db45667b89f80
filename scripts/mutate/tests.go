package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// tests are some tests of a package.
type tests struct {
	folder string // of the package, from the root of the module
	run    string // the pattern of their names; "" is all
}

// judges has the packages that are mutated, each with the tests that must find its mutants, in
// their order: its own, then the fast ones that use it.
var judges = map[string][]tests{
	"models":                {{"models", ""}, stories},
	"models/trace":          {{"models/trace", ""}, {"models", ""}, stories},
	"models/paper":          {{"models/paper", ""}, {"models", ""}, stories},
	"linearizability":       {{"linearizability", ""}, stories},
	"linearizability/model": {{"linearizability/model", ""}, {"linearizability", ""}, stories},
	"faults":                {{"faults", ""}, stories},
}

// stories replays the schedules that were written by hand, with their expected verdicts and traces.
var stories = tests{"fuzz", "Scenario|Stor|Found|pinned|private"}

// slower is how many times the CPU time of the tests without a mutant they may take with one.
const slower = 3

// memory is the kilobytes of addresses that tests may use with a mutant.
const memory = 8 << 20

// built is a program of tests.
type built struct {
	tests
	program string
	dir     string
	seconds int // of CPU time that the tests may take, 0 is no limit
}

// build compiles tests with the files of an overlay.
func build(ctx context.Context, root, scratch, overlay string, t tests) (built, error) {
	name := strings.ReplaceAll(t.folder, "/", "-") + ".test"
	b := built{tests: t, program: filepath.Join(scratch, name), dir: filepath.Join(root, t.folder)}
	args := []string{"test", "-c", "-vet=off", "-overlay", overlay, "-o", b.program, "."}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return b, fmt.Errorf("%w\n%s", err, bytes.TrimSpace(text))
	}
	return b, nil
}

// failed finds the name of the test that failed in its output, or the panic.
var failed = regexp.MustCompile(`--- FAIL: (\S+)|panic: .*`)

// test runs the tests with a mutant, until one fails. It returns the one that failed, or "". The
// first run is without a mutant, and sets the limit of the others.
func (b *built) test(ctx context.Context, mutant int) (string, error) {
	limit := "unlimited"
	if b.seconds > 0 {
		limit = strconv.Itoa(b.seconds)
	}
	// The shell's limits are of the process that takes its place.
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -t "$1" && ulimit -v "$2"; shift 2; exec "$@"`, "sh",
		limit, strconv.Itoa(memory), b.program, "-test.failfast", "-test.run", b.run)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), environment+"="+strconv.Itoa(mutant))
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil && b.seconds == 0:
		used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		b.seconds = 1 + slower*int(used.Seconds()+1)
		return "", nil
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case !errors.As(err, &exit):
		return "", err
	}
	if name := failed.FindString(string(text)); name != "" {
		return name, nil
	}
	return exit.String(), nil
}
