package gotest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
	_ "raftcheck/scripts/garbage"
)

func TestSchedules_held(t *testing.T) {
	t.Chdir(t.TempDir())
	Schedules(t, reference.System{}, services.All())
	require.NoDirExists(t, testdata)
}

func TestFound_held(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	Found(t, reference.System{}, services.All())
}

func FuzzSchedules(f *testing.F) { Fuzz(f, reference.System{}, services.All()) }

// broken is the variable that makes tests of this binary test a system that is broken.
const broken = "RAFTCHECK_GOTEST_BROKEN"

func sabotaged(t testing.TB) raft.System {
	if os.Getenv(broken) == "" {
		return reference.System{}
	}
	t.Chdir(os.Getenv(broken))
	for _, s := range sabotage.Systems(reference.System{}) {
		if s.Name() == "reference+forget-disk" {
			return s
		}
	}
	panic("no such system")
}

func TestBroken_schedules(t *testing.T) { Schedules(t, sabotaged(t), services.All()) }
func TestBroken_found(t *testing.T)     { Found(t, sabotaged(t), services.All()) }
func FuzzBroken(f *testing.F)           { Fuzz(f, sabotaged(f), services.All()) }

// TestFailure: each of the calls fails on a system that is broken, with a file; Found replays
// it from then on.
func TestFailure(t *testing.T) {
	folder := t.TempDir()
	run := func(args ...string) (string, error) {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), broken+"="+folder)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("-test.run=^TestBroken_found$")
	require.NoError(t, err, out)
	for _, test := range []string{"TestBroken_schedules", "FuzzBroken", "TestBroken_found"} {
		out, err := run("-test.run=^"+test+"$", "-seed=3", "-schedules=20")
		require.Error(t, err, test)
		require.Regexp(t, `found/(durability|monotonicity|voting|electionsafety)-\w+\.txt`, out, test)
	}
	files, err := filepath.Glob(filepath.Join(folder, testdata, "found", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
}
