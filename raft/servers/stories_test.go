package servers_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/faults/live"
	"raftcheck/faults/live/sandbox"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft/servers/etcd"
	"raftcheck/raft/servers/zookeeper"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Test(m.Run)) }

// The servers of Debian, which CI installs.
var debian = []live.Server{etcd.Server{Release: "debian"}, zookeeper.Server{}}

// story reads a schedule for a server.
func story(t *testing.T, file string, server live.Server) *faults.Schedule {
	t.Helper()
	s, err := trial.ReadSchedule(file, server.Services())
	require.NoError(t, err)
	s.System = server.Name()
	return s
}

// play runs a schedule, and returns what happened as text, too.
func play(t *testing.T, r live.Runner, s *faults.Schedule) (*live.Result, string) {
	t.Helper()
	_, err := r.Server.Prepare(context.Background())
	require.NoError(t, err)
	result, err := r.Run(context.Background(), s)
	require.NoError(t, err)
	var text strings.Builder
	for _, m := range result.Timeline {
		text.WriteString(m.Text + "\n")
	}
	return result, text.String()
}

// requireHeld wants that nothing was violated, and that these properties held.
func requireHeld(t *testing.T, r *live.Result, properties ...string) {
	t.Helper()
	for _, v := range r.Verdicts {
		require.NotEqual(t, models.Violated, v.Outcome, v.String())
	}
	for _, p := range properties {
		require.Equal(t, models.Held, r.Of(p).Outcome, "%s: %v", p, r.Verdicts)
	}
}

// TestWorkerPaused: the database with fencing tokens refuses the late write, and the one
// without takes it.
func TestWorkerPaused(t *testing.T) {
	for _, server := range debian {
		s := story(t, "testdata/stories/worker-paused.txt", server)
		r, text := play(t, live.Runner{Server: server}, s)
		requireHeld(t, r, "Fencing")
		require.Contains(t, text, ": refused, ", text)

		require.True(t, s.Use(server.Services(), "election-unfenced"))
		r, text = play(t, live.Runner{Server: server}, s)
		require.Equal(t, models.Violated, r.Of("Fencing").Outcome, text)
		require.Contains(t, text, ": taken, though ", text)
	}
}

// TestNodeDown: while node 3 is down, whoever watches sees that; then it catches up.
func TestNodeDown(t *testing.T) {
	for _, server := range debian {
		var mu sync.Mutex
		down := false
		look := func(line string) {
			mu.Lock()
			defer mu.Unlock()
			down = down || strings.Contains(line, "n3 down")
			require.NotContains(t, line, "n1 down")
		}
		r, text := play(t, live.Runner{Server: server, Look: look},
			story(t, "testdata/stories/node-down.txt", server))
		requireHeld(t, r, "Linearizability", "Agreement", "Liveness", "NoPanic")
		require.True(t, down, text)
		require.Greater(t, len(r.History), 20)
	}
}

// TestLeaderKilled: of five nodes the leader is killed three times, and each time another
// one leads.
func TestLeaderKilled(t *testing.T) {
	r, text := play(t, live.Runner{Server: debian[0]}, story(t, "testdata/stories/leader-killed.txt", debian[0]))
	requireHeld(t, r, "Linearizability", "Agreement", "Durability", "Liveness", "NoPanic")
	require.Len(t, r.Next, 3, text)
}

// TestOldLeaderRevokes: etcd 3.4.23 has issue 15247.
func TestOldLeaderRevokes(t *testing.T) {
	server := etcd.Server{Release: "debian"}
	r, text := play(t, live.Runner{Server: server}, story(t, "testdata/found/old-leader-revokes.txt", server))
	require.Equal(t, models.Violated, r.Of("Leases").Outcome, text)
}

// TestStaleFollowers: reads that followers answer by themselves are stale, as both servers
// document, and a run of three at most shows it. Reads that ask the leader are not.
func TestStaleFollowers(t *testing.T) {
	const file, most = "testdata/stories/stale-followers.txt", 3
	for _, weak := range []live.Server{
		etcd.Server{Release: "debian", Serializable: true}, zookeeper.Server{Unsynced: true},
	} {
		stale := false
		for i := 0; i < most && !stale; i++ {
			r, _ := play(t, live.Runner{Server: weak}, story(t, file, weak))
			stale = r.Of("Linearizability").Outcome == models.Violated
		}
		require.True(t, stale, weak.Name())
	}
	for _, server := range debian {
		r, _ := play(t, live.Runner{Server: server}, story(t, file, server))
		requireHeld(t, r, "Linearizability", "Agreement", "Liveness", "NoPanic")
	}
}
