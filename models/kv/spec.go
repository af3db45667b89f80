package kv

import (
	"strings"

	"raftcheck/linearizability"
)

// Spec is the sequential specification of one key. Its state is the value, or
// Nil. It is written apart from Machine, from the table in the package's
// documentation, and refuses inputs that ParseOp would.
func Spec() linearizability.Spec {
	return linearizability.Spec{
		Name:     "kv",
		Init:     Nil,
		Step:     step,
		ReadOnly: func(input string) bool { return input == "get" },
		Effect:   effect,
	}
}

// effect declares how an operation acts on every state.
func effect(op *linearizability.Operation) linearizability.Effect {
	name, _, _ := strings.Cut(op.Input, " ")
	answered := !op.Pending()
	switch {
	case name == "get":
		return linearizability.Reads
	case (name == "put" || name == "delete") && (!answered || op.Output == "ok"):
		return linearizability.Overwrites
	case answered && (op.Output == "no" || op.Output == "full"):
		return linearizability.Keeps
	}
	return linearizability.Anything
}

// step applies an input to a state.
func step(state, input, output string, known bool) (next string, ok bool) {
	next, answer, ok := run(state, input)
	if !ok || known && output != answer {
		return state, false
	}
	return next, true
}

// run returns the state and the answer after input; ok is false if it is no input.
func run(state, input string) (next, answer string, ok bool) {
	name, operands, _ := strings.Cut(input, " ")
	switch name {
	case "get":
		return state, state, input == "get"
	case "delete":
		return Nil, "ok", input == "delete"
	case "put":
		return operands, "ok", isValue(operands)
	case "append":
		next, answer = appended(state, operands)
		return next, answer, isValue(operands)
	case "cas":
		before, after, _ := strings.Cut(operands, " ")
		if !isWord(before) || !isValue(after) {
			return state, "", false
		}
		if state != before {
			return state, "no", true
		}
		return after, "ok", true
	}
	return state, "", false
}

// appended is the state and the answer after value was appended.
func appended(state, value string) (next, answer string) {
	if state == Nil {
		return value, "ok"
	}
	if len(state)+len(".")+len(value) > MaxValueBytes {
		return state, "full"
	}
	return state + "." + value, "ok"
}

// isValue reports whether s may be stored.
func isValue(s string) bool { return s != Nil && isWord(s) }

// isWord reports whether s is one word of an input. Its letters were checked when the
// operation was called.
func isWord(s string) bool {
	return s != "" && len(s) <= MaxTokenBytes && !strings.Contains(s, " ")
}
