package command

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// forgotten is a schedule in which node 2 forgets that it voted, which does no harm.
const forgotten = "system reference+forget-disk\nnodes  3\nrand   1\n\n" +
	"timeout 1\npersist 1\ndeliver 1->2\npersist 2\ncrash 2\nrestart 2\n"

// TestEscalate prints the harm and its rule, and writes a schedule that shows it.
func TestEscalate(t *testing.T) {
	here(t, "forgotten.txt", forgotten)
	code, out, errs := raftcheck(t, "escalate", "forgotten.txt")
	require.Equal(t, exitViolated, code, errs)
	require.Empty(t, errs)
	require.Contains(t, out, "schedule    forgotten.txt, 6 events\nclimbs      1, of ")
	require.Regexp(t, `(?m)^            rule-broken: `, out)
	require.Regexp(t, `(?m)^violated \w+.* \(shrunk from \d+ to \d+ events\)\n    [A-Z].*\.$`, out)
	require.Regexp(t, `(?m)^    violated Durability after event \d+: n\d booted without term \d`, out)

	code, text, errs := raftcheck(t, "escalate", "-json", "forgotten.txt")
	require.Equal(t, exitViolated, code, errs)
	var report escalationReport
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	require.Equal(t, "violated", report.Verdict)
	code, out, _ = raftcheck(t, "replay", report.File)
	require.Equal(t, exitViolated, code)
	require.NotContains(t, out, "the file says otherwise")
	for _, line := range report.Lines {
		require.Contains(t, out, line)
	}
}

// TestEscalate_findsNothing: no harm found is no promise, so that nothing was checked.
func TestEscalate_findsNothing(t *testing.T) {
	here(t, "election.txt", election)
	code, out, errs := raftcheck(t, "escalate", "-schedules", "1", "election.txt")
	require.Equal(t, exitNotChecked, code)
	require.Empty(t, errs)
	require.Contains(t, out, "\nclimbs      1, of 257 schedules\n")
	require.Regexp(t, `\n\nno harm found\n$`, out)
	require.NoDirExists(t, "testdata")
}

// TestEscalate_seconds ends a search without a harm after a climb, and is reported as stopped.
func TestEscalate_seconds(t *testing.T) {
	here(t, "election.txt", election)
	code, text, errs := raftcheck(t, "escalate", "-json", "-seconds", "0.001", "election.txt")
	require.Equal(t, exitNotChecked, code, errs)
	var report escalationReport
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	require.True(t, report.Stopped)
	require.Empty(t, report.Property)

	code, _, errs = raftcheck(t, "escalate", "-seconds", "-1", "election.txt")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "expected -seconds of more than 0")
}
