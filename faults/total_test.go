package faults

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/models/trace"
	"raftcheck/raft"
	"raftcheck/raft/reference"
)

// watched is a world of the reference, the hash of its trace, the kind of its
// last record, and the plain events that it carried out.
type watched struct {
	*World
	hash    trace.TraceHash
	last    trace.Kind
	carried []Event
}

func (w *watched) Observe(r *trace.Record) { w.last = r.Kind }

func newWatched() *watched {
	w := &watched{}
	w.World = NewWorld(new(trace.View), &w.hash, w)
	w.Lowered(func(e Event) { w.carried = append(w.carried, e) })
	return w
}

// start makes the world that of a new cluster.
func (w *watched) start(s *Schedule) {
	w.hash.Reset()
	w.carried = nil
	w.Reset(reference.System{}, s)
}

// play runs a schedule and returns the hash of its trace.
func (w *watched) play(s *Schedule) uint64 {
	w.start(s)
	for _, e := range s.Events {
		w.Apply(e)
	}
	w.Finish()
	return w.hash.Sum()
}

// sight is all that an event could change, but for the count of events and records.
func (w *watched) sight() string {
	view := *w.view
	view.NewCommits = 0
	view.Nodes = view.Nodes[:w.all.Max()+1] // it keeps the memory of larger clusters
	s := fmt.Sprintf("%v %v %v %v %v %v %v %v %v\n%+v\n%v %v %v %v %v %v\n", w.hash.Sum(), w.up, w.paused, w.dirty, w.wiped,
		w.cut, w.delay, w.loaded, len(w.carried), view, w.History(), w.now, w.events, w.placed, w.reads, w.requests)
	for id := range w.nodes {
		n := &w.nodes[id]
		s += fmt.Sprintf("%v %v %v %v %v %v\n", n.applied, n.compacted, n.placed, n.answers, n.clock, w.requests)
		s += fmt.Sprintf("%v %v %v %v %v %v %v %v %x %x\n", n.disk, n.stopped, n.batch, n.lag, n.rate, n.owed, n.boots,
			n.held.len(), n.machine.AppendState(nil), state(n.running))
		for to := range w.links[id] {
			for _, p := range w.links[id][to].packets {
				s += fmt.Sprintf("%d->%d %v %v\n", id, to, p.msg, p.due)
			}
		}
	}
	for i := range w.clients {
		s += fmt.Sprintf("%v\n", w.clients[i])
	}
	return s
}

func state(n raft.Node) []byte {
	if c, ok := n.(raft.Cloner); ok {
		return c.AppendState(nil)
	}
	return nil
}

func TestWorld_everyEventIsTotal(t *testing.T) {
	w := newWatched()
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(1, MaxNodes).Draw(t, "nodes")
		w.start(&Schedule{Service: store, Nodes: nodes, Rand: 1})
		for _, e := range rapid.SliceOfN(rapid.OneOf(aptEvent(nodes), wildEvent()), 0, 40).Draw(t, "events") {
			before, carried := w.sight(), len(w.carried)
			w.last = 0
			w.Apply(e)
			if w.last == trace.Ignored {
				require.Equal(t, before, w.sight())
			} else if e.Kind.Checks() {
				require.Equal(t, before, w.sight())
				require.Len(t, w.carried, carried)
			} else if !e.Kind.Macro() {
				require.Equal(t, []Event{e}, w.carried[carried:])
			}
			requireWritable(t, nodes, w.carried[carried:])
		}
		require.Len(t, w.carried, w.Events())
		w.Finish()
	})
}

// Events of random bits, in every state of the storm.
func TestWorld_everyBitPatternIsTotal(t *testing.T) {
	s, err := Parse("storm", []byte(header+storm), house)
	require.NoError(t, err)
	w, random := newWatched(), &splitMix{1}
	ignored, carried := 0, 0
	for i := range s.Events {
		w.start(s)
		for _, e := range s.Events[:i] {
			w.Apply(e)
		}
		for range 40 {
			before := w.sight()
			w.last = 0
			w.Apply(scrambled(random))
			if w.last == trace.Ignored {
				ignored++
				require.Equal(t, before, w.sight())
			}
		}
		requireSound(t, w.World)
		requireWritable(t, s.Nodes, w.carried)
		carried += len(w.carried)
	}
	require.Greater(t, ignored, 100)
	require.Greater(t, carried, 100)
}

