package command

import (
	"context"
	"errors"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/trial"
)

// escalateOrder asks for climbs from a schedule.
type escalateOrder struct {
	Schedule        string
	Seed            uint64
	Climbs, Workers int
}

// escalatePart is a report, at last the complete one with a finding that is shrunk.
type escalatePart struct {
	fuzz.EscalationReport
	Found *sentFinding // that of the report
	Error string
}

func escalateTask(w *apart.Work) {
	var o escalateOrder
	w.Get(&o)
	e := fuzz.Escalation{
		System: w.System, Schedule: parsedHere(w, o.Schedule), Seed: o.Seed, Climbs: o.Climbs,
		Workers: o.Workers, Watch: w.Watch,
	}
	if w.Careful {
		e.Workers = 1
	}
	send := func(r fuzz.EscalationReport) {
		part := escalatePart{EscalationReport: r}
		if part.Finding = nil; r.Finding != nil {
			one := sent(r.Finding)
			part.Found = &one
		}
		w.Send(part)
	}
	var sending seldom
	e.Progress = func(r *fuzz.EscalationReport) {
		if sending.now() {
			send(*r)
		}
	}
	report, err := e.Run(w.Context)
	if err = broken(err); err != nil {
		w.Send(escalatePart{Error: err.Error()})
		return
	}
	send(*report) // a death while it is shrunk must not lose it
	if report.Finding != nil {
		runner := trial.NewRunner(w.System, w.Services)
		runner.Watch(w.Watch())
		report.Finding.Shrink(w.Context, runner)
		send(*report)
	}
}

// run climbs where the system runs. A process that dies is the finding, unless there was one.
func (e *escalation) run(ctx context.Context, r runner) (*fuzz.EscalationReport, error) {
	report := &fuzz.EscalationReport{Stopped: true}
	var failed error
	o := escalateOrder{e.Schedule.String(), e.Seed, e.Climbs, e.Workers}
	ended := r.Do("escalate", o, func(p apart.Part) {
		var part escalatePart
		if p.Get(&part); part.Error != "" {
			failed = errors.New(part.Error)
			return
		}
		*report = part.EscalationReport
		if part.Found != nil {
			report.Finding, failed = part.Found.finding()
		}
		e.progress(report)
	})
	if ended != nil && report.Finding == nil {
		report.Finding = deathOf(ctx, r, ended)
	}
	return report, errors.Join(failed, r.Err())
}

// deathOf is the shrunk finding of the end of a process.
func deathOf(ctx context.Context, r runner, ended *apart.Ended) *fuzz.Finding {
	s := ended.Schedule
	if s == nil {
		s = &faults.Schedule{System: r.System().Name(), Nodes: 1}
		s.Use(r.Services(), "")
	}
	found := fuzz.NewFinding(trial.Survival, s, &ended.Result)
	found.Shrink(ctx, r)
	return found
}
