package page

import (
	"time"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models"
)

// Live is a run of real servers as it was seen from outside: no messages, votes or logs.
// Times count from the beginning of the run.
type Live struct {
	Title    string
	Schedule *faults.Schedule
	Version  string   // of the server
	Counts   []string // in how many runs of so many each property was violated
	Sights   []Sight  // in the order of their times
	Calls    []LiveCall
	Acts     []LiveAct
	Verdicts []LiveVerdict
	Logs     [][]string // the last lines of node i's log at position i
}

// Sight is the cluster at one moment.
type Sight struct {
	At      time.Duration
	Event   int    // the last event of the schedule that began, counted from 1
	Text    string // what happened, on a line; "" if only the cluster changed
	Ignored bool   // it is an event that changed nothing
	Nodes   []NodeSight
	Links   []Link // those that are slow or lossy
	Cuts    []Link
}

// NodeSight is a node of a [Sight].
type NodeSight struct {
	Up, Paused, Wiped, Silent, Leads bool // Silent: it runs, and does not say how it is
	Stalled, Failed, Full            bool // its disk: fsyncs hang, writes fail, there is no room
	Lost                             int  // writes that its last loss of power took away
	Term, Applied                    uint64
}

// LiveCall is an operation of a client in nanoseconds, and the node that was asked.
type LiveCall struct {
	linearizability.Operation
	Text   string // of the operation
	Node   int
	ByHand bool          // an event called it
	GaveUp time.Duration // of a pending one: when the client stopped waiting; 0 if it did not
}

// LiveAct is a write of a worker.
type LiveAct struct {
	Client       int
	Token        uint64
	Sent, Landed time.Duration // Landed is negative if it never did
	Accepted     bool
	Text         string
	ByHand       bool
}

// LiveVerdict is a verdict, and the moment that decided it.
type LiveVerdict struct {
	models.Verdict
	models.Property
	At time.Duration
}

// A call is usual if it is answered within this time. Stretches with usual calls alone are
// folded.
const usual = 100 * time.Millisecond

// mostCalls is how many calls a page has. Of more, usual ones are left out evenly.
const mostCalls = 10_000

// Run makes the page's run of a live one. Its steps are the sights and the moments at which
// clients call and are answered.
func (l *Live) Run() *Run {
	b := &liveBuilder{
		Live: l, recorder: newRecorder(l.Schedule, l.Title), clashing: map[int]bool{}, decisive: map[int64]bool{},
	}
	r := b.run
	r.Live, r.Version, r.Counts, r.Logs = true, l.Version, l.Counts, l.Logs
	b.judge()
	b.thin()
	b.steps()
	b.calls()
	b.acts()
	b.verdicts()
	return r
}

// liveBuilder makes a run of a live one.
type liveBuilder struct {
	*Live
	*recorder
	points     []int64         // of each call, -1 for none
	clashing   map[int]bool    // the calls that have no order, and whether one shows the state before
	decisive   map[int64]bool  // the answers that decided a verdict, by their times
	times      []time.Duration // of each step
	cuts, slow []Link          // as the last step has them
}

// judge finds the points of the calls, and those that have no order.
func (b *liveBuilder) judge() {
	var history linearizability.History
	for i := range b.Calls {
		history = append(history, b.Calls[i].Operation)
	}
	b.points = make([]int64, len(b.Calls))
	for i := range b.points {
		b.points[i] = -1
	}
	for _, v := range b.Verdicts {
		if b.decisive[int64(v.At)] = true; v.Verdict.Property != linearizable {
			continue
		}
		spec := b.Schedule.Service.Spec()
		b.points = linearizability.Points(spec, history)
		if v.Outcome == models.Violated {
			c := clashing(spec, history)
			b.run.More = c.more
			for _, i := range c.ops {
				b.clashing[i] = i == c.shows
			}
		}
	}
}

// linearizable is the property that is about the order of the calls.
const linearizable = "Linearizability"