// scrambled is an event of random bits, of which most are small numbers.
func scrambled(r *splitMix) Event {
	number := func() int32 {
		n := r.next()
		if n&7 == 0 {
			return int32(n >> 32)
		}
		return int32(n>>32&7) - 1
	}
	e := Event{
		Kind: EventKind(number()*4 + number()), Node: raft.NodeID(number()), Peer: raft.NodeID(number()),
		Client: uint8(number()), K: number(), Aux: number(), Op: "put x 1",
	}
	if r.next()&3 == 0 {
		for id := range e.Groups {
			e.Groups[id] = uint8(max(number(), 0))
		}
	}
	if r.next()&7 == 0 {
		e.Op = string(e.Groups[:])
	}
	return e
}

// requireWritable requires that events which were carried out can stand in a schedule.
func requireWritable(t require.TestingT, nodes int, events []Event) {
	for _, e := range events {
		again, err := ParseEvent(e.String(), nodes, store)
		require.NoError(t, err)
		require.Equal(t, e.String(), again.String())
	}
}

func TestWorld_everySubsequenceIsASchedule(t *testing.T) {
	w := newWatched()
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.IntRange(2, 5).Draw(t, "nodes")
		s := &Schedule{Service: store, Nodes: nodes, Events: rapid.SliceOfN(aptEvent(nodes), 1, 40).Draw(t, "events")}
		w.play(s)
		for i := range s.Events {
			part := &Schedule{Service: store, Nodes: nodes, Events: append(append([]Event{}, s.Events[:i]...), s.Events[i+1:]...)}
			w.play(part)
			require.NotContains(t, w.sight(), "panic")
		}
	})
}

