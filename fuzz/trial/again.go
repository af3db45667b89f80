package trial

import (
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

// RecurrenceRuns is how often a schedule is run to tell how often it fails, if the
// system is not deterministic.
const RecurrenceRuns = 10

// Recurrences runs a schedule several times and returns what was violated in any
// of the runs.
func (r *Runner) Recurrences(s *faults.Schedule) []Recurrence {
	var list []Recurrence
	for _, p := range Properties(r.system) {
		list = append(list, Recurrence{Property: p.Name, Runs: RecurrenceRuns})
	}
	for range RecurrenceRuns {
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