// usual reports whether a call is one of very many.
func (b *liveBuilder) usual(i int) bool {
	c := &b.Calls[i]
	_, clashes := b.clashing[i]
	return !c.ByHand && !clashes && !b.decisive[c.Return] && !c.Pending() && c.Return-c.Call < int64(usual)
}

// thin leaves usual calls out if there are too many calls for a page.
func (b *liveBuilder) thin() {
	excess := len(b.Calls) - mostCalls
	if excess <= 0 {
		return
	}
	var kept []int
	usual, left := 0, 0
	for i := range b.Calls {
		if b.usual(i) {
			usual++
		}
	}
	seen := 0
	for i := range b.Calls {
		if b.usual(i) {
			seen++
			if left < seen*min(excess, usual)/usual {
				left++
				continue
			}
		}
		kept = append(kept, i)
	}
	b.keep(kept)
	b.run.Left = left
}

// keep keeps the calls at these positions alone.
func (b *liveBuilder) keep(kept []int) {
	calls, points, clashing := make([]LiveCall, len(kept)), make([]int64, len(kept)), map[int]bool{}
	for n, i := range kept {
		calls[n], points[n] = b.Calls[i], b.points[i]
		if shows, clashes := b.clashing[i]; clashes {
			clashing[n] = shows
		}
	}
	live := *b.Live
	live.Calls = calls
	b.Live, b.points, b.clashing = &live, points, clashing
}

// calls adds the operations.
func (b *liveBuilder) calls() {
	for i := range b.Calls {
		c := &b.Calls[i]
		op := Operation{
			Client: c.Client, Text: c.Text, Kind: "call", Called: b.stepAt(time.Duration(c.Call)),
			Ended: -1, Effect: -1, Point: -1, Usual: b.usual(i),
		}
		op.Shows, op.Clashes = b.clashing[i]
		op.Tries = []Try{{op.Called, c.Node}}
		if !c.Pending() {
			op.Ended, op.End = b.stepAt(time.Duration(c.Return)), "returned"
			op.Result, op.By, op.Took = c.Output, c.Node, (c.Return-c.Call)/1000
		}
		if c.Pending() && c.GaveUp > 0 {
			op.Ended, op.End = b.stepAt(c.GaveUp), "abandoned"
		}
		if b.points[i] >= 0 {
			op.Point, op.Order = b.stepAt(time.Duration(b.points[i])), c.Position
		}
		b.run.Operations = append(b.run.Operations, op)
	}
}

// acts adds the writes of workers.
func (b *liveBuilder) acts() {
	for i := range b.Acts {
		a := &b.Acts[i]
		act := Act{
			Client: a.Client, Token: a.Token, Sent: b.stepAt(a.Sent), Landed: -1,
			Accepted: a.Accepted, Text: a.Text, Usual: a.usual(),
		}
		if a.Landed >= 0 {
			act.Landed = b.stepAt(a.Landed)
		}
		b.run.Acts = append(b.run.Acts, act)
	}
}

// verdicts adds the verdicts.
func (b *liveBuilder) verdicts() {
	r := b.run
	outcome := models.Held
	for _, v := range b.Verdicts {
		outcome = outcome.Worse(v.Outcome)
		shown := Verdict{
			Property: v.Verdict.Property, Rule: v.Rule, Source: v.Source,
			Outcome: v.Outcome.String(), Text: v.Text, Step: -1,
		}
		if v.Outcome == models.Violated {
			shown.Step = b.stepAt(v.At)
			if v.Verdict.Property == linearizable {
				shown.Step = b.clash()
			}
		}
		shown.At = r.name(shown.Step)
		r.Verdicts = append(r.Verdicts, shown)
		if v.Outcome != models.Held {
			r.Lines = append(r.Lines, v.Verdict.String())
		}
	}
	if r.Outcome = outcome.String(); len(r.Lines) == 0 {
		r.Lines = []string{models.Held.String()}
	}
}
