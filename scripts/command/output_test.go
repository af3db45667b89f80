//go:build unix

package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
)

// voter is the finding of a schedule of the reference with late votes, as a campaign has it.
func voter(t *testing.T) *fuzz.Finding {
	t.Helper()
	s, err := faults.Parse("some", []byte(voteTwice), serviceSet)
	require.NoError(t, err)
	s.Prose = nil
	return &fuzz.Finding{
		Property: "ElectionSafety", Schedule: s, Hash: fuzz.NewFinding(
			trial.PropertyOf(nil, "ElectionSafety"), s, &trial.Result{}).Hash,
		Events: len(s.Events), Verdict: "violated ElectionSafety", Lines: []string{"violated ElectionSafety"},
	}
}

// shrunk is the finding with so many events, all of them shrunk.
func shrunk(f *fuzz.Finding, events int) *fuzz.Finding {
	c := *f
	c.Schedule = f.Schedule.Clone()
	c.Schedule.Events, c.Shrunk = c.Schedule.Events[:events], true
	return &c
}

// TestFindings_afterAKill: a later run with the same seed goes on where the killed one
// ended, and its report says what the file holds.
func TestFindings_afterAKill(t *testing.T) {
	t.Chdir(t.TempDir())
	found := voter(t)
	whole, file := len(found.Schedule.Events), "testdata/found/"+filepath.Base(found.FileName())
	events := func() int {
		s, err := trial.ReadSchedule(file, serviceSet)
		require.NoError(t, err)
		return len(s.Events)
	}
	first := newFindings(io.Discard, io.Discard)
	first.keep(found, "fuzz seed=1") // and a kill
	require.Equal(t, whole, events())
	steps := []struct {
		events, left int // of the shrunk finding, and of the file afterwards
		note         string
	}{
		{5, 5, ""},
		{7, 5, " (the file was there before, and stays as it is: 5 events)"},
		{2, 2, ""},
		{2, 2, ""},
	}
	for _, step := range steps {
		k := newFindings(io.Discard, io.Discard)
		k.keep(found, "fuzz seed=1")
		k.keep(shrunk(found, step.events), "fuzz seed=1")
		require.Equal(t, step.left, events())
		require.Equal(t, step.note, k.staysNote(file))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	edited := append([]byte("# A note of a person.\n"), text...)
	require.NoError(t, os.WriteFile(file, edited, 0o644))
	k := newFindings(io.Discard, io.Discard)
	k.keep(found, "fuzz seed=1")
	k.keep(shrunk(found, 1), "fuzz seed=1")
	require.Equal(t, " (the file was there before, and stays as it is: 2 events)", k.staysNote(file))
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(edited), string(text), "a file that somebody edited stays")
}

// TestFuzz_cannotWrite: a finding that cannot be written is printed at once, and the folder
// that cannot hold it is reported before the work.
func TestFuzz_cannotWrite(t *testing.T) {
	here(t, "testdata", "a file in place of the folder")
	code, out, errs := raftcheck(t, "fuzz", "-system", "reference+send-before-persist",
		"-seed", "1", "-schedules", "3", "-workers", "1")
	require.Equal(t, exitViolated, code)
	require.Contains(t, errs, "testdata is no folder; findings will be printed\n")
	require.Contains(t, errs, "a finding was not written: ")
	require.Regexp(t, `^found \w+ in schedule 0, and could not write its file: `, out)
	require.Contains(t, out, "\nsystem reference+send-before-persist\n")
}

// TestFindings_leaveNoPart: a file that cannot take its place leaves nothing behind.
func TestFindings_leaveNoPart(t *testing.T) {
	t.Chdir(t.TempDir())
	found := voter(t)
	require.NoError(t, os.MkdirAll("testdata/found", 0o755))
	k := newFindings(new(strings.Builder), io.Discard)
	// A part of a killed run, which is a pipe, and a folder with files in place of the file.
	require.NoError(t, syscall.Mkfifo("testdata/found/electionsafety-1.part", 0o644))
	require.NoError(t, os.MkdirAll("testdata/"+found.FileName()+"/in", 0o755))
	require.ErrorContains(t, trial.WriteBelow("testdata", found.FileName(), found.Schedule), "rename")
	left, err := filepath.Glob("testdata/found/*.part")
	require.NoError(t, err)
	require.Len(t, left, 1, "the pipe alone")
	k.keep(found, "fuzz seed=1")
	require.Contains(t, k.staysNote("testdata/"+found.FileName()), "is no schedule, and stays as it is")
}

// TestShow_writesItsPageAlone: show writes beside its input, through no link, and over
// nothing that it did not draw.
func TestShow_writesItsPageAlone(t *testing.T) {
	here(t, "twice.txt", voteTwice)
	show := func() (int, string) {
		code, _, errs := raftcheck(t, "show", "twice.txt")
		return code, errs
	}
	code, _ := show()
	require.Equal(t, exitViolated, code)
	code, _ = show()
	require.Equal(t, exitViolated, code, "it draws over its own page")

	require.NoError(t, os.WriteFile("twice.html", []byte("mine"), 0o644))
	code, errs := show()
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, "twice.html: expected no file, or a page that raftcheck drew, found another file")

	require.NoError(t, os.Remove("twice.html"))
	require.NoError(t, os.WriteFile("target", nil, 0o644))
	require.NoError(t, os.Symlink("target", "twice.html"))
	_, errs = show()
	require.Contains(t, errs, "found another file")
	text, err := os.ReadFile("target")
	require.NoError(t, err)
	require.Empty(t, text)
}

