package linearizability

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// busy is a history of clients that never pause, whose operations take effect in their
// middle. Each fifth operation reads alone.
func busy(random *rand.Rand, n int) (h History) {
	state, now := register.Init, int64(0)
	inputs := []string{"put 1", "put 2", "append 3", "cas 1 2", "get"}
	for i := range n {
		op := Operation{Client: 1 + i%4, Key: "x", Input: inputs[random.IntN(len(inputs))], Call: now}
		op.Return = now + 12
		if i%5 == 4 {
			now += 20
			op.Input, op.Call, op.Return = "get", now, now+4
			now += 6
		}
		state, op.Output = runRegister(state, op.Input)
		if len(state) > 20 {
			state, op.Input, op.Output = "1", "put 1", "ok"
		}
		h = append(h, op)
		now += 5
	}
	return h
}

// TestTail: of a long history whose last read is wrong, the end begins at an answer that is
// near, and a conflict is found in it at once.
func TestTail(t *testing.T) {
	h := busy(rand.New(rand.NewPCG(1, 2)), 400)
	require.Equal(t, Linearizable, CheckSearch(declared, h).Outcome)
	last := h[len(h)-1].Return
	h = append(h, Operation{Client: 9, Key: "x", Input: "put 7", Output: "ok", Call: last + 50, Return: last + 60},
		Operation{Client: 9, Key: "x", Input: "get", Output: "8", Call: last + 70, Return: last + 80})
	from, after, end := Tail(declared, h)
	require.GreaterOrEqual(t, from, 0)
	require.LessOrEqual(t, len(end), 12)
	require.Equal(t, h[from].Output, after.Init)
	require.Len(t, Conflict(after, end, 1), 1, "no put wrote 8")

	h = append(h, Operation{Client: 9, Key: "x", Input: "get", Output: "9", Call: last + 90, Return: last + 91})
	_, _, again := Tail(declared, h)
	require.Equal(t, end[len(end)-1], again[len(again)-1], "the first answer without an order")
}

// TestTail_invalid: what is no history has no end.
func TestTail_invalid(t *testing.T) {
	h := history(t, "c1 0..1 x put 1 -> ok", "c1 2..3 x get -> 1", "c1 4..5 x get -> 2")
	from, _, _ := Tail(declared, h)
	require.Equal(t, 1, from)
	from, _, _ = Tail(Spec{}, h)
	require.Equal(t, -1, from)
	h[0].Client = 0
	from, after, end := Tail(declared, h)
	require.Equal(t, -1, from)
	require.Equal(t, declared.Init, after.Init)
	require.Equal(t, h, end)
}

// TestTail_isSound: an end that has no order is one of a history that has none.
func TestTail_isSound(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 4000 {
		h := plausible(random, []string{"get", "get", "put 1", "put 2"})
		from, after, end := Tail(declared, h)
		if from < 0 {
			require.Equal(t, h, end)
			continue
		}
		found++
		require.Equal(t, NotLinearizable, judgeByTrying(after, end))
		require.Equal(t, NotLinearizable, judgeByTrying(declared, h))
	}
	require.Greater(t, found, 20)
}
