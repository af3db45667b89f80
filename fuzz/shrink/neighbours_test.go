package shrink

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/internal/fixture"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/models/trace"
	"raftcheck/raft/reference"
)

// text is a list of events, in parts, a line each.
func text(parts ...[]faults.Event) string {
	var b []byte
	for _, events := range parts {
		for i := range events {
			b = append(events[i].Append(b), '\n')
		}
	}
	return string(b)
}

// TestNeighbours_allAndEachOnce compares the walk with what follows from the
// definition: make every change at every place, in every order, and forget what
// came up before. Schedules are parts of generated ones, so that some of their
// events are ignored, repeated, or macro events.
func TestNeighbours_allAndEachOnce(t *testing.T) {
	profile := generate.Rough
	profile.Nodes = []int{1, 2}
	runner := trial.NewRunner(reference.System{}, services.All())
	lists := 0
	for seed := range uint64(24) {
		s, _ := generate.Schedule(runner, profile, generate.NewPRNG(seed))
		from := min(len(s.Events)-1, int(seed)*3)
		s.Events = s.Events[from:min(len(s.Events), from+1+int(seed)%4)]
		for _, further := range []bool{false, true} {
			want := map[string]int{}
			c := changer{Neighbours: NewNeighbours(reference.System{}, s, nil), further: further, want: want}
			if further {
				c.change(s.Events, nil, 0)
			} else {
				c.change(nil, s.Events, 0)
			}
			got := map[string]int{}
			var walk *Neighbours
			walk = NewNeighbours(reference.System{}, s, func(head, tail []faults.Event) bool {
				list := text(head, tail)
				_, twice := got[list]
				require.False(t, twice, list)
				got[list] = walk.changes
				return true
			})
			for changes := range mostChanged + 1 {
				if further {
					require.True(t, walk.Beyond(changes))
				} else {
					require.True(t, walk.Within(changes))
				}
			}
			require.Equal(t, want, got, text(s.Events))
			lists += len(got)
		}
	}
	require.Greater(t, lists, 100_000)
}

// mostChanged is how many changes changer makes.
const mostChanged = 2

// changer makes changes by their definition.
type changer struct {
	*Neighbours
	further bool
	want    map[string]int // the fewest changes that led to each list
}

// change goes on with a list of which the head is settled.
func (c *changer) change(head, tail []faults.Event, changes int) {
	list := text(head, tail)
	if fewest, ok := c.want[list]; !ok || changes < fewest {
		c.want[list] = changes
	}
	if len(tail) > 0 {
		c.change(slices.Concat(head, tail[:1]), tail[1:], changes)
	}
	if changes == mostChanged {
		return
	}
	if len(tail) > 0 {
		c.change(head, tail[1:], changes+1)
	}
	c.events = head
	c.replay()
	for _, e := range slices.Collect(c.world.Enabled()) {
		if c.weigh(); !c.hazards.Allow(&e) {
			continue
		}
		longer := append(slices.Clone(head), e)
		c.change(longer, tail, changes+1)
		if len(tail) > 0 {
			c.change(longer, tail[1:], changes+1)
		}
	}
}

// ignorances counts events that were ignored.
type ignorances struct{ count int }

func (i *ignorances) Observe(r *trace.Record) {
	if r.Kind == trace.Ignored {
		i.count++
	}
}

// TestNeighbours_stop wherever nobody wants more.
func TestNeighbours_stop(t *testing.T) {
	s := fixture.Written(t, "nodes 1\n", "timeout 1\npersist 1\n")
	all := 0
	for stop := 1; ; stop++ {
		visited := 0
		near := NewNeighbours(reference.System{}, s,
			func(_, _ []faults.Event) bool { visited++; return visited < stop })
		more := near.Within(2)
		require.LessOrEqual(t, visited, stop)
		if more {
			all = visited
			break
		}
		require.Equal(t, stop, visited)
	}
	require.Greater(t, all, 100)
}

