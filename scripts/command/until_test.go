package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFuzz_shrinkingEnds: a budget of CPU time bounds the search for smaller schedules, too.
func TestFuzz_shrinkingEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, _ := raftcheck(t, "fuzz", "-system", "reference+send-before-persist", "-seed", "1",
		"-workers", "1", "-seconds", "0.000001")
	require.Equal(t, exitViolated, code)
	require.Regexp(t, `^shrinking ended after 1e-06 further seconds of CPU time\nended after \d+ schedules?: `, out)
	pages, err := filepath.Glob("testdata/found/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, pages, "nobody ended the run, so that the pages are drawn")
}

// endless is more schedules than a test has time for.
const endless = "900000000"

// TestFuzz_until ends at the first schedule, by number, that violates the property:
// the one that all schedules have, with any number of workers.
func TestFuzz_until(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"-system", "reference+same-timeouts", "-seed", "1"}
	_, all := fuzzJSON(t, append(args, "-schedules", "120")...)
	for _, workers := range []string{"1", "3"} {
		code, r := fuzzJSON(t, append(args, "-schedules", endless, "-until", "Liveness", "-workers", workers)...)
		require.Equal(t, exitViolated, code)
		require.Equal(t, "until", r.EndedBy)
		require.Equal(t, "violated", r.Verdict)
		require.False(t, r.Stopped)
		require.Less(t, r.Schedules, 120)
		found := r.Violations[0]
		require.Equal(t, all.Violations[0].Schedule, found.Schedule)
		require.Equal(t, all.Violations[0].File, found.File)
		require.Equal(t, all.Violations[0].Verdict, found.Verdict)
		require.Greater(t, r.Schedules, found.Schedule, "the schedules with lower numbers were run")
	}
	code, out, _ := raftcheck(t, append([]string{"fuzz", "-workers", "1", "-until", "Liveness"}, args...)...)
	require.Equal(t, exitViolated, code)
	require.Regexp(t, `^ended after [\d,]+ schedules: Liveness was violated\nsystem `, out)
	require.Regexp(t, `\n\nLiveness: violated\n$`, out)
}

// TestFuzz_untilDecides: the exit code is about the property alone, and a property that was
// not asked for, or not to its end, is not checked.
func TestFuzz_untilDecides(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, _ := raftcheck(t, "fuzz", "-system", "reference+same-timeouts",
		"-seed", "1", "-schedules", "100", "-until", "Durability")
	require.Equal(t, exitHeld, code)
	require.Contains(t, out, "\nviolated Liveness ", "which is reported all the same")
	require.Regexp(t, `\n\nDurability: held\n$`, out)
	require.NotContains(t, out, "ended after")

	code, r := fuzzJSON(t, "-profile", "calm", "-seed", "1", "-schedules", "5", "-until", "Fencing")
	require.Equal(t, exitNotChecked, code, "no schedule of calm asks for it")
	require.Equal(t, "not checked", r.Verdict)

	ctx, stop := context.WithCancel(t.Context())
	stop()
	var text bytes.Buffer
	code = run(ctx, []string{"fuzz", "-json", "-schedules", endless, "-until", "Liveness"}, &text, io.Discard)
	require.Equal(t, exitNotChecked, code)
	require.NoError(t, json.Unmarshal(text.Bytes(), &r))
	require.Equal(t, "signal", r.EndedBy)
	require.True(t, r.Stopped)
}

// TestFuzz_seconds ends by CPU time, with no other limit. As many schedules without
// a budget are the same.
func TestFuzz_seconds(t *testing.T) {
	t.Chdir(t.TempDir())
	code, r := fuzzJSON(t, "-seed", "7", "-seconds", "0.1", "-workers", "3")
	require.Equal(t, exitHeld, code)
	require.Equal(t, "held", r.Verdict)
	require.Equal(t, "seconds", r.EndedBy)
	require.False(t, r.Stopped, "it ran for as long as it was asked to")
	require.Positive(t, r.Schedules)
	_, same := fuzzJSON(t, "-seed", "7", "-schedules", fmt.Sprint(r.Schedules))
	require.Equal(t, same.TraceHash, r.TraceHash)
	require.Equal(t, same.Events, r.Events)

	code, out, _ := raftcheck(t, "fuzz", "-seed", "7", "-seconds", "0.1")
	require.Equal(t, exitHeld, code)
	require.Regexp(t, `^ended after [\d,]+ schedules?: 0.1 seconds of CPU time were used\n`, out)
	code, r = fuzzJSON(t, "-seed", "7", "-seconds", "3600", "-schedules", "20")
	require.Equal(t, exitHeld, code)
	require.Equal(t, "schedules", r.EndedBy)
	require.Equal(t, 20, r.Schedules)
}

// TestFuzz_secondsAlone: a budget of CPU time takes the place of the usual number of schedules.
func TestFuzz_secondsAlone(t *testing.T) {
	for args, want := range map[string]int{
		"": 10_000, "-seconds 60": maxSchedules, "-seconds 60 -schedules 20": 20, "-schedules 30": 30,
	} {
		f, err := parseFuzzFlags(strings.Fields(args), io.Discard)
		require.NoError(t, err)
		require.Equal(t, want, f.schedules, args)
	}
}
