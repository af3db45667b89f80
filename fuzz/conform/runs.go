package conform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/raft"
)

// schedules is the number of random schedules that are run twice.
const schedules = 20

// runner returns a runner for a system.
func (t *rig) runner(system raft.System) *trial.Runner {
	r := trial.NewRunner(system, t.services)
	r.Watch(t.watch)
	return r
}

// generated generates random schedules against a system, and returns their results.
func (t *rig) generated(system raft.System) (list []*faults.Schedule, results []trial.Result) {
	runner := t.runner(system)
	for number := range schedules {
		profile := generate.Calm
		if number%2 == 1 {
			profile = generate.Rough
		}
		s, result := generate.Schedule(runner, profile, generate.Numbered(1, number))
		result.Verdicts = append([]models.Verdict{}, result.Verdicts...)
		list, results = append(list, s), append(results, result)
	}
	return list, results
}

// repeats runs schedules twice and compares the traces. Inputs stay unchanged after a
// step, so that an adapter which keeps their memory does not fail this rule.
func repeats(t *rig) error {
	if s, ok := t.system.(raft.Nondeterministic); ok {
		return itStates{notOffered{"it states that it is not deterministic: " + s.Nondeterminism()}}
	}
	list, results := t.generated(lender{t.system, nil})
	again := t.runner(lender{t.system, nil})
	for i := len(list) - 1; i >= 0; i-- { // in another order, since no run may affect a later one
		if again.Run(list[i]).TraceHash != results[i].TraceHash {
			return fmt.Errorf("two runs of a schedule differ: is there randomness other than NodeConfig.Rand, "+
				"a clock other than Tick, an iteration over a map, or state that outlives a node? %s\n"+
				"The schedule:\n%s", t.difference(list[i]), list[i])
		}
	}
	return nil
}

// difference describes the first difference between the traces of two runs.
func (t *rig) difference(s *faults.Schedule) string {
	first, second := t.lines(s), t.lines(s)
	for i := range min(len(first), len(second)) {
		if first[i] != second[i] {
			return fmt.Sprintf("In line %d of their traces one has\n%s\nand the other\n%s", i+1, first[i], second[i])
		}
	}
	return "Two further runs were equal."
}

// lines returns the trace of a run.
func (t *rig) lines(s *faults.Schedule) []string {
	var text bytes.Buffer
	if _, err := trial.Trace(t.system, t.services, s, &text, t.watch); err != nil {
		panic(err) // a buffer never fails
	}
	return strings.Split(text.String(), "\n")
}

// keepsNothing runs schedules with inputs that are overwritten after each step. The runs
// must be the same as those with inputs that stay unchanged. On a system that is not
// deterministic they must violate nothing.
func keepsNothing(t *rig) error {
	list, results := t.generated(lender{t.system, nil})
	for i, s := range list {
		result := t.runner(lender{t.system, perishable}).Run(s)
		if !differs(t.system, result, results[i]) {
			continue
		}
		if err := t.unsteady(s, results[i]); err != nil {
			return err
		}
		return fmt.Errorf("it keeps memory of an input (%s) and reads it after Step or Boot has returned, "+
			"when the caller may change it: with inputs that are then overwritten, the same schedule "+
			"runs differently. Its verdicts are\n%s\nThe schedule:\n%s",
			strings.Join(t.kept(s, results[i]), ", "), strings.Join(result.Lines(), "\n"), s)
	}
	return nil
}

// unsteady runs a schedule with inputs that stay unchanged, several times if the system is
// not deterministic. It returns an error if that differs as well: then it says nothing about
// memory that is kept.
func (t *rig) unsteady(s *faults.Schedule, was trial.Result) error {
	runner := t.runner(lender{t.system, nil})
	if !nondeterministic(t.system) {
		if runner.Run(s).TraceHash != was.TraceHash {
			return errors.New("two runs of a schedule differ, so that this rule cannot be checked: see determinism")
		}
		return nil
	}
	for range trial.RecurrenceRuns {
		if result := runner.Run(s); result.Outcome() == models.Violated {
			return notOffered{"a schedule violates a property in some of its runs, so that this rule " +
				"cannot be checked: " +
				strings.Join(result.Lines(), "; ")}
		}
	}
	return nil
}

// kept names the kinds of memory that a system keeps: those that change the run of a
// schedule when they alone are overwritten.
func (t *rig) kept(s *faults.Schedule, was trial.Result) (names []string) {
	for _, kind := range perishable {
		result := t.runner(lender{t.system, []string{kind}}).Run(s)
		if differs(t.system, result, was) {
			names = append(names, kind)
		}
	}
	if names == nil {
		return perishable // no kind alone makes a difference
	}
	return names
}

// nondeterministic reports whether a system states that it is not deterministic.
func nondeterministic(system raft.System) bool {
	_, ok := system.(raft.Nondeterministic)
	return ok
}

// differs reports whether two runs differ. On a system that is not deterministic it
// reports whether the first one violated a property.
func differs(system raft.System, result, was trial.Result) bool {
	if nondeterministic(system) {
		return result.Outcome() == models.Violated
	}
	return result.TraceHash != was.TraceHash
}
