package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/election"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// lines are events as schedules have them.
func lines(events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.String())
	}
	return all
}

// after is a world in which a schedule of the text ran.
func after(t *testing.T, text string) *watched {
	t.Helper()
	s, err := Parse("after", []byte(text), house)
	require.NoError(t, err)
	w := newWatched()
	w.start(s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	return w
}

func TestEnabled_list(t *testing.T) {
	w := after(t, "system reference\nnodes 2\nrand 1\n\ntimeout 1\npersist 1\ncut 2->1\ncall c1 2 put x 1\npause 2\n")
	require.Equal(t, strings.Split(`tick 1
timeout 1
drop 1->2
duplicate 1->2
crash 1
crash 2
pause 1
wipe 1
resume 2
wipe 2
cut 1->2
mend 2->1
mend
call c2 1 put x c2.1
call c2 1 get x
read c2 1 get x
leaseread c2 1 get x
retry c1 1
abandon c1
reconfigure 1 to 2
reconfigure 1 to 1
transfer 1->2`, "\n"), lines(slices.Collect(w.Enabled())))
}

// TestEnabled_writes: a node with three pending writes, which puppets have.
func TestEnabled_writes(t *testing.T) {
	s := newStage(t, 1)
	s.does(1, raft.Output{Writes: writes(1, "a", "b", "c")})
	about := func() []string {
		var all []string
		for e := range s.Enabled() {
			switch e.Kind {
			case Persist, Fail, Tear, Crash:
				all = append(all, e.String())
			}
		}
		return all
	}
	crashes := []string{"crash 1", "crash 1 k=1", "crash 1 k=2", "crash 1 k=3"}
	require.Equal(t, append([]string{
		"persist 1 k=1", "fail 1", "tear 1 bytes=1",
		"persist 1 k=2", "fail 1 k=1", "tear 1 k=1 bytes=1",
		"persist 1", "fail 1 k=2", "tear 1 k=2 bytes=1",
	}, crashes...), about())
	s.do("pause 1")
	require.Equal(t, append([]string{"tear 1 bytes=1", "tear 1 k=1 bytes=1", "tear 1 k=2 bytes=1"}, crashes...), about())
}

// TestEnabled_members: what may be asked for follows the configuration that the node shows.
func TestEnabled_members(t *testing.T) {
	tests := map[string]struct{ events, want string }{
		"first": {"", "reconfigure 1 to 2, reconfigure 1 to 1, reconfigure 1 to 1 2 + 3"},
		"with a learner": {
			"timeout 1\nsettle\nreconfigure 1 to 1 2 + 3\nsettle\n",
			"reconfigure 1 to 2 + 3, reconfigure 1 to 1 + 3, reconfigure 1 to 1 2 3",
		},
		"a voter alone": {"timeout 1\nsettle\nreconfigure 1 to 1\nsettle\n", "reconfigure 1 to 1 + 2, reconfigure 1 to 1 + 3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := after(t, "system reference\nnodes 3\nvoters 2\nrand 1\n\n"+test.events+"pause 2\npause 3\n")
			enabled := slices.Collect(w.Enabled())
			changes := slices.DeleteFunc(enabled, func(e Event) bool { return e.Kind != Reconfigure })
			require.Equal(t, test.want, strings.Join(lines(changes), ", "))
		})
	}
}

// TestEnabled_everyServiceHasExamples: clients can call, whatever they use.
func TestEnabled_everyServiceHasExamples(t *testing.T) {
	for _, svc := range house {
		w := newWatched()
		w.start(&Schedule{Service: svc, Nodes: 1})
		var ops []string
		for e := range w.Enabled() {
			if e.Op == "" {
				continue
			}
			op, err := svc.ParseOp(e.Op)
			require.NoError(t, err)
			require.Equal(t, uint8(1), e.Client)
			require.Equal(t, len(ops) > 0, op.ReadOnly(), "%s: first one that writes", e.Op)
			ops = append(ops, e.Kind.String())
		}
		require.Equal(t, []string{"call", "call", "read", "leaseread"}, ops, svc.Name())
	}
}

// TestEnabled_stops where whoever listens has heard enough, wherever that is.
func TestEnabled_stops(t *testing.T) {
	w := after(t, "system reference\nnodes 3\nvoters 2\nservice election\nrand 1\n\ntimeout 1\nsettle\ncall c1 1 campaign x 9\nsettle\n"+
		"work c1\nwork c1\ncall c2 1 holder x\npause 3\ncut 3->1\nslow 2->3 k=1\n")
	all := slices.Collect(w.Enabled())
	for n := range all {
		var some []Event
		for e := range w.Enabled() {
			if some = append(some, e); len(some) > n {
				break
			}
		}
		require.Equal(t, all[:n+1], some)
	}
}

