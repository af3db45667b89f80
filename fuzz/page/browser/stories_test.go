package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/services"
)

// eventAfter is the event that follows a remark of a schedule.
func eventAfter(t *testing.T, name, remark string) string {
	t.Helper()
	s, err := trial.ReadSchedule("../../../testdata/"+name+".txt", services.All())
	require.NoError(t, err)
	for _, note := range s.Notes {
		if strings.Contains(note.Text, remark) {
			return fmt.Sprint(note.Before + 1)
		}
	}
	t.Fatalf("%s has no remark %q", name, remark)
	return ""
}

// TestStory_figure8: at (c) of the paper's figure the entry of term 2 is on three disks of
// five and not committed; at the end another entry has its place everywhere.
func TestStory_figure8(t *testing.T) {
	at := eventAfter(t, "scenarios/figure-8", "With this answer S1 knows")
	tab := show(t, "scenarios/figure-8", at, wide)
	require.Equal(t, "held", text(t, tab, "#verdict"))
	require.Contains(t, value[string](t, tab, `getComputedStyle(verdict, "::before").content`), "✓")
	require.Equal(t, at, where(t, tab))
	require.Equal(t, []string{"leader t4", "follower t4", "follower t4", "follower t3", "down"}, badges(t, tab))
	// Only n2 as the leader of term 1 knew that entry 1 is committed, and it crashed since.
	require.Equal(t, []string{"1d", "2d", "4d"}, cells(t, tab, "1"))
	require.Equal(t, []string{"1d", "2d"}, cells(t, tab, "2"))
	require.Equal(t, []string{"1d", "2d"}, cells(t, tab, "3"))
	click(t, tab, `.card[data-node="1"] .cell:nth-child(2) button`)
	require.Contains(t, text(t, tab, "ul.answer"), "No node reported t2i2 as committed in this run.")
	press(t, tab, end)
	for _, node := range []string{"1", "2", "3", "4", "5"} {
		require.Equal(t, "3cad", cells(t, tab, node)[1], "entry 2 of n%s", node)
	}
}

// TestStory_twoWorkers: the database refuses the write of the worker whose time ran out.
func TestStory_twoWorkers(t *testing.T) {
	tab := show(t, "scenarios/double-writer-fenced", "", wide)
	press(t, tab, end)
	require.Contains(t, text(t, tab, ".lead"), "The database refuses a write that comes too late")
	value[any](t, tab, `document.querySelector("[aria-label=narrower]").click()`)
	press(t, tab, "-", "-", "-", "-", "-")
	require.ElementsMatch(t, []string{"✓ token 2", "✕ token 1"}, texts(t, tab, ".act-text"))
	require.Equal(t, []string{"c1", "c2"}, texts(t, tab, ".lane-name.client"))
}

// TestStory_workerElection: the operations of both workers are bars, with the points at
// which they took effect, and the term of the cluster changes with its leader.
func TestStory_workerElection(t *testing.T) {
	tab := show(t, "scenarios/worker-election", "", wide)
	press(t, tab, "-", "-", "-", "-", "-", "-")
	bars := texts(t, tab, ".op .op-text")
	require.Contains(t, strings.Join(bars, "\n"), "campaign db 20 → token-1")
	require.NotZero(t, value[int](t, tab, `document.querySelectorAll(".op .point").length`))
	press(t, tab, "l", "l", "l")
	require.Equal(t, 1, strings.Count(strings.Join(badges(t, tab), " "), "leader t3"))
	require.Equal(t, []string{"leader t1", "leader t2", "leader t3"}, texts(t, tab, ".life-text.leader.inside"))
	require.Equal(t, []string{
		"c1keepalive db 1 20 → ok-until-30-at-10-for-c1c1 leads until 30; it was 10 then",
		"c2campaign db 20 → held-by-c1-until-30-at-10-for-c2c1 leads until 30; it was 10 thenwaits for campaign db 20",
	}, texts(t, tab, ".clients li"))
	click(t, tab, ".clients li:first-child .call")
	require.Contains(t, text(t, tab, "ul.answer"), "The answer says: c1 leads until 30; it was 10 then.")
}

// TestStory_lease: the leader's lease and heartbeat, and the followers' timers and loyalty, are
// at the cursor; the lease runs out by the leader's own clock.
func TestStory_lease(t *testing.T) {
	at := eventAfter(t, "scenarios/lease-within-bound", "Clocks differ as much as they may")
	tab := show(t, "scenarios/lease-within-bound", at, wide)
	facts := func(node string) string { return strings.Join(texts(t, tab, ".card[data-node='"+node+"'] .fact"), "|") }
	require.Contains(t, facts("1"), "lease for5 ticks|heartbeat in3 ticks|knows the logs up ton2 2, n3 2")
	require.Contains(t, facts("2"), "election in11 ticks|votes for no other for10 ticks")
	value[any](t, tab, `location.hash = "#13"`)
	drawn(t, tab)
	require.Contains(t, facts("1"), "lease for1 tick (changed)|", "4 of 5 ticks of its clock have passed")
	press(t, tab, end)
	require.NotContains(t, facts("1"), "lease for")
}

