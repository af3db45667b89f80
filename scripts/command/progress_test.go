package command

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ticking makes the clock of progress jump at each look, for the length of a test.
func ticking(t *testing.T, by time.Duration) {
	before := clock
	t.Cleanup(func() { clock = before })
	now := new(atomic.Int64)
	clock = func() time.Time { return time.Unix(0, now.Add(int64(by))) }
}

// TestProgress_pipe: a line a minute, and nothing of short work.
func TestProgress_pipe(t *testing.T) {
	ticking(t, 15*time.Second)
	var errs bytes.Buffer
	var bar progress
	bar.show(func(time.Duration) string { return "silent" })
	bar.open(&errs)
	for i := range 9 {
		bar.show(func(time.Duration) string { return fmt.Sprint("at ", i) })
	}
	bar.clear()
	require.Equal(t, "1m0s: at 3\n2m0s: at 7\n", errs.String())
}

// TestProgress_terminal: one line, which is redrawn five times a second at most.
func TestProgress_terminal(t *testing.T) {
	ticking(t, 150*time.Millisecond)
	var errs bytes.Buffer
	bar := progress{to: &errs, terminal: true}
	for i := range 4 {
		bar.show(func(time.Duration) string { return fmt.Sprint("at ", i) })
	}
	bar.clear()
	require.Equal(t, "\r\x1b[Kat 0\r\x1b[Kat 2\r\x1b[K", errs.String())
}

func TestIsTerminal(t *testing.T) {
	require.False(t, isTerminal(&bytes.Buffer{}))
	file, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	defer file.Close()
	require.False(t, isTerminal(file))
	device, err := os.Open(os.DevNull) // a character device, as terminals are
	require.NoError(t, err)
	defer device.Close()
	require.True(t, isTerminal(device))
}

// TestProgress_ofEachCommand: long work shows its progress on standard error in a pipe, too.
func TestProgress_ofEachCommand(t *testing.T) {
	ticking(t, time.Minute)
	for args, want := range map[string]string{
		"fuzz -schedules 9 -seed 1":               `1m0s: 1 of 9 schedules, [\d,]+ events, `,
		"fuzz -schedules 9 -seed 1 -seconds 3600": `1m0s: 1 schedules, 0 of 3600 s of CPU time, `,
		"neighbourhood election.txt":              `1m0s: schedules by changes 0: `,
		"escalate -schedules 1 election.txt":      `1m0s: 1 of 1 climb, 257 schedules`,
		"explore -terms 1":                        `1m0s: depth 1, [\d,]+ states, `,
		"hunt -engine swarm -seconds 0.1":         `1m0s: 1 schedule, [\d.]+ of 0.1 s of CPU time\n`,
		"hunt -engine explore -seconds 0.1":       `1m0s: [\d,]+ states in 1 exploration, `,
	} {
		t.Run(args, func(t *testing.T) {
			here(t, "election.txt", election)
			_, out, errs := raftcheck(t, strings.Fields(args)...)
			require.Regexp(t, "^"+want, errs)
			require.NotContains(t, out, "1m0s")
			require.NotContains(t, errs, "\r")
		})
	}
}
