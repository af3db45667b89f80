package linearizability

import (
	"cmp"
	"slices"
	"strings"
)

// register is the specification that the tests of this package judge by: put,
// get, append and cas of one register, which is "nil" at first.
var register = Spec{
	Name: "register",
	Init: "nil",
	Step: func(state, input, output string, known bool) (string, bool) {
		next, answer := runRegister(state, input)
		if known && answer != output {
			return state, false
		}
		return next, true
	},
	ReadOnly: func(input string) bool { return input == "get" },
}

// declared is register with the declared effects of its operations.
var declared = func() Spec {
	spec := register
	spec.Effect = func(op *Operation) Effect {
		name, _, _ := strings.Cut(op.Input, " ")
		switch {
		case name == "get":
			return Reads
		case name == "put":
			return Overwrites
		case name == "cas" && (op.Pending() || op.Output == "ok"):
			return Swaps
		case name == "cas" && op.Output == "no":
			return Misses
		case name == "append" && (op.Pending() || op.Output == "ok"):
			return Grows
		}
		return Keeps // no state accepts it
	}
	spec.Before = func(op *Operation) string { return strings.Split(op.Input, " ")[1] }
	spec.Reaches = func(before, after string) bool { return strings.HasPrefix(after, before) }
	return spec
}()

func runRegister(state, input string) (next, answer string) {
	words := strings.Split(input, " ")
	switch {
	case words[0] == "put":
		return words[1], "ok"
	case words[0] == "append":
		return state + "." + words[1], "ok"
	case words[0] == "cas" && state == words[1]:
		return words[2], "ok"
	case words[0] == "cas":
		return state, "no"
	}
	return state, state
}

// judgeByTrying is compared with porcupine: it tries every order of every choice
// of pending operations, of one key, literally as the definition has it.
func judgeByTrying(spec Spec, h History) Outcome {
	var completed, pending History
	for _, op := range h {
		if op.Pending() {
			pending = append(pending, op)
		} else {
			completed = append(completed, op)
		}
	}
	for choice := range 1 << len(pending) {
		happened := slices.Clone(completed)
		for i, op := range pending {
			if choice>>i&1 != 0 {
				happened = append(happened, op)
			}
		}
		if tryOrders(spec, happened, 0) {
			return Linearizable
		}
	}
	return NotLinearizable
}

// tryOrders permutes h from place n on.
func tryOrders(spec Spec, h History, n int) bool {
	if n == len(h) {
		return isOrder(spec, h)
	}
	for i := n; i < len(h); i++ {
		h[n], h[i] = h[i], h[n]
		found := tryOrders(spec, h, n+1)
		h[n], h[i] = h[i], h[n]
		if found {
			return true
		}
	}
	return false
}

func isOrder(spec Spec, h History) bool {
	state := spec.Init
	for i, op := range h {
		for _, later := range h[i+1:] {
			if later.Return < op.Call {
				return false
			}
		}
		next, ok := spec.Step(state, op.Input, op.Output, !op.Pending())
		if !ok {
			return false
		}
		state = next
	}
	return true
}

// play lets clients call operations one after the other, applies each at some time in
// between and returns their history: linearizable by construction, with the positions of
// the log. choose draws a number below n. A client gives up now and then; its operation
// may be applied later, or never.
func play(choose func(n int) int, clients, operations int, keys, inputs []string) History {
	var h History
	states := map[string]string{}
	busy := make([]int, clients) // operation + 1; 0 is none
	var open []int               // operations called, not applied, nobody waiting
	position := 0
	apply := func(i int) {
		position++
		h[i].Position = position
		state, ok := states[h[i].Key]
		if !ok {
			state = register.Init
		}
		var answer string
		states[h[i].Key], answer = runRegister(state, h[i].Input)
		if !h[i].Pending() || slices.Contains(busy, i+1) {
			h[i].Output = answer
		}
	}
	for now := int64(0); ; now++ {
		idle := !slices.ContainsFunc(busy, func(i int) bool { return i != 0 })
		if len(h) == operations && idle {
			break
		}
		c := choose(clients)
		i := busy[c] - 1
		switch {
		case i < 0 && len(h) < operations:
			h = append(h, Operation{
				Client: c + 1, Key: keys[choose(len(keys))], Input: inputs[choose(len(inputs))], Call: now,
				Return: Pending,
			})
			busy[c] = len(h)
		case i < 0 && len(open) > 0:
			apply(open[0])
			open = open[1:]
		case i < 0:
		case choose(8) == 0: // the client gives up
			busy[c], h[i].Output = 0, ""
			if h[i].Position == 0 {
				open = append(open, i)
			}
		case h[i].Position == 0:
			apply(i)
		default:
			busy[c], h[i].Return = 0, now
		}
	}
	slices.SortStableFunc(h, func(a, b Operation) int { return cmp.Compare(a.Call, b.Call) })
	return h
}
