package linearizability

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	_ "raftcheck/scripts/garbage"
)

// history reads operations written as in a history file.
func history(t *testing.T, lines ...string) History {
	t.Helper()
	text := "model register\nexpect linearizable\n\n" + strings.Join(lines, "\n") + "\n"
	f, err := Parse("history", []byte(text))
	require.NoError(t, err)
	return f.History
}

func TestCheckWitness(t *testing.T) {
	tests := map[string]struct {
		lines []string
		err   string // "" if the order of the log is accepted
	}{
		"in order": {[]string{"c1 0..1 x put 1 -> ok @1", "c1 2..3 x get -> 1 @2"}, ""},
		"sparse":   {[]string{"c1 0..1 x put 1 -> ok @7", "c1 2..3 x get -> 1 @2000000000"}, ""},
		"sparse doubles": {[]string{"c1 0..1 x put 1 -> ok @2000000000", "c1 2..3 x get -> 1 @2000000000"},
			"same position"},
		"overlapping": {[]string{"c1 0..5 x put 1 -> ok @2", "c2 1..4 x get -> nil @1"}, ""},
		"touching":    {[]string{"c1 0..5 x put 1 -> ok @2", "c2 5..6 x get -> nil @1"}, ""},
		"against real time": {
			[]string{"c1 0..4 x put 1 -> ok @2", "c2 5..6 x get -> nil @1"},
			"the log has c2 5..6 x get -> nil @1 before c1 0..4 x put 1 -> ok @2, which had returned",
		},
		"against the real time of one placed long before": {
			[]string{"c1 10..20 x get -> nil @1", "c2 0..12 x put 1 -> ok @2", "c3 1..5 x get -> 1 @3"},
			"the log has c1 10..20 x get -> nil @1 before c3 1..5 x get -> 1 @3",
		},
		"across keys real time is nobody's business": {
			[]string{"c1 0..4 x put 1 -> ok @2", "c2 5..6 y put 1 -> ok @1"}, "",
		},
		"wrong answer": {
			[]string{"c1 0..1 x put 1 -> ok @1", "c1 2..3 x get -> 2 @2"},
			`c1 2..3 x get -> 2 @2 found the state "1"`,
		},
		"no position": {[]string{"c1 0..1 x put 1 -> ok"}, "c1 0..1 x put 1 -> ok returned, and has no position"},
		"same position": {
			[]string{"c1 0..1 x put 1 -> ok @1", "c2 0..1 x put 1 -> ok @1"},
			"c1 0..1 x put 1 -> ok @1 and c2 0..1 x put 1 -> ok @1 have the same position",
		},
		"pending and never applied": {[]string{"c1 0..? x put 1", "c2 1..2 x get -> nil @1"}, ""},
		"pending and applied late": {
			[]string{"c1 0..? x put 1 @2", "c2 1..2 x get -> nil @1", "c2 3..4 x get -> 1 @3"}, ""},
		"pending and applied before it was called": {
			[]string{"c1 5..? x put 1 @1", "c2 1..2 x get -> 1 @2"},
			"the log has c1 5..? x put 1 @1 before c2 1..2 x get -> 1 @2, which had returned",
		},
		"the key that comes first is named": {
			[]string{"c1 0..1 y get -> 2 @1", "c1 2..3 x get -> 2 @2"}, "c1 2..3 x get",
		},
		"empty": {nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var h History
			if test.lines != nil {
				h = history(t, test.lines...)
			}
			err := CheckWitness(register, h)
			if test.err == "" {
				require.NoError(t, err)
				require.Equal(t, Result{Outcome: Linearizable, ByWitness: true}, Check(register, h))
			} else {
				require.ErrorContains(t, err, test.err)
				require.False(t, Check(register, h).ByWitness)
			}
		})
	}
}

func TestCheck_searchesOnlyWhatTheLogDoesNotExplain(t *testing.T) {
	h := history(t,
		"c1 0..5 x put 1 -> ok @1", "c2 1..6 x get -> nil @2", // refused, but there is another order
		"c3 0..5 y put 1 -> ok @3", "c4 6..7 y get -> 1 @4")
	alone := CheckSearch(register, h[:2])
	require.Equal(t, Linearizable, alone.Outcome)
	r := Check(register, h)
	require.Equal(t, Result{Outcome: Linearizable, Steps: alone.Steps}, r)
}

func TestCheck_staleRead(t *testing.T) {
	h := history(t, "c1 0..1 z put 1 -> ok @1", "c1 2..3 z get -> nil @2",
		"c2 0..1 y put 1 -> ok @3", "c2 2..3 y get -> nil @4", "c3 0..1 a put 1 -> ok @5")
	for _, r := range []Result{Check(register, h), CheckSearch(register, h), CheckPorcupine(register, h)} {
		require.Equal(t, NotLinearizable, r.Outcome)
		require.Equal(t, "y", r.Key, "the first offending key, in order")
		require.Contains(t, r.Reason, "c2 2..3 y get -> nil @4")
		require.Zero(t, r.Unchecked)
	}
}

// An operation that is called at the time of an answer may explain it.
func TestCheck_reasonCountsTouchingCalls(t *testing.T) {
	h := history(t, "c1 0..5 x get -> 1", "c2 5..? x put 1", "c3 6..7 x get -> 2")
	require.Contains(t, Check(register, h).Reason, "c3 6..7 x get -> 2")
}

