package explore

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// killed runs an exploration that ends in the middle of the depth in which so many states
// are exceeded, and what a process leaves that is killed while it writes.
func killed(t *testing.T, e *Exploration, states int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	e.Progress = func(r *Report) {
		if r.Distinct > states {
			stop()
		}
	}
	r, err := e.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, "interrupted", r.Stopped)
	e.Progress = nil
	f, err := os.OpenFile(filepath.Join(e.Folder, visitedFile), os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.Write(bytes.Repeat([]byte{7}, 33))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, os.WriteFile(filepath.Join(e.Folder, checkpointFile+".part"), []byte{7}, 0o644))
}

// TestExplore_resumed wants the same report of an exploration that was killed twice, and went
// on with other workers, as of one that was not.
func TestExplore_resumed(t *testing.T) {
	for name, test := range map[string]struct {
		system raft.System
		start  faults.Schedule
		bounds Bounds
	}{
		"calls and reads": {reference.System{}, faults.Schedule{Nodes: 3},
			Bounds{Terms: 1, Calls: 1, Reads: 1, Messages: 3}},
		"changes": {reference.System{}, faults.Schedule{Nodes: 3, Voters: 2},
			Bounds{Terms: 1, Changes: 1, Crashes: 1, Messages: 3}},
		"leases": {reference.System{}, faults.Schedule{Nodes: 2, PreVote: true, Events: lateEvents},
			Bounds{Terms: 1, LeaseReads: 1, Time: 5, Ahead: 2, Messages: 3}},
		"replayed": {uncloned{reference.System{}}, faults.Schedule{Nodes: 2},
			Bounds{Terms: 1, Calls: 1, Messages: 2}},
		"violated": {early{}, faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Crashes: 1, Messages: 3, Writes: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := exploration(test.system, &test.start, test.bounds)
			e.KeepGoing = true
			if name == "violated" {
				e.Properties = []string{"ElectionSafety"}
			}
			whole := run(t, e)
			require.Greater(t, whole.Distinct, 150)
			e.Folder = filepath.Join(t.TempDir(), "kept")
			killed(t, e, whole.Distinct/5)
			e.Workers = 2
			killed(t, e, whole.Distinct/2)
			from := 0 // the depth at which it went on
			e.Progress = func(r *Report) {
				if from == 0 {
					from = len(r.Levels)
				}
			}
			again := run(t, e)
			require.Greater(t, from, 3)
			require.Equal(t, whole.Levels, again.Levels)
			require.Equal(t, whole.Depths, again.Depths)
			require.Equal(t, whole.Findings, again.Findings)
			require.Equal(t, e.Certify(whole).String(), e.Certify(again).String())
			require.Equal(t, e.Certify(whole).String(), e.Certify(run(t, e)).String(), "from its end")
		})
	}
}

// TestExplore_badCheckpoint: a checkpoint of another exploration, or a spoilt one, is an error.
func TestExplore_badCheckpoint(t *testing.T) {
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 4})
	e.Folder = t.TempDir()
	killed(t, e, 100)
	fails := func(want string) {
		t.Helper()
		_, err := e.Run(t.Context())
		require.ErrorContains(t, err, want)
	}
	e.Bounds.Messages = 3
	fails("expected a checkpoint of this exploration, found one of")
	e.Bounds.Messages = 4
	for name, want := range map[string]string{
		checkpointFile: "expected a checkpoint", visitedFile: "expected ",
	} {
		file := filepath.Join(e.Folder, name)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for i := 0; i < len(text)-33; i += 1 + len(text)/10 {
			spoilt := bytes.Clone(text)
			spoilt[i] ^= 1
			require.NoError(t, os.WriteFile(file, spoilt, 0o644))
			fails(want)
		}
		require.NoError(t, os.WriteFile(file, text[:10], 0o644))
		fails(want)
		require.NoError(t, os.WriteFile(file, text, 0o644))
	}
	run(t, e)
}
