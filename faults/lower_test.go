package faults

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

func TestLower_sameTraceWithoutMacros(t *testing.T) {
	w := newWatched()
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 5).Draw(t, "nodes")
		s := &Schedule{
			Service: store,
			System:  "reference", Nodes: nodes, Rand: rapid.Uint64Range(0, 3).Draw(t, "rand"),
			Events: aptEvents(nodes).Draw(t, "events"),
		}
		want := w.play(s)
		lowered := Lower(reference.System{}, s)
		for _, e := range lowered.Events {
			require.False(t, e.Kind.Macro())
		}
		require.Equal(t, w.carried, lowered.Events)

		require.Equal(t, want, w.play(lowered))
		require.Equal(t, len(lowered.Events), w.Events(), "no event is ignored")
		require.Equal(t, lowered, Lower(reference.System{}, lowered))
		requireWritable(t, nodes, lowered.Events)
	})
}

// storm is a run of all that time does: clocks, disks, slow links, clients, faults and their end.
const storm = `timeout 1
settle
call c1 1 put x 1
skew 2 k=150
skew 3 k=40
slow 1->2 k=9
call c2 3 put x 2
run k=12
mend 1->2
run k=48
crash 1 k=1
cut 2 | 3
call c3 1 get x
run k=35
restart 1
pause 2
slow 3->1 k=2
run k=30
tick 3 k=2
crash 3
heal k=400
call c4 2 cas x 2 3
settle
run k=30
`

func TestLower_everythingThatTimeDoes(t *testing.T) {
	s, err := Parse("storm", []byte("# a storm\n"+header+"# remark\n"+storm+"----\nheld\n"), house)
	require.NoError(t, err)
	lowered := Lower(reference.System{}, s)
	require.Equal(t, s.Prose, lowered.Prose)
	require.Equal(t, [3]any{s.System, s.Nodes, s.Rand}, [3]any{lowered.System, lowered.Nodes, lowered.Rand})
	require.Nil(t, lowered.Notes)
	require.Nil(t, lowered.Golden)

	w := newWatched()
	require.Equal(t, w.play(s), w.play(lowered))
	text := lowered.String()
	for _, want := range []string{"retry c", "tick 2 k=2", "deliver 1->2 k=", "skew 3 k=100", "mend", "restart 3"} {
		require.True(t, strings.Contains(text, want), want)
	}
	for _, macro := range []string{"settle", "run", "heal"} {
		require.False(t, strings.Contains(text, "\n"+macro), macro)
	}
	again, err := Parse("lowered", []byte(text), house)
	require.NoError(t, err)
	require.Equal(t, lowered, again)
}

func TestLower_healOfAFailedDisk(t *testing.T) {
	s, err := Parse("failed", []byte(header+"timeout 1\nfail 1\ntick 1 k=40\nheal k=400\n"), house)
	require.NoError(t, err)
	lowered := Lower(reference.System{}, s)
	require.Contains(t, lowered.String(), "crash 1\nrestart 1\n")
	w := newWatched()
	require.Equal(t, w.play(s), w.play(lowered))
}

func TestLower_onlyHealTellsOfItself(t *testing.T) {
	s := newStage(t, 1)
	require.Equal(t, []trace.Kind{trace.Healed}, kinds(s.do("heal")))
	require.Empty(t, s.do("settle"))
	require.Equal(t, []trace.Kind{trace.Stepped}, kinds(s.do("run k=1")))
}

func TestLower_keepsTheHeaderAndTheOperator(t *testing.T) {
	s, err := Parse("f", []byte("system cast\nnodes 4\nvoters 2\nprevote on\nrand 1\n"+
		"reconfigure 1 to 1 2 + 3\nread c1 1 get x\ntransfer 2->1\ncompact 1\nwipe 4\nwipe 4\nrun k=1\n"), house)
	require.NoError(t, err)
	require.Equal(t, `system cast
nodes  4
voters 2
prevote on
rand   1

reconfigure 1 to 1 2 + 3
read c1 1 get x
transfer 2->1
wipe 4
tick 1
tick 2
tick 3
`, Lower(&cast{}, s).String())
}
