package model_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

// random is a history of a few clients of one key, which answer anything. Values are
// written once if unique is set, and then no compare-and-swap takes part.
func random(r *rand.Rand, unique bool) (h linearizability.History) {
	value := func() string { return fmt.Sprint(1 + r.IntN(4)) }
	time, written := int64(0), 0
	for client := 1; client <= 2+r.IntN(2); client++ {
		time = int64(r.IntN(4))
		for range 1 + r.IntN(3) {
			op := linearizability.Operation{Client: client, Key: "x", Call: time,
				Return: time + 1 + int64(r.IntN(5)), Output: "ok"}
			switch n := r.IntN(5); {
			case n < 2:
				op.Input, op.Output = "read", value()
				if r.IntN(6) == 0 {
					op.Output = model.Nil
				}
			case unique:
				written++
				op.Input = fmt.Sprint("write ", written)
			case n < 4:
				op.Input = "write " + value()
			default:
				op.Input = "cas " + value() + " " + value()
				if r.IntN(3) == 0 {
					op.Output = "no"
				}
			}
			time = op.Return + 1 + int64(r.IntN(2))
			if r.IntN(8) == 0 {
				op.Return, op.Output = linearizability.Pending, ""
			}
			h = append(h, op)
		}
	}
	return h
}

// TestExplain_sound: a history with a reason has no order. If values are written once, and
// no outcome is unknown, a history without an order has a reason too.
func TestExplain_sound(t *testing.T) {
	spec, _ := model.Named("cas-register", model.Nil)
	r := rand.New(rand.NewPCG(1, 2))
	explained, unexplained := 0, 0
	for i := range 10_000 {
		unique := i%2 == 0
		h := random(r, unique)
		result := linearizability.Check(spec, h)
		why := model.Explain(spec, "x", h)
		if why != "" {
			require.Equal(t, linearizability.NotLinearizable, result.Outcome, "%v\n%s", h, why)
			explained++
			continue
		}
		if result.Outcome == linearizability.NotLinearizable {
			unexplained++
			require.False(t, unique, "%v", h)
		}
	}
	require.Greater(t, explained, 2_500)
	t.Logf("%d explained, %d not", explained, unexplained)
}

func TestExplain_words(t *testing.T) {
	for name, test := range map[string]struct {
		model   string
		history linearizability.History
		want    string
	}{
		"nobody wrote": {"register", linearizability.History{
			{Client: 1, Key: "x", Input: "write 1", Output: "ok", Call: 0, Return: 1},
			{Client: 2, Key: "x", Input: "read", Output: "638", Call: 2, Return: 3},
		}, "key x: c2 read 638 (2..3), which nobody wrote"},
		"too early": {"register", linearizability.History{
			{Client: 2, Key: "x", Input: "read", Output: "1", Call: 2, Return: 3},
			{Client: 1, Key: "x", Input: "write 1", Output: "", Call: 5, Return: linearizability.Pending},
		}, "key x: c2 read 1 (2..3) before anyone wrote it; the first was c1 wrote 1 (5..?)"},
		"swapped": {"cas-register", linearizability.History{
			{Client: 1, Key: "x", Input: "cas nil 1", Output: "ok", Call: 0, Return: 1},
			{Client: 1, Key: "x", Input: "cas 1 2", Output: "ok", Call: 2, Return: 3},
			{Client: 2, Key: "x", Input: "read", Output: "1", Call: 4, Return: 5},
		}, "key x: c1 wrote 1 over nil (0..1), then c1 wrote 2 over 1 (2..3), then c2 read 1 (4..5); " +
			"1 was written once"},
		"both": {"register", linearizability.History{
			{Client: 1, Key: "x", Input: "write 1", Output: "ok", Call: 0, Return: 4},
			{Client: 2, Key: "x", Input: "write 2", Output: "ok", Call: 0, Return: 5},
			{Client: 3, Key: "x", Input: "read", Output: "1", Call: 6, Return: 9},
			{Client: 4, Key: "x", Input: "read", Output: "2", Call: 6, Return: 9},
		}, "key x: c1 wrote 1 (0..4) and later c3 read 1 (6..9), so that the value was 1 in between, " +
			"but c2 wrote 2 (0..5) and later c4 read 2 (6..9); each value was written once"},
		"neither before nor after": {"register", linearizability.History{
			{Client: 1, Key: "x", Input: "write 1", Output: "ok", Call: 2, Return: 3},
			{Client: 1, Key: "x", Input: "read", Output: "3", Call: 5, Return: 8},
			{Client: 3, Key: "x", Input: "write 3", Output: "ok", Call: 2, Return: 6},
			{Client: 3, Key: "x", Input: "read", Output: "1", Call: 7, Return: 11},
		}, "key x: c1 wrote 1 (2..3) and later c3 read 1 (7..11), so that the value was 1 in between, " +
			"but c1 read 3 (5..8) is not before that, and c3 wrote 3 (2..6) is not after; " +
			"each value was written once"},
		"appends": {"kv-append", linearizability.History{
			{Client: 1, Key: "x", Input: "append 1", Output: "ok", Call: 0, Return: 4},
			{Client: 2, Key: "x", Input: "get", Output: "11", Call: 6, Return: 9},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			spec, _ := model.Named(test.model, model.Nil)
			require.Equal(t, linearizability.NotLinearizable, linearizability.Check(spec, test.history).Outcome)
			require.Equal(t, test.want, model.Explain(spec, "x", test.history))
		})
	}
}
