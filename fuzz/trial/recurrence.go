package trial

import (
	"context"
	"fmt"
	"slices"

	"raftcheck/faults"
	"raftcheck/models"
	"raftcheck/raft"
)

// Nondeterminism returns the reason for which two runs of a schedule may differ, as
// the system states it (raft.Nondeterministic). It is "" if they may not.
func Nondeterminism(system raft.System) string {
	if s, ok := system.(raft.Nondeterministic); ok {
		return s.Nondeterminism()
	}
	return ""
}

// Again runs a schedule a second time; first is the result of another runner. If the
// traces differ, first gets a violation of the contract, unless the system states that
// it is not deterministic.
func Again(r Executor, s *faults.Schedule, first *Result) {
	if Nondeterminism(r.System()) != "" {
		return
	}
	if second := r.Run(s); second.TraceHash != first.TraceHash {
		first.differs(unlikeFrom(r, s))
	}
}

// Recurrence is the number of runs of a schedule, and how many violated a property.
type Recurrence struct {
	Property       string
	Violated, Runs int
	Last           models.Verdict // of the last run that violated it
	Stack          string         // of Survival, in that run; see [Result]
}

// count counts a run that violated the property.
func (c *Recurrence) count(r *Result) {
	v := r.Of(c.Property)
	if v.Outcome != models.Violated {
		return
	}
	c.Violated++
	c.Last = v
	if c.Property == Survival.Name {
		c.Stack = r.Stack
	}
}

// String returns one line in the form of a verdict's.
func (c Recurrence) String() string {
	v := models.Verdict{Outcome: models.Violated, Property: c.Property}
	return fmt.Sprintf("%s in %d of %d runs", v, c.Violated, c.Runs)
}

// RecurrenceRuns is the number of runs that measure how often a schedule fails on a
// system that is not deterministic.
const RecurrenceRuns = 10

// Recurrences runs a schedule RecurrenceRuns times. It returns one recurrence for each
// property that any of the runs violated, and none if ctx ends first.
func Recurrences(ctx context.Context, r Executor, s *faults.Schedule) []Recurrence {
	var list []Recurrence
	for _, p := range append(Properties(r.System()), Survival, Expectation) {
		list = append(list, Recurrence{Property: p.Name, Runs: RecurrenceRuns})
	}
	for range RecurrenceRuns {
		result := r.Run(s)
		if ctx.Err() != nil {
			return nil // a process apart may have been ended in the middle of the run
		}
		for i := range list {
			list[i].count(&result)
		}
	}
	return slices.DeleteFunc(list, func(c Recurrence) bool { return c.Violated == 0 })
}
