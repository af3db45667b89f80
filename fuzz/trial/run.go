package trial

import (
	"cmp"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/linearizability"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Result is what became of a schedule.
type Result struct {
	Verdicts  []models.Verdict // one a property that the schedule asked for
	TraceHash uint64
	Events    int // plain events carried out, those that macro events stand for included
	Goals     GoalSet
	History   linearizability.History
}

// Runner takes schedules through the one path from events to verdicts. It runs
// one after the other and keeps its memory; it is not for concurrent use.
// A Result is valid until the runner's next run.
type Runner struct {
	system    raft.System
	services  service.Set
	monitor   *models.Monitor
	hash      trace.TraceHash
	goals     goalWatch
	clocks    clockWatch
	world     *faults.World
	verdict   []models.Verdict
	traceOnly bool               // Linearizability is left out
	after     func(faults.Event) // told of every event that Run applied
}

// NewRunner returns a runner of schedules against a system, with every checker on, those
// included that the system brings ([models.Judged]). The clients of generated schedules
// use services of the set, and the goals are those of [GoalsOf] it. Further observers see
// every record after the checkers.
func NewRunner(system raft.System, set service.Set, observers ...faults.Observer) *Runner {
	r := &Runner{system: system, services: set, monitor: models.NewMonitor(models.CheckersOf(system)...)}
	r.goals = newGoalWatch(&r.monitor.View, describer(system), set)
	r.clocks.view = &r.monitor.View
	r.world = faults.NewWorld(&r.monitor.View, append([]faults.Observer{r.monitor, &r.hash, &r.goals, &r.clocks}, observers...)...)
	return r
}

// describer has a system read its messages aloud; one that cannot, or panics,
// gives their bytes.
func describer(system raft.System) func(raft.Message) string {
	d, ok := system.(raft.Describer)
	return func(m raft.Message) (text string) {
		defer func() {
			if p := recover(); p != nil || !ok {
				text = string(m.Payload)
			}
		}()
		if ok {
			text = d.DescribeMessage(m)
		}
		return text
	}
}

// System is what is under test.
func (r *Runner) System() raft.System { return r.system }

// Services is the set of services whose clients the runner knows.
func (r *Runner) Services() service.Set { return r.services }

// World is where the schedules happen.
func (r *Runner) World() *faults.World { return r.world }

// Narrow limits the runs that follow to what one property needs, which makes them
// faster: histories are not searched for any other property than Linearizability, and
// for that one the use of clocks is measured. "" ends it.
func (r *Runner) Narrow(property string) {
	r.traceOnly = property != "" && property != Linearizability.Name
	r.clocks.on = property == Linearizability.Name
}

// ClockSlack is what the last run, narrowed to Linearizability, did to clocks.
func (r *Runner) ClockSlack() ClockSlack { return r.clocks.taken }

// View is the cluster as an outsider sees it.
func (r *Runner) View() *trace.View { return r.world.View() }

// Run executes a schedule and judges it.
func (r *Runner) Run(s *faults.Schedule) Result {
	r.Begin(s)
	for i := range s.Events {
		r.Apply(s.Events[i])
		if r.after != nil {
			r.after(s.Events[i])
		}
	}
	return r.Finish()
}

// Begin starts a run of a schedule: its cluster is booted, and none of its events has happened.
func (r *Runner) Begin(s *faults.Schedule) {
	r.hash.Reset()
	r.goals.reset(s.Service)
	r.clocks.reset()
	r.monitor.Reset(raft.FirstNodes(s.Nodes), s.First())
	r.world.Reset(r.system, s)
}

// Apply carries out the next event of the run.
func (r *Runner) Apply(e faults.Event) { r.world.Apply(e) }

// Finish ends the run and judges it.
func (r *Runner) Finish() Result {
	r.world.Finish()
	history := r.world.History()
	r.verdict = append(r.verdict[:0], r.monitor.Finish()...)
	// A history without operations is linearizable, and says nothing: it was not asked.
	if !r.traceOnly && len(history) > 0 {
		r.verdict = append(r.verdict, r.linearizable(history))
	}
	return Result{
		Verdicts: r.verdict, TraceHash: r.hash.Sum(), Events: r.world.Events(),
		Goals: r.goals.reached, History: history,
	}
}

func (r *Runner) linearizable(h linearizability.History) models.Verdict {
	v := models.Verdict{Property: Linearizability.Name, Outcome: models.Held}
	result := linearizability.Check(r.world.Service().Spec(), h)
	switch result.Outcome {
	case linearizability.NotLinearizable:
		v.Outcome, v.Text = models.Violated, result.Reason
	case linearizability.NotChecked:
		v.Outcome, v.Text = models.NotChecked, result.Reason
	}
	return v
}

// Outcome is the worst of the verdicts; without any, nothing was checked.
func (r *Result) Outcome() models.Outcome {
	if len(r.Verdicts) == 0 {
		return models.NotChecked
	}
	worst := models.Held
	for _, v := range r.Verdicts {
		worst = worst.Worse(v.Outcome)
	}
	return worst
}

// Violated is the property that broke first, "" if none did.
func (r *Result) Violated() string {
	first := models.Verdict{}
	for _, v := range r.Verdicts {
		if v.Outcome == models.Violated && (first.Property == "" || when(v) < when(first)) {
			first = v
		}
	}
	return first.Property
}

// differs notes that a second run of the schedule left another trace: the same
// inputs must give the same outputs, which is part of the contract.
func (r *Result) differs(second *Result) {
	contract := new(models.Contract).Property().Name
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Property == contract && v.Outcome != models.Violated {
			*v = models.Verdict{Property: contract, Outcome: models.Violated, Text: fmt.Sprintf(
				"two runs of the schedule differ, trace hashes %016x and %016x: the system is not deterministic",
				r.TraceHash, second.TraceHash)}
		}
	}
}

// when orders verdicts: one of the whole run comes after those of its events.
func when(v models.Verdict) int {
	if v.Event == 0 {
		return faults.MaxEvents + 1
	}
	return v.Event
}

// Of returns the verdict of a property.
func (r *Result) Of(property string) models.Verdict {
	for _, v := range r.Verdicts {
		if v.Property == property {
			return v
		}
	}
	return models.Verdict{Property: property}
}

// Lines are the verdicts as a schedule file has them: what was violated or not
// checked, a line each, in the order in which it happened, or that everything held.
func (r *Result) Lines() []string {
	bad := slices.DeleteFunc(slices.Clone(r.Verdicts), func(v models.Verdict) bool { return v.Outcome == models.Held })
	slices.SortStableFunc(bad, func(a, b models.Verdict) int { return cmp.Compare(when(a), when(b)) })
	lines := []string{}
	for _, v := range bad {
		lines = append(lines, v.String())
	}
	if len(lines) == 0 {
		lines = append(lines, r.Outcome().String())
	}
	return lines
}
