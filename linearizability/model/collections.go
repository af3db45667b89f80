package model

import (
	"slices"
	"strings"

	"raftcheck/linearizability"
)

// none is the state of an empty queue or set. No word is empty, so no state with
// elements reads so.
const none = "{}"

// elements are the words of the state of a queue or a set, which is {A,B}, like the
// answer to reading a set.
func elements(state string) []string {
	inside := state[1 : len(state)-1]
	if inside == "" {
		return nil
	}
	return split(inside)
}

// split cuts at the commas that stand in no brackets and in no quotes.
func split(inside string) (words []string) {
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			words = append(words, inside[start:i])
			start = i + 1
		}
	}
	return append(words, inside[start:])
}

func state(elements []string) string { return "{" + strings.Join(elements, ",") + "}" }

var fifoQueue = map[string]verb{
	"enqueue": {1, false, linearizability.Anything, func(state, value, _ string) (string, string) {
		if state == none {
			return "{" + value + "}", yes
		}
		return state[:len(state)-1] + "," + value + "}", yes
	}, ""},
	"dequeue": {0, false, linearizability.Anything, func(before, _, _ string) (string, string) {
		words := elements(before)
		if len(words) == 0 {
			return before, Nil
		}
		return state(words[1:]), words[0]
	}, ""},
}

var set = map[string]verb{
	"add": {1, false, linearizability.Grows, func(before, value, _ string) (string, string) {
		words := elements(before)
		i, found := slices.BinarySearch(words, value)
		if found {
			return before, yes
		}
		return state(slices.Insert(words, i, value)), yes
	}, ""},
	"remove": {1, false, linearizability.Anything, func(before, value, _ string) (string, string) {
		words := elements(before)
		i, found := slices.BinarySearch(words, value)
		if !found {
			return before, yes
		}
		return state(slices.Delete(words, i, i+1)), yes
	}, ""},
	"contains": {1, true, linearizability.Keeps, func(before, value, _ string) (string, string) {
		if _, found := slices.BinarySearch(elements(before), value); found {
			return before, "true"
		}
		return before, "false"
	}, ""},
	"read": read,
}

// subset reports whether every element of the state before is in after, which is an
// answer to reading a set: any word.
func subset(before, after string) bool {
	if !strings.HasPrefix(after, "{") || !strings.HasSuffix(after, "}") {
		return false
	}
	more := elements(after)
	for _, word := range elements(before) {
		i, found := slices.BinarySearch(more, word)
		if !found {
			return false
		}
		more = more[i+1:]
	}
	return true
}
