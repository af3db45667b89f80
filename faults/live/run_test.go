package live

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/page"
	"raftcheck/models"
	"raftcheck/models/kv"
	"raftcheck/models/service"
)

// parse reads the events of a schedule of three nodes for a fake server.
func parse(t *testing.T, events string) *faults.Schedule {
	t.Helper()
	text := "system fake\nnodes 3\ntick 5ms\nrand 1\n\n" + strings.ReplaceAll(events, ", ", "\n")
	s, err := faults.Parse("test", []byte(text), service.Set{kv.Service{}})
	require.NoError(t, err)
	return s
}

// play runs events on a fake server of a mode.
func play(t *testing.T, mode, events string, plain bool) *Result {
	t.Helper()
	r := Runner{Server: fake{mode}, Plain: plain}
	result, err := r.Run(context.Background(), parse(t, events))
	require.NoError(t, err)
	return result
}

// said reports whether the timeline has a text.
func (r *Result) said(text string) bool {
	for _, m := range r.Timeline {
		if strings.Contains(m.Text, text) {
			return true
		}
	}
	return false
}

func requireHeld(t *testing.T, r *Result) {
	t.Helper()
	for _, v := range r.Verdicts {
		require.Equal(t, models.Held, v.Outcome, v.String())
	}
}

// TestRun_everyFault: a server that is right survives every kind of fault, each of which
// happens. The last writes are there, and nothing is left.
func TestRun_everyFault(t *testing.T) {
	r := play(t, "good", "load k=3, run k=30, kill 1, run k=10, restart 1, run k=10, crash leader, run k=5, "+
		"restart 1, pause 1, run k=5, resume 1, stall leader, run k=10, unstall 1, cut leader | 2 3, run k=5, mend, "+
		"slow 2->1 k=4, lossy 1->2 k=3, lose 1->2, run k=30, mend 1->2, fail 2, fill 3, run k=10, free 3, load k=0, "+
		"call c4 2 put x 7, settle, read c4 3 get x, settle, heal k=2000", false)
	requireHeld(t, r)
	require.Zero(t, r.Ignored)
	require.Greater(t, len(r.History), 5)
	require.True(t, r.said("crash leader: crash 1"))
	require.True(t, r.said("the cluster works"))
	for _, op := range r.History {
		if op.Client == 4 && op.Input == "get" {
			require.Equal(t, "7", op.Output)
		}
	}
}

// TestRun_page: the page of a run has the faults at the nodes and links that they hit, the
// leader, and the clients' calls.
func TestRun_page(t *testing.T) {
	r := play(t, "good", "call c4 2 put x 7, settle, stall 2, run k=5, unstall 2, fill 3, fail 2, cut 1->3, "+
		"slow 2->3 k=4, run k=5, pause 3, crash 1, heal k=2000", false)
	run := r.page.Run()
	var text strings.Builder
	seen := map[string]int{}
	state := map[string]map[int]uint64{}
	for _, step := range run.Steps {
		text.WriteString(step.Head + step.Text)
		for _, c := range step.Changes {
			for i := 0; i < len(c.Fields); i += 2 {
				name := run.Fields[c.Fields[i]]
				if state[name] == nil {
					state[name] = map[int]uint64{}
				}
				state[name][c.Node] = c.Fields[i+1]
				if c.Fields[i+1] > 0 {
					seen[fmt.Sprint(name, c.Node)]++
				}
			}
		}
		if step.Cuts != nil && len(*step.Cuts) > 0 {
			require.Equal(t, []page.Link{{From: 1, To: 3}}, *step.Cuts)
			seen["cut"]++
		}
		if step.Slow != nil && len(*step.Slow) > 0 {
			require.Equal(t, []page.Link{{From: 2, To: 3, Ticks: 4}}, *step.Slow)
			seen["slow"]++
		}
	}
	for _, want := range []string{
		"stalled2", "failed2", "full3", "paused3", "role1", "cut", "slow", "up1", "up2", "up3",
	} {
		require.Positive(t, seen[want], want)
	}
	require.Zero(t, seen["role2"]+seen["stalled1"]+seen["paused1"]+seen["failed3"])
	for _, name := range []string{"stalled", "failed", "full", "paused"} {
		require.NotContains(t, slices.Collect(maps.Values(state[name])), uint64(1), name+" until the end")
	}
	require.Contains(t, text.String(), "n1 leads term 1")
	require.Contains(t, text.String(), "crash 1")
	require.Equal(t, "put x 7", run.Operations[0].Text)
	require.Equal(t, 2, run.Operations[0].By)
	require.GreaterOrEqual(t, run.Operations[0].Point, run.Operations[0].Called)
}

