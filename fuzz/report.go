package fuzz

import (
	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// Counts is the number of schedules by the outcome of one property.
type Counts struct {
	Held       int `json:"held,omitempty"`
	Violated   int `json:"violated,omitempty"`
	NotChecked int `json:"not_checked,omitempty"`
}

// With returns the counts with one more schedule of an outcome.
func (c Counts) With(o models.Outcome) Counts {
	switch o {
	case models.Held:
		c.Held++
	case models.Violated:
		c.Violated++
	case models.NotChecked:
		c.NotChecked++
	}
	return c
}

// Report is the result of many schedules.
type Report struct {
	Schedules int
	Events    int // plain events carried out; a macro event counts as those it stands for
	// TraceHash is a hash over every trace and the number of its schedule.
	TraceHash uint64
	Heals     HealTimes
	Goals     trial.GoalSet // those reached
	Reachable trial.GoalSet // those that schedules of the profile can reach
	Missed    trial.GoalSet // the goals that the campaign had to reach and did not
	AllGoals  trial.Goals   // by their numbers in the sets
	// Properties lists the properties that were judged, in the order of their verdicts.
	Properties []models.Property
	Verdicts   map[string]Counts
	Findings   Findings
	Stopped    bool // ended before all schedules were run, and not by Campaign.Enough

	system raft.System
}

func newReport(system raft.System, goals trial.Goals) *Report {
	return &Report{
		system: system, Properties: trial.Properties(system), AllGoals: goals,
		Verdicts: map[string]Counts{}, Findings: Findings{},
	}
}

// Outcome returns the worst of the verdicts. It is [models.NotChecked] at best if the
// run was stopped, missed its goals, or has no verdicts.
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

// add adds the outcome of one schedule to the report, and calls found, unless that is nil, with
// each finding that is kept. The report does not depend on the order in which outcomes arrive.
func (r *Report) add(o *outcome, found func(*Finding)) {
	r.Schedules++
	r.Events += o.result.Events
	r.TraceHash += TraceSum(o.number, o.result.TraceHash)
	r.Goals |= o.result.Goals
	for _, ticks := range o.heals {
		r.Heals.add(ticks)
	}
	for _, v := range o.verdicts {
		r.Verdicts[v.Property] = r.Verdicts[v.Property].With(v.Outcome)
		if v.Outcome == models.Violated {
			r.found(o, v, found)
		}
	}
}

// TraceSum is the part of a schedule in [Report.TraceHash], which is the sum of them all.
func TraceSum(number int, hash uint64) uint64 {
	return trace.Mix(trace.Mix(2, uint64(number)), hash)
}

// found keeps a violation, if its schedule is the first for its reason.
func (r *Report) found(o *outcome, v models.Verdict, found func(*Finding)) {
	if !r.Findings.Wants(v.Property, o.number, v.String()) {
		return
	}
	f := NewFinding(trial.PropertyOf(r.system, v.Property), o.schedule, &o.result)
	f.Number, f.Changes = o.number, o.changes
	if r.Findings.Add(f); found != nil {
		found(f)
	}
}

// harm keeps a continuation of a finding, under the outcome that it violates first.
func (r *Report) harm(of *Finding, s *faults.Schedule, result *trial.Result) {
	for _, p := range trial.Outcomes(r.system) {
		if result.Of(p.Name).Outcome == models.Violated {
			f := NewFinding(p, s, result)
			f.Number, f.Continues = of.Number, true
			r.Findings.Add(f)
			return
		}
	}
}
