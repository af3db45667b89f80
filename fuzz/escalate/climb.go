package escalate

import (
	"math/bits"
	"slices"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
)

// Tries is how many continuations a climb should have. After that another climb from the
// same schedule, with the next number, gets further.
const Tries = 256

// The shape of a climb. It was measured on one deliberate bug, of changes of one voter.
const (
	kept       = 8                    // schedules for each height
	shortest   = 8                    // a continuation has at most so many events, or twice as many, and so on:
	doublings  = 6                    // so many lengths
	mostEvents = faults.MaxEvents / 2 // of a schedule that is continued
)

// Climb searches continuations of schedules.
type Climb struct {
	runner  *trial.Runner
	prng    *generate.PRNG
	ledges  []*ledge
	of      *faults.Schedule // the one that is continued
	leases  bool             // it can go on with leases
	passed  map[height]bool  // in the present run
	broken  []models.Verdict
	rules   []string // the rules that were broken in any run: rule i has bit i in a height
	reached Situations
}

// height is how far a run has come: the situations of the cluster, and the rules broken so far.
// A harm often has several broken rules before it, each of which the one before makes possible.
type height struct {
	situations Situations
	rules      uint32
	leases     bool // clocks kept within their bound, so that a read from a lease can be a harm
}

// ledge is a height, with the schedules from which the climb goes on.
type ledge struct {
	height
	starts []start
	spent  int // events of its continuations
}

// start is a schedule from which a climb goes on.
type start struct {
	schedule *faults.Schedule
	spent    int // events of its continuations
}

// NewClimb returns a climb that runs schedules on a runner.
func NewClimb(r *trial.Runner) *Climb {
	return &Climb{runner: r, prng: generate.NewPRNG(0), passed: map[height]bool{}}
}

// Reached has the situations of the cluster after any event of any schedule since Begin.
func (c *Climb) Reached() Situations { return c.reached }

// Begin begins anew, without schedules. The seed and the number decide the choices of the climb.
func (c *Climb) Begin(seed uint64, number int) {
	c.prng.Seed(trace.Mix(trace.Mix(4, seed), uint64(number)))
	c.ledges, c.rules, c.reached = c.ledges[:0], c.rules[:0], 0
}

// Add gives the climb a schedule to start from, and runs it up to the end of its faults.
func (c *Climb) Add(of *faults.Schedule) trial.Result {
	c.leave(of)
	c.runner.Begin(of)
	c.see(nil)
	for i, e := range of.Events {
		if e.Kind.Closing() || e.Kind == faults.Heal && e.K > 0 {
			break
		}
		c.runner.Apply(e)
		c.see(of.Events[: i+1 : i+1])
	}
	return c.runner.Finish()
}

// leave notes from which schedule the run goes on.
func (c *Climb) leave(of *faults.Schedule) {
	c.of, c.leases = of, generate.KeepsLeases(of)
	clear(c.passed)
}

// Next runs a continuation of the schedule that is due, and returns both.
func (c *Climb) Next() (*faults.Schedule, trial.Result) {
	due := c.ledges[0]
	for _, l := range c.ledges {
		if (l.spent+1)*due.weight() < (due.spent+1)*l.weight() {
			due = l
		}
	}
	from := &due.starts[c.prng.Below(len(due.starts))]
	of, events := from.schedule, 1+c.prng.Below(shortest<<c.prng.Below(doublings))
	from.spent += len(of.Events) + events
	due.spent += len(of.Events) + events
	c.leave(of)
	return generate.Continue(c.runner, of, events, c.prng, c.see)
}

// Run climbs from a schedule, until a violation, [Tries] continuations, or until more returns
// false. It returns the last schedule with its result, and how many schedules were run. Its
// runner must judge outcomes alone: a broken rule ends no climb.
func (c *Climb) Run(
	of *faults.Schedule, seed uint64, number int, more func() bool,
) (s *faults.Schedule, r trial.Result, runs int) {
	c.Begin(seed, number)
	s, r = of, c.Add(of)
	for runs = 1; runs <= Tries && r.Violated() == "" && more(); runs++ {
		s, r = c.Next()
	}
	return s, r, runs
}

// see keeps the events so far, if they are the first of their run at a height.
func (c *Climb) see(events []faults.Event) {
	now := c.height()
	if c.passed[now] || len(events) > mostEvents {
		return
	}
	c.passed[now] = true
	c.reached |= now.situations
	s := *c.of
	s.Prose, s.Notes, s.Golden, s.Events = nil, nil, nil, events
	c.ledge(now).keep(&s)
}

// height returns how far the run has come.
func (c *Climb) height() (h height) {
	h.situations, h.leases = situationsOf(c.runner.View()), c.leases
	c.broken = c.runner.Broken(c.broken[:0])
	for _, v := range c.broken {
		i := slices.Index(c.rules, v.Property)
		if i < 0 {
			i = len(c.rules)
			c.rules = append(c.rules, v.Property)
		}
		h.rules |= 1 << i
	}
	h.situations.add(RuleBroken, h.rules != 0)
	return h
}

// weight is how much oftener than others a schedule of this height is continued.
func (h height) weight() int {
	return h.situations.weight() * (1 + bits.OnesCount32(h.rules))
}

// ledge returns the ledge of a height.
func (c *Climb) ledge(of height) *ledge {
	for _, l := range c.ledges {
		if l.height == of {
			return l
		}
	}
	l := &ledge{height: of}
	c.ledges = append(c.ledges, l)
	return l
}

// keep keeps a schedule instead of the one whose next continuation would make it cost more.
func (l *ledge) keep(s *faults.Schedule) {
	other := start{schedule: s}
	if len(l.starts) < kept {
		l.starts = append(l.starts, other)
		return
	}
	dearest := &l.starts[0]
	for i := range l.starts {
		if l.starts[i].cost() > dearest.cost() {
			dearest = &l.starts[i]
		}
	}
	if dearest.cost() > other.cost() {
		*dearest = other
	}
}

// cost is how many events its continuations and one more of it take.
func (s *start) cost() int { return s.spent + len(s.schedule.Events) }
