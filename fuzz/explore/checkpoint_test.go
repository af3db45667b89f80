package explore

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"
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
// on with other workers and less memory, as of one that was not.
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
			e.Workers, e.resident = 2, 1<<14
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
			require.Positive(t, again.OnDisk)
			require.Equal(t, e.Certify(whole).String(), e.Certify(run(t, e)).String(), "from its end")
		})
	}
}

// TestExplore_badCheckpoint: a checkpoint of another exploration, or a spoilt one, is an error.
func TestExplore_badCheckpoint(t *testing.T) {
	e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 4})
	e.Folder, e.resident = t.TempDir(), 1
	killed(t, e, 100)
	fails := func(want string) {
		t.Helper()
		_, err := e.Run(t.Context())
		require.ErrorContains(t, err, want)
	}
	e.Bounds.Messages = 3
	fails("expected a checkpoint of this exploration, found one of")
	e.Bounds.Messages = 4
	files := filesOf(t, e)
	require.Len(t, files, 4)
	for name, size := range files {
		want := "expected "
		if name == checkpointFile {
			want = "expected a checkpoint"
		}
		file := filepath.Join(e.Folder, name)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for i := 0; i < size; i += 1 + size/10 {
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

// filesOf returns the bytes of each file that the checkpoint of an exploration needs.
func filesOf(t *testing.T, e *Exploration) map[string]int {
	t.Helper()
	x, err := e.begin()
	require.NoError(t, err)
	x.kept = newCheckpoints(x)
	defer x.kept.close()
	require.NoError(t, x.kept.load())
	text, err := os.ReadFile(filepath.Join(e.Folder, checkpointFile))
	require.NoError(t, err)
	return map[string]int{
		checkpointFile: len(text), visitedFile: int(x.kept.onDisk.end),
		levelFileOf(x.kept.depth):        int(x.kept.exploring.end),
		sortedFile(x.kept.sorted.number): x.kept.sorted.starts[shards] * printBytes,
	}
}

func isLink(file string) bool {
	_, err := os.Readlink(file)
	return err == nil
}

// TestExplore_notPlain: a link in place of a file of the folder is an error, and the file
// elsewhere stays as it was.
func TestExplore_notPlain(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for _, name := range []string{visitedFile, levelFileOf(1), levelFileOf(2), sortedFile(1), checkpointFile} {
		e := exploration(reference.System{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Messages: 4, Depth: 3})
		e.Folder = t.TempDir()
		require.NoError(t, os.WriteFile(elsewhere, []byte("mine"), 0o644))
		file := filepath.Join(e.Folder, name)
		require.NoError(t, os.Symlink(elsewhere, file))
		_, err := e.Run(t.Context())
		require.EqualError(t, err, file+": expected a file or a folder, found a link")
		text, err := os.ReadFile(elsewhere)
		require.NoError(t, err)
		require.Equal(t, "mine", string(text))
	}
}

// TestExplore_fullDisk: a disk without room ends an exploration with an error that names the
// checkpoint, from which it goes on once there is room.
func TestExplore_fullDisk(t *testing.T) {
	e := exploration(early{}, &faults.Schedule{Nodes: 3}, Bounds{Terms: 1, Crashes: 1, Messages: 3, Writes: 1})
	e.Properties, e.KeepGoing = []string{"ElectionSafety"}, true
	whole := run(t, e)
	e.Folder, e.resident = t.TempDir(), 1<<14
	full := func(depth int, names []string, want string) {
		t.Helper()
		e.Progress = func(r *Report) {
			for i := 0; i < len(names) && len(r.Levels) > depth; i++ {
				os.Symlink("/dev/full", filepath.Join(e.Folder, names[i])) // unless it is there
			}
		}
		_, err := e.Run(t.Context())
		require.ErrorAs(t, err, &Outage{})
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.ErrorContains(t, err, "no space left on device; "+want)
		for _, name := range names {
			if file := filepath.Join(e.Folder, name); isLink(file) {
				require.NoError(t, os.Remove(file))
			}
		}
		e.Progress = nil
	}
	full(0, []string{visitedFile}, "there is no checkpoint yet")
	full(0, []string{levelFileOf(2)}, "the checkpoint of depth 1 is whole, and the same command goes on with it")
	full(8, []string{levelFileOf(9)}, "the checkpoint of depth 8 is whole")
	var sortedFiles []string // one of them is the next
	for i := range 99 {
		sortedFiles = append(sortedFiles, sortedFile(i))
	}
	full(14, sortedFiles, "the checkpoint of depth")
	again := run(t, e)
	require.Equal(t, e.Certify(whole).String(), e.Certify(again).String())
	require.Equal(t, whole.Findings, again.Findings)
}
