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

// schedules is how many random ones are run to see whether two runs are alike.
const schedules = 20

// generated has random schedules, as they were run on a system, and their results.
func (t *rig) generated(system raft.System) (list []*faults.Schedule, results []trial.Result) {
	runner := trial.NewRunner(system, t.services)
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

// repeats lends inputs for good, so that memory that is kept is not told as luck.
func repeats(t *rig) error {
	if s, ok := t.system.(raft.Nondeterministic); ok {
		return notOffered{"it says that it is not deterministic: " + s.Nondeterminism()}
	}
	list, results := t.generated(lender{t.system, nil})
	again := trial.NewRunner(lender{t.system, nil}, t.services)
	for i := len(list) - 1; i >= 0; i-- { // in another order: no run may leave anything behind
		if again.Run(list[i]).TraceHash != results[i].TraceHash {
			return fmt.Errorf("two runs of a schedule differ: is there luck other than NodeConfig.Rand, a clock other than Tick, a map that is iterated over, or something that outlives a node? %s\nThe schedule:\n%s", t.difference(list[i]), list[i])
		}
	}
	return nil
}

// difference says where two runs of a schedule part.
func (t *rig) difference(s *faults.Schedule) string {
	first, second := t.lines(s), t.lines(s)
	for i := range min(len(first), len(second)) {
		if first[i] != second[i] {
			return fmt.Sprintf("In line %d of their traces the one has\n%s\nand the other\n%s", i+1, first[i], second[i])
		}
	}
	return "Not each time, and not just now."
}

// lines is the trace of a run.
func (t *rig) lines(s *faults.Schedule) []string {
	var text bytes.Buffer
	if _, err := trial.Trace(t.system, t.services, s, &text); err != nil {
		panic(err) // a buffer takes what it is given
	}
	return strings.Split(text.String(), "\n")
}

// keepsNothing runs schedules with inputs that become something else once they were
// taken, and wants the same as with inputs that stay what they are; without
// determinism, nothing that is violated.
func keepsNothing(t *rig) error {
	list, results := t.generated(lender{t.system, nil})
	for i, s := range list {
		result := trial.NewRunner(lender{t.system, perishable}, t.services).Run(s)
		if !otherwise(t.system, result, results[i]) {
			continue
		}
		if again := trial.NewRunner(lender{t.system, nil}, t.services).Run(s); !owns(t.system) && again.TraceHash != results[i].TraceHash {
			return errors.New("two runs of a schedule differ, so that nothing can be said here: see determinism")
		}
		return fmt.Errorf("it keeps memory of an input (%s) and reads it after Step or Boot has returned, when it is somebody else's: "+
			"with inputs that are overwritten then, the same schedule runs otherwise. Its verdicts are\n%s\nThe schedule:\n%s",
			strings.Join(t.kept(s, results[i]), ", "), strings.Join(result.Lines(), "\n"), s)
	}
	return nil
}

// kept names what a system keeps: what has a schedule run otherwise than it was if it
// alone is overwritten.
func (t *rig) kept(s *faults.Schedule, was trial.Result) (names []string) {
	for _, what := range perishable {
		if result := trial.NewRunner(lender{t.system, []string{what}}, t.services).Run(s); otherwise(t.system, result, was) {
			names = append(names, what)
		}
	}
	if names == nil {
		return perishable // only together
	}
	return names
}

// owns reports whether a system owns up to not being deterministic.
func owns(system raft.System) bool {
	_, ok := system.(raft.Nondeterministic)
	return ok
}

// otherwise reports whether a run is not as another one was; without determinism,
// whether it violated something.
func otherwise(system raft.System, result, was trial.Result) bool {
	if owns(system) {
		return result.Outcome() == models.Violated
	}
	return result.TraceHash != was.TraceHash
}