func TestCheck_badInput(t *testing.T) {
	good := Operation{Client: 1, Key: "x", Input: "get", Output: "nil", Call: 0, Return: 1, Position: 1}
	with := func(change func(*Operation)) History {
		op := good
		change(&op)
		return History{op}
	}
	tests := map[string]struct {
		spec Spec
		h    History
		want string
	}{
		"client 0":      {register, with(func(op *Operation) { op.Client = 0 }), "found client 0"},
		"negative call": {register, with(func(op *Operation) { op.Call = -1 }), "found a call at -1"},
		"no time": {register, with(func(op *Operation) { op.Return = 0 }),
			"a call at 0 that returns at 0"},
		"returns at call": {register, with(func(op *Operation) { op.Call, op.Return = 5, 5 }),
			"a call at 5 that returns at 5"},
		"call at the end": {register, with(func(op *Operation) { op.Call, op.Return = Pending, Pending }),
			"expected"},
		"negative place": {register, with(func(op *Operation) { op.Position = -1 }), "found position -1"},
		"the zero value": {register, History{{}}, "found client 0"},
		"client in two": {register, History{
			{Client: 1, Key: "x", Input: "get", Call: 2, Return: 3},
			{Client: 1, Key: "y", Input: "get", Call: 0, Return: 9},
		}, "operation 1: expected one operation of a client at a time"},
		"no specification": {Spec{}, History{good}, "no Step"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []Result{Check(test.spec, test.h), CheckSearch(test.spec, test.h),
				CheckPorcupine(test.spec, test.h)} {
				require.Equal(t, NotChecked, r.Outcome)
				require.Contains(t, r.Reason, test.want)
			}
			require.ErrorContains(t, CheckWitness(test.spec, test.h), test.want)
			require.ErrorContains(t, WritePicture(nil, test.spec, test.h, nil), test.want)
		})
	}
}

func TestValidate_aClientGoesOnAfterAPendingOperation(t *testing.T) {
	require.NoError(t, History{
		{Client: 1, Key: "x", Input: "put 1", Call: 0, Return: Pending},
		{Client: 1, Key: "x", Input: "get", Output: "nil", Call: 0, Return: 4},
		{Client: 1, Key: "x", Input: "get", Output: "nil", Call: 4, Return: math.MaxInt64 - 1},
	}.Validate())
}

func TestCheck_withoutReadOnlyKeepsUnknownReads(t *testing.T) {
	spec := register
	spec.ReadOnly = nil
	h := history(t, "c1 0..? x get", "c2 0..1 x put 1 -> ok", "c2 2..3 x get -> 1")
	require.Equal(t, Linearizable, Check(spec, h).Outcome)
}

// hard is a history whose search explodes: appends of unknown outcome, all at
// once, and a read that no order of them explains.
func hard(pending int) History {
	h := History{{Client: 1, Key: "x", Input: "get", Output: "nowhere", Call: 100, Return: 101}}
	for i := range pending {
		h = append(h, Operation{Client: 2 + i, Key: "x", Input: fmt.Sprintf("append %d", i), Call: int64(i),
			Return: Pending})
	}
	return h
}

func TestCheckPorcupine_givesUp(t *testing.T) {
	h := append(hard(1000), history(t, "c2000 0..1 y put 1 -> ok @1", "c2000 2..3 y get -> 1 @2")...)
	first := CheckPorcupine(register, h)
	require.Equal(t, NotChecked, first.Outcome)
	require.Equal(t, "x", first.Key)
	require.Equal(t, 1, first.Unchecked)
	require.Contains(t, first.Reason, "key x: the search for an order of 1001 operations was given up after")
	require.LessOrEqual(t, first.Steps, maxPorcupineSteps+1001+4,
		"a step for each operation left, and the other key")

	hasty := func(spec *Spec, ops History, wanted func() bool) keyVerdict {
		return searchWithin(spec, ops, budget{steps: 10_000, bytes: maxSearchBytes, wanted: wanted})
	}
	searched := checkAll(register, h, hasty, hasty)
	require.Equal(t, NotChecked, searched.Outcome)
	require.Equal(t, "x", searched.Key)
	require.Equal(t, 1, searched.Unchecked)
	require.Contains(t, searched.Reason, "key x: the search for an order of 1001 operations was given up after")

	r := check(register, h, hasty, hasty)
	require.Equal(t, NotChecked, r.Outcome)
	require.Less(t, r.Steps, searched.Steps, "y is explained by the log")
	require.Contains(t, r.Reason, "has no position in the log")
}

func TestCheckPorcupine_aViolationCountsThoughAnotherKeyWasGivenUp(t *testing.T) {
	h := append(hard(1000), history(t, "c2000 0..1 y put 1 -> ok", "c2000 2..3 y get -> 2")...)
	for _, r := range []Result{CheckSearch(register, h), CheckPorcupine(register, h)} {
		require.Equal(t, NotLinearizable, r.Outcome)
		require.Equal(t, "y", r.Key)
		require.Equal(t, 1, r.Unchecked)
	}
}

func TestPorcupine_endsSoonWhenSpent(t *testing.T) {
	for _, steps := range []int{20, 100, 5000} {
		outcome, m := porcupineKey(register, hard(18), steps)
		require.Equal(t, NotChecked, outcome)
		require.LessOrEqual(t, m.taken, steps+19)
	}
}

func TestPorcupine_doesNotBeginWhatMemoryCannotHold(t *testing.T) {
	h := make(History, 60_000)
	for i := range h {
		h[i] = Operation{Client: 1, Key: "x", Input: "get", Output: "nil", Call: int64(2 * i),
			Return: int64(2*i + 1), Position: i + 1}
	}
	outcome, m := porcupineKey(register, h, maxPorcupineSteps)
	require.Equal(t, NotChecked, outcome)
	require.Zero(t, m.taken)
	require.Equal(t, Linearizable, Check(register, h).Outcome, "the order of the log needs no search")
}
