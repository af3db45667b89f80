package model

import (
	"cmp"
	"strings"

	"raftcheck/linearizability"
)

// Nil is the word for a value that is absent.
const Nil = "nil"

// A model is a specification without its initial value.
type model struct {
	name, about string
	initial     string // the state of an empty object; "" if the caller's value is the state
	verbs       map[string]verb
	spec        func(initial string) linearizability.Spec // instead of verbs

	reaches func(before, after string) bool // as linearizability.Spec has it
}

// A verb is an operation of a model.
type verb struct {
	operands int // 0 to 2
	readOnly bool
	effect   linearizability.Effect // of an answer other than no, or of none
	run      func(state, a, b string) (next, answer string)
	before   string // the state that it Swaps; "" if that is the first operand
}

var models = []model{
	{name: "register", about: "read, write", verbs: register},
	{name: "cas-register", about: "read, write, cas: compare and swap", verbs: casRegister},
	{name: "kv-append", about: "get, put, append, delete, cas of a key; append joins values", verbs: kvAppend,
		reaches: joined},
	{name: "mutex", about: "acquire, release", initial: free, verbs: mutex},
	{name: "fifo-queue", about: "enqueue, dequeue: first in, first out", initial: none, verbs: fifoQueue},
	{name: "set", about: "add, remove, contains, read", initial: none, verbs: set,
		reaches: subset},
	{name: "txn", about: "reads, writes and list appends of several keys as one unit", spec: transactions},
}

// Named returns the specification of a name of [Names]. initial is the value of
// a register, of a key, or of each key of a transaction before any operation.
// Mutexes, queues and sets begin free and empty, and take [Nil] alone.
func Named(name, initial string) (spec linearizability.Spec, ok bool) {
	for i := range models {
		m := &models[i]
		switch {
		case m.name != name:
		case m.spec != nil:
			return m.spec(initial), true
		case m.initial == "":
			return m.withState(initial), true
		default:
			return m.withState(m.initial), initial == Nil
		}
	}
	return linearizability.Spec{}, false
}

// TakesInitial reports whether objects of the model begin with a given value.
func TakesInitial(name string) bool {
	for i := range models {
		if models[i].name == name {
			return models[i].initial == ""
		}
	}
	return false
}

// Names has the name of each model, with a word about it.
func Names() (rows [][2]string) {
	for i := range models {
		rows = append(rows, [2]string{models[i].name, models[i].about})
	}
	return rows
}

func (m *model) withState(state string) linearizability.Spec {
	verbs := m.verbs
	return linearizability.Spec{
		Name: m.name,
		Init: state,
		Step: func(state, input, output string, known bool) (string, bool) {
			v, a, b, ok := parse(verbs, input)
			if !ok {
				return state, false
			}
			next, answer := v.run(state, a, b)
			if known && output != answer {
				return state, false
			}
			return next, true
		},
		ReadOnly: func(input string) bool {
			v, _, _, ok := parse(verbs, input)
			return ok && v.readOnly
		},
		Effect: func(op *linearizability.Operation) linearizability.Effect {
			v, _, _, ok := parse(verbs, op.Input)
			if !ok {
				return linearizability.Anything
			}
			return v.effectOf(op)
		},
		Before: func(op *linearizability.Operation) string {
			v, a, _, _ := parse(verbs, op.Input)
			return cmp.Or(v.before, a)
		},
		Reaches: m.reaches,
	}
}

// effectOf returns how an operation acts on every state.
func (v *verb) effectOf(op *linearizability.Operation) linearizability.Effect {
	if op.Pending() || op.Output == yes {
		return v.effect
	}
	switch v.effect {
	case linearizability.Swaps:
		if op.Output == no {
			return linearizability.Misses
		}
	case linearizability.Overwrites, linearizability.Grows:
	default:
		return v.effect
	}
	return linearizability.Keeps // no state accepts it
}

// parse splits an input; ok is false if the model has no such operation.
func parse(verbs map[string]verb, input string) (v verb, a, b string, ok bool) {
	name, operands, has := strings.Cut(input, " ")
	v, ok = verbs[name]
	switch v.operands {
	case 0:
		return v, "", "", ok && !has
	case 1:
		return v, operands, "", isWord(operands)
	default:
		a, b, _ = strings.Cut(operands, " ")
		return v, a, b, isWord(a) && isWord(b)
	}
}

func isWord(s string) bool { return s != "" && strings.IndexByte(s, ' ') < 0 }

// The answers of operations that return no value.
const (
	yes = "ok"
	no  = "no"
)

var (
	read = verb{0, true, linearizability.Reads, func(state, _, _ string) (string, string) {
		return state, state
	}, ""}
	write = verb{1, false, linearizability.Overwrites, func(_, value, _ string) (string, string) {
		return value, yes
	}, ""}
	cas = verb{2, false, linearizability.Swaps, func(state, before, after string) (string, string) {
		if state != before {
			return state, no
		}
		return after, yes
	}, ""}

	register    = map[string]verb{"read": read, "write": write}
	casRegister = map[string]verb{"read": read, "write": write, "cas": cas}
	kvAppend    = map[string]verb{"get": read, "put": write, "cas": cas,
		"append": {1, false, linearizability.Grows, func(state, value, _ string) (string, string) {
			return join(state, value), yes
		}, ""},
		"delete": {0, false, linearizability.Overwrites, func(_, _, _ string) (string, string) {
			return Nil, yes
		}, ""},
	}
)

// join is two values behind each other. Strings of other programs come in
// quotes, and their contents are joined.
func join(state, value string) string {
	if state == Nil {
		return value
	}
	before, quoted := contents(state)
	after, alsoQuoted := contents(value)
	if quoted || alsoQuoted {
		return `"` + before + after + `"`
	}
	return before + after
}

// joined reports whether after may be before with values joined to it. Values of
// which one begins with a quote and one ends with it may become a string in quotes.
func joined(before, after string) bool {
	head, _ := contents(before)
	whole, _ := contents(after)
	return before == Nil || strings.HasPrefix(whole, head) || strings.HasPrefix(after, before)
}

func contents(value string) (text string, quoted bool) {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1], true
	}
	return value, false
}

// The states of a mutex.
const (
	free = "free"
	held = "held"
)

var mutex = map[string]verb{
	"acquire": {0, false, linearizability.Swaps, func(state, _, _ string) (string, string) {
		return held, answer(state == free)
	}, free},
	"release": {0, false, linearizability.Swaps, func(state, _, _ string) (string, string) {
		return free, answer(state == held)
	}, held},
}

func answer(done bool) string {
	if done {
		return yes
	}
	return no
}
