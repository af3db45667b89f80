package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Exploration visits every state that a cluster can reach within bounds.
type Exploration struct {
	System raft.System
	// Start is the schedule that runs before the exploration; its header describes the cluster.
	Start  *faults.Schedule
	Bounds Bounds
	// FIFO makes links keep the order of their messages. Otherwise any message in
	// flight may be the next to arrive.
	FIFO bool
	// NoReduction switches reductions off. Otherwise states that differ by a renaming of the
	// nodes count as one, and so do states that differ by messages which their receivers ignore
	// for good ([raft.Ignoring]), if no log is compacted.
	NoReduction bool
	// Properties names the properties to judge; none means all of Judges.
	Properties []string
	// KeepGoing continues after a violation, to find every property that can be
	// violated. The successors of a violation are not explored.
	KeepGoing bool
	// Memory limits the bytes that states and their parts may take. With a Folder, visited
	// states go to disk once they take half of it.
	Memory  int
	Workers int
	// Folder, if set, has a checkpoint after each depth. An exploration begins with the one
	// that is there, and so goes on where another was killed, or had no disk left.
	Folder string
	// Progress, if set, is called with the report after each round.
	Progress func(*Report)
	// Before, if set, is called by the workers before each step that the system did not take
	// before, and each heal, with a function that returns the schedule up to it. It is not taken
	// if it returns false, and then the exploration is not complete.
	Before func(schedule func() *faults.Schedule) bool

	heeds    bool // messages that are ignored for good are kept all the same
	resident int  // the bytes of states with which they go to disk; 0 is half of Memory
}

// Judges lists the properties of a system that explorations can judge: those whose
// checker is a models.Rememberer, Liveness and Linearizability. The package comment has the
// others, with the reasons.
func Judges(system raft.System) []string {
	var names []string
	for _, c := range models.Rememberers(system) {
		names = append(names, c.Property().Name)
	}
	return append(names, liveness, trial.Linearizability.Name)
}

