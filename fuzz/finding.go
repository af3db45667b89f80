package fuzz

import (
	"context"
	"fmt"
	"path"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/shrink"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/trace"
)

// Finding is a schedule that violates a property.
type Finding struct {
	Property string
	Source   string // where the property is promised
	Number   int    // of the schedule in its campaign or neighbourhood, from 0
	Changes  int    // in a neighbourhood, how many changes away from its centre the schedule is
	Schedule *faults.Schedule
	Hash     uint64   // of the schedule as it was found, which names its file
	Verdict  string   // of the property
	Lines    []string // of all that is not held
	Events   int      // how many events it had when it was found
	Shrunk   bool
	// Recurrence is how often the schedule fails, if the system is not deterministic.
	Recurrence trial.Recurrence

	traceHash uint64 // of the run that found it
}

// FileName is the finding's name below testdata: the property, and a hash of
// the schedule as it was found, so that shrinking replaces the file.
func (f *Finding) FileName() string {
	return path.Join("found", fmt.Sprintf("%s-%08x.txt", strings.ToLower(f.Property), uint32(f.Hash)))
}

// NewFinding is a schedule whose run violates a property.
func NewFinding(p models.Property, s *faults.Schedule, r *trial.Result) *Finding {
	return &Finding{
		Property: p.Name, Source: p.Source, Schedule: s, Hash: scheduleHash(s),
		Verdict: r.Of(p.Name).String(), Lines: r.Lines(), Events: len(s.Events), traceHash: r.TraceHash,
	}
}

// scheduleHash is a hash of what a schedule does, its prose left out.
func scheduleHash(s *faults.Schedule) uint64 {
	bare := *s
	bare.Prose, bare.Notes, bare.Golden = nil, nil, nil
	return trace.HashBytes(3, []byte(bare.String()))
}

// Describe gives the finding's schedule the prose and the verdict of a
// counterexample file; origin says where it came from.
func (f *Finding) Describe(origin string) *faults.Schedule {
	s := f.Schedule.Clone()
	for _, line := range f.Lines {
		s.Prose = append(s.Prose, line+".")
	}
	story := fmt.Sprintf("found     %s", origin)
	if f.Shrunk {
		story += fmt.Sprintf("; shrunk %d -> %d events", f.Events, len(s.Events))
	}
	s.Prose = append(s.Prose, "property  "+f.Property+" ("+f.Source+")", story)
	s.Golden = f.Lines
	return s
}

// recur notes how often the finding's schedule fails, and how.
func (f *Finding) recur(runner *trial.Runner) {
	f.Recurrence, f.Lines = trial.Recurrence{Property: f.Property, Runs: trial.RecurrenceRuns}, nil
	for _, c := range runner.Recurrences(f.Schedule) {
		f.Lines = append(f.Lines, c.String())
		if c.Property == f.Property {
			f.Recurrence, f.Verdict = c, c.Last.String()
		}
	}
	f.Verdict += fmt.Sprintf(" (in %d of %d runs: the system is not deterministic)", f.Recurrence.Violated, f.Recurrence.Runs)
}

// Shrink makes the finding small, if ctx leaves it the time. What does not run
// alike again, of a system that does not say so, is left as it was found.
func (f *Finding) Shrink(ctx context.Context, runner *trial.Runner) {
	deterministic := runner.Nondeterminism() == ""
	if deterministic {
		if again := runner.Run(f.Schedule); again.TraceHash != f.traceHash {
			f.Verdict += notReproducible
			return
		}
	}
	smallest, _ := shrink.Schedule(ctx, runner, f.Schedule, f.Property)
	result := runner.Run(smallest)
	if deterministic && result.Of(f.Property).Outcome != models.Violated {
		f.Verdict += notReproducible
		return
	}
	if ctx.Err() == nil || len(smallest.Events) < f.Events {
		f.Schedule, f.Shrunk = smallest, true
	}
	if !deterministic {
		f.recur(runner)
		return
	}
	f.Verdict, f.Lines = result.Of(f.Property).String(), result.Lines()
}

// notReproducible is said of a finding that was seen once.
const notReproducible = " (not reproducible: the system is not deterministic)"
