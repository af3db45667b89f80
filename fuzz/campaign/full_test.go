//go:build linux || darwin

package campaign

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// alone reports whether the test has this process for itself. If not, it runs the test in one: a
// limit holds for every file of a process, and go test writes some.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "RAFTCHECK_ALONE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// limited calls a function while no file may have more bytes than that. A write ends there, in
// the middle of a line, as it does on a full disk.
func limited(t *testing.T, most int, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // so that the write is an error
	defer signal.Reset(syscall.SIGXFSZ)
	var was syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	now := syscall.Rlimit{Cur: uint64(most), Max: was.Max}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
	defer func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was)) }()
	f()
}

// fill appends lines to a new journal of a folder until that fails.
func fill(folder *Folder, lines [][]byte) error {
	j, err := createJournal(folder.Path, "1-of-1", asked)
	for i := 0; err == nil && i < len(lines); i++ {
		err = j.append(lines[i])
	}
	return err
}

// fullAt are sizes at which a disk may be full: around the end of each line, and within it.
func fullAt(journal []byte) []int {
	sizes := []int{0, 1}
	for end := 0; end < len(journal); {
		length := bytes.IndexByte(journal[end:], '\n') + 1
		sizes = append(sizes, end+length/2, end+length-1, end+length)
		end += length
	}
	return sizes
}

// TestFolder_fullAtAnyByte: on a disk that is full a journal and a merge end with an error. The
// lines that fit are there, nothing else changes, and with more room the campaign is whole.
func TestFolder_fullAtAnyByte(t *testing.T) {
	if !alone(t) {
		return
	}
	complete := create(t)
	runPart(t, complete, all, -1)
	name := filepath.Base(journals(t, complete)[0])
	journal := []byte(read(t, complete, "done/"+name))
	parsed, err := parseJournal(name, journal, asked)
	require.NoError(t, err)
	want := merged(t, complete)
	for _, size := range fullAt(journal) {
		folder := create(t)
		require.NoError(t, fill(folder, parsed.lines[:1]))
		_, err = folder.Merge() // an earlier result
		require.NoError(t, err)
		var full error
		limited(t, size, func() { full = fill(folder, parsed.lines) })
		if size < len(journal) {
			require.ErrorIs(t, full, syscall.EFBIG, size)
		}
		total, err := folder.Tally()
		require.NoError(t, err, size)
		lines := bytes.Count(journal[:size], []byte("\n")) - 1 // without the first
		require.Equal(t, max(1, lines)*asked.Block, total.Schedules(), size)

		before := files(t, folder.Path)
		limited(t, min(size, len(want)-1), func() { _, full = folder.Merge() })
		if full != nil { // the result of fewer lines may have room
			require.ErrorIs(t, full, syscall.EFBIG, size)
			require.Equal(t, before, files(t, folder.Path), size)
		}
		require.NoError(t, fill(folder, parsed.lines))
		require.Equal(t, want, merged(t, folder), size)
	}
}

// TestOpen_notPlain: a link, a pipe or a device in place of a file of the folder is an error
// that names it, where a process would wait, or write elsewhere.
func TestOpen_notPlain(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, nil, 0o644))
	link := func(file string) error { return os.Symlink(elsewhere, file) }
	pipe := func(file string) error { return syscall.Mkfifo(file, 0o644) }
	for _, name := range []string{
		"asked.json", "result.json", "result.json.part", "runs.log", "gone.log", "done/1-of-1.a.log",
		"locks/merge", "findings/a.txt", "findings/a.txt.part", "corpus/FuzzSchedule/a-1.part",
	} {
		for want, plant := range map[string]func(string) error{"found a link": link, "found a pipe": pipe} {
			folder := create(t)
			file := filepath.Join(folder.Path, name)
			require.NoError(t, os.RemoveAll(file))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, plant(file))
			_, err := Open(folder.Path)
			require.EqualError(t, err, file+": expected a file or a folder, "+want)
			_, err = Create(folder.Path, asked)
			require.ErrorContains(t, err, want)
		}
	}
}

// TestCreate_full: a folder that cannot be made is no campaign, and a later one begins there.
func TestCreate_full(t *testing.T) {
	if !alone(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "campaign")
	var err error
	limited(t, 20, func() { _, err = Create(path, asked) })
	require.ErrorIs(t, err, syscall.EFBIG)
	_, err = Open(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Create(path, asked)
	require.NoError(t, err)
}
