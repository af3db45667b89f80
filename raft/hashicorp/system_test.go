package hashicorp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz"
)

func TestFirst(t *testing.T) {
	s := &faults.Schedule{System: "hashicorp", Nodes: 3, Rand: 1}
	for _, e := range []faults.Event{{Kind: faults.Timeout, Node: 1}, {Kind: faults.Settle}, {Kind: faults.Run, K: 100}, {Kind: faults.Call, Client: 1, Node: 1, Op: "put x 1"}, {Kind: faults.Heal, K: 400}} {
		s.Events = append(s.Events, e)
	}
	r := fuzz.NewRunner(System{})
	res := r.Run(s)
	for _, v := range res.Verdicts {
		t.Log(v.String())
	}
	require.NotEmpty(t, res.Verdicts)
	t.Log(res.Lines(), res.Events, r.View().Nodes[1].Status)
}
