package etcd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/raft"
	"raftcheck/raft/etcd"
)

// TestScenarios runs the stories that were written for the reference. They end as
// they do there; but a read from a lease that is none is never stale.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenarios/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := fuzz.ReadSchedule(file)
			require.NoError(t, err)
			if filepath.Base(file) == "lease-beyond-bound.txt" {
				s.Golden = []string{"held"}
			}
			require.Equal(t, s.Golden, lines(etcd.System{}, s))
		})
	}
}

// TestFound replays every counterexample that was kept of etcd's Raft. Those of the
// latest release are violated as they were; all are mended, by a release or by a precaution.
func TestFound(t *testing.T) {
	files, err := filepath.Glob("../../testdata/found/etcd/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := fuzz.ReadSchedule(file)
			require.NoError(t, err)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(text), s.String(), "not as it would be written")
			if s.System == (etcd.Unguarded{}).Name() {
				require.Equal(t, s.Golden, lines(etcd.Unguarded{}, s))
			}
			require.Equal(t, []string{"held"}, lines(etcd.System{}, s))
		})
	}
}

// lines are the verdicts of a schedule.
func lines(system raft.System, s *faults.Schedule) []string {
	result := fuzz.NewRunner(system).Run(s)
	return result.Lines()
}
