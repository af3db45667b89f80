package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/explore"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/sabotage"
)

// exploration is the output of raftcheck explore -json.
type exploration struct {
	States, Generated, Beyond, Renamings int
	Levels                               []int
	Bounds                               map[string]int
	Exhausted, Replayed                  bool
	Verdict, Stopped, Sum                string
	Violations                           []violation
	NotChecked                           []string `json:"not_checked"`
	NotJudged                            []string `json:"not_judged"`
	Healed                               int
	Loop                                 []string
}

func exploreJSON(t *testing.T, args ...string) (int, exploration) {
	t.Helper()
	code, out, errs := raftcheck(t, append([]string{"explore", "-json"}, args...)...)
	var e exploration
	require.NoError(t, json.Unmarshal([]byte(out), &e), errs)
	return code, e
}

func TestExplore_held(t *testing.T) {
	t.Chdir(t.TempDir())
	code, e := exploreJSON(t, "-terms", "1", "-calls", "0")
	require.Equal(t, exitHeld, code)
	require.True(t, e.Exhausted)
	require.False(t, e.Replayed)
	require.Equal(t, "held", e.Verdict)
	require.Equal(t, []string{}, e.NotChecked)
	require.Equal(t, []string{"Fencing", "Membership", "Leases", "Liveness", "Refinement", "Loyalty", "Bounds", "Linearizability"}, e.NotJudged)
	require.Equal(t, 6, e.Renamings)
	require.Equal(t, map[string]int{
		"terms": 1, "calls": 0, "crashes": 0, "drops": 0, "duplicates": 0, "changes": 0, "transfers": 0,
		"compactions": 0, "ticks": 0, "reads": 0, "retries": 0,
		"leasereads": 0, "time": 0, "ahead": 0, "messages": 4, "writes": 0, "depth": 0, "heal": 0,
	}, e.Bounds)
	sum := 0
	for _, n := range e.Levels {
		sum += n
	}
	require.Equal(t, e.States, sum)
	require.NoDirExists(t, "testdata")

	code, out, errs := raftcheck(t, "explore", "-terms", "1", "-calls", "0", "-certificate", "c.txt")
	require.Equal(t, exitHeld, code)
	require.Empty(t, errs, "quiet in a pipe")
	require.Contains(t, out, "\n    0              1 #")
	require.Contains(t, out, "\nnot judged  Fencing, Membership, Leases, Liveness, Refinement, Loyalty, Bounds, Linearizability\n")
	require.True(t, strings.HasSuffix(out, "\nevery state within the bounds was visited\nheld\n"), out)
	text, err := os.ReadFile("c.txt")
	require.NoError(t, err)
	c, err := explore.ParseCertificate("c.txt", text, services.All())
	require.NoError(t, err)
	require.Equal(t, e.States, c.States())
}

// TestExplore_violated: the file stays, and the printed command replays it.
func TestExplore_violated(t *testing.T) {
	t.Chdir(t.TempDir())
	bare := altered{name: "bare", wrap: func(n raft.Node) raft.Node {
		return struct { // without Clone
			raft.Node
			raft.Inspector
		}{n, n.(raft.Inspector)}
	}}
	register(t, sabotage.Systems(bare)[0])
	args := []string{"-system", "bare+send-before-persist", "-terms", "1", "-writes", "1", "-calls", "0", "-property", "Durability"}
	code, e := exploreJSON(t, args...)
	require.Equal(t, exitViolated, code)
	require.True(t, e.Replayed)
	require.Len(t, e.Violations, 1)
	require.Contains(t, e.NotJudged, "ElectionSafety", "which -property leaves out")
	require.NotContains(t, e.NotJudged, "Durability")
	require.Equal(t, 1, e.Violations[0].Depth)
	code, out, _ := raftcheck(t, "replay", e.Violations[0].File)
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "sent RequestVote to")
	require.NotContains(t, out, "the file says otherwise")

	_, out, _ = raftcheck(t, append([]string{"explore"}, args...)...)
	require.Contains(t, out, "\nreplayed    every step")
	require.Contains(t, out, "\nviolated Durability after event 1: ")
	require.Contains(t, out, "    go run ./scripts/raftcheck replay "+e.Violations[0].File+"\n")
}

// TestExplore_start begins where a schedule ends.
func TestExplore_start(t *testing.T) {
	here(t, "start.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 1\nsettle\n")
	code, e := exploreJSON(t, "-terms", "0", "-calls", "1", "-depth", "2", "start.txt")
	require.Equal(t, exitHeld, code)
	require.Equal(t, []int{1, 1, 1}, e.Levels, "a call, and one of two messages, which differ by a name")
	require.False(t, e.Exhausted)
}

