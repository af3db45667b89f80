package command

import (
	"errors"
	"slices"

	"raftcheck/fuzz"
	"raftcheck/fuzz/apart"
	"raftcheck/fuzz/trial"
)

// nearOrder asks for the schedules of a neighbourhood to be run.
type nearOrder struct {
	Schedule         string
	Changes, Workers int
	AppendOnly       bool
}

// nearPart is a finding, or counts; the last counts are complete.
type nearPart struct {
	Found  *sentFinding
	Counts nearCounts
	Error  string
}

// nearCounts are the counts of a fuzz.NeighbourReport.
type nearCounts struct {
	Schedules, Events, Traces int
	TraceHash                 uint64
	Verdicts                  map[string]fuzz.Counts
	Away                      []int
	Stopped                   bool
}

func countsOf(r *fuzz.NeighbourReport) nearCounts {
	return nearCounts{r.Schedules, r.Events, r.Traces, r.TraceHash, r.Verdicts, r.Away, r.Stopped}
}

// reportTo puts the counts into a report.
func (c nearCounts) reportTo(r *fuzz.NeighbourReport) {
	r.Schedules, r.Events, r.Traces, r.TraceHash = c.Schedules, c.Events, c.Traces, c.TraceHash
	r.Verdicts, r.Away, r.Stopped = c.Verdicts, c.Away, c.Stopped
}

func nearTask(w *apart.Work) {
	var o nearOrder
	w.Get(&o)
	n := fuzz.Neighbourhood{
		System: w.System, Schedule: parsedHere(w, o.Schedule), Changes: o.Changes, AppendOnly: o.AppendOnly,
		Workers: o.Workers, Watch: w.Watch,
	}
	if w.Careful {
		n.Workers = 1
	}
	n.Found = func(f *fuzz.Finding) {
		one := sent(f)
		w.Send(nearPart{Found: &one})
	}
	var sending seldom
	n.Progress = func(r *fuzz.NeighbourReport) {
		if sending.now() {
			w.Send(nearPart{Counts: countsOf(r)})
		}
	}
	report, err := n.Run(w.Context)
	if err = broken(err); err != nil {
		w.Send(nearPart{Error: err.Error()})
		return
	}
	w.Send(nearPart{Counts: countsOf(report)})
}

// run runs the schedules where the system runs. A process that dies is a finding, and ends
// the neighbourhood.
func (n *neighbourhood) run(r runner) (*fuzz.NeighbourReport, error) {
	report := &fuzz.NeighbourReport{Report: fuzz.Report{
		Properties: trial.Properties(n.System), Findings: fuzz.Findings{}, Stopped: true,
	}}
	var failed error
	o := nearOrder{n.Schedule.String(), n.Changes, n.Workers, n.AppendOnly}
	ended := r.Do("neighbourhood", o, func(p apart.Part) {
		var part nearPart
		p.Get(&part)
		switch {
		case part.Error != "":
			failed = errors.New(part.Error)
		case part.Found != nil:
			f, err := part.Found.finding()
			failed = errors.Join(failed, err)
			report.Findings.Add(f)
			n.found(f)
		default:
			part.Counts.reportTo(report)
			n.progress(report)
		}
	})
	if ended != nil {
		n.died(report, ended)
	}
	return report, errors.Join(failed, r.Err())
}

// died adds to the report that the process of the system ended.
func (n *neighbourhood) died(report *fuzz.NeighbourReport, ended *apart.Ended) {
	s := ended.Schedule
	if s == nil {
		s = n.Schedule.Clone()
	}
	f := fuzz.NewFinding(trial.Survival, s, &ended.Result)
	if of := n.Schedule.Events; len(s.Events) > len(of) || !slices.Equal(s.Events, of[:len(s.Events)]) {
		f.Changes = n.Changes
	}
	f.Number = report.Schedules
	report.Properties = append(report.Properties, trial.Survival)
	verdicts := map[string]fuzz.Counts{f.Property: {Violated: 1}}
	for name, counts := range report.Verdicts {
		verdicts[name] = counts
	}
	report.Verdicts, report.Stopped = verdicts, true
	report.Findings.Add(f)
	n.found(f)
}
