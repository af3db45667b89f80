package conform

import (
	"errors"
	"testing"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/raft"
)

// Rule is one requirement of the seam on an adapter.
type Rule struct {
	Name  string
	About string // the requirement in words
	check func(*rig) error
}

// Rules lists the rules. Each relies on those before it.
func Rules() []Rule {
	return []Rule{
		{"boot",
			"a node boots from an empty disk, in clusters of one to five, and outside of the first configuration",
			boots},
		{"status", "a node shows its state; without, most properties cannot be judged", shows},
		{"promises", "messages say what they promise, and leave once that is durable", promises},
		{"election", "a timeout makes a node stand for election, and a quorum elects it", elects},
		{"clock", "ticks alone make a cluster elect a leader", ticks},
		{"commands", "a proposal is applied by all nodes, unchanged, and answered", commands},
		{"log", "a node's commit, applied and configuration indexes lie within its log, and its entries as well",
			staysWithinItsLog},
		{"writes", "writes are numbered from 1 without gaps, and messages wait for writes that were issued",
			writes},
		{"determinism", "the same inputs give the same outputs", repeats},
		{"memory", "nothing of an input is kept after Step returns", keepsNothing},
		{"restart", "a node that crashed remembers its term, its vote and its log", remembers},
		{"recovery", "a node boots from whatever a crash leaves of its writes", recovers},
		{"failed-disk", "a node whose disk failed does nothing more", fallsSilent},
		{"snapshots",
			"a node hands on its state machine's snapshot, to itself after a restart and to a node that fell behind",
			snapshots},
		{"reads", "a read is answered without an entry in the log", reads},
		{"membership", "a node joins as a learner, becomes a voter, and another leaves", membership},
		{"transfer", "a leader hands the leadership over", transfers},
	}
}

// Result is the outcome of a rule. NotChecked means that the rule is about an ability
// that the adapter does not have.
type Result struct {
	Rule
	Outcome models.Outcome
	Text    string // the mistake, or the missing ability
}

// notOffered is the error of a rule about an ability that the adapter does not have.
type notOffered struct{ string }

// Error describes the missing ability.
func (e notOffered) Error() string { return e.string }

// Check tries every rule on a system, with clients that use services of a set.
func Check(system raft.System, set service.Set) (results []Result) {
	for _, rule := range Rules() {
		results = append(results, rule.Try(system, set, trial.Watch{}))
	}
	return results
}

// Try tries a rule on a system. The world turns a panic of a node into a violation. The
// functions of the watch are called before each thing that happens.
func (r Rule) Try(system raft.System, set service.Set, watch trial.Watch) Result {
	t := &rig{system: system, services: set, storing: storing(set), watch: watch}
	defer t.end()
	err := r.check(t)
	switch {
	case err == nil:
		return Result{r, models.Held, ""}
	case errors.As(err, new(notOffered)):
		return Result{r, models.NotChecked, err.Error()}
	}
	return Result{r, models.Violated, err.Error()}
}

// Test runs a subtest for each rule, which fails if the system violates the rule.
func Test(t *testing.T, system raft.System, set service.Set) {
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			switch r := rule.Try(system, set, trial.Watch{}); r.Outcome {
			case models.Violated:
				t.Errorf("%s\nthe rule is: %s", r.Text, r.About)
			case models.NotChecked:
				t.Logf("not offered: %s", r.Text)
			}
		})
	}
}
