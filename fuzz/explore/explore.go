package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"slices"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// Exploration visits every state that a cluster can reach within bounds.
type Exploration struct {
	System raft.System
	// Start is the schedule after which the exploration begins; its header says what the cluster is.
	Start  *faults.Schedule
	Bounds Bounds
	// Ordered has links keep the order of their messages; otherwise any message
	// in flight may be the next to arrive.
	Ordered bool
	// Plain does without the reduction by symmetry.
	Plain bool
	// Properties are those that are judged; none is all that can be.
	Properties []string
	// Onward goes on after a violation, to find every property that can be violated.
	// What follows a violation is not explored.
	Onward bool
	// Memory bounds what the exploration keeps, in bytes: the states, and their parts.
	Memory  int
	Workers int
	// Progress, if set, is told of the report as it grows.
	Progress func(*Report)
}

// Judges lists the properties of a system that explorations can judge. The others rest
// on what a schedule promises or on what clients saw, not on the states of the cluster.
func Judges(system raft.System) []string {
	var names []string
	for _, c := range models.Rememberers(system) {
		names = append(names, c.Property().Name)
	}
	return names
}

// NotJudged lists the properties that the exploration does not judge: those that rest
// on more than the states of the cluster, and those that Properties leaves out.
func (e *Exploration) NotJudged() (names []string) {
	for _, p := range trial.Properties(e.System) {
		if !e.judges(p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// judges reports whether the exploration judges the property of a name.
func (e *Exploration) judges(name string) bool {
	return slices.Contains(Judges(e.System), name) && (len(e.Properties) == 0 || slices.Contains(e.Properties, name))
}

// newMonitor returns a monitor of the properties that are judged.
func (e *Exploration) newMonitor() *models.Monitor {
	checkers := slices.DeleteFunc(models.Rememberers(e.System), func(c models.Checker) bool {
		return !e.judges(c.Property().Name)
	})
	m := models.NewMonitor(checkers...)
	m.Reset(raft.FirstNodes(e.Start.Nodes), e.Start.First())
	return m
}

// validate says what of an exploration cannot be run.
func (e *Exploration) validate() error {
	if s, ok := e.System.(raft.Nondeterministic); ok {
		return fmt.Errorf("expected a system that is deterministic, found %s: %s", s.Name(), s.Nondeterminism())
	}
	if err := trial.ValidateProperties(e.System); err != nil {
		return err
	}
	for _, name := range e.Properties {
		if judges := Judges(e.System); !slices.Contains(judges, name) {
			return fmt.Errorf("expected a property of %v, found %q", judges, name)
		}
	}
	if e.Workers < 1 || e.Memory < 1 {
		return fmt.Errorf("expected workers and memory of 1 at least, found %d and %d", e.Workers, e.Memory)
	}
	if e.Start.Service == nil {
		return errors.New("expected a service for the clients, found none")
	}
	if n := e.Start.Nodes; n < 1 || n > faults.MaxNodes {
		return fmt.Errorf("expected nodes from 1 to %d, found %d", faults.MaxNodes, n)
	}
	if v := e.Start.Voters; v < 0 || v > e.Start.Nodes {
		return fmt.Errorf("expected voters from 0 to %d, found %d", e.Start.Nodes, v)
	}
	return e.Bounds.validate()
}

// explorer is an exploration under way.
type explorer struct {
	*Exploration
	bounds   Bounds
	budgets  [expenses]int
	all      raft.NodeSet
	nodes    int
	lastTerm raft.Term
	ordered  bool
	compacts bool // logs are compacted, so that steps rest on what was ever committed
	changing bool // configurations change, so that no step can be judged alone

	parts   *parts
	shared  store[stepKey, step]
	visited [shards]shard
	level   [shards][]uint32 // the states of the depth that is explored
	deeper  [shards][]uint32 // ... and of the next
	workers []*worker
	root    state
	report  Report
	first   map[string]*sighting
}

// sighting is the first option found that violates a property.
type sighting struct {
	at     ref
	option int
	depth  int
}

// Run explores until nothing is left, something is violated, or ctx ends. An error
// is an exploration that cannot be run, or a [fuzz.Bug].
func (e *Exploration) Run(ctx context.Context) (report *Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fuzz.BugIn("exploring", p)
		}
	}()
	if err := e.validate(); err != nil {
		return nil, err
	}
	x, err := e.begin()
	if err != nil {
		return nil, err
	}
	x.run(ctx)
	return x.finish(), nil
}

// begin makes the first state.
func (e *Exploration) begin() (*explorer, error) {
	x := &explorer{
		Exploration: e, bounds: e.Bounds, budgets: e.Bounds.budgets(), ordered: e.Ordered,
		nodes: e.Start.Nodes, all: raft.FirstNodes(e.Start.Nodes), first: map[string]*sighting{},
	}
	future := faults.Future{Calls: e.Bounds.Calls, Requests: e.Bounds.Changes + e.Bounds.Transfers, Writes: e.Bounds.Writes}
	for range e.Workers {
		stage, err := faults.NewStage(e.System, e.Start, future)
		if err != nil {
			return nil, err
		}
		x.workers = append(x.workers, x.newWorker(stage))
	}
	x.survey(x.workers[0].stage)
	for _, w := range x.workers {
		w.press.parts, w.sums = x.parts, make([]fingerprint, len(x.parts.as))
	}
	x.makeRoot()
	return x, nil
}

func (x *explorer) newWorker(stage *faults.Stage) *worker {
	return &worker{
		explorer: x, stage: stage, steps: map[stepKey]*step{}, monitor: x.newMonitor(),
		judged: make([]judgement, judgements), spentPrints: map[spent]fingerprint{},
	}
}

// survey looks at the start for what the exploration can rely on.
func (x *explorer) survey(stage *faults.Stage) {
	x.changing, x.compacts = x.bounds.Changes > 0, x.bounds.Compactions > 0
	canonical := !x.Plain
	for id := range x.all.All() {
		p := stage.Place(id)
		status := &p.View().Status
		x.lastTerm = max(x.lastTerm, status.Term)
		x.changing = x.changing || status.ConfigIndex > 0
		x.compacts = x.compacts || status.Base.Index > 0
		canonical = canonical && p.Canonical()
		x.report.Replayed = x.report.Replayed || !p.Cloned()
	}
	x.lastTerm += raft.Term(x.bounds.Terms)
	as := []*raft.Renaming{raft.NewRenaming()}
	if canonical && !x.changing {
		as = renamings(stage, x.nodes, x.Start.First())
	}
	x.parts = &parts{as: as}
	x.report.Renamings = len(as)
}

// makeRoot visits the state in which the exploration begins.
func (x *explorer) makeRoot() {
	w := x.workers[0]
	monitor := x.newMonitor()
	world := faults.NewWorld(&monitor.View, monitor)
	world.Reset(x.System, x.Start)
	for _, e := range x.Start.Events {
		world.Apply(e)
	}
	x.root = state{memory: w.press.memory(monitor, x.newMonitor).number}
	for id := range x.all.All() {
		x.root.places = append(x.root.places, w.press.place(w.stage.Place(id), arrival{}).number)
	}
	for _, m := range w.stage.InFlight() {
		if w.reachable(&m) {
			x.root.messages = append(x.root.messages, w.press.message(&m).number)
		}
	}
	for i := range x.visited {
		x.visited[i].number = i
	}
	f := w.print(&x.root)
	s := &x.visited[shardOf(f)]
	x.root.ref, _ = s.add(f, 0)
	x.level[s.number] = x.root.append(nil)
	x.report.Levels = []int{1}
	x.report.Distinct, x.report.Sum = 1, f
	for _, v := range monitor.Violated(nil) {
		x.report.Before = append(x.report.Before, v.Property)
	}
	for _, v := range monitor.Finish() {
		if v.Outcome == models.NotChecked {
			x.report.NotChecked = append(x.report.NotChecked, v)
		}
	}
}

// run explores depth by depth.
func (x *explorer) run(ctx context.Context) {
	r := &x.report
	for x.bounds.Depth == 0 || len(r.Levels) <= x.bounds.Depth {
		before := r.Distinct
		if r.Stopped = x.exploreLevel(ctx); r.Stopped != "" {
			return
		}
		x.descend()
		if r.Exhausted = r.Distinct == before; r.Exhausted {
			return
		}
		r.Levels = append(r.Levels, r.Distinct-before)
		if len(x.first) > 0 && !x.Onward {
			return
		}
	}
}

// descend makes the next level the one to explore.
func (x *explorer) descend() {
	for i := range x.deeper {
		x.level[i], x.deeper[i] = x.deeper[i], x.level[i][:0]
	}
}

// The states of a level are explored in rounds: first workers expand segments of
// them side by side, and then they add what follows to the shards side by side.
// Neither depends on which worker does what.
const (
	segmentStates = 512
	roundSegments = 16
)

// segment is some states to expand, and what followed from them.
type segment struct {
	states    []uint32
	count     int
	follow    []uint32 // the states that follow
	kids      [shards][]kid
	generated int
	beyond    int
	sightings []found
}

// kid is a state that follows, perhaps visited already.
type kid struct {
	print  fingerprint
	parent ref
	at     int // in the segment's follow
}

// found is a property that an option violates.
type found struct {
	property string
	at       ref
	option   int
}

// exploreLevel expands the states of a level, and says why it ended before all were.
func (x *explorer) exploreLevel(ctx context.Context) (stopped string) {
	segments := make([]segment, roundSegments)
	cursor := levelCursor{level: &x.level, nodes: x.nodes}
	for {
		n := 0
		for n < len(segments) && cursor.next(&segments[n]) {
			n++
		}
		if n == 0 {
			return ""
		}
		x.each(n, func(w *worker, i int) { w.expand(&segments[i]) })
		x.each(shards, func(_ *worker, i int) { x.settle(i, segments[:n]) })
		x.count(segments[:n])
		switch {
		case ctx.Err() != nil:
			return "interrupted"
		case x.report.Bytes > x.Memory || liveBytes() > x.Memory:
			return fmt.Sprintf("out of memory: more than %d bytes", x.Memory)
		}
	}
}

// liveBytes is how much memory was in use when it was last looked through.
func liveBytes() int {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

// each has the workers do n things, and panics if one of them panicked.
func (x *explorer) each(n int, do func(*worker, int)) {
	var group sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	panics := make(chan any, len(x.workers))
	for _, w := range x.workers {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- fuzz.BugIn("a worker", p) // with the stack of this one
				}
			}()
			for i := range next {
				do(w, i)
			}
		})
	}
	group.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}

