//go:build unix

package command

import (
	"bufio"
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/apart"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// asProgram makes the binary of the tests the program of Main.
const asProgram = "RAFTCHECK_AS_PROGRAM"

// patient is its value for a program that never takes a signal for the second one.
const patient = "patient"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		flag.Set("test.parallel", "8") // tests with t.Parallel wait for processes
		var err error
		if builtOnce, err = os.MkdirTemp("", "raftcheck-built-*"); err != nil {
			panic(err)
		}
		code := m.Run()
		os.RemoveAll(builtOnce)
		os.Exit(code)
	}
	if os.Getenv(asProgram) == "refuser" {
		refuse()
		os.Exit(0)
	}
	began := time.Now()
	if os.Getenv(asProgram) == patient {
		sameSignal = time.Hour
	}
	clock = func() time.Time { return began.Add(time.Since(began) * 10_000) } // progress is shown soon
	limits.Patience = apart.Patience / 10
	sound := reference.System{}
	systems := append(sabotage.Systems(sound), stuck{}, quitter(), leaver(), lateLeaver(),
		leaker("leaker"), owningLeaker(), goner(),
		signaller("stopper", stopAll), signaller("ender", endItself), signaller("victim", killedOnce))
	systems = append(systems, hostiles()...)
	Main(services.All(), append([]raft.System{sound}, systems...)...)
}

// stuck is a system that does not come back from a boot, and leaves a file before.
type stuck struct{ reference.System }

func (stuck) Name() string { return "stuck" }

func (stuck) Boot(raft.NodeConfig) (raft.Node, error) {
	os.WriteFile("stuck", nil, 0o644)
	select {}
}

// quitter is a system whose nodes end the process when their election timers fire.
func quitter() raft.System {
	return altered{name: "quitter", wrap: func(n raft.Node) raft.Node {
		return harms[*raft.Timeout]{n, n.(raft.Inspector), func() { os.Exit(0) }}
	}}
}

// leaver is a system whose nodes end the process when they are asked to hand over.
func leaver() raft.System {
	return altered{name: "leaver", wrap: func(n raft.Node) raft.Node {
		return harms[*raft.Transfer]{n, n.(raft.Inspector), func() { os.Exit(0) }}
	}}
}

// lateLeaver is a leaver that does so in one late term alone, so that nearly all schedules hold: each
// that does not costs dozens of processes.
func lateLeaver() raft.System {
	return altered{name: "late-leaver", wrap: func(n raft.Node) raft.Node {
		state := n.(raft.Inspector)
		return harms[*raft.Transfer]{n, state, func() {
			if state.Status().Term == 5 {
				os.Exit(0)
			}
		}}
	}}
}

// goner is a system whose nodes end the goroutine of the call when they are asked to hand over.
func goner() raft.System {
	return altered{name: "goner", wrap: func(n raft.Node) raft.Node {
		return harms[*raft.Transfer]{n, n.(raft.Inspector), runtime.Goexit}
	}}
}

// leaker is a system whose nodes leave a goroutine then.
func leaker(name string) altered {
	return altered{name: name, wrap: func(n raft.Node) raft.Node {
		return harms[*raft.Transfer]{n, n.(raft.Inspector), func() { go func() { select {} }() }}
	}}
}

// owningLeaker is such a system that states that it is not deterministic.
func owningLeaker() raft.System { return capricious{leaker("owning-leaker")} }

// harms is a node that does harm when it takes an input.
type harms[In raft.Input] struct {
	raft.Node
	raft.Inspector
	harm func()
}

func (h harms[In]) Step(in raft.Input) raft.Output {
	if _, ok := in.(In); ok {
		h.harm()
	}
	return h.Node.Step(in)
}

