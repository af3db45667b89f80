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
	"raftcheck/raft/reference"
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
batch 1 k=2
lag 1 k=2
resume 2
wipe 2
lose 1->2
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
transfer 1->2`, "\n"), lines(slices.Collect(w.Enabled())), "a new kind has lines of its own here, in the order of its site and family")
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

// unlearned is the reference, which states that it lacks learners.
type unlearned struct{ reference.System }

func (unlearned) Limits() raft.Limits { return raft.Limits{Lacks: raft.Learners} }

// TestEnabled_withoutLearners: a node becomes a voter at once.
func TestEnabled_withoutLearners(t *testing.T) {
	s := referenceStage(t, unlearned{}, 3, 2)
	enabled := lines(slices.Collect(s.Enabled()))
	require.Contains(t, enabled, "reconfigure 1 to 1 2 3")
	require.NotContains(t, enabled, "reconfigure 1 to 1 2 + 3")
}

// TestEnabled_everyServiceHasExamples: clients of every service can call each of its
// examples, the first of which writes, and can read by those that are read-only.
func TestEnabled_everyServiceHasExamples(t *testing.T) {
	for _, svc := range house {
		w := newWatched()
		w.start(&Schedule{Service: svc, Nodes: 1})
		var want, ops []string
		for i, op := range svc.Examples("c1.1") {
			require.False(t, i == 0 && op.ReadOnly(), "%s: the first example of %s must write", op, svc.Name())
			want = append(want, "call c1 1 "+op.String())
			if op.ReadOnly() {
				want = append(want, "read c1 1 "+op.String(), "leaseread c1 1 "+op.String())
			}
		}
		for e := range w.Enabled() {
			if e.Op != "" {
				ops = append(ops, e.String())
			}
		}
		require.Equal(t, want, ops, svc.Name())
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
		for upTo := i % 23; upTo < len(s.Events); upTo += 23 {
			requireEnabled(t, w, s, s.Events[:upTo], happened)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, 4).Draw(t, "nodes")
		requireEnabled(t, w, &Schedule{Service: store, Nodes: nodes, Rand: 1}, aptEvents(nodes).Draw(t, "events"), happened)
	})
	for _, kind := range EventKinds() {
		switch {
		case endless[kind] || kind.Macro() || kind.ByHand() || kind.Closing():
			require.Zero(t, happened[kind], "%s: Enabled offers it; take it out of the list endless", kind)
		default:
			require.NotZero(t, happened[kind], "%s is never enabled: in its descriptor in %s, set the site at which "+
				"Enabled offers it (at), or add it to the list endless of this test", kind, kind.File())
		}
	}
}

// endless are the kinds that Enabled does not have, as their numbers have no end.
var endless = map[EventKind]bool{Slow: true, Skew: true, Corrupt: true}

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
	for _, kind := range EventKinds() {
		d := &table[kind]
		if d.at == nowhere || d.has(aConfiguration) || d.has(anOperation) || d.has(aReadOnlyOperation) {
			continue
		}
		for _, e := range spelled(w, d) {
			switch pending := int32(0); kind {
			case Tick:
				e.K = 1
			case Batch, Lag:
				e.K = 2
			case Compact:
				e.K = 0
			case Tear:
				e.Aux = tornBytes
			case Persist, Crash: // a larger number is the same event
				if pending = int32(w.PendingWrites(e.Node)); e.K > pending || kind == Persist && e.K == pending {
					e.K = 0
				}
			}
			all = append(all, e)
		}
	}
	return all
}

// spelled lists the events of a kind with small numbers.
func spelled(w *watched, d *descriptor) []Event {
	all := []Event{{Kind: d.kind}}
	each := func(change func(e Event) []Event) {
		before := all
		all = nil
		for _, e := range before {
			all = append(all, change(e)...)
		}
	}
	for _, p := range d.parts {
		switch p {
		case aNode:
			each(func(e Event) (more []Event) {
				for e.Node = range w.all.All() {
					more = append(more, e)
				}
				return more
			})
		case aLink, aLinkOrAll, aCut:
			each(func(e Event) (more []Event) {
				if p == aLinkOrAll {
					more = append(more, e)
				}
				for e.Node = range w.all.All() {
					for e.Peer = range w.all.Without(e.Node).All() {
						more = append(more, e)
					}
				}
				return more
			})
		case aClient:
			each(func(e Event) (more []Event) {
				for e.Client = 1; e.Client <= MaxClients; e.Client++ {
					more = append(more, e)
				}
				return more
			})
		}
	}
	if d.k.name != "" {
		each(func(e Event) (more []Event) {
			for e.K = range int32(4) {
				more = append(more, e)
			}
			return more
		})
	}
	return all
}
