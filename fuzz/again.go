package fuzz

import (
	"context"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// Nondeterminism says why two runs of a schedule may differ, as the system has it;
// "" says that they may not.
func (r *Runner) Nondeterminism() string {
	if s, ok := r.system.(raft.Nondeterministic); ok {
		return s.Nondeterminism()
	}
	return ""
}

// Again runs a schedule a second time and notes in the first result, which is
// another runner's, if the traces differ: that breaks the contract, unless the
// system says that it is not deterministic.
func (r *Runner) Again(s *faults.Schedule, first *Result) {
	if r.Nondeterminism() != "" {
		return
	}
	if second := r.Run(s); second.TraceHash != first.TraceHash {
		first.differs(&second)
	}
}

// Recurrence says in how many of how many runs of a schedule a property was violated.
type Recurrence struct {
	Property       string
	Violated, Runs int
	Last           models.Verdict // of a run that violated it
}

// String is a line of it, as verdicts have theirs.
func (c Recurrence) String() string {
	return fmt.Sprintf("%s in %d of %d runs", models.Verdict{Outcome: models.Violated, Property: c.Property}, c.Violated, c.Runs)
}

// recurrenceRuns is how often a schedule is run to tell how often it fails, if the
// system is not deterministic.
const recurrenceRuns = 10

// Recurrences runs a schedule several times and returns what was violated in any
// of the runs.
func (r *Runner) Recurrences(s *faults.Schedule) []Recurrence {
	var list []Recurrence
	for _, p := range Properties() {
		list = append(list, Recurrence{Property: p.Name, Runs: recurrenceRuns})
	}
	for range recurrenceRuns {
		result := r.Run(s)
		for i := range list {
			if v := result.Of(list[i].Property); v.Outcome == models.Violated {
				list[i].Violated++
				list[i].Last = v
			}
		}
	}
	return slices.DeleteFunc(list, func(c Recurrence) bool { return c.Violated == 0 })
}

// recur notes how often the finding's schedule fails, and how.
func (f *Finding) recur(runner *Runner) {
	f.Recurrence, f.Lines = Recurrence{Property: f.Property, Runs: recurrenceRuns}, nil
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
func (f *Finding) Shrink(ctx context.Context, runner *Runner) {
	deterministic := runner.Nondeterminism() == ""
	if deterministic {
		if again := runner.Run(f.Schedule); again.TraceHash != f.traceHash {
			f.Verdict += notReproducible
			return
		}
	}
	smallest, _ := Shrink(ctx, runner, f.Schedule, f.Property)
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
