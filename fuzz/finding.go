package fuzz

import (
	"context"
	"fmt"
	"path"
	"slices"
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
	Source   string // the publication that states the property
	Number   int    // of the schedule in its campaign or neighbourhood, from 0
	Changes  int    // in a neighbourhood, the distance from its centre
	// Continues is set if it continues the schedule of its number, which broke a rule.
	Continues bool
	Schedule  *faults.Schedule
	Hash      uint64   // of the schedule as it was found; names its file
	Verdict   string   // of Property
	Lines     []string // the verdicts other than held
	Events    int      // the number of events when it was found
	Shrunk    bool
	// Recurrence is the number of failing runs, if the system is not deterministic.
	Recurrence trial.Recurrence
	Stack      []string // of the system's code where it broke Survival

	traceHash uint64 // of the run that found it
	reason    string // of the verdict as it was found
}

// FileName returns the name of the finding's file below testdata. It is made of the
// property and the hash of the schedule as it was found, so that the shrunk schedule
// replaces the first one.
func (f *Finding) FileName() string {
	return path.Join("found", fmt.Sprintf("%s-%08x.txt", strings.ToLower(f.Property), uint32(f.Hash)))
}

// NewFinding returns the finding of a schedule whose run r violates the property p.
func NewFinding(p models.Property, s *faults.Schedule, r *trial.Result) *Finding {
	return &Finding{
		Property: p.Name, Source: p.Source, Schedule: s, Hash: scheduleHash(s),
		Verdict: r.Of(p.Name).String(), Lines: r.Lines(), Events: len(s.Events), traceHash: r.TraceHash,
		Stack: stackLines(r), reason: ReasonOf(r.Of(p.Name).String()),
	}
}

// stackLines returns the stack of a result.
func stackLines(r *trial.Result) []string {
	return strings.FieldsFunc(r.Stack, func(c rune) bool { return c == '\n' })
}

// scheduleHash returns a hash of the header and the events of a schedule; its prose,
// notes and verdicts do not count.
func scheduleHash(s *faults.Schedule) uint64 {
	bare := *s
	bare.Prose, bare.Notes, bare.Golden = nil, nil, nil
	return trace.HashBytes(3, []byte(bare.String()))
}

// Describe returns a copy of the finding's schedule with the prose and the verdicts
// of a counterexample file. The text origin names the run that found it.
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
	for _, line := range f.Stack {
		s.Prose = append(s.Prose, "stack     "+line)
	}
	s.Golden = f.Lines
	return s
}

// IsIn reports whether a file has the finding's schedule, under any prose.
func (f *Finding) IsIn(file *faults.Schedule) bool {
	return scheduleHash(file) == scheduleHash(f.Schedule)
}

// Describes reports whether Describe with this origin wrote a file: the finding as it was
// found, or shrunk in part or in full. A file that somebody changed since then is none.
func (f *Finding) Describes(file *faults.Schedule, origin string) bool {
	was := *f
	was.Schedule, was.Lines, was.Shrunk = file.Clone(), file.Golden, len(file.Events) < f.Events
	was.Schedule.Prose, was.Schedule.Golden = f.Schedule.Prose, nil
	was.Stack = nil // a system that loops is found in another place each time
	for _, line := range file.Prose {
		if frame, ok := strings.CutPrefix(line, "stack     "); ok {
			was.Stack = append(was.Stack, frame)
		}
	}
	return (was.Shrunk || scheduleHash(file) == f.Hash) && was.Describe(origin).String() == file.String()
}

// recur makes a schedule that of the finding, and sets Recurrence, Lines and Verdict from
// repeated runs of it. If ctx ends first, it changes nothing and returns false.
func (f *Finding) recur(ctx context.Context, runner trial.Executor, s *faults.Schedule) bool {
	list := trial.Recurrences(ctx, runner, s)
	if over(ctx) {
		return false
	}
	f.Schedule = s
	if f.Recurrence.Runs > 0 {
		f.Verdict = f.Verdict[:strings.LastIndex(f.Verdict, recurring)]
	}
	f.Recurrence = trial.Recurrence{Property: f.Property, Runs: trial.RecurrenceRuns}
	f.Lines = nil
	for _, c := range list {
		f.Lines = append(f.Lines, c.String())
		if c.Property == f.Property {
			f.Recurrence, f.Verdict = c, c.Last.String()
		}
	}
	f.Verdict += fmt.Sprintf(recurring+"%d of %d runs: the system is not deterministic)",
		f.Recurrence.Violated, f.Recurrence.Runs)
	return true
}