// TestQuitter: each command that runs a system names the event that ends the process.
func TestQuitter(t *testing.T) {
	t.Parallel()
	const short = "system quitter\nnodes  3\nrand   1\n\nsettle\n"
	files := map[string]string{
		"file.txt": short + "call c1 1 put x 1\ntimeout 1\nsettle\n", "short.txt": short,
		"calm.txt": strings.Replace(short, "quitter", "waiter", 1),
	}
	for args, want := range map[string]string{
		"fuzz -system quitter -seed 3 -schedules 20 -workers 1 -until Survival": "\nSurvival: violated\n",
		"fuzz -system late-leaver -profile calm -seed 5 -schedules 20 -campaign kept": "" +
			"\nnew: violated Survival after event ",
		"explore -system leaver -terms 1 -calls 0 -transfers 1": "" +
			" is asked to hand over to n1 (7 events, no fewer do)\n",
		// The worker that dies first says where; of equal states, that is either worker's.
		"explore -system goner -terms 1 -calls 0 -transfers 1 -workers 2": "" +
			" is asked to hand over to n1 (7 events, no fewer do)\n",
		"explore -system waiter -terms 1 -calls 0 -transfers 1": "" +
			"\nviolated Survival after event 7: a call does not return: n",
		"neighbourhood calm.txt": "" +
			"\nviolated Survival after event 1: a call does not return: n1 is asked to hand over to n",
		"escalate short.txt": "\nviolated Survival after event 1: the process ends with exit code 0: n",
		"neighbourhood short.txt": "" +
			"\nviolated Survival after event 1: the process ends with " +
			"exit code 0: n1 timeout (1 change away: timeout 1 instead of event 1, settle)\n",
		"hunt -system leaker -seed 1 -seconds 0.2": "" +
			"\nviolated Survival: goroutines stay behind: 1 after the run (shrunk from ",
		"hunt -system leaver -seed 5": "\ntransfer 1->2\n----\nviolated Survival after event 1: ",
		"show file.txt": "" +
			"violated Survival after event 3: the process ends with exit code 0: n1 timeout\n",
		"replay file.txt": "declined by n1: rejected\n3. timeout 1\n    n1 timeout\n----\n" +
			"violated Survival after event 3: the process ends with exit code 0: n1 timeout\n",
		"shrink file.txt": "\ntimeout 1\n----\n" +
			"violated Survival after event 1: the process ends with exit code 0: n1 timeout\n",
		"conform -system leaver": "determinism  violated     the same inputs give the same outputs\n" +
			"    the process ends with exit code 0: n4 is asked to hand over to n3\n    after these events:\n",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			cmd, out, errs := startedBeside(t, files, "", args)
			code := exitCodeOf(cmd, errs)
			require.Equal(t, exitViolated, code, out)
			require.Contains(t, out.String(), want)
		})
	}
}

// runIn runs a command line in a folder, as a process of its own, and returns its exit code and output.
func runIn(t *testing.T, folder string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, append(os.Environ(), asProgram+"=1"), &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// started starts a command line as a process of its own, under a shell's words in front of it.
func started(t *testing.T, shell, args string) (*exec.Cmd, *bytes.Buffer, *bufio.Reader) {
	t.Helper()
	return startedBeside(t, nil, shell, args)
}

// startedBeside is started in a folder with files.
func startedBeside(
	t *testing.T, files map[string]string, shell, args string,
) (*exec.Cmd, *bytes.Buffer, *bufio.Reader) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	// A process that ignores these hands that on; one that catches them does not.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(signals) })
	cmd := exec.Command("sh", "-c", shell+"exec "+os.Args[0]+" "+args)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, &out, bufio.NewReader(errs)
}

// atWork waits until the process shows its progress.
func atWork(t *testing.T, errs *bufio.Reader) {
	t.Helper()
	line, err := errs.ReadString('\n')
	require.NoError(t, err)
	require.Regexp(t, `^[\dhms]+: `, line)
}

