//go:build unix

package command

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// stopPanics is a node that panics where the run cannot go on.
type stopPanics struct{ raft.Node }

func (stopPanics) Stop() { panic("no stop") }

// hostiles are systems that harm their runs, each in a way of its own.
func hostiles() []raft.System {
	return []raft.System{
		altered{name: "stop-panics", wrap: func(n raft.Node) raft.Node { return stopPanics{n} }},
		signaller("outage", func() { panic(raft.Outage{Err: errors.New("no machine")}) }),
		signaller("forker", fork),
		signaller("waiter", func() { select {} }),
		signaller("garbler", func() { syscall.Write(1, []byte("hello, this is no answer")) }),
		wordy{altered{name: "wordy", wrap: func(n raft.Node) raft.Node { return n }}},
	}
}

// wordy is a system whose reason is no line of text.
type wordy struct{ altered }

func (wordy) Nondeterminism() string { return "mood\n\x1b[2J" }

// fork starts a process that outlives this one, and has its standard output. It ends with the
// folder of the test.
func fork() {
	if once() {
		outlives := exec.Command("sh", "-c", "while [ -e file.txt ]; do sleep 0.5; done")
		outlives.Stdout = os.NewFile(1, "answers")
		outlives.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		outlives.Start()
		os.Exit(0)
	}
}

// TestHostiles: each ends in a verdict or an error with its name, and never in a bug.
func TestHostiles(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]struct {
		code int
		text string
	}{
		"stop-panics": {exitViolated, "\nviolated Survival: a call panics: no stop: "},
		"outage":      {exitNotChecked, "no machine\n"},
		"forker":      {exitViolated, "\nviolated Survival: the process ends with exit code 0: in one run"},
		"waiter": {exitViolated, "\nthe other rules were not tried: each may wait as long for a call that " +
			"does not return\n"},
		"wordy": {exitNotChecked, `printable bytes, found "mood\n\x1b[2J"`},
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			args := "fuzz -seed 4 -schedules 1 -workers 1 -system " + system
			if system == "waiter" {
				args = "conform -system waiter"
			}
			files := map[string]string{"file.txt": ""}
			cmd, out, errs := startedBeside(t, files, "exec 2>errs;", args)
			code := exitCodeOf(cmd, errs)
			said, err := os.ReadFile(filepath.Join(cmd.Dir, "errs"))
			require.NoError(t, err)
			require.Equal(t, want.code, code, out.String()+string(said))
			require.Contains(t, out.String()+string(said), want.text)
		})
	}
}
