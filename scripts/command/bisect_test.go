//go:build unix

package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// answers is a program that answers "replay FILE" with an output and an exit code.
func answers(output string, code string) string {
	return "package main\n\nimport \"os\"\n\n" +
		"func main() {\n\tos.Stdout.WriteString(`" + output + "`)\n\tos.Exit(" + code + ")\n}\n"
}

const (
	replayHeld    = "1. settle\n    n1 boots\n2. transfer 1->2\n----\nheld\n"
	replayIgnored = "1. settle\n2. transfer 1->2\n    ignored: n1 does not lead\n----\nheld\n"
	replayFails   = "1. settle\n2. transfer 1->2\n----\nviolated Liveness after event 2: stuck\n" +
		"the file says otherwise:\nviolated Voting: other\n"
	replayOther = "1. settle\n2. transfer 1->2\n----\nviolated NoPanic after event 2: n1 panicked\n"
)

// repository makes a repository with a commit of each program in turn. It returns its folder and
// a function that runs a command line there.
func repository(t *testing.T, programs ...string) (folder string, run func(...string) (int, string, string)) {
	t.Helper()
	folder = t.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	git("init", "-q")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module a\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "kept.txt"), []byte("system a\n"), 0o644))
	for i, text := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(text), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "number"), []byte{byte('0' + i)}, 0o644))
		git("add", ".")
		git("commit", "-q", "-m", "number "+string(rune('0'+i)))
		git("tag", "r"+string(rune('0'+i)))
	}
	return folder, func(args ...string) (int, string, string) { return runIn(t, folder, args...) }
}

// TestBisect: revisions that cannot be built, fail otherwise or ignore an event are not
// judged, and the first bad one is found among the others.
func TestBisect(t *testing.T) {
	t.Parallel()
	held, fails := answers(replayHeld, "0"), answers(replayFails, "1")
	folder, run := repository(t, held, "no program", held, answers(replayIgnored, "0"), held, fails,
		answers(replayOther, "1"), fails)
	code, out, errs := run("bisect", "kept.txt", "-good", "r0", "-bad", "r7", "-program", ".")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "property    Liveness\n")
	require.Regexp(t, `(?m)^first bad   [0-9a-f]+ number 5$`, out)
	list := exec.Command("git", "worktree", "list")
	list.Dir = folder
	worktrees, err := list.Output()
	require.NoError(t, err)
	require.Len(t, strings.Split(strings.TrimSpace(string(worktrees)), "\n"), 1, "the scratch worktree is gone")
}

// TestBisect_notJudged: if only revisions that cannot be judged are left, they are named.
func TestBisect_notJudged(t *testing.T) {
	t.Parallel()
	_, run := repository(t, answers(replayHeld, "0"), answers(replayIgnored, "0"), "no program", answers(replayOther, "1"),
		answers(replayFails, "1"))
	code, out, errs := run("bisect", "-good", "r0", "-bad", "r4", "-program", ".", "kept.txt")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "revisions that cannot be judged are left")
	require.Regexp(t, `not judged  [0-9a-f]+ number 1: the schedule means something else, `+
		`as this event is ignored: 2\. transfer 1->2`, out)
	require.Regexp(t, `not judged  [0-9a-f]+ number 2: it cannot be built: `, out)
	require.Regexp(t, `not judged  [0-9a-f]+ number 3: it violates NoPanic, not Liveness`, out)
}

// TestBisect_bad: ends that are not as said are errors.
func TestBisect_bad(t *testing.T) {
	t.Parallel()
	_, run := repository(t, answers(replayIgnored, "0"), answers(replayFails, "1"))
	for args, want := range map[string]string{
		"bisect kept.txt":                             "expected -good with a revision",
		"bisect -good r0 nowhere.txt":                 "no such file",
		"bisect -good r1 -program . kept.txt":         "that holds at r1, found that it violates Liveness",
		"bisect -good r0 -bad r0 -program . kept.txt": "expected a schedule that fails at r0, found that it held",
		"bisect -good r0 -bad r7 -program . kept.txt": "git worktree: fatal: ",
	} {
		code, _, errs := run(strings.Fields(args)...)
		require.Equal(t, exitNotChecked, code, args)
		require.Contains(t, errs, want, args)
	}
	code, out, _ := run("bisect", "-good", "r0", "-program", ".", "kept.txt")
	require.Equal(t, exitHeld, code)
	require.Contains(t, out, "note        ignored at r0, and not at the bad revision: 2. transfer 1->2\n")
	code, _, errs := runIn(t, t.TempDir(), "bisect", "-good", "r0", "-program", ".", "kept.txt")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "no such file")
}

// does is a program that does so, whatever its arguments.
func does(statement string) string {
	return "package main\n\nimport (\n\t\"os\"\n\t\"time\"\n)\n\n" +
		"func main() {\n\t" + statement + "\n}\n\nvar _, _ = os.Exit, time.Sleep\n"
}

// TestBisect_survival: a revision whose system ends or hangs its program violates Survival.
func TestBisect_survival(t *testing.T) {
	t.Parallel()
	folder, run := repository(t, does("os.Stdout.WriteString(`"+replayHeld+"`)"), does("os.Exit(0)"))
	code, out, errs := run("bisect", "-good", "r0", "-bad", "r1", "-program", ".", "kept.txt")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "property    Survival\n")
	require.Regexp(t, `(?m)^first bad   [0-9a-f]+ number 1$`, out)
	b := &bisection{ctx: t.Context(), scratch: t.TempDir(), folder: folder, program: ".", file: "kept.txt"}
	b.looks = 1
	replay := func(statement string) atRevision {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(does(statement)), 0o644))
		return b.replay()
	}
	require.Equal(t, "Survival: its replay does not end", replay("time.Sleep(time.Hour)").violation())
	b.looks = replayLooks
	for statement, want := range map[string]string{
		"os.Exit(1)":   "Survival: its program ends with exit status 1 before a verdict",
		"os.Exit(3)":   "Survival: its program ends with exit status 3 before a verdict",
		`panic("odd")`: "Survival: its program ends with exit status 2 before a verdict",
	} {
		r := replay(statement)
		require.Equal(t, want, r.violation())
		require.Empty(t, r.why)
	}
	rejects := replay("os.Stderr.WriteString(`program: kept.txt:7: no event`); os.Exit(2)")
	require.Equal(t, atRevision{why: "it cannot replay the schedule: program: kept.txt:7: no event"}, rejects)
	notChecked := replay("os.Stdout.WriteString(`----\nnot checked Liveness: odd\n`); os.Exit(2)")
	require.Equal(t, "it cannot replay the schedule: exit status 2", notChecked.why)
}
