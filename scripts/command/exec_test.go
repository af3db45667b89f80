//go:build unix

package command

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The answers of a program that refuses every disk.
const (
	refuserIs = `{"protocol":1,"name":"refuser","readless":"nothing is ever read"}`
	refusal   = `{"error":"not today"}`
	refuser   = "read hello; echo '" + refuserIs + "'\nwhile read question; do echo '" + refusal + "'; done\n"
)

// refuse is the refuser for thousands of questions: a shell reads each byte by byte.
func refuse() {
	questions := bufio.NewScanner(os.Stdin)
	for answer := refuserIs; questions.Scan(); answer = refusal {
		fmt.Println(answer)
	}
}

const twoEvents = "system other\nnodes  2\nrand   1\n\nsettle\ntimeout 2\nsettle\n"

// oneEvent has a few neighbours alone, and continuations of a single node.
const oneEvent = "system other\nnodes  1\nrand   1\n\ntimeout 1\n"

// TestExec: every command tests a program over a pipe, and leaves no process behind.
func TestExec(t *testing.T) {
	const died = "violated NoPanic after event 2: n2 panicked: its program ended: exit status 3"
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{"replay", "-exec", "sh ./follower", "file.txt"}, exitViolated, died},
		{[]string{"show", "-exec", "sh ./follower", "file.txt"}, exitViolated, died},
		{[]string{"shrink", "-exec", "sh ./follower", "file.txt"}, exitViolated, "system follower\nnodes  1\n"},
		{[]string{"neighbourhood", "-exec", "sh ./follower", "short.txt"}, exitViolated, "NoPanic"},
		{[]string{"escalate", "-exec", asProgram + "=refuser " + os.Args[0] + " refuser", "-schedules", "1",
			"short.txt"}, exitViolated, "violated Liveness after event 1: n1 does not come back"},
		{[]string{"conform", "-exec", "sh ./refuser"}, exitViolated,
			"n1 refused a disk that a crash can leave behind: not today"},
		{[]string{"explore", "-exec", "sh ./follower", "-terms", "1", "-calls", "0"}, exitViolated,
			"violated NoPanic"},
		{[]string{"fuzz", "-exec", "sh ./refuser", "-schedules", "1", "-workers", "1"}, exitViolated,
			" replay -exec 'sh ./refuser' testdata/found/contract-"},
	}
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"follower": follower, "refuser": refuser, "file.txt": twoEvents, "short.txt": oneEvent,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	for _, test := range tests {
		code, out, errs := runIn(t, folder, test.args...)
		require.Equal(t, test.code, code, "%q\n%s\n%s", test.args, out, errs)
		require.Contains(t, out, test.want, test.args)
		require.NotContains(t, errs, "bug", test.args)
		left, _ := exec.Command("pgrep", "-x", "-f", "sh ./(follower|refuser)|.* refuser").Output()
		require.Empty(t, string(left), test.args)
	}
}

// TestExec_error: a program that cannot start is an error of the command line.
func TestExec_error(t *testing.T) {
	here(t, "file.txt", twoEvents)
	for _, args := range [][]string{
		{"replay", "-exec", "./missing", "file.txt"}, {"fuzz", "-exec", "./missing"},
		{"conform", "-exec", "./missing"},
	} {
		code, out, errs := raftcheck(t, args...)
		require.Equal(t, exitNotChecked, code)
		require.Empty(t, out)
		require.Contains(t, errs, `-exec "./missing": to hello: its program ended: exit status 127`)
	}
	_, _, errs := raftcheck(t, "fuzz", "-exec", `echo '{"protocol":1,"name":"A B"}'; cat >&2`)
	require.Contains(t, errs, `expected a system with a name of a-z 0-9 - + . only, of the name "A B"`)
	_, _, errs = raftcheck(t, "fuzz", "-system", "reference", "-exec", "true")
	require.Contains(t, errs, "expected one of -system and -exec, found both")
}
