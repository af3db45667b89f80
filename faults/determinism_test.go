package faults

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWorld_sameScheduleSameTrace(t *testing.T) {
	used := newWatched()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) *Schedule {
			nodes := rapid.IntRange(1, MaxNodes).Draw(t, "nodes of "+label)
			return &Schedule{
				Service: store,
				Nodes:   nodes, Rand: rapid.Uint64().Draw(t, "rand"),
				Events: aptEvents(nodes).Draw(t, label),
			}
		}
		s, other := draw("schedule"), draw("another schedule")
		fresh := newWatched()
		want := fresh.play(s)
		sight := fresh.sight()
		require.Equal(t, want, fresh.play(s), "again in the same world")
		require.Equal(t, sight, fresh.sight())

		used.play(other)
		require.Equal(t, want, used.play(s), "in a world used for another schedule")
		require.Equal(t, sight, used.sight())
	})
}

// A world that is reset in the midst of everything starts as if nothing had been.
func TestWorld_resetForgetsEverything(t *testing.T) {
	s, err := Parse("storm", []byte(header+storm), house)
	require.NoError(t, err)
	fresh := newWatched()
	fresh.start(s)
	empty := fresh.sight()
	want := fresh.play(s)

	w := newWatched()
	for i := range s.Events {
		w.start(&Schedule{Service: store, Nodes: MaxNodes, Rand: 99})
		for _, e := range s.Events[:i] {
			w.Apply(e)
		}
		w.start(s)
		require.Equal(t, empty, w.sight())
	}
	require.Equal(t, want, w.play(s))
}

func TestWorld_seedDecidesTheRandomness(t *testing.T) {
	s, err := Parse("run", []byte(header+"run k=100\n"), house)
	require.NoError(t, err)
	w := newWatched()
	first := w.play(s)
	s.Rand++
	require.NotEqual(t, first, w.play(s))
}