// levelCursor hands out the states of a level.
type levelCursor struct {
	level *[shards][]uint32
	nodes int
	shard int
	at    int
}

// next makes seg the next states of a shard, as many as a segment has.
func (c *levelCursor) next(seg *segment) bool {
	for c.shard < shards && c.at == len(c.level[c.shard]) {
		c.shard, c.at = c.shard+1, 0
	}
	if c.shard == shards {
		return false
	}
	states, from := c.level[c.shard], c.at
	for seg.count = 0; seg.count < segmentStates && c.at < len(states); seg.count++ {
		c.at += header + c.nodes + int(states[c.at])
	}
	seg.states = states[from:c.at]
	return true
}

// expand finds what follows from the states of a segment.
func (w *worker) expand(seg *segment) {
	seg.follow, seg.sightings, seg.generated, seg.beyond = seg.follow[:0], seg.sightings[:0], 0, 0
	w.kids = w.kids[:0]
	var s state
	for rest := seg.states; len(rest) > 0; {
		rest = s.take(rest, w.nodes)
		options := w.options(&s)
		for i := range options {
			switch result, _ := w.take(&s, &options[i]); result {
			case nothing:
			case beyond:
				seg.beyond++
			case broken:
				seg.generated++
				for _, v := range w.complaints {
					seg.sightings = append(seg.sightings, found{v.Property, s.ref, i})
				}
			case followed:
				seg.generated++
				w.kids = append(w.kids, kid{w.print(&w.next), s.ref, len(seg.follow)})
				seg.follow = w.next.append(seg.follow)
			}
		}
	}
	w.sort(seg)
}

