package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
)

func TestReason(t *testing.T) {
	op := func(client int, call, end int64, input, output string) linearizability.Operation {
		return linearizability.Operation{
			Client: client, Key: "x", Call: call, Return: end, Input: input, Output: output,
		}
	}
	for name, test := range map[string]struct {
		model   string
		history linearizability.History
		want    string
	}{
		"linearizable": {"mutex", linearizability.History{op(1, 0, 1, "acquire", "ok")}, ""},
		"values": {"register", linearizability.History{op(1, 0, 1, "read", "7")},
			"key x: c1 read 7 (0..1), which nobody wrote"},
		"one answer": {"mutex", linearizability.History{op(1, 0, 1, "acquire", "ok"), op(2, 2, 3, "release", "?")},
			"key x: no order explains c2 release -> ? (2..3), whatever became of the others"},
		"two answers": {"mutex", linearizability.History{
			op(1, 0, 1, "acquire", "ok"), op(3, 4, 5, "acquire", "ok"),
		}, "key x: no order explains these 2 operations together, whatever became of the others: " +
			"c1 acquire -> ok (0..1); c3 acquire -> ok (4..5)"},
	} {
		t.Run(name, func(t *testing.T) {
			spec, _ := model.Named(test.model, model.Nil)
			result := linearizability.Check(spec, test.history)
			require.Equal(t, test.want, model.Reason(spec, result, test.history))
		})
	}
	many := linearizability.History{}
	spec, _ := model.Named("fifo-queue", model.Nil)
	for i := range int64(9) {
		many = append(many, op(1, 4*i, 4*i+1, "enqueue 1", "ok"), op(2, 4*i+2, 4*i+3, "dequeue", "1"))
	}
	many = append(many, op(1, 40, 41, "dequeue", "1"))
	result := linearizability.Check(spec, many)
	require.Equal(t, linearizability.NotLinearizable, result.Outcome)
	require.Equal(t, result.Reason, model.Reason(spec, result, many), "a list too long helps nobody")
}
