package command

import (
	"errors"

	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/escalate"
	"raftcheck/fuzz/trial"
)

// climbOrder asks for the climbs of an escalation.
type climbOrder struct {
	Schedule        string
	Seed            uint64
	Climbs, Workers int
}

// climbPart is a fuzz.EscalationReport; the last one is complete.
type climbPart struct {
	Found        *sentFinding
	Climbs, Runs int
	Reached      escalate.Situations
	Stopped      bool
	Error        string
}

func climbPartOf(r *fuzz.EscalationReport) climbPart {
	part := climbPart{Climbs: r.Climbs, Runs: r.Runs, Reached: r.Reached, Stopped: r.Stopped}
	if r.Finding != nil {
		one := sent(r.Finding)
		part.Found = &one
	}
	return part
}

func escalateTask(w *apart.Work) {
	var o climbOrder
	w.Get(&o)
	e := fuzz.Escalation{
		System: w.System, Schedule: parsedHere(w, o.Schedule), Seed: o.Seed, Climbs: o.Climbs,
		Workers: o.Workers, Watch: w.Watch,
	}
	if w.Careful {
		e.Workers = 1
	}
	var sending seldom
	e.Progress = func(r *fuzz.EscalationReport) {
		if sending.now() {
			w.Send(climbPartOf(r))
		}
	}
	report, err := e.Run(w.Context)
	if err = broken(err); err != nil {
		w.Send(climbPart{Error: err.Error()})
		return
	}
	w.Send(climbPartOf(report))
}

// run climbs where the system runs. A process that dies is a finding, and ends the escalation.
func (e *escalation) run(r runner) (*fuzz.EscalationReport, error) {
	report := &fuzz.EscalationReport{Stopped: true}
	var failed error
	o := climbOrder{e.Schedule.String(), e.Seed, e.Climbs, e.Workers}
	ended := r.Do("escalate", o, func(p apart.Part) {
		var part climbPart
		p.Get(&part)
		if part.Error != "" {
			failed = errors.New(part.Error)
			return
		}
		report.Climbs, report.Runs, report.Stopped = part.Climbs, part.Runs, part.Stopped
		report.Reached = part.Reached
		if part.Found != nil {
			report.Finding, failed = part.Found.finding()
		}
		e.progress(report)
	})
	if ended != nil {
		s := ended.Schedule
		if s == nil {
			s = e.Schedule.Clone()
		}
		report.Finding = fuzz.NewFinding(trial.Survival, s, &ended.Result)
	}
	return report, errors.Join(failed, r.Err())
}
