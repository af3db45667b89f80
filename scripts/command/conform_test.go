package command

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/conform"
	"raftcheck/raft"
)

func TestConform(t *testing.T) {
	code, out, errs := raftcheck(t, "conform")
	require.Equal(t, exitHeld, code, out)
	require.Empty(t, errs)
	require.Contains(t, out, "system      reference\n\nboot         held         a node boots from an empty disk")
	require.Regexp(t, "\n\nheld\n$", out)

	code, out, _ = raftcheck(t, "conform", "-system", "reference+forget-disk")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "restart      violated     a node that crashed remembers its term, its vote and its log\n    n1 had term 2, voted for ")
	require.Contains(t, out, "\n    timeout 1\n    settle\n")
	require.Regexp(t, "\n\nviolated\n$", out)

	register(t, altered{name: "shy", wrap: func(n raft.Node) raft.Node { return struct{ raft.Node }{n} }})
	code, out, _ = raftcheck(t, "conform", "-system", "shy")
	require.Equal(t, exitNotChecked, code, "an ability that is not offered is not checked")
	require.Contains(t, out, "\nnot checked, as the adapter does not offer it: status, ")
	require.Regexp(t, "\n\nnot checked\n$", out)
	code, out, _ = raftcheck(t, "conform", "-json", "-system", "shy")
	require.Equal(t, exitNotChecked, code)
	var r struct {
		System     string
		Verdict    string
		NotChecked []string `json:"not_checked"`
		Rules      []struct{ Rule, Outcome, Text string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Equal(t, "shy", r.System)
	require.Equal(t, "not checked", r.Verdict)
	require.Contains(t, r.NotChecked, "status")
	require.NotContains(t, r.NotChecked, "boot")
	require.Len(t, r.Rules, len(conform.Rules()))
	require.Equal(t, "not offered", r.Rules[1].Outcome)

	register(t, capricious{altered{name: "owning", wrap: func(n raft.Node) raft.Node { return n }}})
	code, out, _ = raftcheck(t, "conform", "-system", "owning")
	require.Equal(t, exitHeld, code, "the system states what it lacks")
	require.Contains(t, out, "\nnot checked, as the adapter does not offer it: determinism\n\nheld\n")

	register(t, altered{name: "dead", wrap: func(raft.Node) raft.Node { panic("no library") }})
	code, out, _ = raftcheck(t, "conform", "-system", "dead")
	require.Equal(t, exitViolated, code)
	require.Contains(t, out, "\n\nthe other rules were not tried: each needs nodes that boot\n\nviolated\n")
	require.NotContains(t, out, "promises")

	code, _, errs = raftcheck(t, "conform", "-system", "paxos")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, `no system "paxos"`)
	code, _, errs = raftcheck(t, "conform", "more")
	require.Equal(t, exitNotChecked, code)
	require.Contains(t, errs, `found "more"`)
}
