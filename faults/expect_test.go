package faults

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// expectations collects the records of checks.
type expectations struct{ records []trace.Record }

func (x *expectations) Observe(r *trace.Record) {
	if r.Kind == trace.Expected {
		x.records = append(x.records, *r)
	}
}

// outcomes runs a schedule and returns the outcome and the text of each check.
func outcomes(t *testing.T, system raft.System, text string) (list []string) {
	t.Helper()
	s, err := Parse("f", []byte(text), house)
	require.NoError(t, err)
	var x expectations
	w := NewWorld(new(trace.View), &x)
	w.Reset(system, s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	for _, r := range x.records {
		list = append(list, r.Outcome.String()+" "+r.Text)
	}
	return list
}

// among has n1 lead term 1 with the entries of term 1, n3 down, n4 a learner and n5 wiped.
const among = `system reference
nodes 6
voters 3
rand 1
expect no-leader committed=0
timeout 1
settle
expect leader=1 committed=1
reconfigure 1 to 1 2 3 + 4
settle
crash 3
wipe 5
call c1 1 put x 1
settle
compact 1 k=1
`

func TestExpect_states(t *testing.T) {
	tests := map[string]string{
		"expect 1 leader term=1 vote=1 leader=1 commit=3 applied=3 base=2 log=1..3 config={1 2 3}+{4}": "",
		"expect 1 2 4 up log={1 1 1}":                                  "",
		"expect 2 follower vote=1":                                     "",
		"expect 3 down term=1 vote=1 log={1 1}":                        "",
		"expect 5 wiped log={} vote=none":                              "",
		"expect 5 down":                                                "",
		"expect 6 follower term=0 leader=none log=1..0 config={1 2 3}": "",
		"expect leader=1 committed=3":                                  "",

		"expect 1 leader term=2":         "found n1 term=1",
		"expect 1 2 leader":              "found n2 follower",
		"expect 2 3 leader term=2":       "found n2 follower term=1 n3 down term=1",
		"expect 1 2 log={1 1}":           "found n1 log={1 1 1} n2 log={1 1 1}",
		"expect 1 log=1..2":              "found n1 log=1..3",
		"expect 1 config={1 2 3}":        "found n1 config={1 2 3}+{4}",
		"expect 1 config={1 2}&{1 2 3}":  "found n1 config={1 2 3}+{4}",
		"expect 1 down":                  "found n1 leader",
		"expect 3 up":                    "found n3 down",
		"expect 3 refused":               "found n3 down",
		"expect 3 commit=1":              "found n3 down",
		"expect 5 refused":               "found n5 wiped",
		"expect 2 vote=none leader=3":    "found n2 vote=1 leader=1",
		"expect 1 commit=2 applied=2":    "found n1 commit=3 applied=3",
		"expect 1 base=0":                "found n1 base=2",
		"expect no-leader":               "found 1",
		"expect leader=2":                "found leader=1",
		"expect committed=2 leader=1":    "found committed=3",
		"expect no-leader committed=300": "found 1 committed=3",
	}
	for line, want := range tests {
		t.Run(line, func(t *testing.T) {
			got := outcomes(t, reference.System{}, among+line+"\n")
			require.Equal(t, []string{"done as expected", "done as expected"}, got[:2])
			if want == "" {
				require.Equal(t, "done as expected", got[2])
				return
			}
			printed, err := ParseEvent(line, 6, store)
			require.NoError(t, err)
			require.Equal(t, "rejected "+printed.String()+": "+want, got[2])
		})
	}
}

func TestExpect_severalLeaders(t *testing.T) {
	got := outcomes(t, reference.System{}, `system reference
nodes 3
rand 1
timeout 1
settle
cut 1 | 2 3
timeout 2
settle
expect leader=2
expect no-leader
`)
	require.Equal(t, []string{
		"rejected expect leader=2: found leader={1 2}", "rejected expect no-leader: found {1 2}",
	}, got)
}

// hidden is the reference, whose nodes do not show their state.
type hidden struct{ reference.System }

func (s hidden) Boot(c raft.NodeConfig) (raft.Node, error) {
	n, err := s.System.Boot(c)
	return struct{ raft.Node }{n}, err
}

func TestExpect_hiddenState(t *testing.T) {
	tests := map[string]string{
		"expect 1 term=0":      "unknown expect 1 term=0: a node does not show its state",
		"expect 1 follower":    "unknown expect 1 follower: a node does not show its state",
		"expect 2 down log={}": "unknown expect 2 down log={}: a node does not show its state",
		"expect no-leader":     "unknown expect no-leader: a node does not show its state",
		"expect committed=0":   "unknown expect committed=0: a node does not show its state",
		"expect 1 up":          "done as expected",
		"expect 2 down":        "done as expected",
		"expect 1 down":        "rejected expect 1 down: found n1 up",
		"expect 1 2 up term=0": "rejected expect 1 2 up term=0: found n2 down",
		"expect 2 leader":      "rejected expect 2 leader: found n2 down",
	}
	for line, want := range tests {
		got := outcomes(t, hidden{}, "system reference\nnodes 2\nrand 1\ncrash 2\n"+line+"\n")
		require.Equal(t, []string{want}, got)
	}
}

// TestExpect_changesNothing compares a run with checks after each event and one without:
// records, their times, the trace hash and the history are the same.
func TestExpect_changesNothing(t *testing.T) {
	plain, err := Parse("storm", []byte(header+storm), house)
	require.NoError(t, err)
	checked := plain.Clone()
	checked.Events = nil
	for _, e := range plain.Events {
		checked.Events = append(checked.Events, e,
			Event{Kind: Expect, Op: "no-leader"}, Event{Kind: Expect, Groups: [MaxNodes + 1]uint8{1: 1}, Op: "term=77"})
	}
	require.Equal(t, plain.Events, checked.WithoutChecks().Events)
	require.Equal(t, checked.MostClient(), checked.WithoutChecks().MostClient())
	w := newWatched()
	hash := w.play(plain)
	carried, events, history, clock := w.carried, w.Events(), append(w.History()[:0:0], w.History()...), w.clock
	require.Equal(t, hash, w.play(checked))
	require.Equal(t, carried, w.carried)
	require.Equal(t, events, w.Events())
	require.Equal(t, history, w.History())
	require.Equal(t, clock, w.clock)
}

// TestExpect_withoutANode: a check of a cluster with one node less stays if it names
// neither the node nor one that moves up.
func TestExpect_withoutANode(t *testing.T) {
	tests := []struct {
		line string
		id   raft.NodeID
		ok   bool
	}{
		{"expect 1 up", 2, true}, {"expect 1 up", 1, false}, {"expect 2 up", 1, false}, {"expect 1 2 up", 2, false},
		{"expect 1 vote=2", 3, true}, {"expect 1 vote=2", 2, false}, {"expect 1 config={1 3}", 2, false},
		{"expect no-leader", 1, true}, {"expect leader=3", 2, false}, {"expect 1 log={9 9}", 2, true},
	}
	for _, test := range tests {
		e, err := ParseEvent(test.line, 3, store)
		require.NoError(t, err)
		for heir := range raft.NodeID(3) {
			after, ok := e.Without(test.id, heir)
			require.Equal(t, test.ok, ok, "%s without n%d", test.line, test.id)
			require.True(t, !ok || after == e)
		}
	}
}

// TestSettle_withoutANode: the nodes after the one that is gone move up.
func TestSettle_withoutANode(t *testing.T) {
	e, err := ParseEvent("settle 1 3", 3, store)
	require.NoError(t, err)
	after, ok := e.Without(2, raft.None)
	require.True(t, ok)
	require.Equal(t, "settle 1 2", after.String())
	after, ok = after.Without(1, raft.None)
	require.True(t, ok)
	require.Equal(t, "settle 1", after.String())
	_, ok = after.Without(1, 2)
	require.False(t, ok, "a settle of no node is none, not one of all")
	after, ok = Event{Kind: Settle}.Without(1, raft.None)
	require.True(t, ok)
	require.Equal(t, Event{Kind: Settle}, after)
	require.True(t, strings.HasPrefix(e.Simpler(3)[0].String(), "settle"))
}