func exitCodeOf(cmd *exec.Cmd, errs *bufio.Reader) int {
	errs.WriteTo(bytes.NewBuffer(nil))
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// TestSignals_end the work with its results so far.
func TestSignals_end(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for args, want := range map[string]string{
			"fuzz -seed 1 -workers 1 -schedules " + endless:      "stopped after ",
			"fuzz -seed 1 -until Liveness -schedules " + endless: "\nLiveness: not checked\n",
			"explore -terms 9 -workers 1":                        "\nstopped at depth ",
		} {
			cmd, out, errs := started(t, "", args)
			atWork(t, errs)
			require.NoError(t, cmd.Process.Signal(s))
			require.Equal(t, exitNotChecked, exitCodeOf(cmd, errs), "%v %s", s, args)
			require.Contains(t, out.String(), want)
			require.True(t, strings.HasSuffix(out.String(), "not checked\n"), out.String())
		}
	}
}

// TestSignals_secondEnds: work that does not come to its end is ended by the next signal.
func TestSignals_secondEnds(t *testing.T) {
	t.Parallel()
	cmd, out, errs := started(t, "", "explore -system stuck -workers 1")
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for wasThere := false; !wasThere; <-again.C {
		_, err := os.Stat(filepath.Join(cmd.Dir, "stuck"))
		wasThere = err == nil
	}
	ended := make(chan int)
	go func() { ended <- exitCodeOf(cmd, errs) }()
	for {
		select {
		case code := <-ended:
			require.Equal(t, -1, code, "a signal ended it")
			require.Empty(t, out.String())
			return
		case <-again.C:
			cmd.Process.Signal(syscall.SIGINT)
		}
	}
}

// TestSignals_same: signals that soon follow the first are the same one, as those of GNU
// timeout are, and the work ends with its results so far.
func TestSignals_same(t *testing.T) {
	t.Parallel()
	shell := "export " + asProgram + "=" + patient + ";"
	cmd, out, errs := started(t, shell, "fuzz -seed 1 -workers 1 -schedules "+endless)
	atWork(t, errs)
	ended := make(chan int)
	go func() { ended <- exitCodeOf(cmd, errs) }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		select {
		case code := <-ended:
			require.Equal(t, exitNotChecked, code)
			require.Contains(t, out.String(), "stopped after ")
			return
		case <-again.C:
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
}

// TestSignals_stuck: a system that hangs is found, and the first signal ends the campaign.
func TestSignals_stuck(t *testing.T) {
	t.Parallel()
	cmd, out, errs := started(t, "", "fuzz -seed 1 -system stuck -workers 1")
	line, err := errs.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "found Survival in schedule 0: ")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.Equal(t, exitViolated, exitCodeOf(cmd, errs))
	require.Contains(t, out.String(), "\nviolated Survival: a call does not return: n1 boots (not shrunk: the campaign was ended first)\n")
}

// TestSignals_pages: a signal ends the drawing too, and the pages that are missing are reported.
func TestSignals_pages(t *testing.T) {
	t.Parallel()
	cmd, _, errs := started(t, "", "fuzz -system reference+send-before-persist -seed 1 -workers 1 -schedules "+endless)
	line, err := errs.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "found ")
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	said, err := io.ReadAll(errs)
	require.NoError(t, err)
	require.Equal(t, exitViolated, exitCodeOf(cmd, errs))
	require.Regexp(t, `ended before the pages of \d+ findings? were drawn; '.* show FILE' draws one\n`, string(said))
	pages, err := filepath.Glob(filepath.Join(cmd.Dir, "testdata/found/*.html"))
	require.NoError(t, err)
	require.Empty(t, pages)
}

// leaves is a schedule that makes a leaker leave goroutines.
const leaves = `nodes  3
rand   1

timeout 1
settle
transfer 1->2
`

