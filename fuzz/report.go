package fuzz

import (
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Counts says how often a property had each outcome.
type Counts struct{ Held, Violated, NotChecked int }

// Report is what many schedules have to tell.
type Report struct {
	Schedules int
	Events    int // plain events carried out, those that macro events stand for included
	// TraceHash is over every trace and the number of its schedule.
	TraceHash uint64
	Goals     trial.GoalSet // those reached
	Reachable trial.GoalSet // those that schedules of the profile can reach
	Missed    trial.GoalSet // those that a campaign was held to, and did not reach
	AllGoals  trial.Goals   // by their numbers in the sets
	// Properties are those that the runs were judged by, in the order of their verdicts.
	Properties []models.Property
	Verdicts   map[string]Counts
	Findings   map[string]*Finding // the first of each property
	Stopped    bool                // before all schedules were run or it was [Campaign.Enough]

	system raft.System
}

func newReport(system raft.System, goals trial.Goals) *Report {
	return &Report{
		system: system, Properties: trial.Properties(system), AllGoals: goals,
		Verdicts: map[string]Counts{}, Findings: map[string]*Finding{},
	}
}

// Outcome is the worst of the verdicts. A campaign that did not run all its
// schedules, or missed its goals, did not check what it claims.
func (r *Report) Outcome() models.Outcome {
	worst := models.Held
	if len(r.Verdicts) == 0 || r.Stopped || r.Missed != 0 {
		worst = models.NotChecked
	}
	for _, c := range r.Verdicts {
		if c.NotChecked > 0 {
			worst = worst.Worse(models.NotChecked)
		}
		if c.Violated > 0 {
			worst = worst.Worse(models.Violated)
		}
	}
	return worst
}

// add takes one schedule's outcome into the report and tells found, if there is
// one, of a finding that is the first so far. The order in which outcomes arrive
// leaves no trace in the report.
func (r *Report) add(o *outcome, found func(*Finding)) {
	r.Schedules++
	r.Events += o.result.Events
	r.TraceHash += trace.Mix(trace.Mix(2, uint64(o.number)), o.result.TraceHash)
	r.Goals |= o.result.Goals
	for _, v := range o.verdicts {
		counts := r.Verdicts[v.Property]
		switch v.Outcome {
		case models.Held:
			counts.Held++
		case models.Violated:
			counts.Violated++
			r.found(o, v, found)
		case models.NotChecked:
			counts.NotChecked++
		}
		r.Verdicts[v.Property] = counts
	}
}

func (r *Report) found(o *outcome, v models.Verdict, found func(*Finding)) {
	if first := r.Findings[v.Property]; first != nil && first.Number < o.number {
		return
	}
	f := NewFinding(trial.PropertyOf(r.system, v.Property), o.schedule, &o.result)
	f.Number, f.Changes = o.number, o.changes
	r.Findings[v.Property] = f
	if found != nil {
		found(f)
	}
}
