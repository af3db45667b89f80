package command

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme runs every command that README.md shows with its output, in order and in
// one folder, and requires that output and its exit code. A line "..." there stands
// for any lines, and speeds may differ. The command cat shows a file that an earlier one wrote.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	examples := regexp.MustCompile("(?s)```console\n\\$ ([^\n]*)\n(.*?)```").FindAllSubmatch(text, -1)
	require.GreaterOrEqual(t, len(examples), 5)
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder+"/testdata/found", os.DirFS("../../testdata/found")))
	t.Chdir(folder)
	for _, example := range examples {
		command, want := string(example[1]), string(example[2])
		if file, ok := strings.CutPrefix(command, "cat "); ok {
			shown, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Regexp(t, pattern(want), string(shown), command)
			continue
		}
		args, ok := strings.CutPrefix(command, "go run ./scripts/raftcheck ")
		require.True(t, ok, command)
		var out bytes.Buffer
		words := strings.Fields(args)
		if words[0] == "fuzz" && codeOf(want) == exitViolated {
			// With several workers, a later schedule may be reported before the first.
			words = append(words, "-workers", "1")
		}
		code := run(t.Context(), words, &out, &out)
		require.Equal(t, codeOf(want), code, command)
		require.Regexp(t, pattern(want), withoutSpeed(out.String()), command)
	}
}

// codeOf is the exit code that goes with an output: "violated" or "held" is its last
// line, or a line names the violated property.
func codeOf(want string) int {
	switch {
	case strings.Contains("\n"+want, "\nviolated ") || strings.HasSuffix(want, "\nviolated\n"):
		return exitViolated
	case strings.HasSuffix("\n"+want, "\nheld\n"):
		return exitHeld
	}
	return exitNotChecked
}

// withoutSpeed replaces the speeds, which depend on the machine.
func withoutSpeed(s string) string {
	return regexp.MustCompile(`\([\d,]+ a second`).ReplaceAllString(s, "(N a second")
}

// pattern is the regular expression of an output with gaps.
func pattern(want string) string {
	lines := strings.SplitAfter(withoutSpeed(want), "\n")
	for i, line := range lines {
		if line == "...\n" {
			lines[i] = `(?s:.*?)`
		} else {
			lines[i] = regexp.QuoteMeta(line)
		}
	}
	return "^" + strings.Join(lines, "") + "$"
}
