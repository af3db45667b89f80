package linearizability

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// requireExplains wants that the points are within their operations, and that operations
// which take no time, at their points, are linearizable.
func requireExplains(t require.TestingT, h History, points []int64) {
	var short History
	for i := range h {
		if points[i] < 0 {
			require.True(t, h[i].Pending(), "%v has no point", h[i])
			continue
		}
		require.LessOrEqual(t, h[i].Call, points[i])
		require.LessOrEqual(t, points[i], h[i].Return)
		op := h[i]
		op.Client, op.Call = i+1, 2*points[i]
		if !op.Pending() {
			op.Return = op.Call + 1
		}
		short = append(short, op)
	}
	require.Equal(t, Linearizable, CheckSearch(register, short).Outcome, "%v at %v", h, points)
}

// TestPoints: the order of the log gives the points where it explains the answers, and
// otherwise a search does. An operation that nothing needs has none.
func TestPoints(t *testing.T) {
	for name, test := range map[string]struct {
		h    History
		want []int64
	}{
		"log": {History{
			{Client: 1, Key: "x", Input: "put 1", Output: "ok", Call: 10, Return: 30, Position: 2},
			{Client: 2, Key: "x", Input: "get", Output: "nil", Call: 12, Return: 20, Position: 1},
		}, []int64{21, 16}},
		"search": {History{
			{Client: 1, Key: "x", Input: "put 1", Output: "ok", Call: 10, Return: 90},
			{Client: 2, Key: "x", Input: "get", Output: "1", Call: 20, Return: 30},
			{Client: 3, Key: "x", Input: "get", Output: "nil", Call: 14, Return: 18},
			{Client: 3, Key: "y", Input: "get", Output: "nil", Call: 40, Return: 60},
		}, []int64{22, 25, 16, 50}},
		"needless": {History{
			{Client: 1, Key: "x", Input: "put 1", Call: 10, Return: Pending},
			{Client: 2, Key: "x", Input: "get", Output: "nil", Call: 20, Return: 30},
		}, []int64{-1, 25}},
		"none": {History{
			{Client: 1, Key: "x", Input: "put 1", Output: "ok", Call: 10, Return: 12},
			{Client: 2, Key: "x", Input: "get", Output: "nil", Call: 20, Return: 30},
		}, []int64{-1, -1}},
	} {
		require.Equal(t, test.want, Points(register, test.h), name)
	}
}

// TestPoints_explain: of a register that takes each operation at some time between its call
// and its return, every history has points that explain it, without the order of the log.
func TestPoints_explain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type taken struct {
			at int64
			op Operation
		}
		var list []taken
		for client := 1; client <= 4; client++ {
			free := int64(0)
			for range rapid.IntRange(0, 4).Draw(t, "calls") {
				call := free + rapid.Int64Range(1, 9).Draw(t, "call")
				at := call + rapid.Int64Range(0, 9).Draw(t, "at")
				free = at + 1 + rapid.Int64Range(0, 9).Draw(t, "return")
				input := rapid.SampledFrom([]string{"get", "put 1", "put 2", "cas 1 2", "append 3"}).Draw(t, "input")
				list = append(list, taken{at, Operation{Client: client, Key: "x", Input: input, Call: call, Return: free}})
			}
		}
		slices.SortStableFunc(list, func(a, b taken) int { return cmp.Compare(a.at, b.at) })
		state, h := register.Init, History{}
		for _, one := range list {
			state, one.op.Output = runRegister(state, one.op.Input)
			if rapid.IntRange(0, 5).Draw(t, "lost") == 0 {
				one.op.Return = Pending
			}
			h = append(h, one.op)
		}
		requireExplains(t, h, Points(register, h))
	})
}
