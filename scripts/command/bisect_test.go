//go:build unix

package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// revision is a program and the file "answer" beside it.
type revision struct{ program, answer string }

// programmed is a revision whose program answers "replay FILE" with an output and an exit code. It
// imports package syscall: with package os, linking it takes twice as long.
func programmed(output string, code int) revision {
	return revision{program: fmt.Sprintf("package main\n\nimport \"syscall\"\n\nfunc main() {\n"+
		"\tsyscall.Write(1, []byte(`%s`))\n\tsyscall.Exit(%d)\n}\n", output, code)}
}

// reader is a program that ends as the file "answer" says; see ends. Its revisions link it once.
const reader = `package main

import "syscall"

func main() {
	file, _ := syscall.Open("answer", syscall.O_RDONLY, 0)
	text := make([]byte, 1<<10)
	n, _ := syscall.Read(file, text)
	switch string(text[:n]) {
	case "panics":
		panic("odd")
	case "hangs":
		var pipe [2]int
		syscall.Pipe(pipe[:])
		syscall.Read(pipe[0], text) // nobody writes
	}
	syscall.Write(int(text[1]-'0'), text[2:n])
	syscall.Exit(int(text[0] - '0'))
}
`

// ends is an answer: the exit code, the file descriptor, and what is written to it before.
func ends(code, to int, text string) string { return fmt.Sprintf("%d%d%s", code, to, text) }

// answers is a revision of reader that answers "replay FILE" with an output and an exit code.
func answers(output string, code int) revision { return revision{reader, ends(code, 1, output)} }

// noProgram is a revision that cannot be built.
var noProgram = revision{program: "no program"}

const (
	replayHeld    = "1. settle\n    n1 boots\n2. transfer 1->2\n----\nheld\n"
	replayIgnored = "1. settle\n2. transfer 1->2\n    ignored: n1 does not lead\n----\nheld\n"
	replayFails   = "1. settle\n2. transfer 1->2\n----\nviolated Liveness after event 2: stuck\n" +
		"the file says otherwise:\nviolated Voting: other\n"
	replayOther = "1. settle\n2. transfer 1->2\n----\nviolated NoPanic after event 2: n1 panicked\n"
)

// repository makes a repository with a commit of each revision in turn, which is the tag r and its
// number. It returns its folder and a function that runs a command line there.
func repository(
	t *testing.T, revisions ...revision,
) (folder string, run func(...string) (int, string, string)) {
	t.Helper()
	folder = t.TempDir()
	var commits strings.Builder
	file := func(name, text string) {
		fmt.Fprintf(&commits, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text)
	}
	for i, r := range revisions {
		message := fmt.Sprint("number ", i)
		fmt.Fprintf(&commits, "commit refs/heads/main\nmark :%d\ncommitter a <a@b> %d +0000\ndata %d\n%s\n",
			i+1, 1_000_000_000+i, len(message), message)
		file("go.mod", "module a\n\ngo 1.26\n")
		file("kept.txt", "system a\n")
		file("main.go", r.program)
		file("answer", r.answer)
		file("number", fmt.Sprint(i))
		fmt.Fprintf(&commits, "reset refs/tags/r%d\nfrom :%d\n\n", i, i+1)
	}
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Stdin = folder, strings.NewReader(commits.String())
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	git("init", "-q", "-b", "main")
	git("fast-import", "--quiet")
	git("reset", "-q", "--hard")
	return folder, func(args ...string) (int, string, string) { return runIn(t, folder, args...) }
}

// TestBisect: revisions that cannot be built, fail otherwise or ignore an event are not
// judged, and the first bad one is found among the others.
func TestBisect(t *testing.T) {
	t.Parallel()
	held, fails := answers(replayHeld, 0), programmed(replayFails, 1)
	folder, run := repository(t, held, noProgram, held, answers(replayIgnored, 0), held, fails,
		answers(replayOther, 1), fails)
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
	_, run := repository(t, answers(replayHeld, 0), answers(replayIgnored, 0), noProgram,
		answers(replayOther, 1), answers(replayFails, 1))
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
	_, run := repository(t, answers(replayIgnored, 0), answers(replayFails, 1))
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

// TestBisect_survival: a revision whose system ends or hangs its program violates Survival.
func TestBisect_survival(t *testing.T) {
	t.Parallel()
	folder, run := repository(t, answers(replayHeld, 0), answers("", 0))
	code, out, errs := run("bisect", "-good", "r0", "-bad", "r1", "-program", ".", "kept.txt")
	require.Equal(t, exitHeld, code, errs)
	require.Contains(t, out, "property    Survival\n")
	require.Regexp(t, `(?m)^first bad   [0-9a-f]+ number 1$`, out)
	b := &bisection{ctx: t.Context(), scratch: t.TempDir(), folder: folder, program: ".", file: "kept.txt"}
	b.looks = replayLooks
	require.Equal(t, "Survival: its program ends with exit status 0 before a verdict", b.replay().violation())
	replay := func(answer string) atRevision {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "answer"), []byte(answer), 0o644))
		return b.replayBuilt()
	}
	for answer, want := range map[string]string{
		ends(1, 1, ""): "Survival: its program ends with exit status 1 before a verdict",
		ends(3, 1, ""): "Survival: its program ends with exit status 3 before a verdict",
		"panics":       "Survival: its program ends with exit status 2 before a verdict",
	} {
		r := replay(answer)
		require.Equal(t, want, r.violation())
		require.Empty(t, r.why)
	}
	rejects := replay(ends(2, 2, "program: kept.txt:7: no event"))
	require.Equal(t, atRevision{why: "it cannot replay the schedule: program: kept.txt:7: no event"}, rejects)
	notChecked := replay(ends(2, 1, "----\nnot checked Liveness: odd\n"))
	require.Equal(t, "it cannot replay the schedule: exit status 2", notChecked.why)
	b.looks = 1
	require.Equal(t, "Survival: its replay does not end", replay("hangs").violation())
}
