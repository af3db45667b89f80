package model

import (
	"slices"
	"strings"

	"raftcheck/linearizability"
)

// transactions is the specification of several keys that are read and written in
// one operation. The state has the keys that were written, sorted, each in front
// of its value.
func transactions(initial string) linearizability.Spec {
	return linearizability.Spec{
		Name: "txn",
		Step: func(state, input, output string, known bool) (string, bool) {
			t := transaction{initial: initial}
			if state != "" {
				t.pairs = strings.Split(state, " ")
			}
			if !t.run(strings.Split(input, " ")) {
				return state, false
			}
			if known && t.answer() != output {
				return state, false
			}
			if !t.wrote {
				return state, true
			}
			return strings.Join(t.pairs, " "), true
		},
		ReadOnly: func(input string) bool {
			return readsOnly(initial, input)
		},
		Effect: func(op *linearizability.Operation) linearizability.Effect {
			if readsOnly(initial, op.Input) {
				return linearizability.Keeps
			}
			return linearizability.Anything
		},
	}
}

// readsOnly reports whether a transaction leaves every state as it is.
func readsOnly(initial, input string) bool {
	t := transaction{initial: initial}
	return t.run(strings.Split(input, " ")) && !t.wrote
}

// transaction is one that is being carried out.
type transaction struct {
	initial string   // the value of each key that was never written
	pairs   []string // key, value, key, value, by key
	reads   []string // the values read so far
	wrote   bool
}

// run carries out r K, w K V and append K V, one after the other; ok is false if
// the words are no transaction.
func (t *transaction) run(words []string) (ok bool) {
	for len(words) > 0 {
		size := 3
		if words[0] == "r" {
			size = 2
		}
		if len(words) < size || slices.Contains(words[:size], "") {
			return false
		}
		switch key := words[1]; words[0] {
		case "r":
			t.reads = append(t.reads, t.value(key))
		case "w":
			t.set(key, words[2])
		case "append":
			t.set(key, added(t.value(key), words[2]))
		default:
			return false
		}
		words = words[size:]
	}
	return len(t.reads) > 0 || t.wrote
}

func (t *transaction) answer() string {
	if len(t.reads) == 0 {
		return yes
	}
	return strings.Join(t.reads, " ")
}

func (t *transaction) value(key string) string {
	for i := 0; i < len(t.pairs); i += 2 {
		if t.pairs[i] == key {
			return t.pairs[i+1]
		}
	}
	return t.initial
}

func (t *transaction) set(key, value string) {
	t.wrote = true
	i := 0
	for i < len(t.pairs) && t.pairs[i] < key {
		i += 2
	}
	if i < len(t.pairs) && t.pairs[i] == key {
		t.pairs[i+1] = value
		return
	}
	t.pairs = slices.Insert(t.pairs, i, key, value)
}

// added is the list with one element more. An absent list is empty.
func added(list, element string) string {
	if n := len(list); n > 2 && list[0] == '[' && list[n-1] == ']' {
		return list[:n-1] + "," + element + "]"
	}
	return "[" + element + "]"
}
