package live

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// started is the command line in a process of its own, in a folder of the test.
func started(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "FAKE_MAIN="+t.Name(), "TMPDIR="+cmd.Dir)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = time.Second // what is left must not be waited for
	return cmd, &output
}

// wait waits for the end of a command and returns its exit code.
func wait(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		return cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		t.Fatal("the command did not end")
		return 0
	}
}

// left counts the processes that a test's commands left.
func left(t *testing.T) (n int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	for _, file := range files {
		text, _ := os.ReadFile(file) // of a process that has just ended
		if bytes.Contains(text, []byte("FAKE_MAIN="+t.Name()+"\x00")) {
			n++
		}
	}
	return n
}

func schedule(t *testing.T, dir, events string) string {
	t.Helper()
	name := filepath.Join(dir, "schedule.txt")
	text := "system fake-good\nnodes  3\ntick   5ms\nrand   1\n\n" + strings.ReplaceAll(events, ", ", "\n") + "\n"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

// TestMain_replay: a replay ends by itself, and leaves nothing, in a sandbox and without.
func TestMain_replay(t *testing.T) {
	for _, flags := range [][]string{{"replay"}, {"replay", "-plain"}} {
		cmd, output := started(t)
		cmd.Args = append(append(cmd.Args, flags...), schedule(t, cmd.Dir, "load k=1, run k=20, kill 1, heal k=2000"))
		require.NoError(t, cmd.Start())
		require.Equal(t, exitHeld, wait(t, cmd), output.String())
		require.Contains(t, output.String(), "held Linearizability")
		require.Contains(t, output.String(), "(fake 1.0)")
		requireNothingLeft(t, cmd)
	}
}

func requireNothingLeft(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.Eventually(t, func() bool { return left(t) == 0 }, 20*time.Second, 10*time.Millisecond)
	entries, err := os.ReadDir(cmd.Dir)
	require.NoError(t, err)
	for _, entry := range entries {
		require.Equal(t, "schedule.txt", entry.Name())
	}
}

// TestMain_killed: after SIGINT, SIGTERM and a kill that no program survives, no process
// is left. What a kill leaves of folders, the next start without a sandbox removes.
func TestMain_killed(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		for _, plain := range []bool{false, true} {
			cmd, output := started(t, "replay", fmt.Sprintf("-plain=%t", plain))
			cmd.Args = append(cmd.Args, schedule(t, cmd.Dir, "load k=2, run k=10000"))
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool { return left(t) >= 4 }, 20*time.Second, 10*time.Millisecond,
				"the servers run")
			require.NoError(t, cmd.Process.Signal(s))
			code := wait(t, cmd)
			require.NotEqual(t, exitHeld, code, output.String())
			require.Eventually(t, func() bool { return left(t) == 0 }, 20*time.Second, 10*time.Millisecond, s.String())
			if s != syscall.SIGKILL {
				require.Contains(t, output.String(), "stopped by a signal")
				requireNothingLeft(t, cmd)
			}
		}
	}
}

// TestMain_leftFolder: the next run removes the folder of a run that was killed, and
// leaves that of one that goes on, and what is not its own.
func TestMain_leftFolder(t *testing.T) {
	cmd, _ := started(t, "replay", "-plain")
	cmd.Args = append(cmd.Args, schedule(t, cmd.Dir, "run k=1"))
	stranger := filepath.Join(cmd.Dir, "raftcheck-livestock")
	killed, going := filepath.Join(cmd.Dir, plainPrefix+"64-1"), filepath.Join(cmd.Dir, plainPrefix+"64-2")
	for _, dir := range []string{stranger, killed, going} {
		require.NoError(t, os.Mkdir(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "lock"), nil, 0o644))
	}
	lock, err := locked(going, os.O_RDWR)
	require.NoError(t, err)
	defer lock.Close()
	require.NoError(t, cmd.Start())
	require.Equal(t, exitHeld, wait(t, cmd))
	require.NoDirExists(t, killed)
	require.DirExists(t, going)
	require.DirExists(t, stranger)
}

// TestMain_misuse: a wrong command line, file or server is an error, soon.
func TestMain_misuse(t *testing.T) {
	dir := t.TempDir()
	good := schedule(t, dir, "run k=1")
	bad := filepath.Join(dir, "bad.txt")
	require.NoError(t, os.WriteFile(bad, []byte("system fake-good\nnodes 3\nrand 1\n\nkill 4\n"), 0o644))
	for _, test := range []struct{ args, text string }{
		{"dance", "no command"},
		{"replay", "expected one FILE"},
		{"replay " + dir + "/none.txt", "none.txt"},
		{"replay " + bad, bad + ":5"},
		{"replay -system nothing " + good, "expected a server of fake-good, fake-hangs, fake-unsynced"},
		{"replay -system fake-hangs " + good, "no cluster after 500ms"},
		{"replay -metrics 192.0.2.1:80 " + good, "an address of loopback"},
		{"fuzz -profile none", "expected a profile of"},
		{"fuzz -schedules 0", "expected -schedules"},
		{"list x", "no arguments"},
	} {
		cmd, output := started(t, strings.Fields(test.args)...)
		require.NoError(t, cmd.Start())
		require.Equal(t, exitNotChecked, wait(t, cmd), "%s: %s", test.args, output)
		require.Contains(t, output.String(), test.text, test.args)
	}
}

// TestMain_metrics: while a run goes on, its metrics are served outside of the sandbox.
func TestMain_metrics(t *testing.T) {
	const address = "127.0.0.1:19100"
	cmd, output := started(t, "replay", "-metrics", address)
	cmd.Args = append(cmd.Args, schedule(t, cmd.Dir, "load k=2, run k=10000"))
	require.NoError(t, cmd.Start())
	text := ""
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		all, err := io.ReadAll(answer.Body)
		text = string(all)
		return err == nil && strings.Contains(text, `raftcheck_node_up{node="3"} 1`)
	}, 20*time.Second, 20*time.Millisecond)
	require.Contains(t, text, "raftcheck_operations_total")
	require.Contains(t, text, "raftcheck_node_leads")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Equal(t, exitNotChecked, wait(t, cmd), output.String())
}

// TestMain_show: the page has the first run that violates a property, and in how many runs
// of so many that was so.
func TestMain_show(t *testing.T) {
	cmd, output := started(t, "show", "-runs", "2", "-system", "fake-unsynced")
	cmd.Args = append(cmd.Args, schedule(t, cmd.Dir, "call c1 1 put x 7, settle, crash 1, heal k=2000"))
	require.NoError(t, cmd.Start())
	require.Equal(t, exitViolated, wait(t, cmd), output.String())
	page, err := os.ReadFile(filepath.Join(cmd.Dir, "schedule.html"))
	require.NoError(t, err)
	for _, want := range []string{
		"violated Linearizability</span>", "Linearizability was violated in 2 of 2 runs", "fake 1.0",
		"each node's log", `<div id="run"`,
	} {
		require.Contains(t, string(page), want)
	}
}

// TestMain_fuzz: a campaign prints its figures, and everything holds.
func TestMain_fuzz(t *testing.T) {
	cmd, output := started(t, "fuzz", "-profile", "calm", "-seed", "3", "-schedules", "1")
	require.NoError(t, cmd.Start())
	require.Equal(t, exitHeld, wait(t, cmd), output.String())
	require.Contains(t, output.String(), "schedules   1")
	require.Contains(t, output.String(), notLookedAt)
}