// over reports whether ctx has ended. It does not call Err, which contexts of a shrinker count.
func over(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// recurring is between a verdict and the number of runs that have it.
const recurring = " (in "

// Shrink replaces the schedule by a smaller one that violates the same property,
// and updates the verdicts. If ctx ends first, the schedule may stay as it was found; one run
// at most begins after that.
// A schedule that runs differently the second time also stays, unless the system
// implements raft.Nondeterministic or the finding is just that: then it is replaced by a
// smaller one of which two runs differ. A schedule that fails in fewer than half of its
// runs stays, too.
func (f *Finding) Shrink(ctx context.Context, runner trial.Executor) {
	if over(ctx) {
		return
	}
	if trial.Nondeterminism(runner.System()) != "" {
		f.shrinkOften(ctx, runner)
		return
	}
	if again := runner.Run(f.Schedule); again.TraceHash != f.traceHash {
		f.differs(ctx, runner)
		return
	}
	smallest, _ := shrink.Schedule(ctx, runner, f.Schedule, f.Property)
	result := runner.Run(smallest)
	if result.Of(f.Property).Outcome != models.Violated {
		f.differs(ctx, runner)
		return
	}
	if ctx.Err() == nil || len(smallest.Events) < f.Events {
		f.Schedule, f.Shrunk = smallest, true
	}
	f.Verdict, f.Lines, f.Stack = result.Of(f.Property).String(), result.Lines(), stackLines(&result)
}

// shrinkOften shrinks a schedule of a system that is not deterministic, if the schedule fails
// often. Of those that fail by luck, the search for a smaller one takes minutes.
func (f *Finding) shrinkOften(ctx context.Context, runner trial.Executor) {
	if !f.recur(ctx, runner, f.Schedule) || f.seldom() {
		return
	}
	smallest, _ := shrink.Schedule(ctx, runner, f.Schedule, f.Property)
	f.Shrunk = !over(ctx) && f.recur(ctx, runner, smallest)
}

// seldom reports whether fewer than half of the runs fail.
func (f *Finding) seldom() bool { return 2*f.Recurrence.Violated < f.Recurrence.Runs }

// differs shrinks a schedule of which two runs differ, if that is the finding, and notes
// that a second run did not show another one. In a process apart nothing runs once ctx has
// ended.
func (f *Finding) differs(ctx context.Context, runner trial.Executor) {
	if ctx.Err() != nil {
		return
	}
	contract := new(models.Contract).Property().Name
	if f.Property != contract || !f.shrinkUnlike(ctx, runner, contract) {
		f.Verdict += notReproducible
	}
}

// shrinkUnlike replaces the schedule by a smaller one of which two runs differ, and reports
// whether it found one.
func (f *Finding) shrinkUnlike(ctx context.Context, runner trial.Executor, contract string) bool {
	smallest, _ := shrink.Unlike(ctx, runner, f.Schedule)
	for range trial.RecurrenceRuns { // some pairs of runs may be alike
		result := runner.Run(smallest)
		result.Verdicts = slices.Clone(result.Verdicts)
		trial.Again(runner, smallest, &result)
		if result.Of(contract).Outcome == models.Violated && len(smallest.Events) < f.Events {
			f.Schedule, f.Shrunk = smallest, true
			f.Verdict, f.Lines = result.Of(contract).String(), result.Lines()
			return true
		}
	}
	return false
}

// Unshrunk says why the schedule stayed as it was found, "" if it did not.
func (f *Finding) Unshrunk() string {
	switch {
	case f.Shrunk:
		return ""
	case strings.HasSuffix(f.Verdict, notReproducible):
		return "a second run did not show it"
	case f.seldom():
		return "it fails in too few of its runs"
	}
	return "the campaign was ended first"
}

// notReproducible ends the verdict of a finding that a second run did not show.
const notReproducible = " (not reproducible: the system is not deterministic)"
