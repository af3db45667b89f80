package linearizability

import (
	"errors"
	"fmt"
)

// Spec is the sequential specification of one key, on strings.
type Spec struct {
	Name string // as the header of a history file calls it
	Init string // the state before anything happened

	// Step reports whether input, run in state, may answer output, and returns the state
	// afterwards. While known is false the outcome is unknown: any output is
	// accepted, and a well-formed input is never refused. Step is pure.
	Step func(state, input, output string, known bool) (next string, ok bool)

	// ReadOnly reports whether input leaves every state as it is. An unknown
	// read-only operation constrains nothing and is dropped. Nil: none is.
	ReadOnly func(input string) bool

	// Effect returns how an operation acts on states, as far as Step would show it for
	// every state. It makes searches faster, and they are wrong if it is wrong. Nil:
	// every operation does Anything.
	Effect func(op *Operation) Effect

	// Before returns the state that is not like the others for op, which Swaps or Misses.
	Before func(op *Operation) string

	// Reaches reports whether a series of operations that Grow may lead from one state
	// to another. Where no series does, it may err.
	Reaches func(before, after string) bool
}

// Effect is how an operation with its answer acts on states.
type Effect uint8

const (
	// Anything: nothing is known.
	Anything Effect = iota
	// Keeps: a state that accepts the operation stays as it is.
	Keeps
	// Reads: the only state that accepts the operation is its output, and stays.
	Reads
	// Overwrites: every state accepts the operation and leads to the same one.
	Overwrites
	// Swaps: the only state that accepts the operation is Spec.Before, and changes. If
	// the outcome is unknown, the others accept it and stay.
	Swaps
	// Misses: every state but Spec.Before accepts the operation, and stays.
	Misses
	// Grows: every state accepts the operation, and leads to states as Spec.Reaches has them.
	Grows

	maySwap // as a search has operations of unknown outcome that Swap
)

func (s *Spec) validate() error {
	if s.Step == nil {
		return errors.New("the specification has no Step")
	}
	return nil
}

// Outcome is the verdict of a judge on a history.
type Outcome uint8

const (
	// NotChecked: no verdict. The zero value, so that a forgotten check is no pass.
	NotChecked Outcome = iota
	// Linearizable: an order exists, and was seen.
	Linearizable
	// NotLinearizable: no order exists.
	NotLinearizable
)

// String returns the outcome as the header of a history file writes it.
func (o Outcome) String() string {
	switch o {
	case Linearizable:
		return "linearizable"
	case NotLinearizable:
		return "not-linearizable"
	default:
		return "not-checked"
	}
}

// Result is a verdict on a history, with its reason and its cost. It is a function of
// the specification and the history alone.
type Result struct {
	Outcome   Outcome
	Key       string // the first offending key, in the order of the keys: not linearizable, or else not checked
	Reason    string // a sentence for a reader; empty when linearizable
	ByWitness bool   // the order of the log was a linearization of every key: nothing was searched
	Unchecked int    // keys whose search was given up; if not linearizable, those in front of Key
	Steps     int    // model steps that the search for an order took, over all keys
}

// Check judges a history: the order of the log first, key by key, and where
// that is no linearization of a key, or where positions are missing, by search.
// A history without operations is linearizable.
func Check(spec Spec, h History) Result { return check(spec, h, briefly, thoroughly) }

// check searches with judges, each for the keys that those before it gave up.
func check(spec Spec, h History, judges ...judge) Result {
	if err := errors.Join(spec.validate(), h.Validate()); err != nil {
		return Result{Reason: err.Error()}
	}
	refused := followLog(spec, h).refused()
	if len(refused) == 0 {
		return Result{Outcome: Linearizable, ByWitness: true}
	}
	keys := make(map[string]error, len(refused))
	for _, k := range refused {
		keys[k.key] = k.err
	}
	r := searchKeys(spec, h, func(key string) bool { return keys[key] != nil }, judges...)
	if r.Outcome == NotChecked {
		r.Reason = fmt.Sprintf("%s; the order of the log is no answer either: %v", r.Reason, keys[r.Key])
	}
	return r
}

// CheckWitness returns nil if the order in which the log applied the operations is a
// linearization of every key, which proves the history linearizable. Every completed
// operation needs a Position of its own. A pending one without is left out: it may never
// have happened. The error names the operations that the order does not explain; it is no
// proof that another order does not. The cost is linear in the length of the history as
// long as the positions are dense.
func CheckWitness(spec Spec, h History) error {
	if err := errors.Join(spec.validate(), h.Validate()); err != nil {
		return err
	}
	if refused := followLog(spec, h).refused(); len(refused) > 0 {
		return refused[0].err
	}
	return nil
}

// CheckSearch searches for a linearization of every key, and ignores the positions. Of
// keys that have none, it names the first in their order. Each search is bounded, see
// maxSteps; a key whose search was given up is counted in Unchecked.
func CheckSearch(spec Spec, h History) Result { return checkAll(spec, h, briefly, thoroughly) }

// checkAll is check without the witness.
func checkAll(spec Spec, h History, judges ...judge) Result {
	if err := errors.Join(spec.validate(), h.Validate()); err != nil {
		return Result{Reason: err.Error()}
	}
	return searchKeys(spec, h, func(string) bool { return true }, judges...)
}

// CheckPorcupine searches for a linearization of every key with porcupine, and ignores the
// positions. It takes the keys in their order, up to the first that has none. Each search
// is bounded, see maxPorcupineSteps; a key whose search was given up is counted in
// Unchecked.
func CheckPorcupine(spec Spec, h History) Result { return checkAll(spec, h, byPorcupine) }
