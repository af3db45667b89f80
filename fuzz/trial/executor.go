package trial

import (
	"strings"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Executor runs schedules against a system, and judges them. A [Runner] does so in this
// process, and an apart.Runner in another one.
type Executor interface {
	// System returns the system under test.
	System() raft.System
	// Run runs a schedule and judges it. The result is valid until the next run.
	Run(*faults.Schedule) Result
	// Narrow limits the following runs to the work for one property; see [Runner.Narrow].
	Narrow(property string)
	// ClockSlack returns the slack of the last run; see [Runner.ClockSlack].
	ClockSlack() ClockSlack
}

// Pair runs the schedules of a campaign. It runs some of them twice: a system that is not
// deterministic breaks the contract.
type Pair struct{ First, again *Runner }

// NewPair returns two runners for a system.
func NewPair(system raft.System, set service.Set) *Pair {
	return &Pair{NewRunner(system, set), NewRunner(system, set)}
}

// OutcomesOnly makes both judge outcomes alone; see [Runner.OutcomesOnly].
func (p *Pair) OutcomesOnly() {
	p.First.OutcomesOnly()
	p.again.OutcomesOnly()
}

// Watch sets the functions that are called in the runs of both.
func (p *Pair) Watch(w Watch) {
	p.First.Watch(w)
	p.again.Watch(w)
}

// runTwiceEach is the interval, in schedules, at which one is run twice.
const runTwiceEach = 16

// Again runs a schedule a second time if its first run violates a property, or if its
// number is one of those that are run twice. The result then has the difference.
func (p *Pair) Again(number int, s *faults.Schedule, result *Result) {
	if result.Outcome() == models.Violated || number%runTwiceEach == 0 {
		Again(p.again, s, result)
	}
}

// Died returns the result of a run that ended with the process, or had to be ended: a
// violation of Survival at an event, 0 before the first. The text is a kind of death, a
// colon, and the rest. The hash of the trace is that of the kind.
func Died(text string, event int) Result {
	text = trace.OneLine(text)
	return Result{
		Verdicts:  []models.Verdict{{Property: Survival.Name, Outcome: models.Violated, Event: event, Text: text}},
		TraceHash: trace.HashBytes(4, []byte(KindOfDeath(text))), Events: event,
	}
}

// KindOfDeath returns the kind of death in the text of a violation of Survival.
func KindOfDeath(text string) string {
	kind, _, _ := strings.Cut(text, ":")
	return kind
}