// NotJudged lists the properties that the exploration does not judge: those that depend
// on more than the states of the cluster, and those that Properties leaves out.
func (e *Exploration) NotJudged() (names []string) {
	for _, p := range trial.Properties(e.System) {
		if !e.judges(p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// judges reports whether the exploration judges the property with a name.
func (e *Exploration) judges(name string) bool {
	return e.asked(name) && slices.Contains(Judges(e.System), name)
}

// asked reports whether Properties and the bounds leave a property in.
func (e *Exploration) asked(name string) bool {
	return (len(e.Properties) == 0 || slices.Contains(e.Properties, name)) && e.Bounds.lack(name) == ""
}

// newMonitor returns a monitor of the properties to judge.
func (e *Exploration) newMonitor() *models.Monitor {
	checkers := slices.DeleteFunc(models.Rememberers(e.System), func(c models.Checker) bool {
		return !e.asked(c.Property().Name)
	})
	m := models.NewMonitor(checkers...)
	m.Reset(raft.FirstNodes(e.Start.Nodes), e.Start.First())
	m.View.FirstLearners, m.View.Limits = e.Start.Learners, raft.LimitsOf(e.System)
	return m
}

// Validate returns an error that names the field with which the exploration cannot run.
func (e *Exploration) Validate() error {
	if s, ok := e.System.(raft.Nondeterministic); ok {
		return fmt.Errorf("expected a system that is deterministic, found %s: %s", s.Name(), s.Nondeterminism())
	}
	if err := trial.ValidateSystem(e.System); err != nil {
		return err
	}
	for _, name := range e.Properties {
		if judges := Judges(e.System); !slices.Contains(judges, name) {
			return fmt.Errorf("expected a property of %v, found %q", judges, name)
		}
		if lack := e.Bounds.lack(name); lack != "" {
			return fmt.Errorf("expected %s of 1 at least to judge %s, found 0", lack, name)
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
	if err := e.Start.Suits(e.System); err != nil {
		return err
	}
	asked := e.Bounds.Reads + e.Bounds.LeaseReads
	if raft.LimitsOf(e.System).Lacks.Has(raft.Reads) && asked > 0 {
		return fmt.Errorf("expected no reads of %s, which has none, found %d", e.System.Name(), asked)
	}
	if asked > 0 && e.readOp() == "" {
		return fmt.Errorf("expected a service with an example that is a read, found %s", e.Start.Service.Name())
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
	lacks    raft.Abilities
	ordered  bool
	compacts bool // logs are compacted, so that steps depend on the committed entries
	hears    bool // the answers to clients are judged, or missed by Liveness
	heals    bool // Liveness is judged, by heals
	timed    bool // election timers fire by ticks, and so places differ by their timers
	drops    bool // messages that are ignored for good are dropped
	changing bool // configurations change, so that no step can be judged alone

	ops         []service.Op             // of the calls to come
	before      linearizability.History  // the operations of the start
	ticksBefore [faults.MaxNodes + 1]int // of each clock, in the start
	began       int64                    // the time at which the exploration begins in histories

	parts   *parts
	hashes  *hashes // nil if the system is no raft.Renamer
	shared  store[stepKey, step]
	visited [shards]shard
	fresh   [shards]fresh    // the successors that may be on disk
	level   [shards][]uint32 // the states at the depth that is explored
	deeper  [shards][]uint32 // the states at the next depth
	kept    *checkpoints     // nil without a folder
	workers []*worker
	root    state
	report  Report
	first   map[string]*sighting
}

// sighting is the first option found that violates a property.
type sighting struct {
	at     ref
	option int // or healed
	depth  int
}

// Run explores until no state is left, a property is violated, or ctx ends. The error
// is of an exploration that cannot be run, a [faults.BrokenCloner], an [Outage], or a
// [fuzz.Bug].
//
// If a node acts on a message that it had said to ignore for good, all is explored anew, and no
// message is dropped. The report says so.
func (e *Exploration) Run(ctx context.Context) (*Report, error) {
	report, broken, err := e.explore(ctx)
	switch {
	case broken == "":
		return report, err
	case e.Folder != "":
		return nil, fmt.Errorf("%s cannot be explored: %w", e.System.Name(), contradiction("%s", broken))
	case ctx.Err() != nil:
		report.Exhausted, report.Stopped = false, "interrupted, and "+broken
		return report, nil
	}
	again := *e
	again.heeds = true
	if report, _, err = again.explore(ctx); err == nil {
		report.Unkept = broken
	}
	return report, err
}

// explore explores once. It also returns the promise to ignore a message that a node broke.
func (e *Exploration) explore(ctx context.Context) (report *Report, broken string, err error) {
	var x *explorer
	defer func() {
		switch p := recover().(type) {
		case nil:
		case faults.BrokenCloner:
			report, err = nil, fmt.Errorf("%s cannot be explored: %w", e.System.Name(), p)
		case Outage:
			report, err = nil, x.kept.intact(p)
		case gone:
			report, err = nil, fmt.Errorf("exploring: %w", fuzz.ErrGone)
		default:
			err = fuzz.BugIn("exploring", p)
		}
	}()
	if err := e.Validate(); err != nil {
		return nil, "", err
	}
	if x, err = e.begin(); err != nil {
		return nil, "", err
	}
	if x.Folder != "" {
		x.kept = newCheckpoints(x)
		defer x.kept.close()
	}
	if err := x.run(ctx); err != nil {
		return nil, "", err
	}
	broken = x.brokenPromise()
	return x.finish(), broken, nil
}

// begin prepares the workers and visits the first state.
func (e *Exploration) begin() (*explorer, error) {
	x := &explorer{
		Exploration: e, bounds: e.Bounds, budgets: e.Bounds.budgets(), ordered: e.FIFO,
		nodes: e.Start.Nodes, all: raft.FirstNodes(e.Start.Nodes), first: map[string]*sighting{},
		lacks: raft.LimitsOf(e.System).Lacks, drops: !e.NoReduction && !e.heeds,
	}
	future := faults.Future{
		Calls: e.callsOf(), Retries: e.Bounds.Retries, Requests: e.Bounds.Changes + e.Bounds.Transfers,
		Writes: e.Bounds.Writes,
	}
	if renamer, ok := e.System.(raft.Renamer); ok {
		x.hashes = &hashes{renamer: renamer, configs: map[uint64][]byte{}, logs: map[uint64]logged{}}
		future.Entry = x.hashes.learn
	}
	for range e.Workers {
		stage, err := faults.NewStage(e.System, e.Start, future)
		if err != nil {
			return nil, err
		}
		x.workers = append(x.workers, x.newWorker(stage))
	}
	x.examineStart(x.workers[0].stage)
	x.examineClients(x.workers[0].stage)
	for _, w := range x.workers {
		w.intern.parts, w.orders = x.parts, make([][]uint8, x.parts.rankings())
	}
	x.makeRoot()
	return x, nil
}

func (x *explorer) newWorker(stage *faults.Stage) *worker {
	w := &worker{
		explorer: x, stage: stage, steps: map[stepKey]*step{}, monitor: x.newMonitor(),
		judged: make([]judgement, judgements), spentPrints: map[spent]fingerprint{},
	}
	w.healer, w.ignored = newPath(w), map[ignorable]bool{}
	return w
}

// examineStart sets the limits and shortcuts that follow from the start: the last
// term, whether configurations change and logs are compacted, and the renamings.
func (x *explorer) examineStart(stage *faults.Stage) {
	x.changing, x.compacts, x.heals = x.bounds.Changes > 0, x.bounds.Compactions > 0, x.judges(liveness)
	x.timed = x.bounds.Time > 0 || x.bounds.LeaseReads > 0 && x.Start.PreVote
	canonical := !x.NoReduction && !x.timed
	for id := range x.all.All() {
		p := stage.Place(id)
		status := &p.View().Status
		x.ticksBefore[id] = p.Ticks()
		x.lastTerm = max(x.lastTerm, status.Term)
		x.changing = x.changing || status.ConfigIndex > 0
		x.compacts = x.compacts || status.Base.Index > 0
		canonical = canonical && p.Canonical()
		x.report.Replayed = x.report.Replayed || !p.Cloned()
	}
	x.drops = x.drops && !x.compacts
	x.lastTerm += raft.Term(x.bounds.Terms)
	as := []*raft.Renaming{raft.NewRenaming()}
	if canonical && (!x.changing || x.hashes != nil) {
		as = renamings(stage, x.nodes, x.Start.First(), x.Start.Learners)
	}
	if x.changing && x.hashes != nil {
		for _, a := range as[1:] {
			a.SetHashes(func(h uint64) uint64 { return x.hashes.under(a, h) })
		}
	}
	x.parts = &parts{system: x.System, timed: x.timed, symmetry: newSymmetry(x.nodes, as)}
	x.report.Renamings = len(as)
}

// makeRoot visits the first state.
func (x *explorer) makeRoot() {
	w := x.workers[0]
	monitor := x.newMonitor()
	world := faults.NewWorld(&monitor.View, monitor)
	world.Reset(x.System, x.Start)
	for _, e := range x.Start.Events {
		world.Apply(e)
	}
	x.root = state{memory: w.intern.memory(monitor, x.newMonitor).number}
	x.root.clients = w.clientsOf(make([]called, len(x.ops))).number
	for id := range x.all.All() {
		x.root.places = append(x.root.places, w.intern.place(w.stage.Place(id), arrival{}).number)
	}
	for _, m := range w.stage.InFlight() {
		if w.reachable(&m) {
			x.root.messages = append(x.root.messages, w.intern.message(&m).number)
		}
	}
	w.dropIgnored(&x.root, raft.None, len(x.root.messages))
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

// run explores one depth after the other.
func (x *explorer) run(ctx context.Context) error {
	r := &x.report
	if x.kept != nil {
		if err := x.kept.load(); err != nil {
			return err
		}
	}
	for x.bounds.Depth == 0 || len(r.Levels) <= x.bounds.Depth {
		before := r.Distinct
		if r.Stopped = x.exploreLevel(ctx); r.Stopped != "" {
			return nil
		}
		if r.Exhausted = r.Distinct == before; r.Exhausted {
			return nil
		}
		r.Levels = append(r.Levels, r.Distinct-before)
		if len(x.first) > 0 && !x.KeepGoing {
			return nil
		}
		x.descend()
	}
	return nil
}

// descend makes the next level the one to explore.
func (x *explorer) descend() {
	if x.kept != nil {
		x.kept.save()
		return
	}
	for i := range x.deeper {
		x.level[i], x.deeper[i] = x.deeper[i], x.level[i][:0]
	}
}

// count adds the results of a round to the report.
func (x *explorer) count(segments []segment) {
	r := &x.report
	for i := range segments {
		r.Explored += segments[i].count
		r.Generated += segments[i].generated
		r.Beyond += segments[i].beyond
		r.Healed += segments[i].healed
		for _, f := range segments[i].sightings {
			if x.first[f.property] == nil {
				x.first[f.property] = &sighting{f.at, f.option, len(r.Levels)}
			}
		}
	}
	r.Distinct, r.OnDisk, r.Bytes = 0, 0, 0
	for i := range x.visited {
		r.Distinct += x.visited[i].count
		r.OnDisk += x.visited[i].base
		r.Bytes += x.visited[i].bytes() + 4*cap(x.level[i]) + 4*cap(x.deeper[i])
		r.Bytes += x.fresh[i].bytes() + 4*cap(x.fresh[i].states)
	}
	if x.Progress != nil {
		x.Progress(r)
	}
}
