package generate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft/reference"
)

// TestBytes_oneByteAChoice: a fuzzer that changes a byte changes one choice.
func TestBytes_oneByteAChoice(t *testing.T) {
	b := &Bytes{Rest: []byte{mark | 5, 7, 1, 2, mark | 100, 9, mark | 3}}
	require.Equal(t, 5, b.Below(128))
	require.Equal(t, 0, b.Below(1), "no choice takes no byte")
	require.Equal(t, 1, b.Below(3))
	require.True(t, b.More())
	require.Equal(t, 100<<7|9, b.Below(1<<14), "two bytes where one is too few")
	made := [2]int{b.Below(128), b.Below(128)}
	require.NotEqual(t, made[0], made[1], "no bytes left: these follow from the frame")
	require.True(t, b.More())
	require.True(t, b.More(), "an event without choices takes no frame")
	require.Equal(t, 3, b.Below(128))
	require.False(t, b.More())
	b = &Bytes{Rest: []byte{mark | 100, 9}}
	b.Below(1 << 14)
	require.Equal(t, made, [2]int{b.Below(128), b.Below(128)}, "the same frame")
}

// drawn are three choices of each event that the source has.
func drawn(choices []byte) (all [][3]int) {
	b := &Bytes{Rest: choices}
	for b.More() {
		all = append(all, [3]int{b.Below(256), b.Below(5), b.Below(3)})
	}
	return all
}

// TestBytes_theRestStays: whatever bytes change, come or go, the events elsewhere keep their
// choices.
func TestBytes_theRestStays(t *testing.T) {
	prng := NewPRNG(1)
	for range 300 {
		choices := []byte{mark}
		for range 60 {
			choices = append(choices, byte(prng.Below(256)))
		}
		from := 1 + prng.Below(len(choices)-5)
		to := from + prng.Below(5)
		changed := slices.Clone(choices[:from])
		for range prng.Below(5) {
			changed = append(changed, byte(prng.Below(256)))
		}
		changed = append(changed, choices[to:]...)
		before, after := drawn(choices), drawn(changed)
		same := 0
		for same < min(len(before), len(after)) && before[same] == after[same] {
			same++
		}
		require.GreaterOrEqual(t, same, len(drawn(choices[:from]))-1, "of the events before")
		ends := drawn(choices[to+frameAt(choices[to:]):])
		require.True(t, slices.Equal(ends, after[len(after)-len(ends):]), "of the events behind")
	}
}

// frameAt returns where the first frame begins.
func frameAt(choices []byte) int {
	if i := slices.IndexFunc(choices, func(c byte) bool { return c >= mark }); i >= 0 {
		return i
	}
	return len(choices)
}

// TestRecorder: the choices of a schedule make it again, byte for byte.
func TestRecorder(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	for i := range 100 {
		r := &Recorder{Source: Numbered(1, i)}
		s, _ := Schedule(runner, Swarm, r)
		text := s.String()
		again, _ := Schedule(runner, Swarm, &Bytes{Rest: r.Choices()})
		require.Equal(t, text, again.String())
	}
}
