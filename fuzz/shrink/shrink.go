package shrink

import (
	"cmp"
	"context"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Schedule returns a small schedule that still violates the property, and the number of
// runs it took. Unless ctx ended first the schedule is 1-minimal: without any one of its
// events the property holds. Schedule cuts events, replaces stretches of them by settle,
// makes numbers small, and takes away nodes and clients, until nothing helps.
//
// A smaller schedule that reads from leases may not let clocks differ by more, or timers
// fire sooner, than the given one: its violation would show nothing about the leases. If the
// given one is fair ([faults.Schedule.Fair]), a smaller one may not lose more disks than a Raft
// survives. A smaller schedule that violates an expectation fails the same one, and finds the
// same state there. Expectations that hold are dropped first.
func Schedule(
	ctx context.Context, r trial.Executor, s *faults.Schedule, property string,
) (*faults.Schedule, int) {
	r.Narrow(property)
	defer r.Narrow("")
	k := shrinker{
		ctx: ctx, runner: r, property: property,
		best: s.Clone(), fair: s.Fair(), bound: trial.AnySlack, enough: 1, tooMany: 1,
		held: map[uint64]bool{},
	}
	if trial.Nondeterminism(r.System()) != "" {
		k.enough, k.tooMany = 2, 2
	}
	k.best.Notes, k.best.Golden = nil, nil
	if property != trial.Expectation.Name {
		k.best.Events = s.WithoutChecks().Events
	}
	if !k.fails(k.best) {
		return s, k.runs
	}
	k.bound = r.ClockSlack()
	k.untilBroken()
	k.otherChecks()
	for before := -1; before != k.better; {
		before = k.better
		k.plainerCluster()
		k.cut()
		if len(k.best.Events) > maxPairs {
			k.join() // a schedule that stays long is often made of ticks
		}
		k.settle()
		k.elect()
		k.pairs()
		k.simplify()
		k.join()
		k.fewerNodes()
		k.fewerPairs()
		k.fewerClients()
	}
	return k.best, k.runs
}

// Unlike returns a small schedule of which two runs still differ, and the number of runs it
// took. It is for a system that is not deterministic and does not state so: the contract
// demands the same trace each time (package raft).
func Unlike(ctx context.Context, r trial.Executor, s *faults.Schedule) (*faults.Schedule, int) {
	k := shrinker{ctx: ctx, runner: r, unlike: true, best: s.Clone(), enough: 2, tooMany: 2}
	k.best.Notes, k.best.Golden, k.best.Events = nil, nil, s.WithoutChecks().Events
	if !k.fails(k.best) {
		return s, k.runs
	}
	for before := -1; before != k.better; {
		before = k.better
		k.plainerCluster()
		k.cut()
		k.settle()
		k.simplify()
		k.fewerNodes()
		k.fewerClients()
	}
	return k.best, k.runs
}

// Told returns a context under which a shrinker calls a function before each run of a smaller
// schedule, with the number of runs so far.
func Told(ctx context.Context, tell func(runs int)) context.Context {
	return &told{Context: ctx, tell: tell}
}

// told counts how often it is asked whether it has ended, which a shrinker does before a run.
type told struct {
	context.Context
	runs int
	tell func(int)
}

func (t *told) Err() error {
	t.tell(t.runs)
	t.runs++
	return t.Context.Err()
}

// shrinker holds the smallest failing schedule so far.
type shrinker struct {
	ctx      context.Context
	runner   trial.Executor
	property string
	unlike   bool // a schedule fails if two runs of it differ
	best     *faults.Schedule
	fair     bool             // a smaller schedule has to be
	bound    trial.ClockSlack // of the first one
	expected string           // the signature of the first one, "" if it is not known yet
	runs     int
	better   int // how many times best improved
	// A schedule fails if so many runs of it violate the property before so many do not.
	enough, tooMany int
	// held has the hashes of the schedules that did not fail, if one run tells. The passes meet a
	// third of their schedules again.
	held map[uint64]bool
}

// fails reports whether a schedule violates the property. Once ctx ended no schedule does, so
// every pass comes to its end.
func (k *shrinker) fails(s *faults.Schedule) bool {
	if k.tooMany > 1 {
		return k.failsOften(s)
	}
	hash := trace.HashBytes(5, []byte(s.String()))
	if k.held[hash] || k.ctx.Err() != nil {
		return false
	}
	failed := k.failsOnce(s)
	if !failed {
		k.held[hash] = true
	}
	return failed
}

// failsOften reports whether a schedule violates the property repeatedly, as the system is not
// deterministic.
func (k *shrinker) failsOften(s *faults.Schedule) bool {
	failed, held := 0, 0
	for k.ctx.Err() == nil {
		if k.failsOnce(s) {
			failed++
		} else {
			held++
		}
		if failed == k.enough || held == k.tooMany {
			return failed == k.enough
		}
	}
	return false
}

// failsOnce runs a schedule and reports whether the run violates the property, and does
// not owe that to clocks that differ by more than in the first run.
func (k *shrinker) failsOnce(s *faults.Schedule) bool {
	k.runs++
	if k.unlike {
		return trial.Unlike(k.runner, s)
	}
	result := k.runner.Run(s)
	v := result.Of(k.property)
	if got := k.signature(v); got != cmp.Or(k.expected, got) {
		return false
	}
	return v.Outcome == models.Violated &&
		(!trial.RestsOnClocks(k.property) || !s.TrustsClocks() || k.runner.ClockSlack().Within(k.bound))
}

// signature is the part of a verdict in which a smaller schedule must agree with the first:
// the violated expectation and the state found, or the kind of death.
func (k *shrinker) signature(v models.Verdict) string {
	switch k.property {
	case trial.Expectation.Name:
		return v.Text
	case trial.Survival.Name:
		return trial.KindOfDeath(v.Text)
	}
	return ""
}

// try makes the events those of the best schedule if it still fails with them.
func (k *shrinker) try(events []faults.Event) bool {
	s := *k.best
	s.Events = events
	return k.accept(&s)
}

func (k *shrinker) accept(s *faults.Schedule) bool {
	if s.Suits(k.runner.System()) != nil || k.fair && !s.Fair() || !k.fails(s) {
		return false
	}
	k.best = s
	k.better++
	return true
}

// untilBroken drops the events after the one that broke the property.
func (k *shrinker) untilBroken() {
	result := k.runner.Run(k.best)
	k.expected = k.signature(result.Of(k.property))
	if at := result.Of(k.property).Event; at > 0 && at < len(k.best.Events) {
		k.try(without(k.best.Events, at, len(k.best.Events), nil))
	}
}

// otherChecks drops the checks before the one that failed, which is the last event.
func (k *shrinker) otherChecks() {
	last := len(k.best.Events) - 1
	if k.property != trial.Expectation.Name || last < 0 {
		return
	}
	kept := *k.best
	kept.Events = kept.Events[:last:last]
	k.try(append(kept.WithoutChecks().Events, k.best.Events[last]))
}

// plainerCluster tries the cluster without pre-votes, without learners, and with every node a voter.
func (k *shrinker) plainerCluster() {
	if k.best.PreVote {
		s := *k.best
		s.PreVote = false
		k.accept(&s)
	}
	if k.best.Learners != 0 {
		s := *k.best
		s.Learners = 0
		k.accept(&s)
	}
	if k.best.Voters != 0 {
		s := *k.best
		s.Voters, s.Learners = 0, 0
		k.accept(&s)
	}
}

// without returns events with those from..to replaced by others, in new memory.
func without(events []faults.Event, from, to int, others []faults.Event) []faults.Event {
	rest := make([]faults.Event, 0, len(events)-(to-from)+len(others))
	rest = append(rest, events[:from]...)
	rest = append(rest, others...)
	return append(rest, events[to:]...)
}

// cut removes stretches of events, long ones first, and single ones until no single one
// can go (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002).
// The end goes first: few events come after it and depend on it.
func (k *shrinker) cut() { k.stretches(nil, 1) }

// maxPairs is the most events of a schedule whose pairs are all tried.
const maxPairs = 64

// pairs removes two events at once, wherever they stand: a crash and its
// restart, a cut and its mend.
func (k *shrinker) pairs() {
	if len(k.best.Events) > maxPairs {
		return
	}
	for i := len(k.best.Events) - 1; i >= 1; i-- {
		for j := i - 1; j >= 0; j-- {
			if k.try(without(without(k.best.Events, i, i+1, nil), j, j+1, nil)) {
				i = len(k.best.Events)
				break
			}
		}
	}
}

// settle replaces stretches of events by one settle.
func (k *shrinker) settle() { k.stretches([]faults.Event{{Kind: faults.Settle}}, 2) }

// elect replaces stretches of events by an election, undisturbed.
func (k *shrinker) elect() {
	for id := 1; id <= k.best.Nodes; id++ {
		k.stretches([]faults.Event{{Kind: faults.Timeout, Node: raft.NodeID(id)}, {Kind: faults.Settle}}, 3)
	}
}

// stretches replaces stretches of at least so many events by others.
func (k *shrinker) stretches(others []faults.Event, least int) {
	for size := max(len(k.best.Events)/2, least); ; size /= 2 {
		size = max(size, least)
		for again := true; again; {
			again = false
			for end := len(k.best.Events); end >= size; {
				if k.try(without(k.best.Events, end-size, end, others)) {
					again = size == least
					end = min(end-size+len(others), len(k.best.Events))
					continue
				}
				end -= max(1, size/2)
			}
		}
		if size == least {
			return
		}
	}
}

// simplify makes each event as simple as it can be.
func (k *shrinker) simplify() {
	for i := 0; i < len(k.best.Events); i++ {
		for _, e := range simpler(k.best.Events[i], k.best) {
			if k.try(without(k.best.Events, i, i+1, []faults.Event{e})) {
				i--
				break
			}
		}
	}
}

// simpler lists events that are simpler than e, the simplest first.
func simpler(e faults.Event, s *faults.Schedule) []faults.Event {
	list := e.Simpler(s.Nodes)
	if e.Kind == faults.Call {
		for _, op := range service.Simpler(s.Service, e.Op) {
			if plainer := e; op != e.Op {
				plainer.Op = op
				list = append(list, plainer)
			}
		}
	}
	return list
}

// join makes one event of two successive ones that let time pass.
func (k *shrinker) join() {
	for i := len(k.best.Events) - 2; i >= 0; i-- {
		if e, ok := k.best.Events[i].Join(k.best.Events[i+1]); ok {
			k.try(without(k.best.Events, i, i+2, []faults.Event{e}))
		}
	}
}

// fewerNodes takes away nodes, each in turn. The node's events are left out, or go to
// another node.
func (k *shrinker) fewerNodes() {
	for id := raft.NodeID(k.best.Nodes); id >= 1 && k.best.Nodes > 1; id-- {
		for heir := raft.None; heir <= raft.NodeID(k.best.Nodes); heir++ {
			if heir != id && k.accept(withoutNode(k.best, id, heir)) {
				id = raft.NodeID(k.best.Nodes) + 1
				break
			}
		}
	}
}

// fewerPairs takes away two nodes at once: a majority of four is three, as of five.
func (k *shrinker) fewerPairs() {
	for a := raft.NodeID(k.best.Nodes); a >= 2 && k.best.Nodes > 2; a-- {
		for b := a - 1; b >= 1; b-- {
			if k.accept(withoutNode(withoutNode(k.best, a, raft.None), b, raft.None)) {
				a = raft.NodeID(k.best.Nodes) + 1
				break
			}
		}
	}
}

// fewerClients gives the events of one client to one with a lower number.
func (k *shrinker) fewerClients() {
	for from := uint8(k.best.MostClient()); from > 1; from-- {
		for to := uint8(1); to < from; to++ {
			if k.try(renamed(k.best.Events, from, to)) {
				break
			}
		}
	}
}

// renamed returns the events with client from as client to.
func renamed(events []faults.Event, from, to uint8) []faults.Event {
	others := slices.Clone(events)
	for i := range others {
		if others[i].Client == from {
			others[i].Client = to
		}
	}
	return others
}

// withoutNode returns the schedule for a cluster without a node. The node's events go to
// the heir, or are left out if there is none; the nodes after it are renumbered.
func withoutNode(s *faults.Schedule, id, heir raft.NodeID) *faults.Schedule {
	fewer := *s
	fewer.Nodes--
	if s.Voters > 1 && int(id) <= s.Voters {
		fewer.Voters--
	}
	fewer.Learners = 0
	for learner := range s.Learners.Without(id).All() {
		if learner > id {
			learner--
		}
		fewer.Learners = fewer.Learners.With(learner)
	}
	if fewer.Voters == fewer.Nodes {
		fewer.Voters = 0
	}
	fewer.Learners &^= fewer.First()
	fewer.Events = nil
	for _, e := range s.Events {
		if e, ok := e.Without(id, heir); ok {
			fewer.Events = append(fewer.Events, e)
		}
	}
	return &fewer
}
