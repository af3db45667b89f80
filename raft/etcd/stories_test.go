package etcd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/etcd"
)

func TestConform(t *testing.T) { conform.Test(t, etcd.System{}, services.All()) }

// TestScenarios runs the stories that were written for the reference. They end as
// they do there; but a read from a lease that is none is never stale.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenarios/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := trial.ReadSchedule(file, services.All())
			require.NoError(t, err)
			switch filepath.Base(file) {
			case "lease-beyond-bound.txt", "work-queue-stale-peek.txt":
				s.Golden = []string{"held"}
			}
			require.Equal(t, s.Golden, lines(etcd.System{}, s.WithoutChecks()))
		})
	}
}

// TestFound replays every counterexample that was kept of etcd's Raft. Those of the
// latest release are violated as they were; all are mended, by a release, by a precaution,
// or by pre-votes.
func TestFound(t *testing.T) {
	files, err := filepath.Glob("../../testdata/found/etcd/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := trial.ReadSchedule(file, services.All())
			require.NoError(t, err)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(text), s.String(), "not as it would be written")
			switch s.System {
			case etcd.Unguarded{}.Name():
				require.Equal(t, s.Golden, lines(etcd.Unguarded{}, s))
			case etcd.System{}.Name():
				require.Equal(t, s.Golden, lines(etcd.System{}, s))
				s.PreVote = true
			}
			require.Equal(t, []string{"held"}, lines(etcd.System{}, s))
		})
	}
}

// lines are the verdicts of a schedule.
func lines(system raft.System, s *faults.Schedule) []string {
	result := trial.NewRunner(system, services.All()).Run(s)
	return result.Lines()
}

// overtaking is a read whose index reaches a follower before the entry does.
const overtaking = `system etcd
nodes  3
rand   1

timeout 1
settle
call c1 1 put x 1
persist 1
deliver 1->3
persist 3
deliver 3->1
read c2 2 get x
deliver 2->1
deliver 1->3 k=1
deliver 3->1
deliver 1->2 k=3
settle
`

// TestRead_waitsForItsIndex: the follower answers once it has applied the entry.
func TestRead_waitsForItsIndex(t *testing.T) {
	s, err := faults.Parse("overtaking", []byte(overtaking), services.All())
	require.NoError(t, err)
	var trace strings.Builder
	result, err := trial.Trace(etcd.System{}, services.All(), s, &trace)
	require.NoError(t, err)
	require.Zero(t, strings.Count(trace.String(), "ignored"), trace.String())
	require.Contains(t, trace.String(), "c2 operation 1 done: 1")
	require.Equal(t, models.Held, result.Of("Linearizability").Outcome)
}
