package linearizability

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var smallInputs = []string{"get", "get", "get", "put 1", "put 2", "append 3", "cas 1 2", "cas nil 1"}

// played draws a history that is linearizable by construction.
func played(t *rapid.T, operations int, keys ...string) History {
	choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
	return play(choose, 3, rapid.IntRange(0, operations).Draw(t, "operations"), keys, smallInputs)
}

// mutated changes an answer, a position or a return of one or two operations.
func mutated(t *rapid.T, h History) History {
	h = slices.Clone(h)
	for range rapid.IntRange(1, 2).Draw(t, "mutations") {
		a := &h[rapid.IntRange(0, len(h)-1).Draw(t, "first")]
		b := &h[rapid.IntRange(0, len(h)-1).Draw(t, "second")]
		switch rapid.IntRange(0, 4).Draw(t, "mutation") {
		case 0:
			a.Output, b.Output = b.Output, a.Output
		case 1:
			a.Position, b.Position = b.Position, a.Position
		case 2:
			a.Output = rapid.SampledFrom([]string{"nil", "1", "2", "ok", "no", "1.3"}).Draw(t, "output")
		case 3:
			if !a.Pending() {
				a.Return = a.Call + 1
			}
		case 4:
			a.Position = rapid.IntRange(0, 6).Draw(t, "position")
		}
	}
	return h
}

func TestCheck_linearizableByConstruction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 12, "x", "y")
		require.NoError(t, CheckWitness(register, h))
		require.Equal(t, Result{Outcome: Linearizable, ByWitness: true}, Check(register, h))
		r := CheckPorcupine(register, h)
		require.Equal(t, Linearizable, r.Outcome, r.Reason)

		// The order in which a history lists its operations means nothing.
		shuffled := rapid.Permutation(h).Draw(t, "shuffled")
		require.NoError(t, CheckWitness(register, shuffled))
	})
}

// The witness may refuse a history that has another order; it never accepts one without.
func TestCheckWitness_acceptsOnlyWhatPorcupineAccepts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 8, "x", "y")
		if len(h) == 0 {
			return
		}
		h = mutated(t, h)
		searched := CheckPorcupine(register, h).Outcome
		if CheckWitness(register, h) == nil {
			require.Equal(t, Linearizable, searched)
		}
		require.Equal(t, searched, Check(register, h).Outcome)
	})
}

func TestCheckPorcupine_agreesWithTryingEveryOrder(t *testing.T) {
	seen := map[Outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 6, "x")
		require.Equal(t, Linearizable, judgeByTrying(register, h))
		require.Equal(t, Linearizable, CheckPorcupine(register, h).Outcome)
		for i := 0; i < 3 && len(h) > 0; i++ {
			broken := mutated(t, h)
			want := judgeByTrying(register, broken)
			seen[want]++
			require.Equal(t, want, CheckPorcupine(register, broken).Outcome)
		}
	})
	require.NotZero(t, seen[Linearizable])
	require.NotZero(t, seen[NotLinearizable], "no mutation broke a history: the test tests nothing")
}

// The reason names an answer such that there was an order up to those before it.
func TestCheckPorcupine_namesTheFirstUnexplainedAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 6, "x")
		if len(h) == 0 {
			return
		}
		h = mutated(t, h)
		op := firstUnexplained(register, h, 0)
		if judgeByTrying(register, h) == Linearizable {
			require.Nil(t, op)
			return
		}
		require.NotNil(t, op)
		require.Equal(t, NotLinearizable, judgeByTrying(register, until(h, op.Return)))
		require.Equal(t, Linearizable, judgeByTrying(register, until(h, op.Return-1)))
		require.Contains(t, CheckPorcupine(register, h).Reason, op.String())
	})
}
