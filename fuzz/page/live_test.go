package page

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/internal/fixture"
	"raftcheck/linearizability"
	"raftcheck/models"
)

const ms = int64(time.Millisecond)

// call is a call of a client at node 1, in milliseconds.
func call(client int, text, input, output string, from, to int64) LiveCall {
	c := LiveCall{Text: text, Node: 1, Operation: linearizability.Operation{
		Client: client, Key: "x", Input: input, Output: output, Call: from * ms, Return: to * ms,
	}}
	if to == 0 {
		c.Return, c.GaveUp = linearizability.Pending, time.Duration((from+200)*ms)
	}
	return c
}

// at is a sight of three nodes, of which the first leads.
func at(millis int64, event int, text string, change func(*Sight)) Sight {
	s := Sight{At: time.Duration(millis * ms), Event: event, Text: text, Nodes: []NodeSight{
		{Up: true, Leads: true, Term: 2, Applied: 4}, {Up: true, Term: 2, Applied: 4}, {Up: true, Term: 2},
	}}
	change(&s)
	return s
}

// live is a run in which an acknowledged write is lost with the power of its node.
func live(t *testing.T) *Live {
	s := fixture.Written(t, "nodes 3\n", "load k=2\nrun k=9\ncrash 1\nheal k=9\n")
	as := func(*Sight) {}
	down := func(s *Sight) {
		s.Nodes[0] = NodeSight{Lost: 3}
		s.Cuts = []Link{{From: 1, To: 2}}
		s.Links = []Link{{From: 2, To: 3, Lossy: 5}}
	}
	l := &Live{
		Title: "live.txt", Schedule: s, Version: "server 1.0", Counts: []string{"violated in 2 of 3 runs"},
		Logs: [][]string{nil, {"first <line>", "last line"}},
		Sights: []Sight{
			at(1, 0, "the cluster works", as), at(2, 1, "load k=2", as), at(3, 2, "", as),
			at(90, 2, "", func(s *Sight) { s.Nodes[1].Applied = 6 }), at(900, 2, "run k=9", as),
			at(901, 3, "n1 loses 3 writes", down), at(902, 3, "crash leader: crash 1", down),
			at(903, 4, "", down), at(2000, 4, "n1 leads term 3", as), at(2100, 4, "heal k=9: ignored, it is well", as),
		},
		Calls: []LiveCall{
			call(1, "put x 1", "put 1", "ok", 10, 20), call(2, "get x", "get", "1", 30, 40),
			call(1, "put x 2", "put 2", "ok", 50, 300), call(2, "put x 3", "put 3", "", 60, 0),
			call(1, "get x", "get", "1", 2200, 2210),
		},
		Acts: []LiveAct{
			{Client: 1, Token: 7, Sent: 20_000_000, Landed: 25_000_000, Accepted: true, Text: "taken"},
			{Client: 2, Token: 6, Sent: 21_000_000, Landed: -1},
		},
		Verdicts: []LiveVerdict{{
			Verdict:  models.Verdict{Property: "Linearizability", Outcome: models.Violated, Text: "no order"},
			Property: models.Property{Rule: "the rule"}, At: 3 * time.Second,
		}, {Verdict: models.Verdict{Property: "NoPanic", Outcome: models.Held}}},
	}
	l.Sights[len(l.Sights)-1].Ignored = true
	return l
}

// TestLive: the steps are in the order of their times, each event begins once, and the
// calls and the state of the nodes are at their steps.
func TestLive(t *testing.T) {
	run := live(t).Run()
	var heads []string
	last := int64(0)
	for i, step := range run.Steps {
		require.LessOrEqual(t, last, step.At, i)
		last = step.At
		if step.Head != "" {
			heads = append(heads, step.Head)
		}
	}
	require.Equal(t, []string{"load k=2", "run k=9", "crash 1", "heal k=9"}, heads)
	crashed := stepOf(run, 3)
	require.Equal(t, "crash", crashed.Fault)
	require.Equal(t, "n1 loses 3 writes\n", crashed.Text)
	require.Equal(t, []Link{{From: 1, To: 2}}, *crashed.Cuts)
	require.Equal(t, []Link{{From: 2, To: 3, Lossy: 5}}, *crashed.Slow)
	nodes := rebuild(run)
	require.EqualValues(t, 3, nodes[1].fields[fieldRole])
	require.EqualValues(t, 4, nodes[2].fields[fieldApplied])

	require.Equal(t, "violated", run.Outcome)
	require.Equal(t, []string{"violated Linearizability: no order"}, run.Lines)
	require.Equal(t, run.Operations[4].Ended, run.Verdicts[0].Step)
	require.Equal(t, -1, run.Verdicts[1].Step)
	for i, want := range []Operation{
		{End: "returned", Usual: true}, {End: "returned", Clashes: true}, {End: "returned", Clashes: true},
		{End: "abandoned"}, {End: "returned", Clashes: true},
	} {
		op := run.Operations[i]
		require.Equal(t, want, Operation{End: op.End, Usual: op.Usual, Clashes: op.Clashes}, i)
		require.EqualValues(t, live(t).Calls[i].Call/1000, run.Steps[op.Called].At, i)
	}
	require.True(t, run.Acts[0].Usual)
	require.Equal(t, Act{Client: 2, Token: 6, Sent: run.Acts[1].Sent, Landed: -1}, run.Acts[1])
}

// TestLive_points: where the answers have an order, the points are in it.
func TestLive_points(t *testing.T) {
	l := live(t)
	l.Calls = l.Calls[:4]
	l.Verdicts[0].Outcome = models.Held
	run := l.Run()
	for i := range 3 {
		op := run.Operations[i]
		require.LessOrEqual(t, op.Called, op.Point, i)
		require.LessOrEqual(t, op.Point, op.Ended, i)
	}
	require.Equal(t, -1, run.Operations[3].Point, "no answer needs it")
	require.Equal(t, "held", run.Outcome)
}

// TestLive_many: of very many usual calls some are left out, and no other call is.
func TestLive_many(t *testing.T) {
	l := live(t)
	for i := int64(0); i < 3*mostCalls; i++ {
		l.Calls = append(l.Calls, call(3, "get x", "get", "1", 3000+3*i, 3001+3*i))
	}
	l.Verdicts = l.Verdicts[1:]
	run := l.Run()
	require.Len(t, run.Operations, mostCalls)
	require.Equal(t, len(l.Calls)-mostCalls, run.Left)
	unusual := slices.DeleteFunc(run.Operations, func(op Operation) bool { return op.Usual })
	require.Equal(t, []string{"put x 2", "put x 3"}, []string{unusual[0].Text, unusual[1].Text})
}

// TestLive_page: the page has the version, the counts, and the logs of the nodes.
func TestLive_page(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, live(t).Run().Write(&b))
	for _, want := range []string{
		"server 1.0", "violated in 2 of 3 runs", "first &lt;line&gt;\nlast line", "Real servers in real time",
		"violated Linearizability</span>",
	} {
		require.Contains(t, b.String(), want)
	}
}
