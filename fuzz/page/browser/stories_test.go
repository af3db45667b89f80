package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
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
	require.Equal(t, "✓ held", value[string](t, tab,
		`getComputedStyle(document.getElementById("verdict"), "::before").content.slice(1, 3) + document.getElementById("verdict").textContent`))
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
	require.True(t, slices.ContainsFunc(bars, func(s string) bool { return strings.HasPrefix(s, "campaign db 20 → token-1") }), bars)
	require.NotZero(t, value[int](t, tab, `document.querySelectorAll(".op .point").length`))
	press(t, tab, "l", "l", "l")
	require.Equal(t, 1, strings.Count(strings.Join(badges(t, tab), " "), "leader t3"))
	require.Equal(t, []string{"leader t1", "leader t2", "leader t3"}, texts(t, tab, ".life-text.leader.inside"))
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
	require.Contains(t, text(t, tab, "ul.answer"), "n1: its vote left at #6 and arrived at #7.5; the vote is on its disk.")
	require.Equal(t, 2, value[int](t, tab, `document.querySelectorAll(".message.path").length`))
	click(t, tab, `.card[data-node="2"] .badge`)
	require.Contains(t, text(t, tab, "ul.answer"), "n1: its vote left at #2 and arrived at #7.4; the vote is NOT on its disk.")
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
	value[any](t, tab, `[...document.querySelectorAll("ul.answer a")].find((a) => a.textContent === "#7.2").click()`)
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
}
