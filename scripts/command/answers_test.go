//go:build unix

package command

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnswers_spoiled: a system that writes to the standard output of its process is found. The
// processes are waited for, so the test is the first that runs beside others.
func TestAnswers_spoiled(t *testing.T) {
	t.Parallel()
	files := map[string]string{"file.txt": "system garbler\n" + leaves}
	cmd, out, errs := startedBeside(t, files, "", "replay file.txt")
	code := exitCodeOf(cmd, errs)
	require.Equal(t, exitViolated, code, out)
	require.Contains(t, out.String(), ": the process spoils its standard output: ")
}