// TestInput_isBounded: devices, pipes, folders and large files are refused before they are
// read.
func TestInput_isBounded(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, syscall.Mkfifo("pipe.txt", 0o644))
	require.NoError(t, os.Symlink("/dev/zero", "zero.txt"))
	require.NoError(t, os.WriteFile("large.txt", nil, 0o644))
	require.NoError(t, os.Truncate("large.txt", 100<<20))
	require.NoError(t, os.Mkdir("folder.txt", 0o755))
	want := map[string]string{
		"pipe.txt": "expected a file, found a pipe", "zero.txt": "expected a file, found a device",
		"folder.txt": "expected a file, found a folder", "large.txt": "bytes, found 104857600",
	}
	for file, text := range want {
		for _, verb := range []string{"replay", "show", "shrink", "neighbourhood", "escalate", "explore", "judge"} {
			code, _, errs := raftcheck(t, verb, file)
			require.Equal(t, exitNotChecked, code, "%s %s", verb, file)
			require.Contains(t, errs, file+": expected", "%s %s", verb, file)
			require.Contains(t, errs, text, "%s %s", verb, file)
		}
	}
}

// TestInput_namesAreQuoted: a name cannot write to the terminal.
func TestInput_namesAreQuoted(t *testing.T) {
	const name = "a\x1b[31m\nheld.txt"
	here(t, name, voteTwice)
	for _, args := range [][]string{
		{"replay", "no" + name}, {"replay", name, name}, {"show", name}, {"judge", name}, {"judge", "no" + name},
		{"explore", "no" + name}, {"explore", "-certificate", name + "/x"}, {"hunt", "-out", name + "/x"},
		{"neighbourhood", "-workers", "1", name}, {"escalate", "-schedules", "1", name},
	} {
		_, out, errs := raftcheck(t, args...)
		require.NotContains(t, out+errs, "\x1b", "%q", args)
		require.NotContains(t, out+errs, "\nheld.txt", "%q", args)
		require.Contains(t, out+errs, `a\x1b[31m\nheld`, "%q", args)
	}
}

// TestErrors_arePrintable: an error that quotes the current folder does so without codes.
func TestErrors_arePrintable(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a\x1b[31m")
	require.NoError(t, os.Mkdir(folder, 0o755))
	t.Chdir(folder)
	_, _, errs := raftcheck(t, "mutants")
	require.Contains(t, errs, `expected to run in module raftcheck, in its folder or below it, not in `)
	require.Contains(t, errs, `a\x1b[31m`)
	require.NotContains(t, errs, "\x1b")
}

// TestInput_isRecognised names the command for a file that is no schedule.
func TestInput_isRecognised(t *testing.T) {
	files := map[string]string{"../../testdata/explored/changes.txt": "seems to be a certificate"}
	histories, err := filepath.Glob("../../testdata/histories/*")
	require.NoError(t, err)
	for _, file := range histories {
		if filepath.Base(file) != "README.md" {
			files[file] = "seems to be a history of clients, for the command judge"
		}
	}
	for file, want := range files {
		for _, verb := range []string{"replay", "explore"} {
			code, _, errs := raftcheck(t, verb, file)
			require.Equal(t, exitNotChecked, code)
			require.Contains(t, errs, want, file)
		}
	}
}

// TestOutput_isCheckedFirst: an output that cannot be written is reported before the work.
func TestOutput_isCheckedFirst(t *testing.T) {
	here(t, "file", "")
	require.NoError(t, syscall.Mkfifo("pipe", 0o644))
	for _, args := range [][]string{
		{"explore", "-certificate", "file/x"}, {"explore", "-certificate", "."},
		{"explore", "-certificate", "nowhere/x"}, {"hunt", "-out", "nowhere/x"},
		{"hunt", "-out", "file/x"}, {"mutants", "-found", "file/x"},
		{"hunt", "-out", "pipe"}, {"explore", "-certificate", "pipe"},
	} {
		code, out, errs := raftcheck(t, args...)
		require.Equal(t, exitNotChecked, code, "%q", args)
		require.Empty(t, out, "%q", args)
		require.Contains(t, errs, args[1], "%q", args)
	}
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, left, 2)
}

// TestExplore_boundsNameTheirLimits: no message has the result of an overflow.
func TestExplore_boundsNameTheirLimits(t *testing.T) {
	for flag, want := range map[string]string{
		"-memory=-5000000000000": "expected -memory from 1 to ", "-memory=0": "expected -memory from 1 to ",
		"-calls=9223372036854775807": "expected calls from 0 to 15, found 9223372036854775807",
		"-ticks=16":                  "expected ticks from 0 to 15, found 16",
		"-terms=-1":                  "expected terms from 0 to 10000, found -1",
	} {
		code, _, errs := raftcheck(t, "explore", flag)
		require.Equal(t, exitNotChecked, code)
		require.Contains(t, errs, want)
	}
}