// TestReplay_leaves: a system that leaves goroutines violates Survival, whether or not its runs
// are alike, and its place is named. The page has the whole run.
func TestReplay_leaves(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{
		"leaker":        "",
		"owning-leaker": "not deterministic: moods\nviolated Survival in 10 of 10 runs\n",
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"file.txt": "system " + system + "\n" + leaves}
			cmd, out, errs := startedBeside(t, files, "", "replay file.txt")
			require.Equal(t, exitViolated, exitCodeOf(cmd, errs), out)
			require.Regexp(t, `\n----\nviolated Survival: goroutines stay behind: \d+ after the run\n`+
				`    at raftcheck/scripts/command\.\S*leaker\.func\S*, signals_test.go:\d+\n(    at created by .*\n)?`+
				want+"$", out.String())
			cmd, out, errs = startedBeside(t, files, "", "replay -json file.txt")
			require.Equal(t, exitViolated, exitCodeOf(cmd, errs), out)
			require.Contains(t, out.String(), `"verdict": "violated"`)
			require.Regexp(t, `"stack": \[\s+"at raftcheck/scripts/command\.\S*leaker`, out.String())
			cmd, out, errs = startedBeside(t, files, "", "show file.txt")
			require.Equal(t, exitViolated, exitCodeOf(cmd, errs), out)
			require.Contains(t, out.String(), "violated Survival: goroutines stay behind: ")
			page, err := os.ReadFile(filepath.Join(cmd.Dir, "file.html"))
			require.NoError(t, err)
			require.Contains(t, string(page), "goroutines stay behind: ")
		})
	}
}

// TestSignals_ignored: under nohup a terminal that is closed does not end the work.
func TestSignals_ignored(t *testing.T) {
	t.Parallel()
	cmd, out, errs := started(t, "trap '' HUP; ", "fuzz -seed 1 -workers 1 -schedules "+endless)
	atWork(t, errs)
	require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
	for range 3 {
		atWork(t, errs)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Equal(t, exitNotChecked, exitCodeOf(cmd, errs))
	require.Contains(t, out.String(), "stopped after ")
}

// TestMain_errors: a process prints an error once, in two lines, without the flags.
func TestMain_errors(t *testing.T) {
	t.Parallel()
	cmd, out, errs := started(t, "", "fuzz -sead 3")
	text, err := io.ReadAll(errs)
	require.NoError(t, err)
	require.Equal(t, exitNotChecked, exitCodeOf(cmd, errs))
	require.Empty(t, out.String())
	built, _ := debug.ReadBuildInfo()
	require.Equal(t, filepath.Base(os.Args[0])+": flag provided but not defined: -sead\nrun '"+
		invocation(os.Args[0], built)+" help fuzz'\n", string(text))
}

// TestPlay_survives: a system that ends its process, or does not return, leaves the page as it is,
// with the reason.
func TestPlay_survives(t *testing.T) {
	t.Parallel()
	for system, last := range map[string]string{"quitter": "timeout 2", "waiter": "transfer 1->2"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "play", "-system", system)
			cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), asProgram+"=1")
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			url, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			url = strings.TrimSpace(url)
			events := "system " + system + "\nnodes 3\nrand 1\n\ntick 1\n"
			require.Contains(t, carriedOut(t, url, events+last+"\n").Error, "violated Survival after event 2")
			require.Equal(t, "held", carriedOut(t, url, events).Outcome)
		})
	}
}

// TestShow_death: the page of a system that ends its process has the run up to that event,
// and the death as its last step.
func TestShow_death(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "quits.txt")
	text := "system quitter\nnodes  3\nrand   1\n\ntick 1\ntimeout 2\ntick 1\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	code, said, errs := runIn(t, filepath.Dir(file), "show", file)
	require.Equal(t, exitViolated, code, errs)
	require.Contains(t, said, "violated Survival after event 2")
	page, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".html")
	require.NoError(t, err)
	require.Contains(t, string(page), "violated Survival after event 2</span>")
	require.Contains(t, string(page), `<td>violated, <a href="#2">event 2</a></td>`)
}