// TestEnabled_whereNoMoreFits: a link that is full takes no copy, of sixteen
// clients that wait none calls, and a worker has so many writes on their way.
func TestEnabled_whereNoMoreFits(t *testing.T) {
	text := "system reference\nnodes 2\nrand 1\n\ntimeout 1\npersist 1\n" + strings.Repeat("duplicate 1->2\n", maxInFlight-1)
	for client := range MaxClients {
		text += fmt.Sprintf("call c%d 2 put x 1\n", client+1)
	}
	count := map[EventKind]int{}
	for e := range after(t, text).Enabled() {
		count[e.Kind]++
	}
	require.Equal(t, maxInFlight, count[Deliver])
	require.Equal(t, maxInFlight, count[Drop])
	require.Zero(t, count[Duplicate])
	require.Zero(t, count[Call]+count[Read]+count[LeaseRead])
	require.Equal(t, 2*MaxClients, count[Retry])

	text = "system reference\nnodes 1\nservice election\nrand 1\n\ntimeout 1\nsettle\ncall c1 1 campaign x 9\nsettle\n"
	for writes, works := range map[int]bool{0: true, election.MaxInFlight - 1: true, election.MaxInFlight: false} {
		enabled := slices.Collect(after(t, text+strings.Repeat("work c1\n", writes)).Enabled())
		require.Equal(t, works, slices.Contains(enabled, Event{Kind: Work, Client: 1}), writes)
	}
}

// TestEnabled_isWhatIsNotIgnored compares the list with what happens: in worlds
// that scenarios and random events lead to, every event of the list is carried
// out, and of all others that could be in it, none is.
func TestEnabled_isWhatIsNotIgnored(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenarios/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	happened := map[EventKind]int{}
	w := newWatched()
	for i, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := Parse(file, text, house)
		require.NoError(t, err)
		for upTo := i % 9; upTo < len(s.Events); upTo += 9 {
			requireEnabled(t, w, s, s.Events[:upTo], happened)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 4).Draw(t, "nodes")
		requireEnabled(t, w, &Schedule{Service: store, Nodes: nodes, Rand: 1}, aptEvents(nodes).Draw(t, "events"), happened)
	})
	for kind := Tick; kind < Settle; kind++ {
		switch kind {
		case Slow, Skew, Corrupt:
			require.Zero(t, happened[kind], kind)
		default:
			require.NotZero(t, happened[kind], kind)
		}
	}
}

func requireEnabled(t require.TestingT, w *watched, s *Schedule, events []Event, happened map[EventKind]int) {
	replay := func() {
		w.start(s)
		for _, e := range events {
			w.Apply(e)
		}
		w.last = 0
	}
	replay()
	before := w.sight()
	list, listed := slices.Collect(w.Enabled()), map[Event]bool{}
	for _, e := range list {
		require.False(t, listed[e], "%s twice", e)
		listed[e] = true
	}
	require.Equal(t, before, w.sight(), "it changes nothing")
	others := slices.DeleteFunc(couldBeEnabled(w), func(e Event) bool { return listed[e] })
	for _, e := range others {
		w.Apply(e)
		require.Equal(t, trace.Ignored, w.last, e.String())
	}
	for _, e := range list {
		replay()
		w.Apply(e)
		require.NotEqual(t, trace.Ignored, w.last, e.String())
		happened[e.Kind]++
	}
}

// couldBeEnabled lists the events of the forms that Enabled has, whether they are enabled or not.
func couldBeEnabled(w *watched) []Event {
	var all []Event
	const most = 4 // numbers up to this
	for id := range w.all.All() {
		for _, kind := range []EventKind{Timeout, Pause, Resume, Restart, Compact, Wipe} {
			all = append(all, Event{Kind: kind, Node: id})
		}
		all = append(all, Event{Kind: Tick, Node: id, K: 1})
		pending := int32(w.PendingWrites(id))
		for k := range pending + 1 { // a Crash or Persist of more is one of all
			all = append(all, Event{Kind: Persist, Node: id, K: k % max(pending, 1)}, Event{Kind: Crash, Node: id, K: k})
		}
		for k := range int32(most) {
			all = append(all, Event{Kind: Fail, Node: id, K: k}, Event{Kind: Tear, Node: id, K: k, Aux: tornBytes})
		}
		for to := range w.all.Without(id).All() {
			all = append(all, Event{Kind: Cut, Node: id, Peer: to}, Event{Kind: Mend, Node: id, Peer: to}, Event{Kind: Transfer, Node: id, Peer: to})
			for k := range int32(most) {
				for _, kind := range []EventKind{Deliver, Drop, Duplicate} {
					all = append(all, Event{Kind: kind, Node: id, Peer: to, K: k})
				}
			}
		}
		for client := range uint8(MaxClients) {
			all = append(all, Event{Kind: Retry, Client: client + 1, Node: id})
		}
	}
	for client := range uint8(MaxClients) {
		all = append(all, Event{Kind: Abandon, Client: client + 1}, Event{Kind: Work, Client: client + 1})
		for k := range int32(most) {
			all = append(all, Event{Kind: Land, Client: client + 1, K: k})
		}
	}
	return append(all, Event{Kind: Mend})
}
