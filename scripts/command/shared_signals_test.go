//go:build unix

package command

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/raft"
)

// signaller is a system whose nodes send signals when they are asked to hand over.
func signaller(name string, send func()) raft.System {
	return altered{name: name, wrap: func(n raft.Node) raft.Node {
		return harms[*raft.Transfer]{n, n.(raft.Inspector), send}
	}}
}

// once reports whether it is called for the first time in this folder.
func once() bool { return os.Mkdir("once", 0o755) == nil }

// stopAll signals this process and then the program, as the end of a service does.
func stopAll() {
	if once() {
		kill := exec.Command("sh", "-c", fmt.Sprintf("kill -TERM %d %d", os.Getpid(), os.Getppid()))
		kill.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this process
		kill.Run()
	}
}

// killedOnce is killed in one run, as by a machine that has no memory left.
func killedOnce() {
	if once() {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// TestSharedSignals: a signal that the program gets too, or that does not come again, says nothing
// about the system. One that the system sends to its process does.
func TestSharedSignals(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"fuzz -system stopper -seed 1 -schedules " + endless: {exitNotChecked, "stopped after "},
		"explore -system stopper -terms 9 -transfers 1":      {exitNotChecked, "\nstopped at depth "},
		"fuzz -system ender -seed 7 -schedules 1": {exitViolated,
			": the process ends by signal: terminated: "},
		"explore -system ender -nodes 2 -terms 1 -calls 0 -transfers 1": {exitViolated,
			": the process ends by signal: terminated: "},
		"conform -system ender": {exitViolated, "the process ends by signal: terminated: "},
		"fuzz -system victim -seed 1 -schedules 20": {exitHeld,
			"Survival                         20            0            0\n"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			cmd, out, errs := started(t, "", args)
			require.Equal(t, want.code, exitCodeOf(cmd, errs), out)
			require.Contains(t, out.String(), want.text)
			if want.code != exitViolated {
				require.NotContains(t, out.String(), "violated Survival")
				found, err := filepath.Glob(filepath.Join(cmd.Dir, "testdata/found/*"))
				require.NoError(t, err)
				require.Empty(t, found)
			}
		})
	}
}

// TestSharedSignals_exec: a program that is signalled together with this process gets no verdict.
// One that ends alone does.
func TestSharedSignals_exec(t *testing.T) {
	t.Parallel()
	const alone = "kill $$"
	for kill, want := range map[string]struct{ args, text string }{
		"kill $PPID; kill $$": {"fuzz -exec 'sh ./program' -seed 1 -workers 1",
			"its program was asked to end, as this process was"},
		alone: {"replay -exec 'sh ./program' file.txt", "violated NoPanic"},
	} {
		program := strings.Replace(follower, "exit 3", kill, 1)
		cmd, out, errs := startedBeside(t, map[string]string{"program": program, "file.txt": twoEvents}, "", want.args)
		said, err := io.ReadAll(errs)
		require.NoError(t, err)
		exitCodeOf(cmd, errs)
		require.Contains(t, out.String()+string(said), want.text)
		require.Equal(t, kill == alone, strings.Contains(out.String(), "violated NoPanic"))
	}
}