// TestNeighbours_hazards: what no Raft survives is not put in.
func TestNeighbours_hazards(t *testing.T) {
	const leases = "prevote on\n"
	tests := map[string]struct {
		header, events string
		walked         string
		allowed        map[string]bool
	}{
		"a voter of three": {"nodes 3\n", "", "", map[string]bool{"wipe 1": true}},
		"a voter of two": {"nodes 3\nvoters 2\n", "", "",
			map[string]bool{"wipe 1": false, "wipe 3": true}},
		"one is wiped later": {"nodes 3\n", "wipe 2\n", "", map[string]bool{"wipe 1": false, "wipe 2": true}},
		"one was wiped":      {"nodes 3\n", "", "wipe 2\n", map[string]bool{"wipe 1": false}},
		"one rots":           {"nodes 3\n", "corrupt 2\n", "", map[string]bool{"wipe 1": false}},
		"two will be left": {"nodes 3\n", "reconfigure 1 to 1 2\n", "",
			map[string]bool{"wipe 1": false, "wipe 3": true}},
		"two were asked for": {"nodes 3\n", "", "reconfigure 1 to 1 2\n",
			map[string]bool{"wipe 2": false, "wipe 3": true}},
		"to leave one that is": {"nodes 3\n", "wipe 2\n", "",
			map[string]bool{"reconfigure 1 to 1 2": false, "reconfigure 1 to 1 3": true}},
		"no leases": {"nodes 3\n" + leases, "read c1 1 get x\n", "",
			map[string]bool{"leaseread c1 1 get x": false, "tick 1": true}},
		"without pre-vote nobody has a lease": {"nodes 3\n", "leaseread c1 1 get x\n", "",
			map[string]bool{"leaseread c1 1 get x": true, "tick 1": true}},
		"leases": {
			"nodes 3\n" + leases, "leaseread c1 1 get x\n", "",
			map[string]bool{"leaseread c1 1 get x": true, "tick 1": false, "timeout 1": false, "pause 1": false,
				"crash 1": true, "read c1 1 get x": true},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			near := NewNeighbours(reference.System{}, fixture.Written(t, test.header, test.events), nil)
			near.events = fixture.Written(t, test.header, test.walked).Events
			near.weigh()
			for line, want := range test.allowed {
				e := fixture.Written(t, test.header, line+"\n").Events[0]
				require.Equal(t, want, near.hazards.Allow(&e), line)
			}
		})
	}
}

// TestEnabled_hasWhatIsGenerated: of what the generator does under any profile,
// all that Enabled has a form for was in its list before it happened.
func TestEnabled_hasWhatIsGenerated(t *testing.T) {
	runner := trial.NewRunner(reference.System{}, services.All())
	ignored := &ignorances{}
	world := faults.NewWorld(new(trace.View), ignored)
	met := map[faults.EventKind]int{}
	for seed := range uint64(60) {
		s, _ := generate.Schedule(runner, generate.Swarm, generate.NewPRNG(seed))
		world.Reset(reference.System{}, s)
		for _, e := range s.Events {
			form, ok := enabledForm(world, e)
			listed := false
			for e := range world.Enabled() {
				listed = listed || e == form
			}
			before := ignored.count
			world.Apply(e)
			if ok {
				require.Equal(t, before == ignored.count, listed, "%s as %s: compare its descriptor in %s (act, at and "+
					"enabled) with enabledForm of this test", e, form, e.Kind.File())
				met[e.Kind]++
			}
		}
	}
	for _, kind := range faults.EventKinds() {
		switch kind {
		case faults.Slow, faults.Skew, faults.Corrupt, faults.Settle, faults.Run, faults.Heal:
		default:
			if kind.ByHand() || kind.Closing() {
				continue
			}
			require.NotZero(t, met[kind], "%s never happened in a form that Enabled has: give it more weight in "+
				"fuzz/generate/profile.go, or name its form in enabledForm of this test", kind)
		}
	}
}

// enabledForm is an event in the form that Enabled has for it, if it has one.
func enabledForm(w *faults.World, e faults.Event) (faults.Event, bool) {
	pending := int32(0)
	if e.Node > 0 {
		pending = int32(w.PendingWrites(e.Node))
	}
	switch e.Kind {
	case faults.Slow, faults.Skew, faults.Corrupt, faults.Settle, faults.Run, faults.Heal, faults.Probe, faults.Steady:
		return e, false
	case faults.Tick:
		e.K = 1
	case faults.Batch, faults.Lag:
		e.K = 2
	case faults.Compact:
		e.K = 0
	case faults.Persist:
		if e.K >= pending {
			e.K = 0
		}
	case faults.Crash:
		e.K = min(e.K, pending)
	case faults.Tear:
		e.Aux = 1
	case faults.Cut:
		return e, e.Node > 0
	case faults.Call, faults.Read, faults.LeaseRead:
		return enabledCall(w, e)
	case faults.Reconfigure:
		return e, enabledChange(w, e)
	}
	return e, true
}

// enabledCall is the call of the first client that does not wait, at a node that listens.
func enabledCall(w *faults.World, e faults.Event) (faults.Event, bool) {
	if w.Open(int(e.Client)) || !w.Up().Has(e.Node) || w.Paused().Has(e.Node) {
		return e, false
	}
	for e.Client = 1; w.Open(int(e.Client)); e.Client++ {
	}
	for _, op := range w.Service().Examples("") {
		if op.ReadOnly() {
			e.Op = op.String()
		}
	}
	return e, true
}

// enabledChange reports whether a Reconfigure is of those that Enabled knows.
func enabledChange(w *faults.World, e faults.Event) bool {
	now, next := w.View().Nodes[e.Node].Status.Config, e.Configuration()
	switch come, leave := next.Voters&^now.Voters, now.Voters&^next.Voters; {
	case come == 0 && leave.Len() == 1:
		return next.Learners == now.Learners
	case come.Len() == 1 && leave == 0:
		return now.Learners&^next.Learners == come && next.Learners&^now.Learners == 0
	case come == 0 && leave == 0:
		joins := next.Learners &^ now.Learners
		return joins.Len() == 1 && now.Learners&^next.Learners == 0
	}
	return false
}
