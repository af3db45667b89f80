package escalate

import (
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
	kept       = 8                    // schedules for each set of situations
	shortest   = 8                    // a continuation has at most so many events, or twice as many, and so on:
	doublings  = 6                    // so many lengths
	mostEvents = faults.MaxEvents / 2 // of a schedule that is continued
)

// Climb searches continuations of a schedule.
type Climb struct {
	runner  *trial.Runner
	prng    *generate.PRNG
	ledges  []*ledge
	of      *faults.Schedule // the one that is continued
	passed  [1 << situations]bool
	broken  []models.Verdict
	reached Situations
}

// ledge is a set of situations, with the schedules from which the climb goes on.
type ledge struct {
	situations Situations
	schedules  []*faults.Schedule
	tries      int
}

// NewClimb returns a climb that runs schedules on a runner.
func NewClimb(r *trial.Runner) *Climb { return &Climb{runner: r, prng: generate.NewPRNG(0)} }

// Reached has the situations of the cluster after any event of any schedule since Start.
func (c *Climb) Reached() Situations { return c.reached }

// Start begins anew from a schedule, and runs it up to the end of its faults. The seed and the
// number decide the choices of the climb.
func (c *Climb) Start(of *faults.Schedule, seed uint64, number int) trial.Result {
	c.prng.Seed(trace.Mix(trace.Mix(4, seed), uint64(number)))
	c.ledges, c.reached = c.ledges[:0], 0
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
	c.of, c.passed = of, [1 << situations]bool{}
}

// Next runs a continuation of the schedule that is due, and returns both.
func (c *Climb) Next() (*faults.Schedule, trial.Result) {
	due := c.ledges[0]
	for _, l := range c.ledges {
		if (l.tries+1)*due.situations.weight() < (due.tries+1)*l.situations.weight() {
			due = l
		}
	}
	due.tries++
	of := due.schedules[c.prng.Below(len(due.schedules))]
	events := 1 + c.prng.Below(shortest<<c.prng.Below(doublings))
	c.leave(of)
	return generate.Continue(c.runner, of, events, c.prng, c.see)
}

// see keeps the events so far, if they are the first of their run in a set of situations.
func (c *Climb) see(events []faults.Event) {
	now := situationsOf(c.runner.View())
	c.broken = c.runner.Broken(c.broken[:0])
	now.add(RuleBroken, len(c.broken) > 0)
	if c.passed[now] || len(events) > mostEvents {
		return
	}
	c.passed[now] = true
	c.reached |= now
	s := *c.of
	s.Prose, s.Notes, s.Golden, s.Events = nil, nil, nil, events
	c.ledge(now).keep(&s)
}

// ledge returns the ledge of a set of situations.
func (c *Climb) ledge(of Situations) *ledge {
	for _, l := range c.ledges {
		if l.situations == of {
			return l
		}
	}
	l := &ledge{situations: of}
	c.ledges = append(c.ledges, l)
	return l
}

// keep keeps a schedule if it is among the shortest.
func (l *ledge) keep(s *faults.Schedule) {
	if len(l.schedules) < kept {
		l.schedules = append(l.schedules, s)
		return
	}
	longest := 0
	for i, other := range l.schedules {
		if len(other.Events) > len(l.schedules[longest].Events) {
			longest = i
		}
	}
	if len(s.Events) < len(l.schedules[longest].Events) {
		l.schedules[longest] = s
	}
}
