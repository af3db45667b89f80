package v3327_test

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz"
	"raftcheck/fuzz/conform"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/etcd/v3327"
)

func TestConform(t *testing.T) { conform.Test(t, v3327.System{}, services.All()) }

// TestConvert: the conversions are those of the other release, as go generate copies them.
func TestConvert(t *testing.T) {
	of, err := os.ReadFile("../v360/convert.go")
	require.NoError(t, err)
	copied, err := os.ReadFile("convert.go")
	require.NoError(t, err)
	want := strings.NewReplacer("package v360", "package v3327",
		"go.etcd.io/raft/v3/raftpb", "github.com/coreos/etcd/raft/raftpb").Replace(string(of))
	_, text, _ := strings.Cut(string(copied), "\n\n")
	require.Equal(t, want, text, "run go generate")
}

const kept = "../../../testdata/found/etcd/prevote-of-lower-term.txt"

// TestFound replays the counterexample that was kept.
func TestFound(t *testing.T) {
	s, err := trial.ReadSchedule(kept, services.All())
	require.NoError(t, err)
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	require.Equal(t, string(text), s.String(), "not as it would be written")
	result := trial.NewRunner(v3327.System{}, services.All()).Run(s)
	require.Equal(t, s.Golden, result.Lines())
}

// TestCampaign_findsIt finds the deadlock among 200 schedules of a seed, and it shrinks to
// a short story.
func TestCampaign_findsIt(t *testing.T) {
	c := fuzz.Campaign{Services: services.All(), System: v3327.System{}, Profile: generate.Swarm, Seed: 24,
		Schedules: 200, Workers: 2}
	var taken atomic.Int64
	c.Take = func() (int, bool) { // the schedules around the one that is known to find it
		n := int(taken.Add(1))
		return 5100 + n, n <= c.Schedules
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	found := report.Findings.First("Liveness")
	require.NotNil(t, found)
	require.LessOrEqual(t, len(found.Schedule.Events), 20)
	again := trial.NewRunner(v3327.System{}, services.All()).Run(found.Schedule)
	require.Equal(t, found.Lines, again.Lines())
}