// TestFinding: a finding is a schedule with the text and the page of a run beside it.
func TestFinding(t *testing.T) {
	t.Chdir(t.TempDir())
	s := parse(t, "call c1 1 put x 7, settle, crash 1, heal k=2000")
	r := Runner{Server: fake{"unsynced"}}
	result, err := r.Run(context.Background(), s)
	require.NoError(t, err)
	f := newFinding("Linearizability", "by hand", "fake 1.0", s, result)
	require.NoError(t, f.write())
	for ending, want := range map[string]string{
		".txt": "violated Linearizability in 1 of 1 runs", ".log": "crash 1",
		".html": "Linearizability was violated in 1 of 1 runs of this schedule",
	} {
		text, err := os.ReadFile(strings.TrimSuffix(f.File(), ".txt") + ending)
		require.NoError(t, err)
		require.Contains(t, string(text), want)
	}
}

// TestRun_ignores: events that only a simulation can carry out, or that change nothing, are
// ignored, and the timeline says why.
func TestRun_ignores(t *testing.T) {
	r := play(t, "good", "tick 1, timeout 1, deliver 1->2, persist 1, tear 1, compact 1, transfer 1->2, restart 1, "+
		"resume 2, unstall 2, kill 3, kill 3, work c1, abandon c1, wipe 3, wipe 3, restart 3", false)
	require.Equal(t, 15, r.Ignored)
	require.True(t, r.said("tick 1: ignored, "+simulated))
	require.True(t, r.said("restart 1: ignored, "+isUp))
	require.True(t, r.said("restart 3: ignored, "+isWiped))
	requireHeld(t, r)
}

// TestRun_plain: on loopback processes can be killed and paused; the rest is ignored.
func TestRun_plain(t *testing.T) {
	r := play(t, "good", "load k=2, run k=10, kill 1, run k=5, restart 1, pause 2, run k=5, resume 2, cut 1 | 2 3, "+
		"stall 1, run k=20, heal k=2000", true)
	require.Equal(t, 2, r.Ignored)
	require.True(t, r.said(noSandbox))
	requireHeld(t, r)
}

// TestRun_finds: each bug of a server breaks the property that it should.
func TestRun_finds(t *testing.T) {
	const writes = "call c1 1 put x 1, call c2 2 put x 2, call c3 1 put x 3, call c4 3 put x 4, "
	for mode, test := range map[string]struct{ events, property, text string }{
		"unsynced": {"call c1 1 put x 7, settle, crash 1, heal k=2000", "Linearizability", "c1 wrote 7"},
		"exits":    {writes + "settle", "NoPanic", "panic: three writes"},
		"deaf":     {"call c1 1 put x 7, settle, kill 1, heal k=100", "Liveness", "does not serve"},
	} {
		r := play(t, mode, test.events, false)
		v := r.Of(test.property)
		require.Equal(t, models.Violated, v.Outcome, "%s: %v", mode, r.Verdicts)
		require.Contains(t, v.Text, test.text)
	}
}

// TestRun_garbage: a server that prints without end is a server like any other.
func TestRun_garbage(t *testing.T) {
	r := play(t, "prints", "load k=1, run k=20", false)
	requireHeld(t, r)
	require.LessOrEqual(t, len(r.Logs[1]), logLines)
}

// TestRun_noCluster: a server that ends at once, or never answers, is an error with the last
// lines of its log, in bounded time.
func TestRun_noCluster(t *testing.T) {
	for mode, text := range map[string]string{"dies": "panic: it cannot", "hangs": "no cluster after 500ms"} {
		began := time.Now()
		r := Runner{Server: fake{mode}}
		_, err := r.Run(context.Background(), parse(t, "run k=1"))
		require.ErrorContains(t, err, text)
		require.Less(t, time.Since(began), 15*time.Second)
	}
}

// TestRun_ends: a run ends soon after its context.
func TestRun_ends(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	r := Runner{Server: fake{"good"}}
	_, err := r.Run(ctx, parse(t, "load k=2, run k=10000"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestSmaller: what is left of a schedule is the crash that loses writes, and what it needs.
func TestSmaller(t *testing.T) {
	r := Runner{Server: fake{"unsynced"}}
	s := parse(t, "slow 1->2 k=1, call c1 1 put x 7, pause 2, resume 2, settle, crash 1, restart 1, run k=1")
	small, err := smaller(context.Background(), &r, s, "Linearizability", 10)
	require.NoError(t, err)
	require.LessOrEqual(t, len(small.Events), 5)
	require.Contains(t, small.String(), "crash 1")
}

// TestDraw: every profile draws schedules that servers carry out, that are read as they are
// written, and that differ; a campaign's number decides one.
func TestDraw(t *testing.T) {
	kinds := map[faults.EventKind]bool{}
	for _, p := range profiles {
		for number := range 40 {
			s := Draw(p, elector{}, generate.Numbered(7, number))
			require.Equal(t, s.String(), Draw(p, elector{}, generate.Numbered(7, number)).String())
			again, err := faults.Parse("drawn", []byte(s.String()), elector{}.Services())
			require.NoError(t, err)
			require.Equal(t, s.String(), again.String())
			require.Equal(t, faults.Heal, s.Events[len(s.Events)-1].Kind)
			for _, e := range s.Events {
				require.True(t, Carries(e.Kind), e.String())
				kinds[e.Kind] = true
			}
		}
	}
	require.Greater(t, len(kinds), 14)
}
