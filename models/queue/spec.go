package queue

import (
	"strings"

	"raftcheck/linearizability"
)

// Spec is the sequential specification of one queue. Its state is the values that wait,
// the first in front, each followed by a space. It is written apart from [Machine].
//
// A queue has one answer in each state, so an operation whose answer no client heard
// changes the state in one way: wherever it is in the order, a dequeue takes the first
// value.
func Spec() linearizability.Spec {
	return linearizability.Spec{
		Name:     "queue",
		Step:     step,
		ReadOnly: func(input string) bool { return input == "peek" },
	}
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
	first, rest, some := strings.Cut(state, " ")
	if !some {
		first, rest = Nil, ""
	}
	verb, value, _ := strings.Cut(input, " ")
	switch {
	case input == "peek":
		return state, first, true
	case input == "dequeue":
		return rest, first, true
	case verb != "enqueue" || !isValue(value):
		return state, "", false
	case strings.Count(state, " ") == MaxWaiting:
		return state, "full", true
	}
	return state + value + " ", "ok", true
}

// isValue reports whether s may wait in a queue. The letters of it were checked when it
// was called.
func isValue(s string) bool {
	return s != "" && s != Nil && len(s) <= MaxTokenBytes && !strings.Contains(s, " ")
}