func TestWorld_ignoresWhatNoScheduleCanSay(t *testing.T) {
	pair := [MaxNodes + 1]uint8{1: 1, 2: 2}
	events := map[string]Event{
		"no kind":              {},
		"kind after the last":  {Kind: EventKind(Kinds), K: 1},
		"highest kind":         {Kind: 255, Node: 1, K: 1},
		"kind of no family":    {Kind: EventKind(Kinds - 1), Node: 1},
		"no node to restart":   {Kind: Restart},
		"no node to skew":      {Kind: Skew, K: 50},
		"stranger":             {Kind: Timeout, Node: 4},
		"no ticks":             {Kind: Tick, Node: 1},
		"ticks backwards":      {Kind: Tick, Node: 1, K: -1},
		"negative position":    {Kind: Deliver, Node: 1, Peer: 2, K: -1},
		"negative copy":        {Kind: Duplicate, Node: 1, Peer: 2, K: -1},
		"negative survivors":   {Kind: Crash, Node: 1, K: -1},
		"negative writes":      {Kind: Persist, Node: 1, K: -1},
		"negative failure":     {Kind: Fail, Node: 1, K: -1},
		"negative tear":        {Kind: Tear, Node: 1, Aux: -1},
		"negative bit":         {Kind: Corrupt, Node: 1, Aux: -1},
		"negative record":      {Kind: Corrupt, Node: 1, K: -1},
		"negative slowness":    {Kind: Slow, Node: 1, Peer: 2, K: -1},
		"endless slowness":     {Kind: Slow, Node: 1, Peer: 2, K: MaxK},
		"clock that stands":    {Kind: Skew, Node: 1},
		"clock that races":     {Kind: Skew, Node: 1, K: MaxK},
		"slow to itself":       {Kind: Slow, Node: 1, Peer: 1, K: 1},
		"slow to nobody":       {Kind: Slow, Node: 1, K: 1},
		"cut from itself":      {Kind: Cut, Node: 1, Peer: 1},
		"cut from nobody":      {Kind: Cut, Node: 1},
		"nobody cut":           {Kind: Cut, Peer: 1},
		"link and groups":      {Kind: Cut, Node: 1, Peer: 2, Groups: pair},
		"mend to nobody":       {Kind: Mend, Node: 1},
		"mend from nobody":     {Kind: Mend, Peer: 1},
		"one group":            {Kind: Cut, Groups: [MaxNodes + 1]uint8{1: 1, 2: 1}},
		"group of strangers":   {Kind: Cut, Groups: [MaxNodes + 1]uint8{1: 1, 2: 2, 4: 1}},
		"nobody in a group":    {Kind: Cut, Groups: [MaxNodes + 1]uint8{0: 1, 1: 1, 2: 2}},
		"group left out":       {Kind: Cut, Groups: [MaxNodes + 1]uint8{1: 1, 2: 3}},
		"client c0":            {Kind: Call, Node: 1, Op: "get x"},
		"client c17":           {Kind: Call, Client: 17, Node: 1, Op: "get x"},
		"client c255":          {Kind: Retry, Client: 255, Node: 1},
		"call on nobody":       {Kind: Call, Client: 1, Op: "get x"},
		"no operation":         {Kind: Call, Client: 1, Node: 1},
		"unknown operation":    {Kind: Call, Client: 1, Node: 1, Op: "fly x"},
		"operation and a line": {Kind: Call, Client: 1, Node: 1, Op: "get x\nget y"},
		"read that writes":     {Kind: Read, Client: 1, Node: 1, Op: "put x 1"},
		"lease that writes":    {Kind: LeaseRead, Client: 1, Node: 1, Op: "put x 1"},
		"read of nothing":      {Kind: Read, Client: 1, Node: 1},
		"no configuration":     {Kind: Reconfigure, Node: 1},
		"only learners":        {Kind: Reconfigure, Node: 1, Groups: [MaxNodes + 1]uint8{1: 2}},
		"third group":          {Kind: Reconfigure, Node: 1, Groups: [MaxNodes + 1]uint8{1: 1, 2: 2, 3: 3}},
		"strange voter":        {Kind: Reconfigure, Node: 1, Groups: [MaxNodes + 1]uint8{1: 1, 4: 1}},
		"nobody to ask":        {Kind: Reconfigure, Groups: pair},
		"transfer to itself":   {Kind: Transfer, Node: 1, Peer: 1},
		"transfer to nobody":   {Kind: Transfer, Node: 1},
		"negative compaction":  {Kind: Compact, Node: 1, K: -1},
		"no disk to wipe":      {Kind: Wipe},
		"worker c0":            {Kind: Work},
		"negative landing":     {Kind: Land, Client: 1, K: -1},
		"settle two groups":    {Kind: Settle, Groups: pair},
		"settle a stranger":    {Kind: Settle, Groups: [MaxNodes + 1]uint8{1: 1, 4: 1}},
		"settle nobody":        {Kind: Settle, Groups: [MaxNodes + 1]uint8{0: 1}},
		"lose from itself":     {Kind: Lose, Node: 1, Peer: 1},
		"expect nothing":       {Kind: Expect, Groups: [MaxNodes + 1]uint8{1: 1}},
		"expect of a stranger": {Kind: Expect, Groups: [MaxNodes + 1]uint8{4: 1}, Op: "up"},
		"expect a stranger":    {Kind: Expect, Op: "leader=4"},
		"expect in disorder":   {Kind: Expect, Groups: [MaxNodes + 1]uint8{1: 1}, Op: "term=1 up"},
		"expect two groups":    {Kind: Expect, Groups: pair, Op: "up"},
		"expect two lines":     {Kind: Expect, Groups: [MaxNodes + 1]uint8{1: 1}, Op: "up\nsettle"},
		"no time":              {Kind: Run},
		"time backwards":       {Kind: Run, K: -1},
		"time without end":     {Kind: Run, K: MaxK + 1},
		"healing backwards":    {Kind: Heal, K: -1},
		"healing without end":  {Kind: Heal, K: MaxK + 1},
	}
	for name, e := range events {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 3)
			s.does(1, raft.Output{Writes: writes(1, "a", "b"), Sends: letters(1, 2, 0, "x", "y")})
			s.do("persist 1 k=1", "slow 2->1 k=3")
			s.told = nil
			s.Apply(e)
			require.Equal(t, []trace.Kind{trace.Ignored}, kinds(s.told))
			require.Equal(t, 3, s.Events())
		})
	}
}
