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

// Result is the result of running one schedule.
type Result struct {
	Verdicts  []models.Verdict // one for each property that was judged
	TraceHash uint64
	Events    int // plain events carried out; a macro event counts as those it stands for
	Goals     GoalSet
	Heals     []int // the ticks of each heal that had a bound and a quorum
	History   linearizability.History
	Stack     string  // of the system's code where it broke Survival, a frame a line; "" if unknown
	States    []State // the abstract states in which a node stopped, booted or changed its role, each once
}

// Runner runs schedules, one after the other, and judges them. It reuses its memory:
// a [Result] is valid until the runner's next run. It is not safe for concurrent use.
type Runner struct {
	system    raft.System
	services  service.Set
	monitor   *models.Monitor
	hash      trace.TraceHash
	goals     goalWatch
	states    stateWatch
	clocks    clockWatch
	marks     markWatch
	heals     healWatch
	world     *faults.World
	verdict   []models.Verdict
	traceOnly bool // Linearizability is not judged
	outcomes  bool // only properties of ends are judged
	ends      []string
	watch     Watch
	after     func(faults.Event) // if set, called after each event that Run applied
}

// NewRunner returns a runner for a system. It judges every property, including those
// that the system brings ([models.Judged]). The clients of generated schedules use
// services of the set, and the goals are those of [GoalsOf] it. The given observers
// observe every record after the checkers.
func NewRunner(system raft.System, set service.Set, observers ...faults.Observer) *Runner {
	r := &Runner{system: system, services: set,
		monitor: models.NewMonitor(append(models.CheckersOf(system), new(models.Expectation))...)}
	r.goals = newGoalWatch(&r.monitor.View, describer(system), set)
	r.states.view, r.clocks.view = &r.monitor.View, &r.monitor.View
	own := []faults.Observer{r.monitor, &r.hash, &r.goals, &r.states, &r.clocks, &r.heals, &r.marks}
	all := append(own, observers...)
	r.world = faults.NewWorld(&r.monitor.View, all...)
	return r
}

// describer returns a function that describes the system's messages. For a system
// that is no raft.Describer, or panics, the text is the payload.
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

// System returns the system under test.
func (r *Runner) System() raft.System { return r.system }

// Services returns the services whose clients the runner knows.
func (r *Runner) Services() service.Set { return r.services }

// World returns the world in which the schedules run.
func (r *Runner) World() *faults.World { return r.world }

// Watch has functions that are called during a run before something happens; each may be nil.
type Watch struct {
	Begins func(*faults.Schedule)        // a cluster boots; the events need not be known yet
	Before func(faults.Event)            // an event is applied
	Calls  func(raft.NodeID, raft.Input) // a node takes an input, or boots if that is nil
}

// Watch sets the functions that are called in the following runs.
func (r *Runner) Watch(w Watch) {
	r.watch = w
	r.world.Calling(w.Calls)
}

// Narrow makes the following runs faster by doing only the work that one property
// needs: histories are judged for Linearizability alone, and [ClockSlack] is measured for
// properties that rest on clocks. Narrow("") ends this.
func (r *Runner) Narrow(property string) {
	r.traceOnly = property != "" && property != Linearizability.Name
	r.clocks.on = RestsOnClocks(property)
}

// OutcomesOnly makes the runner judge outcomes alone, and no rule (models.Kind), from the next
// run on.
func (r *Runner) OutcomesOnly() {
	r.outcomes = true
	for _, p := range Outcomes(r.system) {
		r.ends = append(r.ends, p.Name)
	}
}

// ClockSlack returns the slack of the last run, which must be narrowed to a property that rests on
// clocks ([RestsOnClocks]).
func (r *Runner) ClockSlack() ClockSlack { return r.clocks.taken }

// View returns the observable state of the cluster.
func (r *Runner) View() *trace.View { return r.world.View() }

// Run runs a schedule and judges it.
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

// Begin boots the cluster of a schedule. It carries out none of the events.
func (r *Runner) Begin(s *faults.Schedule) {
	if r.watch.Begins != nil {
		r.watch.Begins(s)
	}
	r.hash.Reset()
	r.goals.reset(s.Service)
	r.heals.ticks = r.heals.ticks[:0]
	r.states.seen = r.states.seen[:0]
	r.clocks.reset()
	r.monitor.Reset(raft.FirstNodes(s.Nodes), s.First())
	r.world.Reset(r.system, s)
}

// Apply carries out the next event of the run.
func (r *Runner) Apply(e faults.Event) {
	if r.watch.Before != nil {
		r.watch.Before(e)
	}
	r.world.Apply(e)
}

// Broken appends the violations so far, of rules too if outcomes alone are judged.
func (r *Runner) Broken(list []models.Verdict) []models.Verdict { return r.monitor.Violated(list) }

// Finish ends the run and judges it.
func (r *Runner) Finish() Result {
	r.world.Finish()
	history := r.world.History()
	r.verdict = append(r.verdict[:0], r.monitor.Finish()...)
	// A history without operations is linearizable, and says nothing: it was not asked.
	if !r.traceOnly && len(history) > 0 {
		r.verdict = append(r.verdict, r.linearizable(history))
	}
	if r.outcomes {
		isRule := func(v models.Verdict) bool { return !slices.Contains(r.ends, v.Property) }
		r.verdict = slices.DeleteFunc(r.verdict, isRule)
	}
	return Result{
		Verdicts: r.verdict, TraceHash: r.hash.Sum(), Events: r.world.Events(),
		Goals: r.goals.reached, History: history, States: r.states.seen, Heals: r.heals.ticks,
	}
}

// linearizable returns the verdict on a history.
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

// Outcome returns the worst of the verdicts, and [models.NotChecked] if there are none.
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

// Violated returns the property that was violated first, or "".
func (r *Result) Violated() string {
	first := models.Verdict{}
	for _, v := range r.Verdicts {
		if v.Outcome == models.Violated && (first.Property == "" || when(v) < when(first)) {
			first = v
		}
	}
	return first.Property
}

// differs records that a second run of the schedule left another trace, from a place on that
// is given in words. The contract demands the same outputs for the same inputs (package
// raft). The text has no hashes, so that it is the same each time.
func (r *Result) differs(from string) {
	contract := new(models.Contract).Property().Name
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Property == contract && v.Outcome != models.Violated {
			*v = models.Verdict{Property: contract, Outcome: models.Violated, Text: fmt.Sprintf(
				"two runs of the schedule differ %s: the system is not deterministic", from)}
		}
	}
}

// when returns the event of a verdict; a verdict on the whole run comes last.
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

// Lines returns the verdicts as a schedule file has them: one line for each property
// that was violated or not checked, in the order of their events, or "held" alone.
func (r *Result) Lines() []string {
	bad := slices.DeleteFunc(slices.Clone(r.Verdicts), func(v models.Verdict) bool {
		return v.Outcome == models.Held
	})
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
