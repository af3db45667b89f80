package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConformTrace(t *testing.T) {
	kept := "../../testdata/traces/election.ndjson"
	code, out, errs := raftcheck(t, "conform-trace", kept)
	require.Equal(t, exitHeld, code, errs)
	require.Equal(t, "events      13\n\nthe paper's algorithm allows all 13 events\n\nheld\n", out)

	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "trace.ndjson")
	voted := strings.Replace(string(text), "SendRequestVoteResponse", "Ready", 1) // the vote was not said
	require.NoError(t, os.WriteFile(file, []byte(voted), 0o600))
	code, out, _ = raftcheck(t, "conform-trace", file)
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "line 9: BecomeLeader of node 1 is no BecomeLeader of term 1")

	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(filepath.Dir(file), "\x1b[2J.ndjson")))
	code, _, errs = raftcheck(t, "conform-trace", filepath.Join(filepath.Dir(file), "\x1b[2J.ndjson"))
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, `\x1b[2J.ndjson": expected a file, found a device`)

	require.NoError(t, os.WriteFile(file, nil, 0o600))
	code, _, errs = raftcheck(t, "conform-trace", file)
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected events, found none")
}
