package browser

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/pipe"
)

// playing opens a page on which a system is played, without events so far. It returns the
// folder in which the page saves schedules too.
func playing(t *testing.T, system string, nodes int) (tab *Tab, folder string) {
	t.Helper()
	systems := Systems()
	i := slices.IndexFunc(systems, func(one raft.System) bool { return one.Name() == system })
	return playingOn(t, systems[i], nodes)
}

func playingOn(t *testing.T, system raft.System, nodes int) (tab *Tab, folder string) {
	t.Helper()
	s := &faults.Schedule{System: system.Name(), Nodes: nodes, Rand: 1}
	require.True(t, s.Use(services.All(), ""))
	player := &page.Player{
		System: system, Services: services.All(), Schedule: s,
		Title: "play", Token: "token", Folder: t.TempDir(),
	}
	server := httptest.NewServer(player)
	t.Cleanup(server.Close)
	return open(t, server.URL+"/token/", wide), player.Folder
}

// played is an expression for the number of events that were played.
const played = `document.querySelector("#schedule pre").textContent
	.split("\n\n")[1].split("\n").filter(Boolean).length`

// carryOut clicks the buttons of events, one after the other.
func carryOut(t *testing.T, tab *Tab, lines ...string) {
	t.Helper()
	for _, line := range lines {
		events := value[int](t, tab, played)
		value[any](t, tab, fmt.Sprintf(`document.querySelector("[data-event='%s']").click()`, line))
		waitFor(t, tab, fmt.Sprintf("%s === %d", played, events+1))
	}
}

// waitFor waits until an expression is true.
func waitFor(t *testing.T, tab *Tab, expression string) {
	t.Helper()
	_, err := chromedp.Run(tab.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience/4)))
	require.NoError(t, err, expression)
	drawn(t, tab)
}

// TestPlay_commits: a person elects a leader, lets a client write, and sees its entry
// committed and the client answered.
func TestPlay_commits(t *testing.T) {
	tab, _ := playing(t, "reference", 3)
	carryOut(t, tab, "timeout 1", "persist 1", "deliver 1->2", "persist 2", "deliver 2->1")
	require.Equal(t, []string{"leader t1", "follower t1", "follower t0"}, badges(t, tab))
	carryOut(t, tab, "call c1 1 put x c1.1", "persist 1", "deliver 1->2", "persist 2", "deliver 2->1")
	carryOut(t, tab, "deliver 1->2", "persist 2", "deliver 2->1")
	require.Equal(t, []string{"1cad", "1cad"}, cells(t, tab, "1"))
	require.Equal(t, []string{"put x c1.1 → ok"}, texts(t, tab, ".op .op-text"))
	require.Equal(t, "13 events, and every property held so far.", text(t, tab, "#reason"))
}

// TestPlay_splitsTheVote: with four nodes, two candidates get two votes each, and nobody leads.
func TestPlay_splitsTheVote(t *testing.T) {
	tab, _ := playing(t, "reference", 4)
	carryOut(t, tab, "timeout 1", "timeout 2", "persist 1", "persist 2", "deliver 1->3", "deliver 2->4",
		"persist 3", "persist 4", "settle")
	require.Equal(t, []string{"candidate t1", "candidate t1", "follower t1", "follower t1"}, badges(t, tab))
	votes := strings.Join(texts(t, tab, ".card-head"), "\n")
	require.Equal(t, 2, strings.Count(votes, "voted forn1"))
	require.Equal(t, 2, strings.Count(votes, "voted forn2"))
}

// TestPlay_branches: an undo takes the last event back, a branch goes on from the cursor,
// and the run that it left is still there. Saved, it is a schedule.
func TestPlay_branches(t *testing.T) {
	tab, folder := playing(t, "reference", 3)
	carryOut(t, tab, "timeout 1", "settle", "crash 1")
	require.Equal(t, "down", badges(t, tab)[0])
	value[any](t, tab, `document.querySelector(".undo").click()`)
	waitFor(t, tab, played+" === 2")
	require.Equal(t, "leader t1", badges(t, tab)[0])
	press(t, tab, home, right)
	require.Equal(t, "go on from event 1", text(t, tab, ".branch"))
	value[any](t, tab, `document.querySelector(".branch").click()`)
	waitFor(t, tab, played+" === 1")
	carryOut(t, tab, "crash 1")
	value[any](t, tab, `[...document.querySelectorAll(".play-bar button")]
		.find((b) => b.textContent === "branch 1: 2 events").click()`)
	waitFor(t, tab, played+" === 2")
	require.Equal(t, "leader t1", badges(t, tab)[0])
	value[any](t, tab, `document.querySelector(".save").click()`)
	waitFor(t, tab, `document.querySelector(".play-said").textContent.startsWith("saved as")`)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, files, 1)
	s, err := trial.ReadSchedule(filepath.Join(folder, files[0].Name()), services.All())
	require.NoError(t, err)
	require.Len(t, s.Events, 2)
}

// TestPlay_judges: the page says at once that a property is violated, and that a line is no
// event.
func TestPlay_judges(t *testing.T) {
	tab, _ := playing(t, "reference+read-at-once", 2)
	write := func(line string) {
		value[any](t, tab, fmt.Sprintf(`(() => {
			const field = document.querySelector(".typed");
			field.value = %q;
			field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
		})()`, line))
	}
	carryOut(t, tab, "timeout 2", "settle")
	write("call c1 2 put x 1")
	waitFor(t, tab, played+" === 3")
	carryOut(t, tab, "settle")
	write("fly 1")
	waitFor(t, tab, `document.querySelector(".play-said").textContent.includes("schedule:")`)
	write("read c1 1 get x")
	waitFor(t, tab, played+" === 5")
	require.Equal(t, "violated Linearizability", text(t, tab, "#verdict"))
	require.Contains(t, text(t, tab, ".broke"), "Linearizability violated key x: no order")
	clashes := texts(t, tab, ".op.clashes .op-text")
	require.ElementsMatch(t, []string{"put x 1 → ok", "read get x → nil"}, clashes)
}

// follower is a program in another language that only follows, and dies when its election
// timer fires.
const follower = `read hello
echo '{"protocol":1,"name":"follower","readless":"nothing is ever read"}'
while read question; do
	case $question in
	*'"boot"'*) echo '{"status":{"role":"follower","voters":[1,2]},"log":{"from":1,"entries":[]}}' ;;
	*timeout*) exit 3 ;;
	*) echo '{}' ;;
	esac
done
`

// TestPlay_exec: a person plays on a program behind a pipe, and sees it die.
func TestPlay_exec(t *testing.T) {
	file := filepath.Join(t.TempDir(), "follower")
	require.NoError(t, os.WriteFile(file, []byte(follower), 0o644))
	program, err := pipe.Open("sh " + file)
	require.NoError(t, err)
	t.Cleanup(program.Close)
	tab, _ := playingOn(t, program, 2)
	require.Contains(t, text(t, tab, "#reason"), "Each button is an event")
	carryOut(t, tab, "tick 1", "timeout 2")
	require.Equal(t, "violated NoPanic", text(t, tab, "#verdict"))
	require.Contains(t, text(t, tab, ".broke"), "n2 panicked: its program ended: exit status 3")
	require.Equal(t, []string{"follower t0", "down"}, badges(t, tab))
	carryOut(t, tab, "restart 2")
	require.Equal(t, []string{"follower t0", "follower t0"}, badges(t, tab))
}