// sort puts the states that follow, but for those visited before this round, to
// their shards. All are looked for at one go: each search waits for memory, and so
// they wait together.
func (w *worker) sort(seg *segment) {
	for i := range seg.kids {
		seg.kids[i] = seg.kids[i][:0]
	}
	for i := range w.kids {
		k := &w.kids[i]
		if shard := shardOf(k.print); !w.visited[shard].has(k.print) {
			seg.kids[shard] = append(seg.kids[shard], *k)
		}
	}
}

// settle adds the states of a shard that segments found, in their order.
func (x *explorer) settle(number int, segments []segment) {
	shard := &x.visited[number]
	for i := range segments {
		for _, k := range segments[i].kids[number] {
			r, added := shard.add(k.print, k.parent)
			if !added {
				continue
			}
			shard.sum = shard.sum.plus(k.print)
			states, from := x.deeper[number], len(x.deeper[number])
			follow := segments[i].follow[k.at:]
			x.deeper[number] = append(states, follow[:header+x.nodes+int(follow[0])]...)
			x.deeper[number][from+1] = uint32(r)
		}
	}
}

// count takes what a round found into the report.
func (x *explorer) count(segments []segment) {
	r := &x.report
	for i := range segments {
		r.Explored += segments[i].count
		r.Generated += segments[i].generated
		r.Beyond += segments[i].beyond
		for _, f := range segments[i].sightings {
			if x.first[f.property] == nil {
				x.first[f.property] = &sighting{f.at, f.option, len(r.Levels)}
			}
		}
	}
	r.Distinct, r.Bytes = 0, 0
	for i := range x.visited {
		r.Distinct += x.visited[i].count
		r.Bytes += x.visited[i].bytes() + 4*cap(x.level[i]) + 4*cap(x.deeper[i])
	}
	if x.Progress != nil {
		x.Progress(r)
	}
}