// TestExplore_checkpoint goes on from the last depth, to the same end.
func TestExplore_checkpoint(t *testing.T) {
	t.Chdir(t.TempDir())
	_, want := exploreJSON(t, "-terms", "1", "-calls", "0")
	for range 2 {
		code, e := exploreJSON(t, "-terms", "1", "-calls", "0", "-checkpoint", "kept")
		require.Equal(t, exitHeld, code)
		require.Equal(t, want.Levels, e.Levels)
		require.Equal(t, want.Sum, e.Sum)
		require.FileExists(t, "kept/checkpoint")
	}
	_, _, errs := raftcheck(t, "explore", "-terms", "2", "-checkpoint", "kept")
	require.Contains(t, errs, "expected a checkpoint of this exploration, found one of")
}

func TestExplore_badInput(t *testing.T) {
	here(t, "bad.txt", "system reference\nnodes  3\nrand   1\n\ntimeout 4\n")
	for _, test := range []struct{ args, want string }{
		{"-nodes 0", "expected nodes from 1 to 9, found 0"},
		{"-system paxos", `no system "paxos"`},
		{"-messages 0", "expected messages of 1 at least"},
		{"-terms x", "invalid value"},
		{fmt.Sprint("-memory ", mostMegabytes+1), "expected -memory from 1 to"},
		{"-property Beauty", `found "Beauty"`},
		{"bad.txt", "bad.txt:5: expected"},
		{"none.txt", "no such file"},
		{"a b", "expected at most one FILE, found 2: a b"},
	} {
		code, out, errs := raftcheck(t, append([]string{"explore"}, strings.Fields(test.args)...)...)
		require.Equal(t, exitNotChecked, code)
		require.Empty(t, out)
		require.Contains(t, errs, test.want)
	}
}

// TestExplore_unwritable: a finding is reported even if it cannot be written.
func TestExplore_unwritable(t *testing.T) {
	here(t, "testdata", "a file where the folder should be")
	code, out, errs := raftcheck(t, "explore", "-system", "reference+send-before-persist", "-terms", "1", "-writes", "1", "-calls", "0")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "\nviolated Durability after event 1: ")
	require.Contains(t, errs, filepath.Join("testdata"))
}

// TestExplore_interrupted ends with the states so far, and did not check the others.
func TestExplore_interrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	require.Equal(t, exitNotChecked, run(ctx, []string{"explore", "-terms", "99"}, &out, io.Discard))
	require.Regexp(t, `(?m)^states      [\d,]+ `, out.String())
	require.True(t, strings.HasSuffix(out.String(), "\nstopped at depth 0: interrupted\nnot checked\n"), out.String())
}

// mute is a node that answers nobody.
type mute struct {
	raft.Recurrent
	raft.Inspector
}

func (n mute) Step(in raft.Input) raft.Output {
	out := n.Recurrent.Step(in)
	out.Replies = nil
	return out
}

// TestExplore_stuck shows the way to a cluster that is stuck, and the events that come back.
func TestExplore_stuck(t *testing.T) {
	t.Chdir(t.TempDir())
	register(t, altered{name: "mute", wrap: func(n raft.Node) raft.Node {
		return mute{n.(raft.Recurrent), n.(raft.Inspector)}
	}})
	args := strings.Fields("-system mute -nodes 1 -terms 1 -calls 0 -reads 1 -heal 400 -property Liveness")
	code, e := exploreJSON(t, args...)
	require.Equal(t, exitViolated, code)
	require.Equal(t, 2, e.Violations[0].Depth)
	require.Contains(t, e.Loop, "retry c1 1")
	require.Positive(t, e.Healed)
	code, out, _ := raftcheck(t, append([]string{"explore"}, args...)...)
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "\nafter it, again and again:\n    ")
	require.Regexp(t, `(?m)^healed      \d+ states$`, out)
	code, _, _ = raftcheck(t, "replay", e.Violations[0].File)
	require.Equal(t, exitViolated, code)
}

// TestExplore_notChecked: properties of nodes that do not show their state are not checked.
func TestExplore_notChecked(t *testing.T) {
	t.Chdir(t.TempDir())
	register(t, altered{name: "shy", wrap: func(n raft.Node) raft.Node { return struct{ raft.Node }{n} }})
	code, e := exploreJSON(t, "-system", "shy", "-terms", "1", "-calls", "0", "-depth", "2")
	require.Equal(t, exitNotChecked, code)
	require.Equal(t, "not checked", e.Verdict)
	require.Contains(t, e.NotChecked, "ElectionSafety")
	require.NotContains(t, e.NotChecked, "NoPanic")
	_, out, _ := raftcheck(t, "explore", "-system", "shy", "-terms", "1", "-calls", "0", "-depth", "2")
	require.Contains(t, out, "\nnot checked ElectionSafety: a node does not show its state\n")
}
