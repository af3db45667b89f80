package conform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/models"
	"raftcheck/raft"
)

// schedules is how many random ones are run to see whether two runs are alike.
const schedules = 20

// generated has random schedules, as they were run on a system, and their results.
func generated(system raft.System) (list []*faults.Schedule, results []fuzz.Result) {
	runner := fuzz.NewRunner(system)
	for number := range schedules {
		profile := fuzz.Calm
		if number%2 == 1 {
			profile = fuzz.Rough
		}
		s, result := runner.Generate(profile, fuzz.Numbered(1, number))
		result.Verdicts = append([]models.Verdict{}, result.Verdicts...)
		list, results = append(list, s), append(results, result)
	}
	return list, results
}

func repeats(t *trial) error {
	if s, ok := t.system.(raft.Nondeterministic); ok {
		return notOffered{"it says that it is not deterministic: " + s.Nondeterminism()}
	}
	list, results := generated(t.system)
	again := fuzz.NewRunner(t.system)
	for i := len(list) - 1; i >= 0; i-- { // in another order: no run may leave anything behind
		if again.Run(list[i]).TraceHash != results[i].TraceHash {
			return fmt.Errorf("two runs of a schedule differ. %s\nThe schedule:\n%s", difference(t.system, list[i]), list[i])
		}
	}
	return nil
}

// difference says where two runs of a schedule part.
func difference(system raft.System, s *faults.Schedule) string {
	first, second := lines(system, s), lines(system, s)
	for i := range min(len(first), len(second)) {
		if first[i] != second[i] {
			return fmt.Sprintf("In line %d of their traces the one has\n%s\nand the other\n%s", i+1, first[i], second[i])
		}
	}
	return "Not each time, and not just now."
}

// lines is the trace of a run.
func lines(system raft.System, s *faults.Schedule) []string {
	var trace bytes.Buffer
	if _, err := fuzz.Trace(system, s, &trace); err != nil {
		panic(err) // a buffer takes what it is given
	}
	return strings.Split(trace.String(), "\n")
}

// keepsNothing runs schedules with inputs that become something else once they were
// taken, and wants the same of them; without determinism, nothing that is violated.
func keepsNothing(t *trial) error {
	_, always := t.system.(raft.Nondeterministic)
	list, results := generated(t.system)
	runner := fuzz.NewRunner(scribbler{t.system})
	for i, s := range list {
		result := runner.Run(s)
		if !always && result.TraceHash == results[i].TraceHash || result.Outcome() != models.Violated && always {
			continue
		}
		if again := fuzz.NewRunner(t.system).Run(s); !always && again.TraceHash != results[i].TraceHash {
			return errors.New("two runs of a schedule differ, so that nothing can be said here: see determinism")
		}
		text := strings.Join(result.Lines(), "\n")
		return fmt.Errorf("it keeps memory of an input (a message's payload, a proposal's data, a snapshot's state, a disk's record) and reads it after Step or Boot has returned, "+
			"when it is somebody else's: with inputs that are overwritten then, the same schedule runs otherwise. Its verdicts are\n%s\nThe schedule:\n%s", text, s)
	}
	return nil
}