// TestStory_twoLeaders: ElectionSafety is violated at the step at which the second leader of
// term 1 is elected; its votes, and where they are, are the answer to why.
func TestStory_twoLeaders(t *testing.T) {
	tab := show(t, "found/electionsafety-abd160d3", "", wide)
	require.Contains(t, value[string](t, tab, "document.title"), "violated Durability after event 1")
	require.Contains(t, text(t, tab, "#reason"), "n2 sent RequestVote to n1 before term 1 was durable")
	require.Contains(t, text(t, tab, ".broke"), "Durability violated")
	press(t, tab, "v", "v")
	require.Contains(t, text(t, tab, ".broke"), "ElectionSafety violated n2 and n3 lead term 1")
	require.Equal(t, []string{"follower t1", "leader t1", "leader t1"}, badges(t, tab))
	press(t, tab, "w")
	require.Contains(t, text(t, tab, ".question[aria-expanded=true]"), "Why does n3 lead term 1?")
	require.Contains(t, text(t, tab, "ul.answer"), "n1: its vote left at #6 and arrived at #7.5; "+
		"the vote is on its disk.")
	require.Equal(t, 2, value[int](t, tab, `document.querySelectorAll(".message.path").length`))
	click(t, tab, `.card[data-node="2"] .badge`)
	require.Contains(t, text(t, tab, "ul.answer"), "n1: its vote left at #2 and arrived at #7.4; "+
		"the vote is NOT on its disk.")
}

// TestStory_staleRead: the read that has no order is marked with the write that it misses,
// and the answer names the entry that the node did not have.
func TestStory_staleRead(t *testing.T) {
	tab := show(t, "found/linearizability-fc23caf4", "", wide)
	for range 6 {
		press(t, tab, "v")
	}
	require.Contains(t, text(t, tab, ".broke"), "Linearizability violated key y: no order of the operations")
	require.Equal(t, []string{"get y → nil"}, texts(t, tab, ".op.clashes .op-text"))
	press(t, tab, "w")
	answer := text(t, tab, "ul.answer")
	require.Contains(t, answer, "c1 put y 14 → ok, called at #4, returned at #7.2 before this one was called.")
	require.Contains(t, answer, "That is entry t1i2; n2 had another entry there, of term 2.")
	require.NotZero(t, value[int](t, tab, `document.querySelectorAll(".message.path").length`))
	value[any](t, tab, `[...document.querySelectorAll("ul.answer a")]
		.find((a) => a.textContent === "#7.2").click()`)
	drawn(t, tab)
	require.Equal(t, "7.2", where(t, tab))
	require.Equal(t, []string{"put y 14 → ok", "get y → nil"}, texts(t, tab, ".op.clashes .op-text"))
}

// TestStory_partition: a cut is named and its side shaded, and messages wait on it.
func TestStory_partition(t *testing.T) {
	tab := show(t, "scenarios/minority-leader", "", wide)
	press(t, tab, "-", "-", "-", "-", "-")
	require.Contains(t, strings.Join(texts(t, tab, ".net-text"), "|"), "cut n1 ")
	require.NotZero(t, value[int](t, tab, `document.querySelectorAll("rect.apart").length`))
	require.NotZero(t, value[int](t, tab, `document.querySelectorAll(".message.held").length`))
	held := texts(t, tab, ".message.held title")
	require.Contains(t, held[0], "; waits on a cut link")
	for _, title := range held {
		require.Regexp(t, "^n[12] → n[345]|^n[345] → n[12]", title, "across the cut")
	}
}

// TestStory_realServers: the page of a run of real servers has the leader, the fault and the
// slow calls on its axis, folds the usual ones, and explains a stale answer by calls alone.
func TestStory_realServers(t *testing.T) {
	s, err := faults.Parse("live", []byte("system servers\nnodes  2\nrand   1\n\nload k=2\nkill 1\n"), services.All())
	require.NoError(t, err)
	up := page.NodeSight{Up: true, Term: 1}
	leads := page.NodeSight{Up: true, Term: 1, Leads: true}
	l := page.Live{Title: "live.txt", Schedule: s, Version: "server 1.0", Sights: []page.Sight{
		{At: 1e6, Text: "the cluster works", Nodes: []page.NodeSight{leads, up}},
		{At: 2e6, Event: 1, Text: "load k=2", Nodes: []page.NodeSight{leads, up}},
		{At: 500e6, Event: 2, Text: "kill 1", Nodes: []page.NodeSight{{}, up}},
		{At: 900e6, Event: 2, Text: "n2 leads term 2", Nodes: []page.NodeSight{{}, {Up: true, Term: 2, Leads: true}}},
	}, Verdicts: []page.LiveVerdict{{Verdict: models.Verdict{Property: "Linearizability", Outcome: models.Violated}}}}
	call := func(client int, text, output string, from, to int64) {
		key, input := strings.Fields(text)[1], strings.Replace(text, " x", "", 1)
		l.Calls = append(l.Calls, page.LiveCall{Text: text, Node: 2, Operation: linearizability.Operation{
			Client: client, Key: key, Input: input, Output: output, Call: from * 1e6, Return: to * 1e6,
		}})
	}
	for i := range int64(20) {
		call(1, "get x", "nil", 10+10*i, 15+10*i)
	}
	call(2, "put x 7", "ok", 300, 450)
	call(1, "get x", "nil", 1000, 1003)
	var drawn bytes.Buffer
	require.NoError(t, l.Run().Write(&drawn))
	file := filepath.Join(t.TempDir(), "live.html")
	require.NoError(t, os.WriteFile(file, drawn.Bytes(), 0o644))
	tab := open(t, "file://"+file, wide)
	require.Equal(t, []string{"×20"}, texts(t, tab, ".many"))
	require.Equal(t, []string{"put x 7 → ok", "get x → nil"}, texts(t, tab, ".op.clashes .op-text"))
	require.Equal(t, []string{"down", "leader t2"}, badges(t, tab))
	require.Contains(t, text(t, tab, ".where"), "at 1.003 s")
	press(t, tab, "w")
	require.Contains(t, text(t, tab, "ul.answer"), "c2 put x 7 → ok, called at #1.")
	press(t, tab, left, left)
	require.Equal(t, "n2 leads term 2", text(t, tab, ".words"))
	require.Contains(t, strings.Join(texts(t, tab, ".number"), "|"), "2 0.50 s")
}
