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
	of    raft.Abilities // that the requirement is about; 0 is none
}

// Rules lists the rules. Each relies on those before it.
func Rules() []Rule {
	return []Rule{
		{"boot",
			"a node boots from an empty disk, in clusters of one to five, and outside of the first configuration",
			boots, 0},
		{"status", "a node shows its state; without, most properties cannot be judged", shows, 0},
		{"promises", "messages say what they promise, and leave once that is durable", promises, 0},
		{"election", "a timeout makes a node stand for election, and a quorum elects it", elects, 0},
		{"clock", "ticks alone make a cluster elect a leader", ticks, 0},
		{"commands", "a proposal is applied by all nodes, unchanged, and answered", commands, 0},
		{"log", "a node's commit, applied and configuration indexes lie within its log, and its entries as well",
			staysWithinItsLog, 0},
		{"writes", "writes are numbered from 1 without gaps, and messages wait for writes that were issued",
			writes, 0},
		{"determinism", "the same inputs give the same outputs", repeats, 0},
		{"memory", "nothing of an input is kept after Step returns", keepsNothing, 0},
		{"restart", "a node that crashed remembers its term, its vote and its log", remembers, 0},
		{"recovery", "a node boots from whatever a crash leaves of its writes", recovers, 0},
		{"failed-disk", "a node whose disk failed does nothing more", fallsSilent, 0},
		{"snapshots",
			"a node hands on its state machine's snapshot, to itself after a restart and to a node that fell behind",
			snapshots, raft.Snapshots},
		{"reads", "a read is answered without an entry in the log", reads, raft.Reads},
		{"membership", "a node joins, as a learner if there are any, becomes a voter, and another leaves",
			membership, raft.Membership},
		{"transfer", "a leader hands the leadership over", transfers, raft.Transfers},
		{"batches", "a node returns nothing amid a batch, and applies nothing during a lag", batches, 0},
	}
}

// Result is the outcome of a rule. NotChecked means that the rule is about an ability
// that the adapter does not have.
type Result struct {
	Rule
	Outcome models.Outcome
	Text    string // the mistake, or the missing ability
	Stated  bool   // the system states that it does not have the ability
	Hangs   bool   // a call of the system does not return
}

// notOffered is the error of a rule about an ability that the adapter does not have, and
// itStates of one that the system states to lack.
type (
	notOffered struct{ string }
	itStates   struct{ notOffered }
)

// Error describes the missing ability.
func (e notOffered) Error() string { return e.string }

// Ends reports whether no later rule is tried: of a node that does not boot, each would report
// no more than that, and a program that dies as it boots would be started hundreds of times.
// After a call that does not return, each may wait as long for the next.
func (r Result) Ends() bool { return r.Hangs || r.Name == "boot" && r.Outcome == models.Violated }

// Check tries the rules on a system, with clients that use services of a set.
func Check(system raft.System, set service.Set) (results []Result) {
	for _, rule := range Rules() {
		r := rule.Try(system, set, trial.Watch{})
		results = append(results, r)
		if r.Ends() {
			break
		}
	}
	return results
}

// Try tries a rule on a system. The world turns a panic of a node into a violation. The
// functions of the watch are called before each thing that happens.
func (r Rule) Try(system raft.System, set service.Set, watch trial.Watch) Result {
	if raft.LimitsOf(system).Lacks.Has(r.of) {
		return Result{Rule: r, Outcome: models.NotChecked, Text: stated(system, r.of), Stated: true}
	}
	t := &rig{system: system, services: set, storing: storing(set), watch: watch}
	defer t.end()
	err := r.check(t)
	switch {
	case err == nil:
		return Result{Rule: r, Outcome: models.Held}
	case errors.As(err, new(notOffered)):
		return Result{Rule: r, Outcome: models.NotChecked, Text: err.Error()}
	case errors.As(err, new(itStates)):
		return Result{Rule: r, Outcome: models.NotChecked, Text: err.Error(), Stated: true}
	}
	return Result{Rule: r, Outcome: models.Violated, Text: err.Error()}
}

// stated describes the statement of a system that it lacks an ability.
func stated(system raft.System, ability raft.Abilities) string {
	if s, ok := system.(raft.Readless); ok && ability == raft.Reads {
		return "it states that it has no reads: " + s.Readless()
	}
	return "it states that it does not have this"
}

// Test runs a subtest for each rule, which fails if the system violates the rule.
func Test(t *testing.T, system raft.System, set service.Set) {
	for _, rule := range Rules() {
		var r Result
		t.Run(rule.Name, func(t *testing.T) {
			switch r = rule.Try(system, set, trial.Watch{}); r.Outcome {
			case models.Violated:
				t.Errorf("%s\nthe rule is: %s", r.Text, r.About)
			case models.NotChecked:
				t.Logf("not offered: %s", r.Text)
			}
		})
		if r.Ends() {
			return
		}
	}
}
